/// What attention takes when each sequence adds one token: it reads the sequences' KV cache.
///
/// A kernel cuts the work into *items*, one for each sequence and key–value head. With too few items
/// to fill the device it *splits* each sequence, and a second kernel combines the parts. The time is
///
///     floor + combine · (1 + splits / 16) + work and dispatch
///     work     = max(serial, memory, operations)
///     serial   = token · tokens of a split · items a multiprocessor has in turn
///     memory   = (KV bytes + queries and outputs)
///                / min(efficiency · bandwidth, intake · multiprocessors)
///     dispatch = a time for each item, of which the share `overlap` hides behind work
///
/// KV bytes below 0.87 of the last-level cache come from there, as fast as the multiprocessors take
/// them in, if the kernel is repeated. Sequences enter by their number and their tokens together: the mean stands for
/// each. The time grows with the tokens at a given number of sequences, and with the sequences at a
/// given length.
public struct DecodeAttentionLaw: OperatorLaw {
  /// Nanoseconds of the smallest kernel.
  public var floor: Double
  /// Nanoseconds of combining the parts of split sequences.
  public var combine: Double
  /// Nanoseconds that one item takes for a token of its sequence, with keys and values of 128 numbers.
  public var token: Double
  /// Share of the memory's bandwidth.
  public var memoryEfficiency: Double
  /// Bytes that a multiprocessor takes in within a nanosecond at most.
  public var intake: Double
  /// Nanoseconds for each item.
  public var dispatch: Double
  /// Share of the shorter of work and dispatch that hides behind the longer.
  public var overlap: Double
  /// 1 for kernels that pack the query heads of a group and split any sequence (FlashAttention-3, on
  /// Hopper and later); 0 for those that copy queries into groups first, and split only then
  /// (FlashAttention-2).
  public var packsGroups: Double

  /// Creates the law of a device.
  public init(
    floor: Double, combine: Double, token: Double, memoryEfficiency: Double, intake: Double,
    dispatch: Double, overlap: Double, packsGroups: Bool
  ) {
    self.floor = floor
    self.combine = combine
    self.token = token
    self.memoryEfficiency = memoryEfficiency
    self.intake = intake
    self.dispatch = dispatch
    self.overlap = overlap
    self.packsGroups = packsGroups ? 1 : 0
  }

  /// The formula's numbers.
  public static var coefficients: [Coefficient<Self>] {
    [
      .init("floor", \.floor, 100...1e6, unit: "ns", "the smallest kernel"),
      .init("combine", \.combine, 0...1e5, unit: "ns", "combining the parts of split sequences"),
      .init(
        "token", \.token, 0...1_000, unit: "ns",
        "one item's time for a token of its sequence, head dimension 128"),
      .init("memoryEfficiency", \.memoryEfficiency, 0.2...1, unit: "share", "of memory bandwidth"),
      .init(
        "intake", \.intake, 0.1...1_000, unit: "B/ns", "that a multiprocessor takes in at most"),
      .init(
        "dispatch", \.dispatch, 0...10_000, unit: "ns", "for each sequence and key–value head"),
      .init("overlap", \.overlap, 0...1, unit: "share", "of dispatch that hides behind work"),
      .init(
        "packsGroups", \.packsGroups, 0...1, unit: "count",
        "1 where kernels pack the heads of a group and split any sequence", effect: .choice),
    ]
  }

  /// Nanoseconds of one layer's attention; 0 without sequences.
  ///
  /// - Parameters:
  ///   - shape: the heads of the shard.
  ///   - sequences: sequences that add a token each.
  ///   - contextTokens: tokens that all of them read, the new ones among them; with a sliding window
  ///     those inside it.
  ///   - keyValues: where a small KV cache is found.
  ///   - limits: the device's datasheet.
  /// - Returns: nanoseconds.
  public func nanoseconds(
    _ shape: AttentionShape, sequences: Int, contextTokens: Int, keyValues: KeyValueResidence,
    limits: DeviceLimits
  ) -> Double {
    guard sequences > 0, contextTokens > 0 else { return 0 }
    let kernel = Kernel(law: self, shape: shape, limits: limits, keyValues: keyValues)
    let count = Double(sequences)
    let tokens = Double(contextTokens) / count
    var time = kernel.nanoseconds(sequences: count, tokens: tokens)
    // Fewer splits combine faster, so that one more sequence can save time. Let it save none: a step
    // takes what the worst smaller batch of such sequences takes, which lies at one of these bends.
    for bend in kernel.bends(tokens: tokens) where bend > 1 && bend < count {
      time = max(time, kernel.nanoseconds(sequences: bend, tokens: tokens))
    }
    time = max(time, kernel.nanoseconds(sequences: 1, tokens: tokens))
    let copies = packsGroups < 0.5 && shape.keyValueHeads > 1 && shape.heads > shape.keyValueHeads
    return floor * (copies ? 1 + Kernel.copyShare : 1) + time
  }
}

/// A kernel on a device, without the floor.
private struct Kernel {
  /// A copy of the queries into groups takes this share of the smallest kernel: 0.47 of it on an
  /// A100, 0.43 on an L40S by their tables.
  static let copyShare = 0.45
  /// Share of the last-level cache that a repeated read finds filled: tables bend between 0.67 and
  /// 1.34 (all their sizes are powers of two).
  static let level2Share = 0.87
  /// Tokens of a kernel's block of keys; splits are not shorter.
  static let blockTokens = 128.0
  /// Share of the peak that a compute-bound decode reaches: 580 of 989 TFLOP/s, DeepSeek's FlashMLA
  /// on an H800.
  static let operationShare = 0.59
  /// Splits that the combining kernel reads in the time of its own floor.
  static let splitsPerCombine = 16.0

  /// Bandwidth at which a cache in 8 bits is read, over that of one in 16: the part of a step that
  /// grows with context became 1.39 times as fast, not twice (vllm-project/flash-attention#96, H100).
  static let eightBitShare = 1.39 / 2

  let splits: Bool
  let mostSplits: Double
  /// Items that the device holds at once.
  let slots: Double
  let itemsPerSequence: Double
  let tokenNanoseconds: Double
  let bytesPerToken: Double
  /// Share of the bandwidth at which the cache's format is read.
  let keyValueShare: Double
  let activationBytes: Double
  let nanosecondsPerByteOfMemory: Double
  let nanosecondsPerByteOfCache: Double
  let level2Bytes: Double
  let nanosecondsPerTokenOfOperations: Double
  let dispatch: Double
  let overlap: Double
  let combine: Double

  init(
    law: DecodeAttentionLaw, shape: AttentionShape, limits: DeviceLimits,
    keyValues: KeyValueResidence
  ) {
    let packs = law.packsGroups >= 0.5
    splits = packs || shape.heads > shape.keyValueHeads
    // vLLM's FlashAttention-3 splits into 32 at most under CUDA graphs; FlashAttention-2 into 128,
    // and counts two items for each multiprocessor.
    mostSplits = packs ? 32 : 128
    slots = Double(limits.multiprocessors) * (packs ? 1 : 2)
    // An item has 64 query heads at most: DeepSeek's 128 heads over one latent vector are two.
    let group = (shape.heads + shape.keyValueHeads - 1) / shape.keyValueHeads
    itemsPerSequence = Double(shape.keyValueHeads * ((group + 63) / 64))
    tokenNanoseconds = law.token * shape.cacheWidth / 256
    bytesPerToken = shape.cacheBytesPerToken
    keyValueShare = shape.keyValueBytesPerElement < 2 ? Self.eightBitShare : 1
    activationBytes = shape.activationBytesPerToken
    let intake = 1 / (law.intake * Double(limits.multiprocessors))
    let memory = 1e9 / (limits.memoryBytesPerSecond * min(law.memoryEfficiency, 1))
    nanosecondsPerByteOfMemory = max(memory, intake)
    nanosecondsPerByteOfCache = keyValues == .cached ? intake : nanosecondsPerByteOfMemory
    level2Bytes = Self.level2Share * limits.level2Bytes
    nanosecondsPerTokenOfOperations =
      shape.operationsPerPair / (limits.peakFLOPs * Self.operationShare) * 1e9
    dispatch = law.dispatch
    overlap = law.overlap
    combine = law.combine
  }

  /// Sequences from which on the kernel no longer splits: items for 0.8 of the slots, the rule of
  /// FlashAttention's `num_splits_heuristic`.
  private var sequencesUnsplit: Double { 0.8 * slots / itemsPerSequence }

  func splits(sequences: Double, tokens: Double) -> Double {
    guard splits, sequences < sequencesUnsplit else { return 1 }
    let most = min(mostSplits, tokens / Self.blockTokens)
    return max(1, min(most, slots / (sequences * itemsPerSequence)))
  }

  /// Where the time can bend downwards as sequences are added: splits begin to shrink, KV bytes leave
  /// the last-level cache, splitting ends.
  func bends(tokens: Double) -> [Double] {
    let most = max(1, min(mostSplits, tokens / Self.blockTokens))
    return [
      slots / (itemsPerSequence * most), level2Bytes / (bytesPerToken * tokens) * (1 + 1e-9),
      sequencesUnsplit * (1 - 1e-9),
    ]
  }

  func nanoseconds(sequences: Double, tokens: Double) -> Double {
    let parts = splits(sequences: sequences, tokens: tokens)
    let items = sequences * itemsPerSequence
    let turns = max(1, items * parts / slots)
    let serial = tokenNanoseconds * max(tokens / parts, min(tokens, Self.blockTokens)) * turns
    let bytes = sequences * tokens * bytesPerToken
    let perByte = bytes <= level2Bytes ? nanosecondsPerByteOfCache : nanosecondsPerByteOfMemory
    let memory =
      bytes * perByte / keyValueShare + sequences * activationBytes * nanosecondsPerByteOfMemory
    let operations = sequences * tokens * nanosecondsPerTokenOfOperations
    let work = max(serial, memory, operations)
    let dispatching = dispatch * items
    let combining = parts > 1 ? combine * (1 + parts / Self.splitsPerCombine) : 0
    return combining + max(work, dispatching) + (1 - overlap) * min(work, dispatching)
  }
}
