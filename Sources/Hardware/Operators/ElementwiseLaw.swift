/// How long kernels take that only pass over their data: norms, activations, rotary embedding,
/// residual sums, look-ups and the sampler's passes over logits.
///
///     t = floor + ‖ bytes / share · ((1 − hit) / bandwidth + hit / level-2 bandwidth), walk · width ‖₂
///
/// with *hit* the share of the bytes that the level-2 cache still holds from the kernel before, and
/// *walk · width* how long the one block takes that works on a row; copies and sums spread rows over
/// all blocks. Monotone in rows and width; never faster than the memory for what cannot lie in the cache.
public struct ElementwiseLaw: OperatorLaw {
  /// Nanoseconds of a kernel that has nothing to do, inside a graph.
  public var floorNanoseconds: Double
  /// Share of the memory's bandwidth that norms, activations and rotary embeddings reach.
  public var arithmeticShare: Double
  /// Nanoseconds that one block takes for a number of a row.
  public var walkNanoseconds: Double
  /// Bytes per nanosecond of each multiprocessor's part of the level-2 cache's bandwidth.
  public var level2Rate: Double

  /// The formula's numbers, in the order of a profile.
  public static let coefficients: [Coefficient<ElementwiseLaw>] = [
    Coefficient(
      "floor", \.floorNanoseconds, 500...10_000, unit: "ns", "a kernel that has nothing to do",
      effect: .mixed),
    Coefficient(
      "arithmetic", \.arithmeticShare, 0.1...1, unit: "share",
      "bandwidth of norms, activations and rotary embedding"),
    Coefficient(
      "walk", \.walkNanoseconds, 0...2, unit: "ns", "a number of a row that one block works on"),
    Coefficient(
      "level2Rate", \.level2Rate, 5...400, unit: "B/ns",
      "each multiprocessor's bandwidth of the level-2 cache"),
  ]

  /// Share of the memory's bandwidth that copies and sums reach: between the 0.88 of
  /// A100 and the 0.96 of H100 for residual sums of 4,096 × 8,192 in Vidur's tables.
  private static let copyShare = 0.92

  /// Creates a law from values in the order of `coefficients`.
  public init(values: [Double]) {
    (floorNanoseconds, arithmeticShare, walkNanoseconds, level2Rate) = (0, 1, 0, 1)
    self.values = values
  }

  /// The time of one kernel.
  ///
  /// - Parameters:
  ///   - kernel: what it does.
  ///   - rows: tokens.
  ///   - width: numbers of a token's result: the hidden size for norms and sums, the activated size
  ///     for activations, that of all rotated heads, the vocabulary for the sampler.
  ///   - limits: the device's datasheet.
  /// - Returns: nanoseconds, 0 without rows.
  public func nanoseconds(
    _ kernel: ElementwiseKernel, rows: Int, width: Int, limits: DeviceLimits
  ) -> Double {
    guard rows > 0, width > 0 else { return 0 }
    let bytes = Double(rows) * Double(width) * kernel.bytesPerNumber
    // A norm's second pass finds its row where the first left it, and so does the next kernel.
    let filled = bytes / limits.level2Bytes
    let hit = 1 / (1 + filled * filled * filled)
    let share = kernel.isCopy ? Self.copyShare : arithmeticShare
    let bandwidth = limits.memoryBytesPerSecond * 1e-9
    let perMissedByte = 1 / (bandwidth * share)
    let level2 = level2Rate * Double(limits.multiprocessors) * share
    let perHitByte = min(perMissedByte, 1 / level2)
    let streaming = bytes * (perMissedByte - (perMissedByte - perHitByte) * hit)
    let missed = max(0, bytes - limits.level2Bytes) / bandwidth
    let walk = kernel.isCopy ? 0 : Double(width) * walkNanoseconds
    return floorNanoseconds + max(powerNorm(streaming, walk, exponent: 2), missed)
  }
}

/// A kernel that passes over its data.
public enum ElementwiseKernel: String, Sendable, Hashable, CaseIterable {
  /// A root-mean-square norm.
  case norm
  /// A gated activation: two halves in, one out.
  case gatedActivation
  /// An activation without a gate.
  case activation
  /// The rotary embedding of queries and keys, in place.
  case rotary
  /// The sum of a residual.
  case residual
  /// The look-up of embeddings.
  case embedding
  /// One of the sampler's passes over 32-bit logits: converting, the maximum, the sum, the choice.
  case logitsPass

  /// Bytes moved for each number of the result.
  var bytesPerNumber: Double {
    switch self {
    case .norm: 6  // read twice
    case .gatedActivation: 6
    case .residual: 6
    case .activation, .rotary, .embedding, .logitsPass: 4
    }
  }

  /// Whether it only copies or adds.
  var isCopy: Bool {
    switch self {
    case .residual, .embedding, .logitsPass: true
    case .norm, .gatedActivation, .activation, .rotary: false
    }
  }
}
