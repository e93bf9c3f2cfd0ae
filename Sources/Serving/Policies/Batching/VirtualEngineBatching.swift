/// vLLM's V0 engine on a pipeline: one scheduler per stage, each with its part of the KV blocks.
///
/// A request goes to the scheduler with the fewest requests and stays there; each scheduler has one
/// micro-batch in flight. Prompts go first: if any request that waits fits, the step is whole prompts
/// alone, up to the token budget; else every running request gets one token. Decodes stop while prompts
/// of the same scheduler pass, and micro-batches of one kind follow those of the other: bubbles. A share
/// of the blocks is kept free at admission (the watermark); a decode without a block preempts the
/// request that came last, which recomputes.
///
/// V0 turns a prompt away that is longer than its budget; here it goes alone, in one step.
public struct VirtualEngineBatching: BatchingPolicy {
  /// `vllm-v0`.
  public static let name = "vllm-v0"
  /// One line for help.
  public static let summary = "one scheduler per stage, KV divided; whole prompts before decodes"
  /// The rule's origin.
  public static let source = "vLLM 0.6 (core/scheduler.py; virtual engines of async_llm_engine.py)"
  /// `maxBatchedTokens`, `maxSequences`, `chunkedPrefill`, `watermark`.
  public static let options = [
    OptionDescription(
      "maxBatchedTokens", .integer(1...1_048_576),
      "tokens of one step (default: the model's context, at least 2048; 512 with chunkedPrefill)"),
    OptionDescription(
      "maxSequences", .integer(1...65_536), default: .integer(256),
      "requests that one scheduler runs at once"),
    OptionDescription(
      "chunkedPrefill", .flag, default: .flag(false),
      "decodes first and prompts in chunks of what the budget leaves"),
    OptionDescription(
      "watermark", .number(0...0.5), default: .number(0.01),
      "share of a scheduler's blocks that an admission leaves free"),
  ]

  /// Requests that one scheduler runs at once.
  public let maximumSequences: Int
  /// Tokens of one step.
  public private(set) var maximumTokens: Int
  private let isFixed: Bool
  private let isChunked: Bool
  private let watermark: Double

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumSequences = values.integer("maxSequences")
    isChunked = values.flag("chunkedPrefill")
    watermark = values.number("watermark")
    let fixed = values.optionalInteger("maxBatchedTokens")
    isFixed = fixed != nil || isChunked
    maximumTokens = fixed ?? (isChunked ? 512 : 2048)
  }

  /// The whole context in one step, as chunks are not to be.
  public func maximumTokens(context: Int) -> Int {
    isFixed ? maximumTokens : max(maximumTokens, context)
  }

  /// Learns the model's context.
  public mutating func prepare(_ facts: EngineFacts) {
    maximumTokens = maximumTokens(context: facts.contextTokens)
  }

  /// One scheduler per stage.
  public func engines(stages: Int) -> Int { stages }

  /// One micro-batch of each scheduler.
  public func depth(stages: Int) -> Int { 1 }

  /// A scheduler that has nothing in flight begins at once; the others wait for what they have.
  public var waitsForOldest: Bool { true }

  /// Prompts if there are any, else decodes; with chunks, decodes and then what fits of prompts.
  public mutating func plan(_ engine: inout EngineState) {
    let rule = rule(totalBlocks: engine.totalBlocks)
    var budget = DraftBudget(tokens: maximumTokens)
    if isChunked {
      rule.planDecodesFirst(&engine, budget: budget)
      return
    }
    rule.admitWaiting(&engine, budget: &budget)
    guard engine.isDraftEmpty else { return }
    budget = DraftBudget(tokens: .max)
    _ = rule.takeRunning(&engine, budget: &budget)
  }

  /// Nobody running was left out, and nobody waiting finds blocks.
  public func repeats(_ engine: EngineView) -> Bool {
    rule(totalBlocks: engine.totalBlocks).repeats(engine, tokens: maximumTokens)
  }

  private func rule(totalBlocks: Int) -> RunningFirst {
    RunningFirst(
      maximumSequences: maximumSequences, holdsWholePrompt: true, isUnchunked: !isChunked,
      spareBlocks: Int(watermark * Double(totalBlocks)))
  }
}
