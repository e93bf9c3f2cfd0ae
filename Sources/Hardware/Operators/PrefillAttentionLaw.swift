/// What the prefills of a step give to a layer's attention: sums over their sequences.
public struct PrefillWork: Sendable, Hashable {
  /// Pairs of a query and a key it sees: n · prefix + n · (n + 1) / 2 for n new tokens.
  public var pairs: Double
  /// New tokens.
  public var newTokens: Double
  /// Tokens of the sequences that are cached already.
  public var prefixTokens: Double

  /// Creates a sum.
  public init(pairs: Double, newTokens: Double, prefixTokens: Double) {
    self.pairs = pairs
    self.newTokens = newTokens
    self.prefixTokens = prefixTokens
  }

  /// Causal attention of sequences of one length each, `newTokens` after `prefixTokens`.
  public init(sequences: Int = 1, newTokens: Int, prefixTokens: Int = 0) {
    let (count, new, prefix) = (Double(sequences), Double(newTokens), Double(prefixTokens))
    self.init(
      pairs: count * new * (prefix + (new + 1) / 2), newTokens: count * new,
      prefixTokens: count * prefix)
  }

  /// Pairs that kernels compute: those below the diagonal, and the rest of the blocks on it.
  public var effectivePairs: Double {
    pairs + PrefillAttentionLaw.paddingPairsPerToken * newTokens
  }

  /// The least time by the datasheet: the operations at the peak, or prefixes and, where they exceed
  /// the last-level cache, new tokens moved once at the memory's bandwidth.
  public func rooflineNanoseconds(_ shape: AttentionShape, limits: DeviceLimits) -> Double {
    let own = newTokens * (shape.activationBytesPerToken + shape.cacheBytesPerToken)
    let prefix = prefixTokens * shape.cacheBytesPerToken
    return limits.rooflineNanoseconds(
      operations: pairs * shape.operationsPerPair,
      bytes: prefix + (own > limits.level2Bytes ? own : 0))
  }

  /// The work of both.
  public static func + (first: PrefillWork, second: PrefillWork) -> PrefillWork {
    PrefillWork(
      pairs: first.pairs + second.pairs, newTokens: first.newTokens + second.newTokens,
      prefixTokens: first.prefixTokens + second.prefixTokens)
  }
}

/// What attention takes when sequences add many tokens: it computes, with the write to the KV cache.
///
/// With the effective work E = pairs + 64 · new tokens (the mean excess of blocks of queries over the
/// diagonal) the time is
///
///     floor + product · (1 + throttle · product / (product + 10 ms))
///           + block · √(2E) + traffic of new tokens + KV bytes of prefixes / bandwidth
///     product = E · operations of a pair / (efficiency · peak)
///
/// √(2E) is the length of a lone prompt: its last block of queries passes over all keys, and while it
/// does the device runs empty. `throttle` is what long kernels lose to the power limit. New tokens
/// move their queries and outputs once and their keys and values three times: read, written to the
/// cache, read from there; as fast as multiprocessors can while they fit the last-level cache. The time grows with each of
/// pairs, new tokens and prefix tokens and depends on nothing else, so that a step's sequences need
/// no list.
public struct PrefillAttentionLaw: OperatorLaw {
  /// Nanoseconds of the smallest kernel.
  public var floor: Double
  /// Share of the peak, heads of 128 numbers, before power limits.
  public var efficiency: Double
  /// Nanoseconds for each token of the longest block's way, heads of 128 numbers.
  public var block: Double
  /// Share of memory bandwidth by which the traffic of new tokens counts; above 1 where what was
  /// written is read again from the last-level cache.
  public var trafficEfficiency: Double
  /// Bytes of that traffic that a multiprocessor moves within a nanosecond at most.
  public var intake: Double
  /// Share that a very long kernel takes more than a short one for the same work.
  public var throttle: Double

  /// Creates the law of a device.
  public init(
    floor: Double, efficiency: Double, block: Double, trafficEfficiency: Double,
    intake: Double, throttle: Double
  ) {
    self.floor = floor
    self.efficiency = efficiency
    self.block = block
    self.trafficEfficiency = trafficEfficiency
    self.intake = intake
    self.throttle = throttle
  }

  /// The formula's numbers.
  public static var coefficients: [Coefficient<Self>] {
    [
      .init("floor", \.floor, 100...1e6, unit: "ns", "the smallest kernel"),
      .init("efficiency", \.efficiency, 0.05...1, unit: "share", "of the 16-bit peak"),
      .init(
        "block", \.block, 0...1_000, unit: "ns", "a lone prompt's time for each of its tokens"),
      .init(
        "trafficEfficiency", \.trafficEfficiency, 0.1...3, unit: "share",
        "of memory bandwidth, for queries, outputs, new keys and values"),
      .init(
        "intake", \.intake, 0.1...1_000, unit: "B/ns", "that a multiprocessor moves at most"),
      .init(
        "throttle", \.throttle, 0...1, unit: "share", "that long kernels lose to power limits",
        effect: .slower),
    ]
  }

  /// Mean excess, in keys for each query, of the blocks that a kernel computes over the causal
  /// triangle: half a block of 128 queries.
  public static let paddingPairsPerToken = 64.0
  /// From here on power limits are felt, in nanoseconds.
  private static let throttlingNanoseconds = 1e7
  /// Share of memory bandwidth at which the KV cache of prefixes is read.
  private static let prefixEfficiency = 0.85
  /// As in `DecodeAttentionLaw`.
  private static let level2Share = 0.87

  /// Nanoseconds of one layer's attention for the prefills of a step; 0 without new tokens.
  ///
  /// The sum of the floor and of the three functions below, each of one number, so that a caller may
  /// tabulate them; but at least what the datasheet needs, a bound that only overlapped traffic of
  /// very short prompts comes near.
  public func nanoseconds(
    _ shape: AttentionShape, work: PrefillWork, limits: DeviceLimits
  ) -> Double {
    guard work.newTokens > 0 else { return 0 }
    let time =
      floor + computingNanoseconds(shape, effectivePairs: work.effectivePairs, limits: limits)
      + trafficNanoseconds(shape, newTokens: work.newTokens, limits: limits)
      + work.prefixTokens * prefixNanosecondsPerToken(shape, limits: limits)
    return max(time, work.rooflineNanoseconds(shape, limits: limits))
  }

  /// Nanoseconds of the products and of the longest block's way.
  public func computingNanoseconds(
    _ shape: AttentionShape, effectivePairs: Double, limits: DeviceLimits
  ) -> Double {
    let operations = effectivePairs * shape.operationsPerPair
    let product = operations * relativeTime(shape, limits) / limits.peakFLOPs * 1e9
    let throttled = product * (1 + throttle * product / (product + Self.throttlingNanoseconds))
    return throttled + block * shape.relativeWidth * (2 * effectivePairs).squareRoot()
  }

  /// Nanoseconds of moving queries, outputs, new keys and new values.
  public func trafficNanoseconds(
    _ shape: AttentionShape, newTokens: Double, limits: DeviceLimits
  ) -> Double {
    let activations = newTokens * shape.activationBytesPerToken
    let keyValues = newTokens * shape.cacheBytesPerToken
    let moved = activations + 3 * keyValues
    let byCache = moved / (intake * Double(limits.multiprocessors))
    guard activations + keyValues > Self.level2Share * limits.level2Bytes else { return byCache }
    return max(byCache, moved / (limits.memoryBytesPerSecond * trafficEfficiency) * 1e9)
  }

  /// Nanoseconds of reading the KV cache of a prefix's token.
  public func prefixNanosecondsPerToken(_ shape: AttentionShape, limits: DeviceLimits) -> Double {
    shape.cacheBytesPerToken / (limits.memoryBytesPerSecond * Self.prefixEfficiency) * 1e9
  }

  /// The time of an operation over that at the peak.
  ///
  /// Exponentials of the softmax are as many for narrow heads as for wide ones: a multiprocessor has
  /// 16 special function units, at about 1.7 GHz, and half of their time hides behind the products
  /// (FlashAttention-3, arXiv 2407.08608, section 3).
  private func relativeTime(_ shape: AttentionShape, _ limits: DeviceLimits) -> Double {
    let share = min(efficiency, 1)
    let exponentialsPerSecond = Double(limits.multiprocessors) * 16 * 1.7e9
    // Operations of a pair over 128 numbers of a key and as many of a value: 512.
    let exponentials = min(0.5, 0.5 * limits.peakFLOPs * share / 512 / exponentialsPerSecond)
    return max(1, (1 - exponentials + exponentials / shape.relativeWidth) / share)
  }
}
