import Hardware
import Testing

@Suite("Mixture-of-experts law")
struct ExpertsLawTests {
  static let device = DeviceLimits(
    peakFLOPs: 989e12, peakFP8FLOPs: 1_979e12, memoryBytesPerSecond: 3.35e12, level2Bytes: 50e6,
    multiprocessors: 132)
  static let law = ExpertsLaw(
    floorNanoseconds: 25_900, expertParallelNanoseconds: 8_460, streamingShare: 0.83,
    computingShare: 0.92, permuteRatio: 2.56, rereadShare: 0.15, tileNanoseconds: 780,
    level2Ratio: 1)
  /// A law that claims all of the datasheet.
  static let ideal = ExpertsLaw(
    floorNanoseconds: 0, expertParallelNanoseconds: 0, streamingShare: 1, computingShare: 1,
    permuteRatio: 0, rereadShare: 0, tileNanoseconds: 0, level2Ratio: 8)
  static let routings: [ExpertsRouting] = [
    .balanced, .uniform, .powerLaw(exponent: 1), .powerLaw(exponent: 1.2),
    .powerLaw(exponent: 2.5),
  ]

  static let shapes: [ExpertsShape] = [
    (4_096, 14_336, 8, 2), (2_048, 768, 128, 8), (7_168, 2_048, 256, 8), (2_880, 2_880, 32, 4),
    (4_096, 1_536, 128, 8), (5_120, 8_192, 16, 1),
  ].flatMap { hidden, inner, experts, top in
    [(1, 1), (2, 1), (8, 1), (32, 1), (1, 2), (1, 8), (1, experts), (2, 4)].map {
      ExpertsShape(
        hiddenSize: hidden, intermediateSize: inner, experts: experts, expertsPerToken: top,
        tensorParallel: $0, expertParallel: $1)
    }
  }

  static let tokens: [Int] = {
    var tokens = Array(1...40)
    while tokens[tokens.count - 1] < 200_000 {
      tokens.append(tokens[tokens.count - 1] * 21 / 20)
      // The neighbours of powers of two, where tiles change.
      if tokens.count % 8 == 0 { tokens.append(tokens[tokens.count - 1] + 1) }
    }
    return tokens
  }()

  @Test("Time never falls as tokens rise", arguments: routings)
  func monotone(routing: ExpertsRouting) {
    for shape in Self.shapes {
      for isCold in [true, false] {
        var last = 0.0
        for tokens in Self.tokens {
          let time = Self.law.nanoseconds(
            tokens: tokens, shape: shape, routing: routing, device: Self.device, isCold: isCold)
          #expect(time >= last * (1 - 1e-12), "\(shape) \(routing) \(tokens): \(time) < \(last)")
          last = time
        }
      }
    }
  }

  @Test("No layer beats its datasheet", arguments: routings)
  func roofline(routing: ExpertsRouting) {
    for shape in Self.shapes {
      for tokens in Self.tokens {
        let time = Self.ideal.nanoseconds(
          tokens: tokens, shape: shape, routing: routing, device: Self.device)
        // The busiest GPU has at least the mean's rows, and one expert's weights.
        let pairs = Double(tokens * shape.expertsPerToken)
        let rows = min(pairs, max(1, pairs / Double(shape.expertParallel)))
        // Routing by popularity drops what a token would give an expert twice.
        let kept = routing == .balanced || routing == .uniform ? 1 : 0.5
        let computing = kept * rows * shape.operationsPerRow / Self.device.peakFLOPs * 1e9
        let reading = shape.bytesPerExpert / Self.device.memoryBytesPerSecond * 1e9
        #expect(time >= max(computing, reading) * (1 - 1e-12), "\(shape) \(routing) \(tokens)")
      }
    }
  }

  @Test("Balanced routing touches every expert once tokens go round, and reads each once")
  func touched() {
    let shape = ExpertsShape(
      hiddenSize: 2_048, intermediateSize: 768, experts: 128, expertsPerToken: 8)
    let perExpert = shape.bytesPerExpert / Self.device.memoryBytesPerSecond * 1e9
    for (tokens, experts) in [(1, 8.0), (4, 32), (16, 128), (64, 128)] {
      let time = Self.ideal.nanoseconds(tokens: tokens, shape: shape, device: Self.device)
      #expect(time >= experts * perExpert)
      // Computing joins memory as a root of squares, below a tenth of it here.
      #expect(time < experts * perExpert * 1.2)
    }
  }

  @Test("Random routing touches E(1 − (1 − k/E)^T) experts")
  func uniform() {
    let shape = ExpertsShape(
      hiddenSize: 2_048, intermediateSize: 768, experts: 128, expertsPerToken: 8)
    let perExpert = shape.bytesPerExpert / Self.device.memoryBytesPerSecond * 1e9
    // (15/16)^8 by squaring.
    let half = 0.9375 * 0.9375
    let missed = half * half * half * half
    let time = Self.ideal.nanoseconds(
      tokens: 8, shape: shape, routing: .uniform, device: Self.device)
    #expect(time >= 128 * (1 - missed) * perExpert * (1 - 1e-9))
    #expect(time < 128 * (1 - missed) * perExpert * 1.2)
  }

  @Test("The busiest GPU of an uneven routing waits longer than that of an even one")
  func imbalance() {
    for spread in [2, 8, 32] {
      let shape = ExpertsShape(
        hiddenSize: 7_168, intermediateSize: 2_048, experts: 256, expertsPerToken: 8,
        expertParallel: spread)
      let even = Self.law.nanoseconds(tokens: 8_192, shape: shape, device: Self.device)
      let random = Self.law.nanoseconds(
        tokens: 8_192, shape: shape, routing: .uniform, device: Self.device)
      let uneven = Self.law.nanoseconds(
        tokens: 8_192, shape: shape, routing: .powerLaw(exponent: 1.2), device: Self.device)
      #expect(even < random && random < uneven)
    }
  }

  @Test("The rows of other GPUs' experts are sorted everywhere")
  func permutation() {
    var law = Self.ideal
    law.permuteRatio = 3
    law.level2Ratio = 1
    var shape = ExpertsShape(
      hiddenSize: 2_048, intermediateSize: 768, experts: 128, expertsPerToken: 8)
    for spread in [1, 8, 128] {
      shape.expertParallel = spread
      let without = Self.ideal.nanoseconds(tokens: 16_384, shape: shape, device: Self.device)
      let with = law.nanoseconds(tokens: 16_384, shape: shape, device: Self.device)
      let bytes = 16_384.0 * 8 * 2 * (2_048 + 3 * 768)
      #expect(abs(with - without - 3 * bytes / 3.35e12 * 1e9) < 1)
    }
  }

  @Test("FP8 weights halve the bytes and run against the FP8 peak")
  func quantised() {
    var shape = ExpertsShape(
      hiddenSize: 4_096, intermediateSize: 14_336, experts: 8, expertsPerToken: 2)
    let bf16 = Self.ideal.nanoseconds(tokens: 65_536, shape: shape, device: Self.device)
    shape.bytesPerWeight = 1
    shape.computesInFP8 = true
    let fp8 = Self.ideal.nanoseconds(tokens: 65_536, shape: shape, device: Self.device)
    #expect(abs(bf16 / fp8 - 1_979.0 / 989) < 0.02)
    let changed = Self.law.changed(
      by: ExpertsFP8Law(quantiseNanoseconds: 5_000, streamingShare: 0.7, computingShare: 0.4))
    #expect(changed.floorNanoseconds == Self.law.floorNanoseconds + 5_000)
    #expect(changed.permuteRatio == Self.law.permuteRatio)
  }
}
