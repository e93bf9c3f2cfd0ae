import Hardware
import Testing

@Suite("8-bit matrix products")
struct ScaledGEMMLawTests {
  private func time(
    _ device: GEMMDevice, _ rows: Int, _ outputs: Int, _ inputs: Int,
    _ weights: WeightResidence = .memory
  ) -> Double {
    device.scaled.nanoseconds(
      rows: rows, outputs: outputs, inputs: inputs, limits: device.limits, weights: weights)
  }

  @Test(
    "The time never falls with more rows among multiples of 16, nor among the others",
    arguments: GEMMDevice.all)
  func monotoneInRows(device: GEMMDevice) {
    let aligned = Array(stride(from: 16, through: 4_096, by: 16)) + [8_192, 8_208, 65_536]
    let others = (1...4_096).filter { $0 % 16 != 0 } + [8_191, 8_193, 65_537]
    for (outputs, inputs) in [(512, 512), (4_096, 14_336), (7_168, 2_048), (28_672, 8_192)] {
      for rows in [aligned, others] {
        var before = 0.0
        for count in rows {
          let now = time(device, count, outputs, inputs, .replayed(matrices: 6)) * (1 + 1e-12)
          #expect(now >= before)
          before = now
        }
      }
    }
  }

  @Test(
    "The time never falls with more inputs, nor with more outputs that have the same kernels",
    arguments: GEMMDevice.all)
  func monotoneInSides(device: GEMMDevice) {
    let edges = [4_096, 8_192, 16_384, 24_576]
    for rows in GEMMDevice.rows {
      for outputs in GEMMDevice.sides {
        for inputs in GEMMDevice.sides {
          let now = time(device, rows, outputs, inputs) * (1 + 1e-12)
          #expect(now >= time(device, rows, outputs, max(1, inputs - 1)))
          #expect(now >= time(device, rows, outputs, max(1, inputs / 2)))
          for fewer in [outputs - 1, outputs / 2] where fewer > 0 {
            let changesKernel = edges.contains { fewer <= $0 && $0 < outputs }
            if device.scaled.kernels == .ada && changesKernel { continue }
            #expect(now >= time(device, rows, fewer, inputs))
          }
        }
      }
    }
  }

  @Test(
    "No product beats the peak, nor the memory for what no cache holds", arguments: GEMMDevice.all)
  func roofline(device: GEMMDevice) {
    let perByte = 1e9 / device.limits.memoryBytesPerSecond
    let peak = device.limits.peakFP8FLOPs ?? device.limits.peakFLOPs
    for rows in GEMMDevice.rows {
      for outputs in GEMMDevice.sides {
        for inputs in GEMMDevice.sides {
          let least = 2 * Double(rows) * Double(outputs) * Double(inputs) / peak * 1e9
          let weights = Double(outputs) * Double(inputs)
          #expect(time(device, rows, outputs, inputs) >= max(least, weights * perByte))
          let missed = weights - device.limits.level2Bytes / 6
          #expect(
            time(device, rows, outputs, inputs, .replayed(matrices: 6))
              >= max(least, missed * perByte))
        }
      }
    }
  }

  @Test("Rows that are no multiple of 16 cost the penalty beyond 128 of them, and nothing below")
  func misalignment() {
    // As many tiles either way, and computing is most of the time.
    let law = GEMMDevice.h100.scaled
    let ratio = time(.h100, 8_190, 65_536, 16_384) / time(.h100, 8_192, 65_536, 16_384)
    #expect(ratio > 1 + law.misalignment / 2 && ratio < 1 + law.misalignment)
    #expect(time(.h100, 127, 65_536, 16_384) <= time(.h100, 128, 65_536, 16_384))
  }

  @Test("With one answer to whether rows are aligned, the time never falls with any more of them")
  func oneAlignment() {
    let device = GEMMDevice.h100
    for isMisaligned in [false, true] {
      var before = 0.0
      for rows in 1...3_000 {
        let now = device.scaled.nanoseconds(
          rows: rows, outputs: 7_168, inputs: 4_096, limits: device.limits,
          isMisaligned: isMisaligned)
        #expect(now * (1 + 1e-12) >= before)
        before = now
      }
    }
    let asCounted = time(device, 1_000, 7_168, 4_096)
    #expect(
      asCounted
        == device.scaled.nanoseconds(
          rows: 1_000, outputs: 7_168, inputs: 4_096, limits: device.limits, isMisaligned: true))
  }

  @Test("Quantising short rows takes the law's time for each of them")
  func quantising() {
    let law = GEMMDevice.h100.scaled
    let added = time(.h100, 65_536, 64, 64) - time(.h100, 32_768, 64, 64)
    #expect((added / (32_768 * law.quantiseRowNanoseconds) - 1).magnitude < 0.1)
  }

  @Test("No tokens, no time")
  func empty() {
    #expect(time(.h100, 0, 4_096, 4_096) == 0)
  }
}
