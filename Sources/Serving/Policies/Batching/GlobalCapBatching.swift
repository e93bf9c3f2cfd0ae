/// vLLM's V1 rule with a cap on all requests of one micro-batch, prompts and decodes alike.
///
/// A burst is dealt out over the micro-batches when it is admitted already, so prompts too pass the
/// stages side by side; the price is that a step of few prompts may leave its token budget unused.
public struct GlobalCapBatching: BatchingPolicy {
  /// `global-cap`.
  public static let name = "global-cap"
  /// One line for help.
  public static let summary = "vLLM V1 with at most maxSequences / p requests in a micro-batch"
  /// The rule's origin.
  public static let source = "proposals in vllm-project/vllm#41682 and RBLN-SW/vllm-rbln#243"
  /// `maxBatchedTokens`, `maxSequences`, `cap`, `depth`, `waitsForOldest`, `overlapsChunks`.
  public static let options = [
    OptionDescription.batchedTokens, OptionDescription.runningSequences,
    OptionDescription(
      "cap", .integer(1...65_536),
      "requests of one micro-batch (default: maxSequences over the stages, rounded up)"),
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
    rule.plan(
      &engine, budget: DraftBudget(tokens: maximumTokens, sequences: cap(stages: engine.stages)))
  }

  /// Nobody running was left out, and nobody waiting will get in.
  public func repeats(_ engine: EngineView) -> Bool {
    let most = depth(stages: engine.stages) * cap(stages: engine.stages)
    return rule.repeats(engine, tokens: maximumTokens)
      || engine.sequencesInFlight == engine.runningCount && engine.runningCount >= most
  }

  private func cap(stages: Int) -> Int {
    fixedCap ?? (maximumSequences + stages - 1) / stages
  }

  private var rule: RunningFirst { RunningFirst(maximumSequences: maximumSequences) }
}
