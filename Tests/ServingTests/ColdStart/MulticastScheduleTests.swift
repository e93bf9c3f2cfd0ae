import Testing

@testable import Serving

@Suite("Who sends which part to whom")
struct MulticastScheduleTests {
  /// What is wrong with a schedule, found by going through it round by round.
  private func faults(_ schedule: MulticastSchedule, nodes: Int, blocks: Int) -> [String] {
    var faults: [String] = []
    var has = (0..<nodes).map { Set($0 == 0 ? 0..<blocks : 0..<0) }
    for (round, steps) in schedule.rounds.enumerated() {
      if Set(steps.map(\.from)).count < steps.count { faults.append("\(round): sends two parts") }
      if Set(steps.map(\.to)).count < steps.count { faults.append("\(round): receives two parts") }
      for step in steps where !has[step.from].contains(step.block) {
        faults.append("\(round): \(step.from) sends what it lacks")
      }
      for step in steps where !has[step.to].insert(step.block).inserted {
        faults.append("\(round): \(step.to) gets a part twice")
      }
    }
    if has.contains(where: { $0.count < blocks }) { faults.append("somebody lacks a part") }
    return faults
  }

  @Test(
    "A binomial pipeline takes k + ⌈log₂ N⌉ − 1 rounds, the fewest there can be, for any N",
    arguments: 2...40)
  func binomial(nodes: Int) {
    // A part reaches at most twice as many nodes with every round, and the source sends k of them.
    var doublings = 0
    while 1 << doublings < nodes { doublings += 1 }
    for blocks in [1, 2, 3, 7, 32] {
      let schedule = MulticastSchedule.binomial(nodes: nodes, blocks: blocks)
      #expect(schedule.rounds.count == blocks + doublings - 1)
      #expect(faults(schedule, nodes: nodes, blocks: blocks) == [])
    }
  }

  @Test("A chain takes k + N − 2 rounds", arguments: [2, 3, 8, 17])
  func chain(nodes: Int) {
    for blocks in [1, 5, 32] {
      let schedule = MulticastSchedule.chain(nodes: nodes, blocks: blocks)
      #expect(schedule.rounds.count == blocks + nodes - 2)
      #expect(faults(schedule, nodes: nodes, blocks: blocks) == [])
    }
  }
}
