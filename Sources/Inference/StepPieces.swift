/// A stage's step times, prepared as integers for one plan, so that a step costs a few loads.
///
/// All work except communication and host is summed in fractions of a nanosecond, 2⁻²⁰ or the
/// exact share, and rounded half up once.
@frozen
public struct StepPieces: Sendable {
  /// Which terms a step sums.
  @usableFromInline
  enum Kind: UInt8, Sendable {
    /// Given or drawn times, shared out.
    case shared
    /// Measured step times.
    case measured
    /// Operators of a layer.
    case operators
  }

  /// Bytes each GPU sends for one token through the all-reduces of the stage's layers.
  public let bytesPerCollectiveToken: Int64

  @usableFromInline let kind: Kind
  @usableFromInline let storage: ContiguousArray<Int64>
  /// Units of a nanosecond where times are shared out exactly; else `unitsPerNanosecond`.
  @usableFromInline let denominator: Int64
  /// Nanoseconds of communication by tokens.
  @usableFromInline let communication: StepTable
  /// Work by tokens (operators) or by prompt tokens (measured).
  @usableFromInline let byTokens: StepTable
  /// Work by sampled sequences (operators) or by sequences that only decode (measured).
  @usableFromInline let bySequences: StepTable
  /// Work that decoding sequences add to a prefill (measured).
  @usableFromInline let byMixedSequences: StepTable
  @usableFromInline let rates: StepRates

  /// The cost of a step; nothing for a step without tokens.
  ///
  /// Monotone in tokens, context, pairs and prefixes, except that a kernel which does not split
  /// sequences goes by the mean context, which one more short sequence lowers; under 30 ns.
  @inlinable
  public func cost(_ shape: BatchShape) -> StepCost {
    guard shape.tokens > 0 else { return .zero }
    let work: Int64
    switch kind {
    case .operators: work = operatorWork(shape)
    case .measured: work = measuredWork(shape)
    case .shared: work = sharedWork(shape)
    }
    let rounded =
      kind == .shared
      ? (work + denominator / 2) / denominator
      : (work + unitsPerNanosecond / 2) >> unitShift
    var exposed = communication.value(shape.tokens, in: storage)
    var host = rates.hostPerStep
    if rates.samples, shape.sampledSequences > 0 {
      host += rates.hostPerSampling + Int64(shape.sampledSequences) * rates.hostPerSequence
    }
    if kind == .measured {
      // Measured step times hold their communication already.
      exposed = min(exposed, rounded)
      return StepCost(total: rounded + host, tensorCommunication: exposed, host: host)
    }
    return StepCost(total: rounded + exposed + host, tensorCommunication: exposed, host: host)
  }

  @inlinable
  func operatorWork(_ shape: BatchShape) -> Int64 {
    var work = byTokens.value(shape.tokens, in: storage)
    work += bySequences.value(shape.sampledSequences, in: storage)
    var reading =
      Int64(shape.contextTokens) * rates.perContextToken
      + Int64(shape.windowContextTokens) * rates.perWindowToken
    if rates.isUnsplit, shape.decodeSequences > 0 {
      // The longest sequence decides; a shape keeps no lists, so the mean stands for it.
      let mean = Int64(shape.contextTokens / shape.decodeSequences)
      let inWindow = Int64(shape.windowContextTokens / shape.decodeSequences)
      reading = max(
        reading, mean * rates.perUnsplitToken + inWindow * rates.perUnsplitWindowToken)
    }
    guard shape.prefillTokens > 0 else { return work + reading }
    let computing =
      Int64(shape.attentionPairs) * rates.perPair
      + Int64(shape.windowPairs) * rates.perWindowPair
      + Int64(shape.prefillTokens) * rates.perPrefillToken
      + Int64(shape.prefixTokens) * rates.perExpandedToken
    let prefix =
      Int64(shape.prefixTokens) * rates.perPrefixToken
      + Int64(shape.windowPrefixTokens) * rates.perWindowPrefixToken
    return work + reading + max(computing, prefix)
  }

  @inlinable
  func measuredWork(_ shape: BatchShape) -> Int64 {
    let beyond =
      (Int64(shape.contextTokens) - Int64(shape.decodeSequences) * rates.measuredContextTokens)
      * rates.perContextToken
    let decoding =
      shape.decodeSequences > 0
      ? max(0, bySequences.value(shape.decodeSequences, in: storage) + beyond) : 0
    guard shape.prefillTokens > 0 else { return decoding }
    let prefill = byTokens.value(shape.prefillTokens, in: storage)
    let added = byMixedSequences.value(shape.decodeSequences, in: storage)
    return max(decoding, prefill + max(0, added + beyond))
  }

  @inlinable
  func sharedWork(_ shape: BatchShape) -> Int64 {
    rates.perStep
      + Int64(shape.prefillTokens) * rates.perPrefillToken
      + Int64(shape.decodeSequences) * rates.perDecodeSequence
      + shape.drawnNanoseconds * rates.perDrawnNanosecond
  }
}

/// Binary digits of a unit of work below the nanosecond: fine enough for rates per token.
@inlinable var unitShift: Int64 { 20 }

/// Units of work of a nanosecond.
@inlinable var unitsPerNanosecond: Int64 { 1 << unitShift }

/// The straight-line terms of a step: work in the pieces' units, host in nanoseconds.
@frozen
@usableFromInline
struct StepRates: Sendable {
  @usableFromInline var perStep: Int64 = 0
  @usableFromInline var perPrefillToken: Int64 = 0
  @usableFromInline var perDecodeSequence: Int64 = 0
  @usableFromInline var perDrawnNanosecond: Int64 = 0
  /// A KV token that a decoding sequence reads, and one that it reads inside the window.
  @usableFromInline var perContextToken: Int64 = 0
  @usableFromInline var perWindowToken: Int64 = 0
  /// Context at which measured decode steps were taken.
  @usableFromInline var measuredContextTokens: Int64 = 0
  /// Whether a long sequence occupies one part of the GPU only, and what its tokens take then.
  @usableFromInline var isUnsplit = false
  @usableFromInline var perUnsplitToken: Int64 = 0
  @usableFromInline var perUnsplitWindowToken: Int64 = 0
  @usableFromInline var perPair: Int64 = 0
  @usableFromInline var perWindowPair: Int64 = 0
  /// A KV token before a chunk: read, and with latent attention expanded once more.
  @usableFromInline var perPrefixToken: Int64 = 0
  @usableFromInline var perWindowPrefixToken: Int64 = 0
  @usableFromInline var perExpandedToken: Int64 = 0
  /// Whether the stage samples tokens.
  @usableFromInline var samples = false
  @usableFromInline var hostPerStep: Int64 = 0
  @usableFromInline var hostPerSampling: Int64 = 0
  @usableFromInline var hostPerSequence: Int64 = 0

  @usableFromInline
  init() {}
}
