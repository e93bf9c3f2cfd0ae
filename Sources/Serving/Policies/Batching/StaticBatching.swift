/// A finite batch, GPipe forward only: micro-batches fill the pipeline, drain it, and only when the
/// whole batch is done the next one starts.
///
/// The batch is what waits when the engine is free, up to `maxSequences`; it is cut into
/// `microbatches` groups in order of arrival. A group's whole prompts go first, then one token per
/// request and round. KV blocks for prompt and output are held from the start, so nobody is
/// preempted. With m groups of equal time on p stages and one round the idle share is
/// (p − 1) / (m + p − 1) (Huang et al., GPipe, 2019). Training's 1F1B order is the same at inference.
public struct StaticBatching: BatchingPolicy {
  /// `static`.
  public static let name = "static"
  /// One line for help.
  public static let summary = "a finite batch in micro-batches; the next starts when all are done"
  /// The rule's origin.
  public static let source = "GPipe (Huang et al., 2019), forward pass"
  /// 1F1B is the same order where nothing flows back.
  public static let aliases = [
    PolicyAlias(
      "1f1b",
      reason: "without a backward pass, one forward, one backward is GPipe's order")
  ]
  /// `maxSequences`, `microbatches`, `maxBatchedTokens`.
  public static let options = [
    OptionDescription(
      "maxSequences", .integer(1...65_536), default: .integer(32), "requests of one batch"),
    OptionDescription(
      "microbatches", .integer(1...1024), "groups of one batch (default: one per stage)"),
    OptionDescription(
      "maxBatchedTokens", .integer(1...1_048_576), default: .integer(8192),
      "tokens up to which step times are tabulated; larger steps are extrapolated"),
  ]

  /// Requests of one batch.
  public let maximumSequences: Int
  /// Tokens up to which step times are tabulated.
  public let maximumTokens: Int
  private let fixedGroups: Int?
  /// Groups of the present batch, and how many have begun.
  private var groups: Int32 = 0
  private var begun: Int32 = 0
  private var groupSize = 0
  private var left = 0
  /// The group that was planned last.
  private var last: Int32 = 0

  /// Prompts are whole: the tokens of a step only bound what is tabulated.
  public static var tokenBudgetKey: String? { nil }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumSequences = values.integer("maxSequences")
    maximumTokens = values.integer("maxBatchedTokens")
    fixedGroups = values.optionalInteger("microbatches")
  }

  /// All groups at once.
  public func depth(stages: Int) -> Int { fixedGroups ?? stages }

  /// A group that returns is planned again at once; arrivals wait for the batch to end anyway.
  public var waitsForOldest: Bool { true }

  /// The next batch starts when this one is done.
  public var admitsWhileRunning: Bool { false }

  /// The next group of the batch: one that has not begun, else the next that is back.
  public mutating func plan(_ engine: inout EngineState) {
    if engine.runningCount == 0 {
      left = min(maximumSequences, engine.waitingCount)
      groups = Int32(min(left, fixedGroups ?? engine.stages))
      begun = 0
      last = groups - 1
      groupSize = groups == 0 ? 0 : (left + Int(groups) - 1) / Int(groups)
    }
    if begun < groups, left > 0 {
      beginGroup(&engine)
    } else {
      continueGroup(&engine)
    }
  }

  /// Every group has begun and is in flight; the next one back is the only one to plan, whoever's turn
  /// it is.
  public func repeats(_ engine: EngineView) -> Bool {
    (begun == groups || left == 0) && engine.sequencesInFlight == engine.runningCount
  }

  /// Admits the next group whole; a request without room ends the batch before it.
  private mutating func beginGroup(_ engine: inout EngineState) {
    var admitted = 0
    while admitted < groupSize, left > 0, let sequence = engine.nextWaiting {
      guard
        engine.admit(
          tokens: sequence.wantedTokens, reserve: sequence.finalTokens, cohort: begun)
      else {
        left = 0
        break
      }
      admitted += 1
      left -= 1
    }
    last = begun
    begun += 1
    if admitted == 0 { continueGroup(&engine) }
  }

  /// One token for every request of the next group in turn that is not in flight.
  private mutating func continueGroup(_ engine: inout EngineState) {
    guard let cohort = nextIdleCohort(engine) else { return }
    last = cohort
    for position in 0..<engine.idleCount {
      let sequence = engine.idleSequence(position)
      if sequence.cohort == cohort {
        _ = engine.take(idle: position, tokens: sequence.wantedTokens)
      }
    }
  }

  private func nextIdleCohort(_ engine: EngineState) -> Int32? {
    var best: Int32?
    for position in 0..<engine.idleCount {
      let sequence = engine.idleSequence(position)
      let distance = turn(sequence.cohort)
      if best.map({ distance < turn($0) }) ?? true { best = sequence.cohort }
    }
    return best
  }

  /// How far a cohort is from its turn: the one after the last planned is next.
  private func turn(_ cohort: Int32) -> Int32 {
    (cohort - last - 1 + 2 * max(1, groups)) % max(1, groups)
  }
}
