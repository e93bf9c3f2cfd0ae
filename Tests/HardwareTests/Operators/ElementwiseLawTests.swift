import Hardware
import Testing

@Suite("Elementwise kernels")
struct ElementwiseLawTests {
  private static let widths = [1, 128, 1_000, 4_096, 8_192, 28_672, 128_256]

  @Test("The time never falls with more rows or wider ones", arguments: GEMMDevice.all)
  func monotone(device: GEMMDevice) {
    for kernel in ElementwiseKernel.allCases {
      for width in Self.widths {
        var before = 0.0
        for rows in GEMMDevice.rows {
          let now = device.elementwise.nanoseconds(
            kernel, rows: rows, width: width, limits: device.limits)
          let narrower = device.elementwise.nanoseconds(
            kernel, rows: rows, width: width - 1, limits: device.limits)
          #expect(now >= before && now >= narrower)
          before = now
        }
      }
    }
  }

  @Test("No kernel beats the memory for what no cache holds", arguments: GEMMDevice.all)
  func roofline(device: GEMMDevice) {
    for kernel in ElementwiseKernel.allCases {
      for width in Self.widths {
        for rows in GEMMDevice.rows {
          // Each number of the result is written, and read from one place at least.
          let bytes = (kernel == .logitsPass ? 4 : 2) * 2 * Double(rows) * Double(width)
          let written = kernel == .logitsPass ? bytes / 2 : bytes
          let missed = written - device.limits.level2Bytes
          let now = device.elementwise.nanoseconds(
            kernel, rows: rows, width: width, limits: device.limits)
          #expect(now >= missed / device.limits.memoryBytesPerSecond * 1e9)
        }
      }
    }
  }

  @Test("A single row takes its walk, many rows their bytes")
  func parts() {
    let (law, limits) = (GEMMDevice.a100.elementwise, GEMMDevice.a100.limits)
    let one = law.nanoseconds(.gatedActivation, rows: 1, width: 22_016, limits: limits)
    let walk = law.floorNanoseconds + 22_016 * law.walkNanoseconds
    #expect((one / walk - 1).magnitude < 0.01)
    // Read two halves and write one, 2 bytes each, 32,768 times: no cache holds it.
    let many = law.nanoseconds(.gatedActivation, rows: 32_768, width: 22_016, limits: limits)
    let bytes = 6.0 * 32_768 * 22_016 / 2_039 / law.arithmeticShare
    #expect((many / bytes - 1).magnitude < 0.01)
  }

  @Test("Nothing to pass over takes no time")
  func empty() {
    let device = GEMMDevice.h100
    #expect(
      device.elementwise.nanoseconds(.norm, rows: 0, width: 4_096, limits: device.limits) == 0)
  }
}
