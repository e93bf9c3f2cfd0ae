/// The time of a step of a fixed number of decoding sequences on a stage, by their context.
///
/// Every step without prefill is priced by it, whether its simulator takes one step or many.
@frozen
public struct DecodeLine: Sendable {
  /// Work apart from reading keys and values, and what reading adds, in units of work.
  @usableFromInline var base: Int64
  @usableFromInline var reading: ReadingRates
  /// Decoding sequences.
  @usableFromInline var sequences: Int64
  /// Nanoseconds beside the work: host, and communication where work does not hold it.
  @usableFromInline var fixed: Int64
  /// Nanoseconds of communication, and whether the work holds it already.
  @usableFromInline var communication: Int64
  @usableFromInline var holdsCommunication: Bool
  @usableFromInline var host: Int64

  @inlinable
  init(
    base: Int64, reading: ReadingRates, sequences: Int64, communication: Int64,
    holdsCommunication: Bool, host: Int64, given: Int64 = 0
  ) {
    self.base = base
    self.reading = reading
    self.sequences = sequences
    self.communication = communication
    self.holdsCommunication = holdsCommunication
    self.host = host
    fixed = given + host + (holdsCommunication ? 0 : communication)
  }

  /// Nanoseconds of the work.
  @inlinable
  @inline(__always)
  func workNanoseconds(_ context: Int64, _ window: Int64) -> Int64 {
    let work = max(0, base + reading.work(context, window, sequences: sequences))
    return (work + unitsPerNanosecond / 2) >> unitShift
  }

  /// Nanoseconds of the step over so many KV tokens, and those of them inside the model's window.
  @inlinable
  @inline(__always)
  public func total(contextTokens: Int, windowContextTokens: Int) -> Int64 {
    workNanoseconds(Int64(contextTokens), Int64(windowContextTokens)) + fixed
  }

  /// Whether longer contexts leave communication and host as they are at this one.
  @inlinable
  public func isSteady(contextTokens: Int, windowContextTokens: Int) -> Bool {
    !holdsCommunication
      || communication <= workNanoseconds(Int64(contextTokens), Int64(windowContextTokens))
  }

  /// The step with its parts.
  @inlinable
  @inline(__always)
  public func cost(contextTokens: Int, windowContextTokens: Int) -> StepCost {
    let work = workNanoseconds(Int64(contextTokens), Int64(windowContextTokens))
    return StepCost(
      total: work + fixed,
      tensorCommunication: holdsCommunication ? min(communication, work) : communication,
      host: host)
  }
}

/// What reading keys and values costs decoding sequences, in units of work for each token.
@frozen
@usableFromInline
struct ReadingRates: Sendable, Hashable {
  /// A token in layers that see all, and one in layers that see a window.
  @usableFromInline var perContextToken: Int64 = 0
  @usableFromInline var perWindowToken: Int64 = 0
  /// Whether a long sequence occupies one part of the GPU only, and what its tokens take then.
  @usableFromInline var isUnsplit = false
  @usableFromInline var perUnsplitToken: Int64 = 0
  @usableFromInline var perUnsplitWindowToken: Int64 = 0

  @usableFromInline
  init() {}

  /// Work of reading so many tokens, and those of them inside the window.
  @inlinable
  @inline(__always)
  func work(_ context: Int64, _ window: Int64, sequences: Int64) -> Int64 {
    let work = context * perContextToken + window * perWindowToken
    guard isUnsplit, sequences > 0 else { return work }
    // The longest sequence decides; a shape keeps no lists, so the mean stands for it.
    return max(
      work, context / sequences * perUnsplitToken + window / sequences * perUnsplitWindowToken)
  }
}
