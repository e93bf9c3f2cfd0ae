/// vLLM's V1 scheduler: one token budget, running requests first, chunked prefill, one batch queue.
///
/// Each plan is greedy: every running request that is not in flight gets its next token or the next
/// chunk of its prompt, then waiting requests are admitted, until the token budget or the sequence
/// cap. Up to one micro-batch per stage is in flight; while any is, the engine waits for the oldest
/// before it plans again, so requests that were admitted together stay together (a cohort) and a
/// burst can leave a pipeline with one full micro-batch and p − 1 idle stages.
/// When a request gets no KV block the last admitted idle request is preempted and recomputes.
public struct VLLMBatching: BatchingPolicy {
  /// `vllm-v1`.
  public static let name = "vllm-v1"
  /// One line for help.
  public static let summary = "chunked prefill, running first, batch queue of depth p"
  /// The rule's origin.
  public static let source = "vLLM V1 (v1/core/sched/scheduler.py, v1/engine/core.py)"
  /// `maxBatchedTokens`, `maxSequences`, `depth`, `waitsForOldest`, `overlapsChunks`.
  public static let options = [
    OptionDescription.batchedTokens, OptionDescription.runningSequences,
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
  private let fixedDepth: Int?

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumSequences = values.integer("maxSequences")
    maximumTokens = values.integer("maxBatchedTokens")
    waitsForOldest = values.flag("waitsForOldest")
    overlapsChunks = values.flag("overlapsChunks")
    fixedDepth = values.optionalInteger("depth")
  }

  /// One micro-batch per stage unless the scenario says otherwise.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// Running first, then waiting.
  public mutating func plan(_ engine: inout EngineState) {
    rule.plan(&engine, budget: DraftBudget(tokens: maximumTokens))
  }

  /// Nobody running was left out, and nobody waiting will get in.
  public func repeats(_ engine: EngineView) -> Bool {
    rule.repeats(engine, tokens: maximumTokens)
  }

  private var rule: RunningFirst { RunningFirst(maximumSequences: maximumSequences) }
}
