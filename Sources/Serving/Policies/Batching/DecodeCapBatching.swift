/// vLLM's V1 rule with a cap on the decodes of one micro-batch, so that cohorts come apart.
///
/// Prompts are limited by tokens alone. A burst that was admitted as one micro-batch decodes as several,
/// one for each stage: a request more than the cap waits for the next plan, which is at once. Proposed
/// for vLLM's pipelines, where requests that were admitted together otherwise stay together.
public struct DecodeCapBatching: BatchingPolicy {
  /// `decode-cap`.
  public static let name = "decode-cap"
  /// One line for help.
  public static let summary = "vLLM V1 with at most maxSequences / p decodes in a micro-batch"
  /// The rule's origin.
  public static let source = "proposals in vllm-project/vllm#41682 and RBLN-SW/vllm-rbln#243"
  /// `maxBatchedTokens`, `maxSequences`, `cap`, `depth`, `waitsForOldest`, `overlapsChunks`.
  public static let options = [
    OptionDescription.batchedTokens, OptionDescription.runningSequences,
    OptionDescription(
      "cap", .integer(1...65_536),
      "decodes of one micro-batch (default: maxSequences over the stages, rounded up)"),
    OptionDescription.depth, OptionDescription.waitsForOldest,
    OptionDescription.overlapsChunks,
  ]

  /// Requests running at once.
  public let maximumSequences: Int
  /// Tokens of one step.
  public let maximumTokens: Int
  /// Whether the engine blocks on the oldest micro-batch in flight.
  public let waitsForOldest: Bool
  /// Whether a prompt's next chunk may set out while the one before is on its way.
  public let overlapsChunks: Bool
  private let fixedCap: Int?
  private let fixedDepth: Int?

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumSequences = values.integer("maxSequences")
    maximumTokens = values.integer("maxBatchedTokens")
    waitsForOldest = values.flag("waitsForOldest")
    overlapsChunks = values.flag("overlapsChunks")
    fixedCap = values.optionalInteger("cap")
    fixedDepth = values.optionalInteger("depth")
  }

  /// A cap beyond the requests that run at once.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    faultsOfCap(in: values)
  }

  /// One micro-batch per stage unless the scenario says otherwise.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// Running first, then waiting.
  public mutating func plan(_ engine: inout EngineState) {
    let share = (maximumSequences + engine.stages - 1) / engine.stages
    rule.plan(
      &engine, budget: DraftBudget(tokens: maximumTokens, decodes: fixedCap ?? share))
  }

  /// Nobody running was left out, and nobody waiting will get in.
  public func repeats(_ engine: EngineView) -> Bool {
    rule.repeats(engine, tokens: maximumTokens)
  }

  private var rule: RunningFirst { RunningFirst(maximumSequences: maximumSequences) }
}
