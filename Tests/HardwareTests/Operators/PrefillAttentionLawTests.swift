import Hardware
import Testing

@Suite("Prefill attention")
struct PrefillAttentionLawTests {
  private static let lengths = [1, 2, 16, 100, 128, 512, 700, 2_048, 8_192, 40_000, 131_072]

  private func time(
    _ device: AttentionDevice, _ shape: AttentionShape, sequences: Int = 1, new: Int,
    prefix: Int = 0
  ) -> Double {
    device.prefill.nanoseconds(
      shape, work: PrefillWork(sequences: sequences, newTokens: new, prefixTokens: prefix),
      limits: device.limits)
  }

  @Test("The work of a sequence counts the keys that each new token sees")
  func pairs() {
    for (new, prefix) in [(1, 0), (7, 0), (5, 3), (64, 1_000)] {
      let counted = (0..<new).reduce(0) { $0 + prefix + $1 + 1 }
      let work = PrefillWork(sequences: 3, newTokens: new, prefixTokens: prefix)
      #expect(work.pairs == Double(3 * counted))
      #expect(work.newTokens == Double(3 * new) && work.prefixTokens == Double(3 * prefix))
      let one = PrefillWork(newTokens: new, prefixTokens: prefix)
      #expect(one + one + one == work)
    }
  }

  @Test(
    "The time grows with new tokens, with prefixes, with sequences", arguments: AttentionDevice.all)
  func monotone(device: AttentionDevice) {
    for shape in AttentionDevice.shapes {
      for prefix in [0] + Self.lengths {
        for sequences in [1, 2, 3, 16, 100] {
          var before = 0.0
          for new in Self.lengths {
            let now = time(device, shape, sequences: sequences, new: new, prefix: prefix)
            #expect(now > before)
            before = now
            #expect(time(device, shape, sequences: sequences, new: new, prefix: prefix + 1) > now)
            #expect(time(device, shape, sequences: sequences + 1, new: new, prefix: prefix) > now)
          }
        }
      }
    }
  }

  @Test("No prefill beats the datasheet", arguments: AttentionDevice.all)
  func roofline(device: AttentionDevice) {
    for shape in AttentionDevice.shapes {
      for prefix in [0] + Self.lengths {
        for sequences in [1, 3, 100] {
          for new in Self.lengths {
            let now = time(device, shape, sequences: sequences, new: new, prefix: prefix)
            let pairs = Double(sequences * new) * (Double(prefix) + Double(new + 1) / 2)
            let width = Double(shape.heads * (shape.keyDimension + shape.valueDimension))
            #expect(now >= pairs * 2 * width / device.limits.peakFLOPs * 1e9)
            let cached =
              shape.valuesAreInKeys ? shape.keyDimension : shape.keyDimension + shape.valueDimension
            let perToken =
              Double(shape.keyValueHeads * cached) * shape.keyValueBytesPerElement
            let read = Double(sequences * prefix) * perToken
            let own = Double(sequences * new) * (perToken + 2 * width)
            let bytes = own > device.limits.level2Bytes ? read + own : read
            #expect(now >= bytes / device.limits.memoryBytesPerSecond * 1e9)
          }
        }
      }
    }
  }

  @Test(
    "The time is the floor and three functions of one number each", arguments: AttentionDevice.all)
  func parts(device: AttentionDevice) {
    let shape = AttentionDevice.shapes[3]
    for (new, prefix) in [(512, 0), (512, 8_192), (8_192, 100_000)] {
      let work = PrefillWork(newTokens: new, prefixTokens: prefix)
      let law = device.prefill
      let sum =
        law.floor
        + law.computingNanoseconds(
          shape, effectivePairs: work.pairs + 64 * Double(new), limits: device.limits)
        + law.trafficNanoseconds(shape, newTokens: Double(new), limits: device.limits)
        + Double(prefix) * law.prefixNanosecondsPerToken(shape, limits: device.limits)
      #expect((sum / time(device, shape, new: new, prefix: prefix) - 1).magnitude < 1e-12)
    }
  }

  @Test(
    "Wide heads compute more of their peak than narrow ones, and none computes more than the peak")
  func widths() {
    let device = AttentionDevice.h100
    let rates = [64, 128, 256].map { width in
      // 2^24 numbers of queries at each width, so that operations are the same.
      let shape = AttentionShape(
        heads: 4_096 / width, keyValueHeads: 8, keyDimension: width, valueDimension: width)
      let operations = 16_384.0 * 16_385 / 2 * 4 * 4_096
      return operations / time(device, shape, new: 16_384) / 1e3
    }
    #expect(rates[0] < rates[1] && rates[1] < rates[2] && rates[2] < 989)
    // FlashAttention-3 on an H100, heads of 128, 16,384 tokens: its authors' plots and the tables
    // say 560 to 650 TFLOP/s.
    #expect(rates[1] > 540 && rates[1] < 660)
  }
}
