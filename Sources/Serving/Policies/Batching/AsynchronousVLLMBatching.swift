/// vLLM's V1 scheduler with asynchronous scheduling: a micro-batch is planned before the output of the
/// one before it on its requests is back.
///
/// vLLM keeps one micro-batch more than stages planned (`max_concurrent_batches`); a request whose next
/// token is not sampled yet takes part with a placeholder, which the GPU fills in
/// (v1/core/sched/async_scheduler.py). On a pipeline a request decodes again no sooner than p plans
/// later (`next_decode_eligible_step`), so that cohorts do not merge; where there is nothing to plan,
/// empty plans fill the queue and are over at once.
///
/// What the simulation keeps: a micro-batch sets out when the oldest in flight is back, but who else
/// may join it was settled one return earlier, with the places and blocks of then – so an arrival waits
/// for one plan more – and the plans that a request sits out on a pipeline. The host's work is hidden
/// behind the GPU's as far as the cost model has it apart (`hidesHost`). What it leaves out: a token
/// computed in vain for a request that ends unexpectedly, as lengths are known; and running requests take
/// their blocks when the micro-batch sets out, so a preemption is as late as that.
public struct AsynchronousVLLMBatching: BatchingPolicy {
  /// `vllm-v1-async`.
  public static let name = "vllm-v1-async"
  /// One line for help.
  public static let summary = "vLLM V1 planned one micro-batch ahead, the host's time hidden"
  /// The rule's origin.
  public static let source =
    "vLLM V1 (v1/core/sched/async_scheduler.py, v1/engine/core.py, vllm-project/vllm#32618)"
  /// `maxBatchedTokens`, `maxSequences`, `depth`, `overlapsChunks`.
  public static let options = [
    OptionDescription.batchedTokens, OptionDescription.runningSequences, OptionDescription.depth,
    OptionDescription.overlapsChunks,
  ]

  /// Requests running at once.
  public let maximumSequences: Int
  /// Tokens of one step.
  public let maximumTokens: Int
  /// Whether a prompt's next chunk may set out while the one before is on its way.
  public let overlapsChunks: Bool
  private let fixedDepth: Int?
  /// The number of the last plan that was not empty.
  private var lastPlan: Int32 = 0
  /// The numbers of those in flight, in the order in which they set out; on a pipeline.
  private var plansInFlight: [Int32] = []
  /// What was settled about the next micro-batch; nil when it is planned as it sets out.
  private var settled: Settled?

  /// Who may join a micro-batch that is planned ahead.
  private struct Settled {
    /// Requests that waited, and places among the running ones.
    var waiting: Int
    var places: Int
    /// Blocks that were free.
    var blocks: Int
  }

  /// Plans that a sequence sits out: as many as the pipeline has stages.
  private var stages: Int32 = 1

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    maximumSequences = values.integer("maxSequences")
    maximumTokens = values.integer("maxBatchedTokens")
    overlapsChunks = values.flag("overlapsChunks")
    fixedDepth = values.optionalInteger("depth")
  }

  /// One micro-batch per stage on its way; the one that is planned ahead sets out behind them.
  public func depth(stages: Int) -> Int { fixedDepth ?? stages }

  /// The engine blocks on the oldest micro-batch in flight, as vLLM's engine core does.
  public var waitsForOldest: Bool { true }

  /// The host plans and prepares while the GPU computes.
  public var hidesHost: Bool { true }

  /// What was settled, or a plan as things are; then the next one is settled if the pipeline is full.
  public mutating func plan(_ engine: inout EngineState) {
    stages = Int32(engine.stages)
    plansInFlight.removeFirst(max(0, plansInFlight.count - engine.microbatchesInFlight))
    var number = lastPlan + 1
    draft(&engine, number, settled)
    if engine.isDraftEmpty, settled != nil { draft(&engine, number, nil) }
    if engine.isDraftEmpty, engine.draftPreemptions == 0, engine.stages > 1,
      let next = firstNumber(engine), next > number
    {
      // vLLM fills its queue with empty plans, which are over at once, up to that one.
      number = next
      draft(&engine, number, nil)
    }
    let isFull = engine.microbatchesInFlight + 1 >= depth(stages: engine.stages)
    settled =
      engine.isDraftEmpty || !isFull
      ? nil
      : Settled(
        waiting: engine.waitingCount, places: max(0, maximumSequences - engine.runningCount),
        blocks: engine.freeBlocks)
    if engine.isDraftEmpty { return }
    lastPlan = number
    if engine.stages > 1 { plansInFlight.append(number) }
  }

  /// Everybody is in flight, and nobody waits or was about to join.
  public func repeats(_ engine: EngineView) -> Bool {
    engine.waitingCount == 0 && engine.sequencesInFlight == engine.runningCount
  }

  /// Each plan is for those who set out first, one after the last or as soon as they have sat out theirs.
  public mutating func skip(plans: Int) {
    if plansInFlight.isEmpty { return }
    for _ in 0..<plans {
      lastPlan = max(lastPlan + 1, plansInFlight.removeFirst() + stages)
      plansInFlight.append(lastPlan)
    }
  }

  /// The first plan that the members of a micro-batch in flight may take part in.
  public func number(inFlight position: Int) -> Int32? {
    plansInFlight.isEmpty ? nil : plansInFlight[position] + stages
  }

  private func draft(_ engine: inout EngineState, _ plan: Int32, _ settled: Settled?) {
    var budget = DraftBudget(tokens: maximumTokens)
    let freed = settled.map { max(0, engine.freeBlocks - $0.blocks) } ?? 0
    let mayAdmit =
      engine.stages == 1
      ? RunningFirst(maximumSequences: maximumSequences).takeRunning(&engine, budget: &budget)
      : takeEligible(&engine, plan, budget: &budget)
    guard mayAdmit else { return }
    var places = settled.map { min($0.waiting, $0.places) } ?? .max
    while places > 0, budget.tokens > 0, engine.runningCount < maximumSequences,
      let next = engine.nextWaiting
    {
      let tokens = min(next.wantedTokens, budget.tokens)
      guard
        engine.admit(
          tokens: tokens, sparing: freed, cohort: number(after: tokens, of: next, plan))
      else { return }
      budget.take(prefill: tokens)
      places -= 1
    }
  }

  /// The first plan that somebody who is back may take part in.
  private func firstNumber(_ engine: EngineState) -> Int32? {
    (0..<engine.idleCount).map { engine.idleSequence($0) }.filter { !$0.isInFlight }.map(\.cohort)
      .min()
  }

  /// Takes who has sat out its plans; returns whether nobody had to be preempted.
  private func takeEligible(
    _ engine: inout EngineState, _ plan: Int32, budget: inout DraftBudget
  ) -> Bool {
    var position = 0
    var preemptedAny = false
    while position < engine.idleCount, budget.tokens > 0 {
      let sequence = engine.idleSequence(position)
      if sequence.isInFlight || sequence.cohort > plan {
        position += 1
        continue
      }
      let tokens = min(sequence.wantedTokens, budget.tokens)
      if engine.take(
        idle: position, tokens: tokens, cohort: number(after: tokens, of: sequence, plan))
      {
        budget.tokens -= tokens
        position += 1
        continue
      }
      preemptedAny = true
      guard let victim = engine.preemptionVictim(from: position) else { return false }
      engine.preempt(idle: victim)
      if victim == position { return false }
    }
    return !preemptedAny
  }

  /// The first plan that a sequence may take part in after these tokens: chunks that leave more of a
  /// prompt need not wait.
  private func number(after tokens: Int, of sequence: SequenceView, _ plan: Int32) -> Int32 {
    tokens < sequence.prefillRemaining ? plan : plan + stages
  }
}
