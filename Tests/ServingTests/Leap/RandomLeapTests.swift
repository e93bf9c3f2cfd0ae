import Serving
import Support
import Testing

/// A run that leaps against the same run step by step: every record in its order, every ledger,
/// histogram and mean, and the digest.
@Suite("Leaps change nothing, whatever the world")
struct RandomLeapTests {
  /// What came of some worlds.
  private struct Findings: Sendable {
    var differences: [String] = []
    var coverage = LeapCoverage()
  }

  private static func compare(_ seeds: Range<UInt64>) -> Findings {
    var findings = Findings()
    for seed in seeds {
      let world = LeapWorld(seed: seed)
      // The whole state after every event, in some: it takes longer than the run.
      let checks = seed % 16 == 0
      let leaping = world.simulation.journalled(leaps: true, checksInvariants: checks)
      let stepping = world.simulation.journalled(leaps: false, checksInvariants: checks)
      if let difference = world.simulation.difference(leaping: leaping, stepping: stepping) {
        findings.differences.append(difference)
      }
      findings.coverage.add(world, leaping: leaping, stepping: stepping)
    }
    return findings
  }

  @Test("Equal in 1,500 random worlds")
  func randomWorlds() async {
    let findings = await withTaskGroup(of: Findings.self) { group in
      for part in UInt64(0)..<15 {
        group.addTask { Self.compare(part * 100..<(part + 1) * 100) }
      }
      var all = Findings()
      for await part in group {
        all.differences += part.differences
        all.coverage.add(part.coverage)
      }
      return all
    }
    #expect(findings.coverage.worlds == 1_500)
    #expect(
      findings.differences.isEmpty,
      "\(findings.differences.count) differ: \(findings.differences.sorted().prefix(5))")
    // An equality says little about what never happens.
    #expect(findings.coverage.rarer(than: 40) == [])
    #expect(findings.coverage.leaping >= 500)
  }

  @Test(
    "Equal where KV that moves changes the hops of another pipeline in the middle of a dispatch",
    arguments: [814_202, 833_312])
  func pricesInADispatch(seed: UInt64) {
    let findings = Self.compare(seed..<seed + 1)
    #expect(findings.differences == [])
    #expect(findings.coverage.counts[.movedBlocks] == 1)
  }

  @Test("Equal in the random worlds of the accountant", arguments: 1...90)
  func accountantsWorlds(seed: UInt64) {
    let run = Simulation(scenario: RandomWorld.scenario(seed), scheduler: 0)
    #expect(run.leapDifference(checksInvariants: seed % 9 == 0) == nil)
  }

  @Test("Equal in the accountant's named worlds", arguments: NamedWorld.allCases)
  func namedWorlds(world: NamedWorld) {
    let run = Simulation(scenario: world.scenario, scheduler: 0)
    #expect(run.leapDifference() == nil)
  }
}
