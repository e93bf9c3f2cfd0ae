import EventKernel
import Hardware
import Inference
import Network

/// What the GPUs of a stage talk over, what bulk flows leave of it, and what it carried.
extension Simulator {
  /// The fabric of a tensor-parallel group, from where its GPUs lie.
  func tensorFabric(_ group: [Int32]) -> TensorFabric {
    guard group.count > 1 else { return .single }
    let nodes = byNode(group)
    if nodes.count == 1 {
      if let path = pciePath(group) { return .pcie(path) }
      return cluster.node(of: group[0]).nvlink == .pairs ? .nvlinkPair : .nvlinkSwitch
    }
    // Each node sends over its own cards, and one of them out of each leaf.
    var bandwidth = Double.infinity
    var cards = Int.max
    for members in nodes {
      let own = unique(members.map { topology.card(\.nicUp, $0, cluster) })
      bandwidth = min(bandwidth, own.reduce(0.0) { $0 + capacity($1) })
      cards = min(cards, own.count)
    }
    for link in between(nodes) { bandwidth = min(bandwidth, capacity(link)) }
    let latency = zip(nodes, rotated(nodes)).map { networkLatency(from: $0[0], to: $1[0]) }.max()
    return .network(
      NetworkPath(
        nodes: nodes.count, gpusPerNode: nodes.map(\.count).max() ?? 1, cardsPerNode: cards,
        bandwidthBytesPerSecond: bandwidth, latencyNanoseconds: latency ?? 0,
        pcie: nodes.compactMap(pciePath).first,
        isThroughHost: nodes.contains { !cluster.node(of: $0[0]).hasGPUDirect }))
  }

  /// Nanoseconds between two nodes beyond a message's own: the fabric, the WAN where regions differ,
  /// and a PCIe message on each side whose cards do not reach GPU memory.
  func networkLatency(from source: Int32, to target: Int32) -> Nanoseconds {
    let (sender, receiver) = (cluster.node(of: source), cluster.node(of: target))
    var latency = scenario.cluster.fabricLatencyNanoseconds
    if sender.region != receiver.region {
      let line = scenario.cluster.wan?.line(from: sender.region, to: receiver.region)
      latency += line?.latencyNanoseconds ?? 0
    }
    for node in [sender, receiver] where !node.hasGPUDirect {
      latency += Nanoseconds(node.gpu.pcie.messageNanoseconds.rounded())
    }
    return latency
  }

  /// What PCIe gives to GPUs of one node; nil where they share an NVLink domain.
  private func pciePath(_ members: [Int32]) -> PCIePath? {
    let domain = cluster.gpus[Int(members[0])].domain
    if topology.nvlink[Int(members[0])] != nil,
      members.allSatisfy({ cluster.gpus[Int($0)].domain == domain })
    {
      return nil
    }
    let shared = ring(members).filter { isShared($0) }
    let bandwidth = unique(shared).map { link in
      capacity(link) / Double(shared.count { $0 == link })
    }.min()
    return PCIePath(
      isPeerToPeer: cluster.node(of: members[0]).pcie.isPeerToPeer, bytesPerSecond: bandwidth)
  }

  /// The links on which bulk flows slow a group's collectives: uplinks and host bridges, and across
  /// nodes cards, leaves and WAN.
  func collectiveLinks(of group: [Int32], over fabric: TensorFabric) -> [LinkID] {
    switch fabric {
    case .single, .nvlinkSwitch, .nvlinkPair: return []
    case .pcie: return unique(ring(group).filter { isShared($0) })
    case .network:
      let nodes = byNode(group)
      let inside = nodes.flatMap { members in
        pciePath(members) == nil ? [] : ring(members).filter { isShared($0) }
      }
      let cards = group.flatMap {
        [topology.card(\.nicUp, $0, cluster), topology.card(\.nicDown, $0, cluster)]
      }
      let hosts = hostLinks(nodes).filter { isShared($0) }
      return unique(cards) + between(nodes) + unique(inside + hosts)
    }
  }

  /// Collectives slow down by what bulk flows take of their links.
  @inline(__always)
  mutating func priceCollectives(_ stage: Int) {
    guard stages[stage].collectivesPricedAtChange != network.changeCount,
      !stages[stage].collectiveLinks.isEmpty
    else { return }
    stages[stage].collectivesPricedAtChange = network.changeCount
    var slowest = 1.0
    for link in stages[stage].collectiveLinks {
      slowest = max(slowest, capacity(link) / network.share(on: link))
    }
    clocks[stage].collectiveScale = Int64(min(slowest, 1e6) * 65_536 + 0.5)
  }

  /// Bytes of collectives, credited when a replica ends: one ring through all GPUs of the group, which
  /// each card of a node enters and leaves for its part.
  mutating func creditCollectives(_ stage: Int) {
    let group = stages[stage].gpus
    let ranks = Int64(group.count)
    guard ranks > 1 else { return }
    // Each GPU sends 2 (t − 1) / t of what is reduced.
    let sent =
      clocks[stage].tokens * pieces.bytesPerCollectiveToken(at: Int(clocks[stage].pieces))
    let nodes = byNode(group)
    for members in nodes {
      // Of k GPUs of a node one at a time sends to another node instead.
      let count = Int64(members.count)
      let inside = nodes.count > 1 ? sent * (count - 1) / count : sent
      guard count > 1 else { continue }
      let isJoined = pciePath(members) == nil
      for link in isJoined ? members.compactMap({ topology.nvlink[Int($0)] }) : ring(members) {
        topology.creditCollective(inside, on: link)
      }
    }
    guard nodes.count > 1 else { return }
    for members in nodes {
      for direction in [\Topology.NodeLinks.nicUp, \.nicDown] {
        let cards = unique(members.map { topology.card(direction, $0, cluster) })
        for card in cards { topology.creditCollective(sent / Int64(cards.count), on: card) }
      }
    }
    for link in between(nodes) + hostLinks(nodes) { topology.creditCollective(sent, on: link) }
  }

  private func capacity(_ link: LinkID) -> Double { topology.links[Int(link.index)].capacity }

  /// Whether GPUs share the link inside their node: an uplink or a host bridge.
  private func isShared(_ link: LinkID) -> Bool {
    switch topology.links[Int(link.index)].kind {
    case .switchDown, .switchUp, .bridgeDown, .bridgeUp: true
    default: false
    }
  }

  /// The links of a ring through GPUs of one node over PCIe, each as often as it is crossed.
  private func ring(_ members: [Int32]) -> [LinkID] {
    guard members.count > 1 else { return [] }
    return zip(members, rotated(members)).flatMap {
      topology.localPath(from: $0, to: $1, in: cluster)
    }
  }

  /// Leaves and WAN lines of a ring through nodes, each once.
  private func between(_ nodes: [[Int32]]) -> [LinkID] { crossed(nodes, isBetween: true) }

  /// What a ring through nodes crosses inside them where GPUDirect is missing, each once.
  private func hostLinks(_ nodes: [[Int32]]) -> [LinkID] { crossed(nodes, isBetween: false) }

  private func crossed(_ nodes: [[Int32]], isBetween: Bool) -> [LinkID] {
    guard nodes.count > 1 else { return [] }
    let links = zip(nodes, rotated(nodes)).flatMap { from, to in
      topology.path(from: from[from.count - 1], to: to[0], in: cluster)
    }
    return unique(
      links.filter { link in
        switch topology.links[Int(link.index)].kind {
        case .leafUp, .leafDown, .wan: isBetween
        case .nicUp, .nicDown: false
        default: !isBetween
        }
      })
  }

  private func rotated<Element>(_ elements: [Element]) -> [Element] {
    Array(elements.dropFirst() + elements.prefix(1))
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
