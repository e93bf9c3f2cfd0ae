/// Orca's iteration-level scheduling: whole prompts and decodes side by side, first come first served.
///
/// Each plan takes the requests that are not in flight in the order in which they came, up to a batch
/// size: a request that is new brings its whole prompt, the others one token each. A request is
/// admitted only when the KV cache has room for all it will ever hold, so nobody is preempted. A long
/// prompt makes everyone in its micro-batch wait.
public struct OrcaBatching: BatchingPolicy {
  /// `orca`.
  public static let name = "orca"
  /// One line for help.
  public static let summary = "iteration level, whole prompts; KV held for the final length"
  /// The rule's origin.
  public static let source = "Orca (Yu et al., OSDI 2022), algorithm 1"
  /// `maxSequences`, `maxBatchedTokens`, `depth`.
  public static let options = [
    OptionDescription(
      "maxSequences", .integer(1...65_536), default: .integer(32),
      "requests of one micro-batch"),
    OptionDescription(
      "maxBatchedTokens", .integer(1...1_048_576), default: .integer(8192),
      "tokens up to which step times are tabulated; larger steps are extrapolated"),
    OptionDescription.depth,
  ]

  /// Requests of one micro-batch.
  public let maximumSequences: Int
  /// Tokens up to which step times are tabulated.
  public let maximumTokens: Int
  private let fixedDepth: Int?

  /// Prompts are whole: the tokens of a step only bound what is tabulated.
  public static var tokenBudgetKey: String? { nil }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumSequences = values.integer("maxSequences")
    maximumTokens = values.integer("maxBatchedTokens")
    fixedDepth = values.optionalInteger("depth")
  }

  /// One micro-batch per stage unless the scenario says otherwise.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// A full micro-batch for each that may be in flight.
  public func maximumRunning(stages: Int) -> Int { maximumSequences * depth(stages: stages) }

  /// The scheduler waits for a batch only when as many as may be are in flight.
  public var waitsForOldest: Bool { false }

  /// Nobody is preempted.
  public var admitsWhileRunning: Bool { false }

  /// Who is idle, then who waits, up to the batch size.
  public mutating func plan(_ engine: inout EngineState) {
    var budget = DraftBudget(tokens: .max, sequences: maximumSequences)
    // Blocks for all decodes are held.
    _ = engine.takeIdle(from: 0, budget: &budget)
    while budget.sequences > 0, let next = engine.nextWaiting,
      engine.admit(tokens: next.wantedTokens, reserve: next.finalTokens)
    {
      budget.sequences -= 1
    }
  }

  /// Nobody running was left out, and nobody waits or every micro-batch is full.
  public func repeats(_ engine: EngineView) -> Bool {
    engine.sequencesInFlight == engine.runningCount
      && (engine.waitingCount == 0
        || engine.runningCount >= maximumRunning(stages: engine.stages))
  }
}
