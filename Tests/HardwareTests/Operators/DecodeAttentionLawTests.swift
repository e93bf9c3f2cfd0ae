import Hardware
import Testing

@Suite("Decode attention")
struct DecodeAttentionLawTests {
  private static let batches = [1, 2, 3, 4, 6, 8, 12, 16, 21, 27, 32, 64, 100, 200, 512, 2_048]
  private static let lengths = [
    1, 2, 64, 127, 128, 129, 200, 256, 300, 1_000, 4_096, 5_000, 16_384, 40_000, 131_072,
  ]

  private func time(
    _ device: AttentionDevice, _ shape: AttentionShape, _ sequences: Int, _ context: Int,
    _ keyValues: KeyValueResidence = .cached
  ) -> Double {
    device.decode.nanoseconds(
      shape, sequences: sequences, contextTokens: context, keyValues: keyValues,
      limits: device.limits)
  }

  @Test(
    "The time never falls with context, sequence by sequence of the batch",
    arguments: AttentionDevice.all)
  func context(device: AttentionDevice) {
    for shape in AttentionDevice.shapes {
      for keyValues in [KeyValueResidence.cached, .evicted] {
        for sequences in Self.batches {
          var before = 0.0
          let contexts = Self.lengths.flatMap { length in
            [0, 1, sequences / 2].map { sequences * length + $0 }
          }
          for context in contexts.sorted() {
            let now = time(device, shape, sequences, context, keyValues)
            #expect(now >= before * (1 - 1e-12), "\(shape) \(sequences) over \(context)")
            before = max(before, now)
          }
        }
      }
    }
  }

  @Test("The time never falls as sequences of one length are added", arguments: AttentionDevice.all)
  func sequences(device: AttentionDevice) {
    var falls: [String] = []
    for shape in AttentionDevice.shapes {
      for keyValues in [KeyValueResidence.cached, .evicted] {
        for length in Self.lengths {
          var before = 0.0
          for sequences in 1...600 {
            let now = time(device, shape, sequences, sequences * length, keyValues)
            if now < before * (1 - 1e-12) { falls.append("\(shape) \(sequences) × \(length)") }
            before = max(before, now)
          }
        }
      }
    }
    #expect(falls.isEmpty)
  }

  @Test("No decode beats the datasheet", arguments: AttentionDevice.all)
  func roofline(device: AttentionDevice) {
    for shape in AttentionDevice.shapes {
      for sequences in Self.batches {
        for length in Self.lengths {
          let tokens = Double(sequences * length)
          // Keys and values of 2 bytes a number, one of 1; latent heads share one vector of 576.
          let width = shape.valuesAreInKeys ? 576 : shape.keyDimension + shape.valueDimension
          let bytes =
            tokens * Double(shape.keyValueHeads * width) * shape.keyValueBytesPerElement
          let operations =
            tokens * 2 * Double(shape.heads) * Double(shape.keyDimension + shape.valueDimension)
          let computing = operations / device.limits.peakFLOPs * 1e9
          let reading = bytes / device.limits.memoryBytesPerSecond * 1e9
          #expect(time(device, shape, sequences, sequences * length, .evicted) >= reading)
          let now = time(device, shape, sequences, sequences * length)
          #expect(now >= computing)
          if bytes > device.limits.level2Bytes { #expect(now >= reading) }
        }
      }
    }
  }

  @Test(
    "Where each key has its own query and the kernel does not pack, a lone sequence is read token by token"
  )
  func unsplit() {
    let shape = AttentionShape(heads: 8, keyValueHeads: 8, keyDimension: 128, valueDimension: 128)
    let device = AttentionDevice.a100
    let slope = (time(device, shape, 1, 16_384) - time(device, shape, 1, 8_192)) / 8_192
    #expect((slope / device.decode.token - 1).magnitude < 1e-9)
    var packing = device
    packing = AttentionDevice(
      name: "packing", limits: device.limits,
      decode: {
        var law = device.decode
        law.packsGroups = 1
        return law
      }(), prefill: device.prefill)
    #expect(time(packing, shape, 1, 16_384) < time(device, shape, 1, 16_384) / 4)
  }

  @Test("What fits the last-level cache is read faster, if it is still there")
  func residence() {
    let shape = AttentionShape(heads: 32, keyValueHeads: 8, keyDimension: 128, valueDimension: 128)
    let device = AttentionDevice.l40s
    // 64 × 256 tokens of 4 KiB: 64 MiB of 96; 64 × 512 tokens do not fit.
    let (cached, evicted) = (
      time(device, shape, 64, 64 * 256), time(device, shape, 64, 64 * 256, .evicted)
    )
    #expect(evicted > 2 * cached)
    #expect(time(device, shape, 64, 64 * 512) == time(device, shape, 64, 64 * 512, .evicted))
  }

  @Test("A cache in 8 bits makes what grows with context 1.39 times as fast")
  func eightBits() {
    let growth = [2.0, 1].map { bytes in
      let shape = AttentionShape(
        heads: 32, keyValueHeads: 8, keyDimension: 128, valueDimension: 128,
        keyValueBytesPerElement: bytes)
      let times = [65_536, 131_072].map { time(.h100, shape, 32, 32 * $0, .evicted) }
      return times[1] - times[0]
    }
    #expect((growth[0] / growth[1] - 1.39).magnitude < 1e-9)
  }

  @Test(
    "Latent attention takes the longer of reading one vector a token and computing for all its heads",
    arguments: [(16, false), (128, true)])
  func latent(heads: Int, isComputing: Bool) {
    // Everything else off: DeepSeek's 512 + 64 numbers in 16 bits, 8,192 tokens of 64 sequences.
    let law = DecodeAttentionLaw(
      floor: 100, combine: 0, token: 0, memoryEfficiency: 0.8, intake: 1_000, dispatch: 0,
      overlap: 1, packsGroups: true)
    let limits = AttentionDevice.h100.limits
    let found = law.nanoseconds(
      .latentDecode(heads: heads, rank: 512, rotated: 64), sequences: 64,
      contextTokens: 64 * 8_192, keyValues: .evicted, limits: limits)
    let tokens = 64.0 * 8_192
    let queries = 64 * Double(heads) * (576 + 512) * 2
    let reading = (tokens * 576 * 2 + queries) / (0.8 * 3_350)
    let computing = tokens * Double(heads) * (576 + 512) * 2 / (0.59 * 989_000)
    #expect(isComputing == (computing > reading))
    #expect((found / (100 + max(reading, computing)) - 1).magnitude < 1e-9)
  }

  @Test("An empty batch takes no time")
  func empty() {
    let shape = AttentionDevice.shapes[0]
    #expect(time(.h100, shape, 0, 0) == 0)
    #expect(time(.h100, shape, 1, 1) >= AttentionDevice.h100.decode.floor)
  }
}
