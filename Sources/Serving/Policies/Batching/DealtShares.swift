/// The micro-batches of decodes that a policy has dealt out in p equal shares, one turn after the other.
///
/// The last p of them are remembered, so that the policy can tell whether it would deal them out again.
struct DealtShares: Sendable {
  /// Shares dealt so far; the next one is that of this turn.
  private(set) var turn = 0
  /// The sequences of the last p shares, by turn modulo p; below 0 where something else was planned.
  private var sizes: [Int] = []

  /// A share of so many sequences has been dealt out, or for its turn something that is no such share.
  mutating func deal(_ size: Int?, stages: Int) {
    if sizes.count != stages { forget(stages: stages) }
    sizes[turn % stages] = size ?? -1
    turn += 1
  }

  /// Turns start over.
  mutating func restart(stages: Int) {
    turn = 0
    forget(stages: stages)
  }

  /// Something was planned that has no turn.
  mutating func forget(stages: Int) {
    if sizes.count != stages {
      sizes = Array(repeating: -1, count: stages)
    } else {
      for place in sizes.indices { sizes[place] = -1 }
    }
  }

  /// Shares like the last ones have been dealt out so often.
  mutating func skip(_ count: Int) { turn += count }

  /// Whether every micro-batch in flight is the share that will be due when it is back: all p of
  /// them, or one sequence each when there are fewer than p.
  ///
  /// - Parameters:
  ///   - engine: The engine after planning.
  ///   - share: The sequences of a turn's share.
  /// - Returns: Whether they repeat as long as nobody comes or goes.
  func repeats(_ engine: EngineView, share: (_ turn: Int) -> Int) -> Bool {
    let stages = engine.stages
    guard engine.sequencesInFlight == engine.runningCount else { return false }
    if engine.runningCount < stages { return engine.microbatchesInFlight == engine.runningCount }
    guard engine.microbatchesInFlight == stages, sizes.count == stages else { return false }
    return (turn..<turn + stages).allSatisfy { sizes[$0 % stages] == share($0) }
  }
}
