import EventKernel
import Hardware
import Network

/// The links of the cluster; `Topology+Paths.swift` has the ways over them.
///
/// Directions are separate links: down leads towards GPUs, up away from them. A link that cannot
/// bind, such as the uplink of no switch, is not there.
struct Topology: Sendable {
  /// What a link is, for its record.
  struct Link: Sendable {
    var id: LinkID
    var kind: ClusterLinkKind
    var owner: Int32
    var ordinal: Int32
    var capacity: Double
    /// Bytes of hops, and those of them that are flows, which the network counts as bulk.
    var hopBytes: Int64 = 0
    var flowHopBytes: Int64 = 0
    /// Bytes of collectives, which are priced and not simulated as flows.
    var collectiveBytes: Int64 = 0
    /// Pipelines whose hops cross the link; they share it statically.
    var pipelines: Int32 = 0
  }

  /// The links of one node; those of switches and host bridges are empty where it has none.
  struct NodeLinks: Sendable {
    let storage: LinkID
    var nicDown: [LinkID] = []
    var nicUp: [LinkID] = []
    var switchDown: [LinkID] = []
    var switchUp: [LinkID] = []
    var bridgeDown: [LinkID] = []
    var bridgeUp: [LinkID] = []
  }

  private(set) var links: [Link] = []
  private(set) var store: LinkID?
  private(set) var registry: LinkID?
  private(set) var leafDown: [LinkID] = []
  private(set) var leafUp: [LinkID] = []
  private(set) var nodes: [NodeLinks] = []
  /// PCIe into and out of each GPU, and its NVLink port.
  private(set) var pcie: [LinkID] = []
  private(set) var pcieUp: [LinkID] = []
  private(set) var nvlink: [LinkID?] = []
  /// The lines between regions, by [from][to]; nil from a region to itself.
  private(set) var wan: [[LinkID?]] = []

  init(_ cluster: ClusterSpecification, network: inout FlowNetwork) {
    store = cluster.modelStoreBandwidthBytesPerSecond.map { add(.store, 0, 0, $0, &network) }
    addLeaves(cluster, &network)
    for (index, node) in cluster.nodes.enumerated() { addNode(index, node, &network) }
    if let wan = cluster.wan { addLines(wan, regions: cluster.regions.count, &network) }
    registry = cluster.registryBandwidthBytesPerSecond.map { add(.registry, 0, 0, $0, &network) }
  }

  private mutating func add(
    _ kind: ClusterLinkKind, _ owner: Int, _ ordinal: Int, _ capacity: Double,
    _ network: inout FlowNetwork
  ) -> LinkID {
    let id = network.addLink(capacityBytesPerSecond: capacity)
    links.append(
      Link(id: id, kind: kind, owner: Int32(owner), ordinal: Int32(ordinal), capacity: capacity))
    return id
  }

  private mutating func addLeaves(_ cluster: ClusterSpecification, _ network: inout FlowNetwork) {
    let leafOfNode = cluster.leafOfNode
    var below = [Double](repeating: 0, count: (leafOfNode.last ?? -1) + 1)
    for (node, leaf) in zip(cluster.nodes, leafOfNode) {
      below[leaf] += Double(node.nicCount) * node.nicBandwidthBytesPerSecond
    }
    for (leaf, bandwidth) in below.enumerated() {
      let capacity = max(1, bandwidth / cluster.oversubscription)
      leafDown.append(add(.leafDown, leaf, 0, capacity, &network))
      leafUp.append(add(.leafUp, leaf, 0, capacity, &network))
    }
  }

  private mutating func addNode(
    _ index: Int, _ node: NodeSpecification, _ network: inout FlowNetwork
  ) {
    var own = NodeLinks(
      storage: add(.storage, index, 0, max(1, node.storageBandwidthBytesPerSecond), &network))
    let card = max(1, node.nicBandwidthBytesPerSecond)
    for ordinal in 0..<max(1, node.nicCount) {
      own.nicDown.append(add(.nicDown, index, ordinal, card, &network))
    }
    for ordinal in 0..<max(1, node.nicCount) {
      own.nicUp.append(add(.nicUp, index, ordinal, card, &network))
    }
    for gpu in 0..<node.gpuCount {
      let bandwidth = node.gpu.pcieBandwidthBytesPerSecond
      pcie.append(add(.pcie, index, gpu, bandwidth, &network))
      pcieUp.append(add(.pcieUp, index, gpu, bandwidth, &network))
      let port = node.gpu.nvlinkBandwidthBytesPerSecond
      let isJoined = node.nvlinkDomainSize > 1 && port > 0
      nvlink.append(isJoined ? add(.nvlink, index, gpu, port, &network) : nil)
    }
    for ordinal in 0..<node.pcie.switchCount(gpuCount: node.gpuCount) {
      let uplink = max(1, node.pcie.uplinkBytesPerSecond)
      own.switchDown.append(add(.switchDown, index, ordinal, uplink, &network))
      own.switchUp.append(add(.switchUp, index, ordinal, uplink, &network))
    }
    for ordinal in 0..<node.pcie.hostBridgeCount {
      let bridge = max(1, node.pcie.hostBridgeBytesPerSecond)
      own.bridgeDown.append(add(.bridgeDown, index, ordinal, bridge, &network))
      own.bridgeUp.append(add(.bridgeUp, index, ordinal, bridge, &network))
    }
    nodes.append(own)
  }

  private mutating func addLines(
    _ specification: WANSpecification, regions: Int, _ network: inout FlowNetwork
  ) {
    for from in 0..<regions {
      wan.append([])
      for to in 0..<regions {
        let line = specification.line(from: from, to: to)
        let capacity = max(1, line.bandwidthBytesPerSecond)
        wan[from].append(from == to ? nil : add(.wan, from, to, capacity, &network))
      }
    }
  }

  mutating func countPipelines(on link: LinkID, by change: Int32) {
    links[Int(link.index)].pipelines += change
  }
  mutating func creditHop(_ bytes: Int64, on link: LinkID, isFlow: Bool) {
    links[Int(link.index)].hopBytes += bytes
    if isFlow { links[Int(link.index)].flowHopBytes += bytes }
  }
  mutating func creditCollective(_ bytes: Int64, on link: LinkID) {
    links[Int(link.index)].collectiveBytes += bytes
  }
}
