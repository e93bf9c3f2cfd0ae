import Hardware
import Network

/// The ways over the links.
///
/// GPUs of one NVLink domain talk over their ports. Others of one node talk over PCIe: with
/// peer-to-peer below their switch where they share one, else over uplinks and host bridges. To
/// another node it is the sender's card, the leaves where they differ, the WAN where regions differ,
/// and the receiver's card; without GPUDirect what is sent passes through the memory of the host,
/// so over PCIe and twice over the host bridge.
extension Topology {
  /// The way of weights to a GPU's host: from the store over fabric and card, or, without a store,
  /// from the node's own storage; into host memory in both cases.
  func fetchPath(to gpu: Int32, in cluster: ClusterState) -> [LinkID] {
    let node = Int(cluster.gpus[Int(gpu)].node)
    let memory = bridge(\.bridgeUp, gpu, cluster)
    guard let store else { return storagePath(to: gpu, in: cluster) }
    let region = cluster.specification.nodes[node].region
    let line = cluster.specification.modelStoreRegion.flatMap { self.line(from: $0, to: region) }
    let leaf = Int(cluster.leafOfNode[node])
    return [store] + [line, leafDown[leaf], card(\.nicDown, gpu, cluster)].compactMap { $0 }
      + memory
  }

  /// The way of weights from the storage of a GPU's node into its host memory.
  func storagePath(to gpu: Int32, in cluster: ClusterState) -> [LinkID] {
    [nodes[Int(cluster.gpus[Int(gpu)].node)].storage] + bridge(\.bridgeUp, gpu, cluster)
  }

  /// The way of a container image to a GPU's node: from the registry, which stands in every region, over
  /// fabric and card into host memory.
  func imagePath(to gpu: Int32, in cluster: ClusterState) -> [LinkID] {
    let leaf = Int(cluster.leafOfNode[Int(cluster.gpus[Int(gpu)].node)])
    return [registry].compactMap { $0 } + [leafDown[leaf], card(\.nicDown, gpu, cluster)]
      + bridge(\.bridgeUp, gpu, cluster)
  }

  /// The way of weights from host memory into a GPU.
  func loadPath(to gpu: Int32, in cluster: ClusterState) -> [LinkID] {
    bridge(\.bridgeDown, gpu, cluster) + uplink(\.switchDown, gpu, cluster) + [pcie[Int(gpu)]]
  }

  /// The way from a GPU into host memory.
  func unloadPath(from gpu: Int32, in cluster: ClusterState) -> [LinkID] {
    [pcieUp[Int(gpu)]] + uplink(\.switchUp, gpu, cluster) + bridge(\.bridgeUp, gpu, cluster)
  }

  /// The links between two GPUs.
  func path(from source: Int32, to target: Int32, in cluster: ClusterState) -> [LinkID] {
    let from = cluster.gpus[Int(source)]
    let to = cluster.gpus[Int(target)]
    if from.domain == to.domain, let port = nvlink[Int(source)] { return [port] }
    if from.node == to.node { return localPath(from: source, to: target, in: cluster) }
    let leaves = (Int(cluster.leafOfNode[Int(from.node)]), Int(cluster.leafOfNode[Int(to.node)]))
    var path: [LinkID] = []
    if !cluster.node(of: source).hasGPUDirect {
      path += unloadPath(from: source, in: cluster) + bridge(\.bridgeDown, source, cluster)
    }
    path.append(card(\.nicUp, source, cluster))
    if leaves.0 != leaves.1 {
      path.append(leafUp[leaves.0])
      let regions = (cluster.node(of: source).region, cluster.node(of: target).region)
      if let line = line(from: regions.0, to: regions.1) { path.append(line) }
      path.append(leafDown[leaves.1])
    }
    path.append(card(\.nicDown, target, cluster))
    if !cluster.node(of: target).hasGPUDirect {
      path += bridge(\.bridgeUp, target, cluster) + loadPath(to: target, in: cluster)
    }
    return path
  }

  /// The links between two GPUs of a node over PCIe.
  func localPath(from source: Int32, to target: Int32, in cluster: ClusterState) -> [LinkID] {
    let topology = cluster.node(of: source).pcie
    let own = topology.switchIndex(ofGPU: cluster.indexInNode(source))
    let other = topology.switchIndex(ofGPU: cluster.indexInNode(target))
    if topology.isPeerToPeer, let own, own == other {
      return [pcieUp[Int(source)], pcie[Int(target)]]
    }
    return unloadPath(from: source, in: cluster) + loadPath(to: target, in: cluster)
  }

  /// The network card of a GPU: a node's cards are dealt out evenly to its GPUs.
  func card(
    _ direction: KeyPath<NodeLinks, [LinkID]>, _ gpu: Int32, _ cluster: ClusterState
  ) -> LinkID {
    let cards = nodes[Int(cluster.gpus[Int(gpu)].node)][keyPath: direction]
    return cards[cluster.indexInNode(gpu) * cards.count / cluster.node(of: gpu).gpuCount]
  }

  /// The leaf above a GPU's node.
  func leaf(of gpu: Int32, in cluster: ClusterState) -> Int {
    Int(cluster.leafOfNode[Int(cluster.gpus[Int(gpu)].node)])
  }

  private func line(from source: Int, to target: Int) -> LinkID? {
    wan.isEmpty ? nil : wan[source][target]
  }

  private func uplink(
    _ direction: KeyPath<NodeLinks, [LinkID]>, _ gpu: Int32, _ cluster: ClusterState
  ) -> [LinkID] {
    let index = cluster.node(of: gpu).pcie.switchIndex(ofGPU: cluster.indexInNode(gpu))
    return index.map { [nodes[Int(cluster.gpus[Int(gpu)].node)][keyPath: direction][$0]] } ?? []
  }

  private func bridge(
    _ direction: KeyPath<NodeLinks, [LinkID]>, _ gpu: Int32, _ cluster: ClusterState
  ) -> [LinkID] {
    let node = cluster.node(of: gpu)
    let index = node.pcie.hostBridge(
      ofGPU: cluster.indexInNode(gpu), gpuCount: node.gpuCount)
    return index.map { [nodes[Int(cluster.gpus[Int(gpu)].node)][keyPath: direction][$0]] } ?? []
  }
}
