/// vLLM's V1 rule of one plan, which several policies share: running sequences first, in order of
/// admission, each its next token or the next chunk of its prompt; then waiting ones.
///
/// When a running sequence finds no blocks, the engine's victims are preempted until it does, and nobody
/// is admitted in that plan.
struct RunningFirst {
  /// Sequences that hold blocks at once.
  let maximumSequences: Int
  /// Whether who is admitted gets blocks for its whole prompt at once.
  var holdsWholePrompt = false
  /// Whether who is admitted must take its whole prompt in one step, alone if it is longer than the
  /// budget.
  var isUnchunked = false
  /// Blocks that an admission must leave free while others run.
  var spareBlocks = 0

  /// Drafts a micro-batch within a budget.
  func plan(_ engine: inout EngineState, budget: DraftBudget) {
    var budget = budget
    if takeRunning(&engine, budget: &budget) { admitWaiting(&engine, budget: &budget) }
  }

  /// Drafts a micro-batch within a budget: decodes first, then chunks of prompts that have begun, then
  /// waiting sequences.
  func planDecodesFirst(_ engine: inout EngineState, budget: DraftBudget) {
    var budget = budget
    let prefill = budget.prefill
    budget.prefill = 0
    let decodesFoundBlocks = takeRunning(&engine, budget: &budget)
    budget.prefill = prefill
    if takePrefills(&engine, budget: &budget), decodesFoundBlocks {
      admitWaiting(&engine, budget: &budget)
    }
  }

  /// Returns whether nobody had to be preempted, so that waiting requests may be admitted.
  func takeRunning(_ engine: inout EngineState, budget: inout DraftBudget) -> Bool {
    var position = 0
    var preemptedAny = false
    while true {
      position = engine.takeIdle(from: position, budget: &budget)
      if position == engine.idleCount { break }
      preemptedAny = true
      guard let victim = engine.preemptionVictim(from: position) else { return false }
      engine.preempt(idle: victim)
      if victim == position { return false }
    }
    return !preemptedAny
  }

  /// Takes chunks of prompts that have begun; returns whether nobody had to be preempted.
  func takePrefills(_ engine: inout EngineState, budget: inout DraftBudget) -> Bool {
    guard engine.prefillingCount > 0 else { return true }
    let decodes = budget.decodes
    budget.decodes = 0
    let foundBlocks = takeRunning(&engine, budget: &budget)
    budget.decodes = decodes
    return foundBlocks
  }

  func admitWaiting(_ engine: inout EngineState, budget: inout DraftBudget) {
    while engine.runningCount < maximumSequences, budget.sequences > 0,
      let next = engine.nextWaiting,
      let tokens = chunk(of: next, engine, budget: budget)
    {
      let isAdmitted = engine.admit(
        tokens: tokens, reserve: holdsWholePrompt ? next.computed + next.wantedTokens : 0,
        sparing: engine.runningCount > 0 ? spareBlocks : 0)
      guard isAdmitted else { return }
      budget.take(prefill: tokens)
    }
  }

  /// What a waiting sequence may take of a budget; nil when that is nothing.
  private func chunk(
    of next: SequenceView, _ engine: EngineState, budget: DraftBudget
  ) -> Int? {
    let room = min(budget.tokens, budget.prefill)
    if room >= next.wantedTokens { return next.wantedTokens }
    if isUnchunked { return engine.isDraftEmpty ? next.wantedTokens : nil }
    return room > 0 ? room : nil
  }

  /// The leap rule: nobody running was left out, and nobody waiting will get in.
  ///
  /// - Parameters:
  ///   - engine: The engine after planning.
  ///   - tokens: The token budget of a plan.
  /// - Returns: Whether the next plans repeat those in flight.
  func repeats(_ engine: EngineView, tokens: Int) -> Bool {
    guard engine.sequencesInFlight == engine.runningCount else { return false }
    if engine.waitingCount == 0 || engine.runningCount >= maximumSequences { return true }
    // Who waits has got no blocks, for at least so many tokens as the largest micro-batch would leave.
    let least =
      holdsWholePrompt || isUnchunked
      ? engine.wantedTokens : min(engine.wantedTokens, tokens - engine.runningCount)
    let room = min(engine.admissibleBlocks, engine.freeBlocks - spareBlocks)
    return least > room * engine.blockTokens
  }
}
