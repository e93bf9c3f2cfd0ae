/// Sarathi-Serve's stall-free batching: a small token budget per micro-batch, decodes first.
///
/// Each plan takes every idle decode, then the chunks that prompts under way still want, then new
/// prompts, until the token budget or the cap on sequences. Micro-batches take about the same time, so
/// a decode waits little for a prompt beside it and a pipeline has few bubbles. A request is admitted
/// only when there are blocks for its whole prompt; a decode without a block preempts the last admitted
/// idle request, which recomputes.
public struct SarathiBatching: BatchingPolicy {
  /// `sarathi`.
  public static let name = "sarathi"
  /// One line for help.
  public static let summary = "a token budget per micro-batch; decodes, then chunks, then prompts"
  /// The rule's origin.
  public static let source =
    "Sarathi-Serve (Agrawal et al., OSDI 2024; sarathi/core/scheduler/sarathi_scheduler.py)"
  /// `tokenBudget`, `maxSequences`, `depth`.
  public static let options = [
    OptionDescription(
      "tokenBudget", .integer(1...1_048_576), default: .integer(512),
      "tokens of one micro-batch; at least those of one KV block"),
    OptionDescription(
      "maxSequences", .integer(1...65_536), default: .integer(128),
      "sequences of one micro-batch"),
    OptionDescription.depth,
  ]

  /// Sequences of one micro-batch.
  public let maximumSequences: Int
  /// Tokens of one micro-batch.
  public let maximumTokens: Int
  private let fixedDepth: Int?

  /// The budget from which prompts get their chunks.
  public static var tokenBudgetKey: String? { "tokenBudget" }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumTokens = values.integer("tokenBudget")
    maximumSequences = values.integer("maxSequences")
    fixedDepth = values.optionalInteger("depth")
  }

  /// One micro-batch per stage unless the scenario says otherwise.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// A full micro-batch for each that may be in flight.
  public func maximumRunning(stages: Int) -> Int { maximumSequences * depth(stages: stages) }

  /// A micro-batch is formed as soon as one may set out.
  public var waitsForOldest: Bool { false }

  /// Decodes, chunks, new prompts.
  public mutating func plan(_ engine: inout EngineState) {
    rule(engine.stages).planDecodesFirst(
      &engine, budget: DraftBudget(tokens: maximumTokens, sequences: maximumSequences))
  }

  /// Nobody running was left out, and nobody waiting finds blocks.
  public func repeats(_ engine: EngineView) -> Bool {
    rule(engine.stages).repeats(engine, tokens: maximumTokens)
  }

  private func rule(_ stages: Int) -> RunningFirst {
    RunningFirst(maximumSequences: maximumRunning(stages: stages), holdsWholePrompt: true)
  }
}
