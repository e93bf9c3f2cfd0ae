import EventKernel
import Hardware
import Inference
import Network

/// What the GPUs of a stage talk over, what bulk flows leave of it, and what it carried.
extension Simulator {
  /// The fabric of a tensor-parallel group, from where its GPUs lie.
  func tensorFabric(_ group: [Int32]) -> TensorFabric {
    guard group.count > 1 else { return .single }
    let first = cluster.gpus[Int(group[0])]
    if group.allSatisfy({ cluster.gpus[Int($0)].domain == first.domain }) {
      return scenario.cluster.nodes[Int(first.node)].nvlink == .pairs
        ? .nvlinkPair : .nvlinkSwitch
    }
    let nodes = byNode(group)
    if nodes.count == 1 { return .pcie }
    // A ring of nodes: each sends over its own cards, and one of them out of each leaf.
    var bandwidth = Double.infinity
    for members in nodes {
      let cards = unique(members.map { topology.networkLinks(of: $0, in: cluster).nic[0] })
      bandwidth = min(bandwidth, cards.reduce(0.0) { $0 + capacity($1) })
    }
    for leaf in leavesCrossed(group) { bandwidth = min(bandwidth, capacity(leaf)) }
    return .network(
      nodes: nodes.count, gpusPerNode: nodes.map(\.count).max() ?? 1,
      bandwidthBytesPerSecond: bandwidth,
      latencyNanoseconds: scenario.cluster.fabricLatencyNanoseconds)
  }

  /// The links on which bulk flows slow a group's collectives: cards, and leaves where it spans some.
  func collectiveLinks(of group: [Int32], over fabric: TensorFabric) -> [LinkID] {
    guard case .network = fabric else { return [] }
    return unique(group.flatMap { topology.networkLinks(of: $0, in: cluster).nic })
      + leavesCrossed(group)
  }

  /// Collectives across nodes slow down by what bulk flows take of their links.
  mutating func priceCollectives(_ stage: Int) {
    guard stages[stage].collectivesPricedAtChange != network.changeCount else { return }
    stages[stage].collectivesPricedAtChange = network.changeCount
    var slowest = 1.0
    for link in stages[stage].collectiveLinks {
      slowest = max(slowest, capacity(link) / network.share(on: link))
    }
    stages[stage].collectiveScale = Int64(min(slowest, 1e6) * 65_536 + 0.5)
  }

  /// Bytes of collectives, credited when a replica ends: rings inside a node, and a ring of nodes.
  mutating func creditCollectives(_ stage: Int) {
    let group = stages[stage].gpus
    let ranks = Int64(group.count)
    guard ranks > 1 else { return }
    // A flat ring sends 2 (t − 1) / t of what is reduced from each GPU.
    let flat = pieces[Int(stages[stage].pieces)].bytesPerCollectiveToken
    let reduced = stages[stage].record.tokens * flat * ranks / (2 * (ranks - 1))
    let nodes = byNode(group)
    for members in nodes {
      let inside = ringBytes(reduced, ranks: members.count)
      for gpu in members {
        for link in topology.localLinks(of: gpu, to: members, in: cluster) {
          topology.creditCollective(inside, on: link)
        }
      }
    }
    guard nodes.count > 1 else { return }
    let across = ringBytes(reduced, ranks: nodes.count)
    for members in nodes {
      let cards = unique(members.flatMap { topology.networkLinks(of: $0, in: cluster).nic })
      // Both directions of each card are in the list.
      for card in cards { topology.creditCollective(across * 2 / Int64(cards.count), on: card) }
    }
    for leaf in leavesCrossed(group) { topology.creditCollective(across, on: leaf) }
  }

  private func ringBytes(_ reduced: Int64, ranks: Int) -> Int64 {
    reduced * 2 * Int64(ranks - 1) / Int64(ranks)
  }

  private func capacity(_ link: LinkID) -> Double { topology.links[Int(link.index)].capacity }

  /// Both directions of the leaves of a group that lies under more than one; else none.
  private func leavesCrossed(_ group: [Int32]) -> [LinkID] {
    let leaves = unique(group.flatMap { topology.networkLinks(of: $0, in: cluster).leaf })
    return leaves.count > 2 ? leaves : []
  }

  /// A group's GPUs by node, in order of first appearance.
  private func byNode(_ group: [Int32]) -> [[Int32]] {
    var nodes: [[Int32]] = []
    for gpu in group {
      let node = cluster.gpus[Int(gpu)].node
      if let known = nodes.firstIndex(where: { cluster.gpus[Int($0[0])].node == node }) {
        nodes[known].append(gpu)
      } else {
        nodes.append([gpu])
      }
    }
    return nodes
  }

  private func unique(_ links: [LinkID]) -> [LinkID] {
    var kept: [LinkID] = []
    for link in links where !kept.contains(link) { kept.append(link) }
    return kept
  }
}
