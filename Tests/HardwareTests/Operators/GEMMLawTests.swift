import Hardware
import Testing

@Suite("16-bit matrix products")
struct GEMMLawTests {
  private static let residences: [WeightResidence] = [
    .memory, .replayed(matrices: 1), .replayed(matrices: 6),
  ]

  private func time(
    _ device: GEMMDevice, _ rows: Int, _ outputs: Int, _ inputs: Int, bytes: Double = 2,
    _ weights: WeightResidence = .memory
  ) -> Double {
    device.library.nanoseconds(
      rows: rows, outputs: outputs, inputs: inputs, bytesPerWeight: bytes, limits: device.limits,
      weights: weights)
  }

  @Test(
    "The time never falls with more rows, outputs, inputs or bytes", arguments: GEMMDevice.all)
  func monotone(device: GEMMDevice) {
    for weights in Self.residences {
      for outputs in GEMMDevice.sides {
        for inputs in GEMMDevice.sides {
          var before = 0.0
          for rows in GEMMDevice.rows {
            let now = time(device, rows, outputs, inputs, weights) * (1 + 1e-12)
            #expect(now >= before)
            before = now
            #expect(now >= time(device, rows, max(1, outputs - 1), inputs, weights))
            #expect(now >= time(device, rows, max(1, outputs / 2), inputs, weights))
            #expect(now >= time(device, rows, outputs, max(1, inputs - 1), weights))
            #expect(now >= time(device, rows, outputs, max(1, inputs / 2), weights))
            #expect(now >= time(device, rows, outputs, inputs, bytes: 0.52, weights))
          }
        }
      }
    }
  }

  @Test(
    "No product beats the peak, nor the memory for what no cache holds", arguments: GEMMDevice.all)
  func roofline(device: GEMMDevice) {
    let perByte = 1e9 / device.limits.memoryBytesPerSecond
    for rows in GEMMDevice.rows {
      for outputs in GEMMDevice.sides {
        for inputs in GEMMDevice.sides {
          let operations = 2 * Double(rows) * Double(outputs) * Double(inputs)
          let least = operations / device.limits.peakFLOPs * 1e9
          let weights = 2 * Double(outputs) * Double(inputs)
          #expect(time(device, rows, outputs, inputs) >= max(least, weights * perByte))
          for matrices in [1, 6] {
            // A replay finds at best one filled cache of what lies between two uses of a weight.
            let missed = weights - device.limits.level2Bytes / Double(matrices)
            #expect(
              time(device, rows, outputs, inputs, .replayed(matrices: matrices))
                >= max(least, missed * perByte))
          }
        }
      }
    }
  }

  @Test("Few tokens take the time of streaming the weights, at the law's share of the bandwidth")
  func streaming() {
    let device = GEMMDevice.h100
    let bytes = 2.0 * 28_672 * 8_192
    let streamed = bytes / 3_350 / device.library.memoryShare
    let now = time(device, 1, 28_672, 8_192)
    #expect(now > streamed && now < streamed * 1.1 + device.library.floorNanoseconds)
    // Four bits a weight stream a quarter as long.
    let quarter = time(device, 1, 28_672, 8_192, bytes: 0.5)
    #expect((quarter / now - 0.25).magnitude < 0.05)
  }

  @Test("Weights that stay in the cache are faster than those from memory; too large ones are not")
  func residence() {
    let device = GEMMDevice.l40s
    let small = time(device, 8, 2_048, 1_024, .replayed(matrices: 6))
    #expect(small < 0.95 * time(device, 8, 2_048, 1_024))
    let large = time(device, 8, 16_384, 8_192, .replayed(matrices: 6))
    #expect((large / time(device, 8, 16_384, 8_192) - 1).magnitude < 0.001)
  }

  @Test(
    "Waves: a tile more than fills the multiprocessors costs a second wave, where none is shared")
  func waves() {
    // 108 multiprocessors and tiles of 256 × 128: 54 down, 2 across are one wave, 54 × 3 two.
    let device = GEMMDevice.a100
    let one = time(device, 54 * 256, 256, 16_384)
    let two = time(device, 54 * 256, 384, 16_384)
    let full = time(device, 54 * 256, 512, 16_384)
    #expect(two / one > 1.4 && full / two < 1.35)
  }

  @Test("Another memory changes what streams and leaves what computes")
  func carriedOver() {
    let (old, new) = (GEMMDevice.h100, GEMMDevice.h200)
    let streamed = time(old, 16, 28_672, 8_192) / time(new, 16, 28_672, 8_192)
    #expect((streamed / (4_800.0 / 3_350) - 1).magnitude < 0.05)
    let computed = time(old, 8_192, 28_672, 8_192) / time(new, 8_192, 28_672, 8_192)
    #expect(computed >= 1 && computed < 1.05)
  }

  @Test("No tokens, no time")
  func empty() {
    #expect(time(.h100, 0, 4_096, 4_096) == 0)
  }
}
