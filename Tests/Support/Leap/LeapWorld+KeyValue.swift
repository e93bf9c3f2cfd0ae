import EventKernel
import Serving
import Workload

extension LeapDraws {
  /// What engines do with KV blocks beside giving them to sequences, in some of the worlds.
  func shareBlocks(_ scenario: inout Scenario) {
    // Draws of their own, so that all else is as without.
    var draws = LeapDraws(seed: seed &* 31 &+ 0x6b76)
    var keyValue = KeyValueSpecification()
    if draws.chance(0.2) { keyValue.watermark = draws.pick([0.01, 0.1, 0.4]) }
    let block = Double(scenario.schedulers[0].engine.blockTokens) * Self.keyValueBytesPerToken
    if draws.chance(0.4) {
      keyValue.preemption = .swap
      keyValue.swapBytesPerGPU = Int64(block) * Int64(draws.pick([3, 40, 100_000]))
    }
    if draws.chance(0.5) {
      scenario.source = SharedPrompts(
        scenario.source, tokensPerBlock: draws.pick([1, 2, 3, 4, 16, 24]),
        families: draws.pick([1, 2, 5]), loyal: draws.pick([0.2, 0.6, 1]),
        knowsAnswers: draws.chance(0.5))
      keyValue.sharesPrefixes = true
      if draws.chance(0.6) { keyValue.tiers = draws.tiers(blockBytes: block) }
    }
    scenario.schedulers[0].engine.keyValue = keyValue
  }

  /// Bytes of a token of the small models, about.
  private static var keyValueBytesPerToken: Double { 16_384 }

  private mutating func tiers(blockBytes: Double) -> [CacheTier] {
    (0..<pick([1, 1, 2, 3])).map { level in
      CacheTier(
        name: "tier \(level)", capacityBytes: Int64(blockBytes) * pick([2, 30, 100_000]),
        bandwidthBytesPerSecond: blockBytes / 1e-9 / Double(pick([100, 3_000, 100_000])),
        latency: pick([0, 1_000, 100_000]), isShared: false)
    }.lastShared(chance(0.5))
  }
}

extension [CacheTier] {
  fileprivate func lastShared(_ isShared: Bool) -> [CacheTier] {
    var tiers = self
    tiers[tiers.count - 1].isShared = isShared
    return tiers
  }
}
