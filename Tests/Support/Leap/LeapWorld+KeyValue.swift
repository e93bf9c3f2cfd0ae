import EventKernel
import Serving
import Workload

extension LeapDraws {
  /// What engines do with KV blocks beside giving them to sequences, in some of the worlds.
  mutating func shareBlocks(_ scenario: inout Scenario) {
    // Draws of their own, so that all else is as without.
    var draws = LeapDraws(seed: seed &* 31 &+ 0x6b76)
    guard draws.chance(0.4) else { return }
    scenario.source = SharedPrompts(
      scenario.source, tokensPerBlock: draws.pick([1, 2, 3, 4, 16, 24]),
      families: draws.pick([1, 2, 5]), loyal: draws.pick([0.2, 0.6, 1]),
      knowsAnswers: draws.chance(0.5))
    scenario.schedulers[0].engine.keyValue.sharesPrefixes = true
  }
}
