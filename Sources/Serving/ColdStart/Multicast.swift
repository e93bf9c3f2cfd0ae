/// Who sends which part of a shard to whom, in which order; node 0 has all of it at the start.
///
/// Each node sends one part at a time and receives one at a time.
struct MulticastSchedule: Sendable {
  /// A part on its way from one node to another.
  struct Step: Sendable, Hashable {
    var from: Int
    var to: Int
    var block: Int
  }

  /// Steps that go on at once; a round's senders have what they send before it begins.
  var rounds: [[Step]] = []

  /// Each node sends on to the next one what it gets: k + N − 2 rounds for k parts and N nodes.
  static func chain(nodes: Int, blocks: Int) -> MulticastSchedule {
    var schedule = MulticastSchedule()
    for round in 0..<max(0, nodes - 2 + blocks) {
      schedule.rounds.append(
        (0..<nodes - 1).compactMap { node in
          let block = round - node
          return (0..<blocks).contains(block) ? Step(from: node, to: node + 1, block: block) : nil
        })
    }
    return schedule
  }

  /// The binomial pipeline: k + ⌈log₂ N⌉ − 1 rounds, the fewest that there can be.
  ///
  /// Nodes are the corners of a hypercube, one or two at each; in turn along every dimension corners
  /// exchange the newest part that they have, the source a new one each time, and two nodes of a corner
  /// take turns in sending and receiving and pass on to each other what one lacks (Ganesan and Seshadri,
  /// "On cooperative content distribution and the price of barter", 2005).
  static func binomial(nodes: Int, blocks: Int) -> MulticastSchedule {
    var pipeline = BinomialPipeline(nodes: nodes, blocks: blocks)
    var schedule = MulticastSchedule()
    while !pipeline.isComplete { schedule.rounds.append(pipeline.nextRound()) }
    return schedule
  }
}

/// The binomial pipeline as it goes on.
private struct BinomialPipeline {
  private let blocks: Int
  private let dimensions: Int
  /// The nodes of each corner.
  private let corners: [[Int]]
  /// Which parts each node has, and how many.
  private var has: [[Bool]]
  private var counts: [Int]
  private var round = 0

  init(nodes: Int, blocks: Int) {
    self.blocks = blocks
    dimensions = Int.bitWidth - 1 - max(1, nodes).leadingZeroBitCount
    let count = 1 << dimensions
    corners = (0..<count).map { corner in
      let second = count + corner - 1
      return corner > 0 && second < nodes ? [corner, second] : [corner]
    }
    has = (0..<max(1, nodes)).map { Array(repeating: $0 == 0, count: blocks) }
    counts = (0..<max(1, nodes)).map { $0 == 0 ? blocks : 0 }
  }

  var isComplete: Bool { counts.allSatisfy { $0 == blocks } }

  mutating func nextRound() -> [MulticastSchedule.Step] {
    let bit = 1 << (round % dimensions)
    let sends = corners.indices.map { send(from: $0, to: $0 ^ bit) }
    var steps: [MulticastSchedule.Step] = []
    for corner in corners.indices {
      guard let send = sends[corner] else { continue }
      let free = corners[corner ^ bit].filter { $0 != sends[corner ^ bit]?.node }
      let able = free.isEmpty ? corners[corner ^ bit] : free
      // Of two that could take it, the one that has less.
      let target = able.min { (counts[$0], $0) < (counts[$1], $1) } ?? 0
      steps.append(.init(from: send.node, to: target, block: send.block))
    }
    steps += exchanges(beside: steps)
    for step in steps {
      has[step.to][step.block] = true
      counts[step.to] += 1
    }
    round += 1
    return steps
  }

  /// The newest part of a corner that its neighbour lacks, and the node that sends it.
  private func send(from corner: Int, to other: Int) -> (node: Int, block: Int)? {
    let newest =
      corner == 0
      ? min(round, blocks - 1)
      : (0..<blocks).last { block in corners[corner].contains { has[$0][block] } }
    guard let block = newest, other != 0, !corners[other].contains(where: { has[$0][block] }) else {
      return nil
    }
    let able = corners[corner].filter { has[$0][block] }
    // Of two that could send it, the one that has more: the other one shall receive.
    return able.max { (counts[$0], -$0) < (counts[$1], -$1) }.map { ($0, block) }
  }

  /// What two nodes of a corner pass on to each other while they neither send nor receive otherwise.
  private func exchanges(beside steps: [MulticastSchedule.Step]) -> [MulticastSchedule.Step] {
    var own: [MulticastSchedule.Step] = []
    for pair in corners where pair.count == 2 {
      for (from, to) in [(pair[0], pair[1]), (pair[1], pair[0])] {
        let isBusy = (steps + own).contains { $0.from == from || $0.to == to }
        let lacks = (0..<blocks).first { has[from][$0] && !has[to][$0] }
        if !isBusy, let lacks { own.append(.init(from: from, to: to, block: lacks)) }
      }
    }
    return own
  }
}
