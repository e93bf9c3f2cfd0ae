/// vLLM's V1 rule of one plan, which several policies share: running sequences first, in order of
/// admission, each its next token or the next chunk of its prompt; then waiting ones.
///
/// When a running sequence finds no blocks, the engine's victims are preempted until it does, and nobody
/// is admitted in that plan.
struct RunningFirst {
  /// Sequences that hold blocks at once.
  let maximumSequences: Int

  /// Drafts a micro-batch within a budget.
  func plan(_ engine: inout EngineState, budget: DraftBudget) {
    var budget = budget
    if takeRunning(&engine, budget: &budget) { admitWaiting(&engine, budget: &budget) }
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

  func admitWaiting(_ engine: inout EngineState, budget: inout DraftBudget) {
    while budget.tokens > 0, budget.sequences > 0, engine.runningCount < maximumSequences,
      let next = engine.nextWaiting
    {
      let tokens = min(next.wantedTokens, budget.tokens)
      guard engine.admit(tokens: tokens) else { return }
      budget.tokens -= tokens
      budget.sequences -= 1
    }
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
    let tokens = min(engine.wantedTokens, tokens - engine.runningCount)
    return tokens > engine.freeBlocks * engine.blockTokens
  }
}
