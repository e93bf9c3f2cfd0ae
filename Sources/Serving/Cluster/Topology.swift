import EventKernel
import Hardware
import Network

/// The links of the cluster and the paths over them.
///
/// Directions are separate links. A transfer inside a node crosses PCIe or NVLink; one between nodes
/// crosses the sender's NIC up, the leaves where they differ, and the receiver's NIC down.
struct Topology: Sendable {
  /// What a link is, for its record.
  struct Link: Sendable {
    var id: LinkID
    var kind: ClusterLinkKind
    var owner: Int32
    var ordinal: Int32
    var capacity: Double
    /// Bytes of hops and collectives, which are priced and not simulated as flows.
    var hopBytes: Int64 = 0
    var collectiveBytes: Int64 = 0
    /// Pipelines whose hops cross the link; they share it statically.
    var pipelines: Int32 = 0
  }

  private(set) var links: [Link] = []
  private let store: LinkID?
  private var storage: [LinkID] = []
  private var leafDown: [LinkID] = []
  private var leafUp: [LinkID] = []
  private var nicDown: [[LinkID]] = []
  private var nicUp: [[LinkID]] = []
  /// PCIe into and out of each GPU, and its NVLink port.
  private(set) var pcie: [LinkID] = []
  private var pcieUp: [LinkID] = []
  private(set) var nvlink: [LinkID?] = []

  init(_ cluster: ClusterSpecification, network: inout FlowNetwork) {
    var links: [Link] = []
    func add(_ kind: ClusterLinkKind, _ owner: Int, _ ordinal: Int, _ capacity: Double) -> LinkID {
      let id = network.addLink(capacityBytesPerSecond: capacity)
      links.append(
        Link(id: id, kind: kind, owner: Int32(owner), ordinal: Int32(ordinal), capacity: capacity))
      return id
    }
    store = cluster.modelStoreBandwidthBytesPerSecond.map { add(.store, 0, 0, $0) }
    let perLeaf = max(1, cluster.nodesPerLeaf)
    for leaf in 0..<(cluster.nodes.count + perLeaf - 1) / perLeaf {
      let members = cluster.nodes[leaf * perLeaf..<min(cluster.nodes.count, (leaf + 1) * perLeaf)]
      let below = members.reduce(0.0) {
        $0 + Double($1.nicCount) * $1.nicBandwidthBytesPerSecond
      }
      leafDown.append(add(.leafDown, leaf, 0, max(1, below / cluster.oversubscription)))
      leafUp.append(add(.leafUp, leaf, 0, max(1, below / cluster.oversubscription)))
    }
    for (index, node) in cluster.nodes.enumerated() {
      storage.append(add(.storage, index, 0, max(1, node.storageBandwidthBytesPerSecond)))
      let bandwidth = max(1, node.nicBandwidthBytesPerSecond)
      nicDown.append((0..<max(1, node.nicCount)).map { add(.nicDown, index, $0, bandwidth) })
      nicUp.append((0..<max(1, node.nicCount)).map { add(.nicUp, index, $0, bandwidth) })
      for gpu in 0..<node.gpuCount {
        pcie.append(add(.pcie, index, gpu, node.gpu.pcieBandwidthBytesPerSecond))
        pcieUp.append(add(.pcieUp, index, gpu, node.gpu.pcieBandwidthBytesPerSecond))
        if node.nvlinkDomainSize > 1, node.gpu.nvlinkBandwidthBytesPerSecond > 0 {
          nvlink.append(add(.nvlink, index, gpu, node.gpu.nvlinkBandwidthBytesPerSecond))
        } else {
          nvlink.append(nil)
        }
      }
    }
    self.links = links
  }

  /// The way of weights to a GPU's host: from the store over fabric and NIC, or, without a store,
  /// from the node's own storage.
  func fetchPath(to gpu: Int32, in cluster: ClusterState) -> [LinkID] {
    let node = Int(cluster.gpus[Int(gpu)].node)
    guard let store else { return [storage[node]] }
    return [store, leafDown[Int(cluster.leafOfNode[node])], nic(nicDown, gpu, cluster)]
  }

  private func nic(_ nics: [[LinkID]], _ gpu: Int32, _ cluster: ClusterState) -> LinkID {
    let node = nics[Int(cluster.gpus[Int(gpu)].node)]
    let count = cluster.node(of: gpu).gpuCount
    return node[cluster.indexInNode(gpu) * node.count / count]
  }

  /// The links between two GPUs.
  func path(from source: Int32, to target: Int32, in cluster: ClusterState) -> [LinkID] {
    let from = cluster.gpus[Int(source)]
    let to = cluster.gpus[Int(target)]
    if from.domain == to.domain, let port = nvlink[Int(source)] { return [port] }
    if from.node == to.node { return [pcieUp[Int(source)], pcie[Int(target)]] }
    let leaves = (cluster.leafOfNode[Int(from.node)], cluster.leafOfNode[Int(to.node)])
    let ends = (nic(nicUp, source, cluster), nic(nicDown, target, cluster))
    if leaves.0 == leaves.1 { return [ends.0, ends.1] }
    return [ends.0, leafUp[Int(leaves.0)], leafDown[Int(leaves.1)], ends.1]
  }

  /// Both directions of a GPU's NIC, and of its leaf.
  func networkLinks(of gpu: Int32, in cluster: ClusterState) -> (nic: [LinkID], leaf: [LinkID]) {
    let leaf = Int(cluster.leafOfNode[Int(cluster.gpus[Int(gpu)].node)])
    return (
      [nic(nicUp, gpu, cluster), nic(nicDown, gpu, cluster)], [leafUp[leaf], leafDown[leaf]]
    )
  }

  /// The links by which a GPU talks inside its node: its NVLink port where all of `peers` are in its
  /// domain, else PCIe in both directions.
  func localLinks(of gpu: Int32, to peers: [Int32], in cluster: ClusterState) -> [LinkID] {
    let domain = cluster.gpus[Int(gpu)].domain
    if let port = nvlink[Int(gpu)],
      peers.allSatisfy({ cluster.gpus[Int($0)].domain == domain })
    {
      return [port]
    }
    return [pcieUp[Int(gpu)], pcie[Int(gpu)]]
  }

  mutating func countPipelines(on link: LinkID, by change: Int32) {
    links[Int(link.index)].pipelines += change
  }
  mutating func creditHop(_ bytes: Int64, on link: LinkID) {
    links[Int(link.index)].hopBytes += bytes
  }
  mutating func creditCollective(_ bytes: Int64, on link: LinkID) {
    links[Int(link.index)].collectiveBytes += bytes
  }
}
