import EventKernel
import Inference

/// gLLM's token throttling: prompts by what waits and what is free, decodes in equal shares.
///
/// Prefill tokens of a micro-batch fall with the KV cache's free share and follow what waits, so prompts
/// are spread over many micro-batches; decodes are dealt out in p equal shares, with a jitter that
/// rotates, so that rounding down leaves nobody out. Admission keeps blocks back for the growth of
/// those that decode: a share of what they have yet to generate, more after each preemption, less with
/// each plan. Chunks of one prompt follow each other through the pipeline.
///
/// gLLM evicts who holds the most blocks and takes the decodes that came back last first; here the
/// victim is who was admitted last, and decodes go in order of admission.
public struct ThrottledBatching: BatchingPolicy {
  /// `gllm-throttle`.
  public static let name = "gllm-throttle"
  /// One line for help.
  public static let summary = "prefill tokens by free KV and backlog, decodes in p equal shares"
  /// The rule's origin.
  public static let source = "gLLM (Guo et al., SC 2025; gty111/gLLM, gllm/scheduler.py)"
  /// `maxPrefillTokens`, `minPrefillTokens`, `iterations`, `maxDecodes`, the reserve's `newTokenRatio`,
  /// `newTokenRatioStep`, `newTokenRatioDecay`, `minNewTokenRatio`; `depth`.
  public static let options = [
    OptionDescription(
      "maxPrefillTokens", .integer(1...1_048_576), default: .integer(8192),
      "prompt tokens of a micro-batch while the KV cache is empty (maxp)"),
    OptionDescription(
      "minPrefillTokens", .integer(1...1_048_576), default: .integer(32),
      "prompt tokens that a backlog gets at least (minp)"),
    OptionDescription(
      "iterations", .integer(1...65_536), default: .integer(8),
      "micro-batches over which a backlog is spread (#T)"),
    OptionDescription(
      "maxDecodes", .integer(1...65_536), default: .integer(512),
      "sequences of a micro-batch (maxd)"),
    OptionDescription(
      "newTokenRatio", .number(0...1), default: .number(0.7),
      "share of what decodes have yet to generate for which blocks are kept, at the start"),
    OptionDescription(
      "newTokenRatioStep", .number(0...1), default: .number(0.05),
      "what a preemption adds to that share"),
    OptionDescription(
      "newTokenRatioDecay", .number(0...1), default: .number(0.002),
      "what a micro-batch takes from that share"),
    OptionDescription(
      "minNewTokenRatio", .number(0...1), default: .number(0.1), "the least it falls to"),
    OptionDescription.depth,
  ]

  private let maximumPrefill: Int
  private let minimumPrefill: Int
  private let iterations: Int64
  private let ratioStep: Double
  private let ratioDecay: Double
  private let leastRatio: Double
  private let fixedDepth: Int?
  /// Sequences of a micro-batch.
  public let maximumSequences: Int
  /// The share of future tokens for which blocks are kept.
  private(set) var newTokenRatio: Double
  /// Turns of decodes, whose number is the jitter.
  private var shares = DealtShares()
  /// Whether there are decodes for all stages, so that the next plan has a turn.
  private var hasTurns = false

  /// The budget from which prompts get their chunks.
  public static var tokenBudgetKey: String? { "maxPrefillTokens" }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumPrefill = values.integer("maxPrefillTokens")
    minimumPrefill = values.integer("minPrefillTokens")
    iterations = Int64(values.integer("iterations"))
    maximumSequences = values.integer("maxDecodes")
    newTokenRatio = values.number("newTokenRatio")
    ratioStep = values.number("newTokenRatioStep")
    ratioDecay = values.number("newTokenRatioDecay")
    leastRatio = values.number("minNewTokenRatio")
    fixedDepth = values.optionalInteger("depth")
  }

  /// A prompt that is longer than the most, and a start below the least.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    var faults: [OptionFault] = []
    let most = values.integer("maxPrefillTokens")
    if values.integer("minPrefillTokens") > most {
      faults.append(
        OptionFault(
          key: "minPrefillTokens", found: "\(values.integer("minPrefillTokens"))",
          expected: "a whole number from 1 to maxPrefillTokens, \(most)"))
    }
    let start = values.number("newTokenRatio")
    if values.number("minNewTokenRatio") > start {
      faults.append(
        OptionFault(
          key: "minNewTokenRatio", found: "\(values.number("minNewTokenRatio"))",
          expected: "a number from 0 to newTokenRatio, \(start)"))
    }
    return faults
  }

  /// Prompts and decodes of one micro-batch.
  public var maximumTokens: Int { maximumPrefill + maximumSequences }

  /// One micro-batch per stage unless the scenario says otherwise.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// A full micro-batch for each that may be in flight.
  public func maximumRunning(stages: Int) -> Int { maximumSequences * depth(stages: stages) }

  /// A micro-batch is formed as soon as one may set out.
  public var waitsForOldest: Bool { false }

  /// Chunks of one prompt follow each other.
  public var overlapsChunks: Bool { true }

  /// Prompts within their budget, then decodes within theirs.
  public mutating func plan(_ engine: inout EngineState) {
    let rule = RunningFirst(
      maximumSequences: maximumRunning(stages: engine.stages), spareBlocks: reserve(engine))
    var budget = DraftBudget(
      tokens: .max, prefill: prefillBudget(engine, reserve: rule.spareBlocks), decodes: 0,
      sequences: maximumSequences)
    if budget.prefill > 0, rule.takePrefills(&engine, budget: &budget) {
      rule.admitWaiting(&engine, budget: &budget)
    }
    budget.prefill = 0
    let decodes = engine.runningCount - engine.prefillingCount
    budget.decodes = share(of: decodes, engine.stages)
    _ = rule.takeRunning(&engine, budget: &budget)
    if engine.isDraftEmpty, engine.microbatchesInFlight == 0, engine.draftPreemptions == 0 {
      // Prompts fill the KV cache and none is over: gLLM would stall, here the last one gives way.
      budget.prefill = minimumPrefill
      _ = rule.takePrefills(&engine, budget: &budget)
    }
    if engine.draftPreemptions > 0 { newTokenRatio = min(1, newTokenRatio + ratioStep) }
    if !engine.isDraftEmpty { decayRatio() }
    noteShare(decodes: decodes, engine)
  }

  private mutating func decayRatio() { newTokenRatio = max(leastRatio, newTokenRatio - ratioDecay) }

  /// The jitter moves on with every plan in which there are decodes for all stages.
  private mutating func noteShare(decodes: Int, _ engine: EngineState) {
    if decodes < engine.stages {
      shares.forget(stages: engine.stages)
    } else {
      let isShare = engine.draftShape.prefillTokens == 0
      shares.deal(isShare ? engine.draft.count : nil, stages: engine.stages)
    }
    hasTurns = engine.runningCount - engine.prefillingCount >= engine.stages
  }

  /// With one micro-batch for each stage, no prompt, and everybody's share in flight.
  public func repeats(_ engine: EngineView) -> Bool {
    engine.waitingCount == 0 && depth(stages: engine.stages) == engine.stages
      && shares.repeats(engine) { share(of: engine.runningCount, engine.stages, turn: $0) }
  }

  /// The jitter has moved on, unless there were too few decodes for one, and the reserve is smaller.
  public mutating func skip(plans: Int) {
    if hasTurns { shares.skip(plans) }
    for _ in 0..<plans {
      let before = newTokenRatio
      decayRatio()
      if newTokenRatio == before { return }
    }
  }

  /// Blocks kept for the growth of those that decode; none while nobody does.
  func reserve(_ engine: EngineState) -> Int {
    guard engine.runningCount > engine.prefillingCount else { return 0 }
    let tokens = Int(newTokenRatio * Double(engine.decodeTokensLeft))
    return max(engine.stages, engine.blocks(forTokens: tokens))
  }

  /// min(maxp · (free − r) / (1 − r), free blocks, max(WT / #T, minp)), the last with a backlog only.
  func prefillBudget(_ engine: EngineState, reserve: Int) -> Int {
    let free = (engine.freeBlocks - reserve) * engine.blockTokens
    let prompts = engine.waitingCount + engine.prefillingCount
    guard free > 0, prompts > 0 else { return 0 }
    let total = Double(engine.totalBlocks)
    let kept = min(0.99, Double(reserve) / total)
    let share = max(0, (Double(engine.freeBlocks) / total - kept) / (1 - kept))
    var budget = min(Int((share * Double(maximumPrefill)).rounded(.toNearestOrEven)), free)
    if prompts > 1 {
      let backlog = engine.waitingPrefillTokens + engine.prefillTokensLeft
      budget = min(budget, max(Int(backlog / iterations), minimumPrefill))
    }
    return budget
  }

  /// min(maxd, (decodes + jitter) / p), the jitter 0, 1 … p − 1 in turn; of fewer than p, one.
  private func share(of decodes: Int, _ stages: Int, turn: Int? = nil) -> Int {
    guard decodes >= stages else { return 1 }
    return min(maximumSequences, (decodes + (turn ?? shares.turn) % stages) / stages)
  }
}
