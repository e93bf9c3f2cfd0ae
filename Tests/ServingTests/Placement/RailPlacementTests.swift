import Hardware
import Support
import Testing

@testable import Serving

/// Stages that follow one another lie near one another, whatever the placement policy.
@Suite("Where consecutive stages are placed")
struct RailPlacementTests {
  /// Places of a replica when only these GPUs of the cluster are free.
  private func places(
    _ cluster: ClusterSpecification, free: [Int32], tensor: Int = 1, stages: Int,
    requiresDomain: Bool = true, policy: any PlacementPolicy = BestFitPlacement()
  ) -> [[Int32]]? {
    var state = ClusterState(cluster)
    for gpu in state.gpus.indices where !free.contains(Int32(gpu)) {
      state.takeForTenant(Int32(gpu), at: 0)
    }
    return state.places.search(
      stages: stages, count: tensor, requiresDomain: requiresDomain, policy: policy)
  }

  private static let policies: [any PlacementPolicy] = [BestFitPlacement(), FirstFitPlacement()]

  @Test("Two stages take an NVLink pair when one is free, though another GPU is nearer to full")
  func pair() {
    let cluster = Machines.cluster(nodes: 2, gpus: 4, nvlink: .pairs)
    for policy in Self.policies {
      // Node 0 has halves of two pairs, node 1 a whole one.
      #expect(places(cluster, free: [1, 2, 6, 7], stages: 2, policy: policy) == [[6], [7]])
    }
    #expect(places(cluster, free: [1, 2, 5, 7], stages: 2) == [[1], [2]])
    #expect(places(cluster, free: [1, 5], stages: 2) == [[1], [5]])
  }

  @Test("Three stages take a pair and a half, four two pairs, whatever lies before them")
  func pairs() {
    let cluster = Machines.cluster(nodes: 1, gpus: 8, nvlink: .pairs)
    #expect(places(cluster, free: [0, 2, 3, 6, 7], stages: 4) == [[2], [3], [6], [7]])
    #expect(places(cluster, free: [0, 2, 3, 6, 7], stages: 3) == [[2], [3], [0]])
    #expect(places(cluster, free: [0, 2, 3, 6, 7], stages: 1) == [[0]])
  }

  @Test("Four stages lie in one node where one has room, rather than in four with scraps")
  func oneNode() {
    let cluster = Machines.cluster(nodes: 5, gpus: 4, nvlink: .none)
    let free: [Int32] = [0, 4, 8, 12, 16, 17, 18, 19]
    for policy in Self.policies {
      #expect(
        places(cluster, free: free, stages: 4, policy: policy) == [[16], [17], [18], [19]])
    }
    // A single GPU is still taken from the scraps, and scraps serve where nothing else is free.
    #expect(places(cluster, free: free, stages: 1) == [[0]])
    #expect(places(cluster, free: [0, 4, 8, 12], stages: 4) == [[0], [4], [8], [12]])
  }

  @Test("Of nodes with room best fit takes the one with least to spare, first fit the first")
  func leastToSpare() {
    let cluster = Machines.cluster(nodes: 3, gpus: 8)
    let free: [Int32] = Array(0..<8) + Array(8..<12) + Array(16..<22)
    #expect(places(cluster, free: free, stages: 4) == [[8], [9], [10], [11]])
    #expect(places(cluster, free: free, stages: 3) == [[8], [9], [10]])
    #expect(
      places(cluster, free: free, stages: 4, policy: FirstFitPlacement()) == [[0], [1], [2], [3]])
  }

  @Test("Below one switch comes before elsewhere in the node, one leaf before two")
  func switchAndLeaf() {
    var node = Machines.cluster(nodes: 1, gpus: 8, nvlink: .none)
    node.nodes[0].pcie = PCIeTopology(gpusPerSwitch: 4, uplinkBytesPerSecond: 1e9)
    #expect(places(node, free: [1, 2, 3, 4, 5, 6, 7], stages: 4) == [[4], [5], [6], [7]])
    #expect(places(node, free: [1, 2, 3, 4, 5], stages: 3) == [[1], [2], [3]])
    #expect(places(node, free: [1, 2, 3, 4, 5], stages: 2) == [[4], [5]])
    let leaves = Machines.cluster(nodes: 4, gpus: 2, nvlink: .none, nodesPerLeaf: 2)
    // One GPU below the first leaf, two in one node of it, two nodes with one below the second.
    #expect(places(leaves, free: [0, 4, 6], stages: 2) == [[4], [6]])
    #expect(places(leaves, free: [0, 4, 6], stages: 3) == [[4], [6], [0]])
  }

  @Test("A region is left only when it has no room")
  func regions() {
    var cluster = Machines.cluster(nodes: 4, gpus: 1, nodesPerLeaf: 1)
    for node in [2, 3] { cluster.nodes[node].region = 1 }
    cluster.regions = ["a", "b"]
    cluster.wan = WANSpecification(
      line: .init(latencyNanoseconds: 1, bandwidthBytesPerSecond: 1))
    #expect(places(cluster, free: [1, 2, 3], stages: 2) == [[2], [3]])
    #expect(places(cluster, free: [1, 2, 3], stages: 3) == [[2], [3], [1]])
    // A group of two never spans regions.
    var state = ClusterState(cluster)
    state.takeForTenant(0, at: 0)
    state.takeForTenant(2, at: 0)
    #expect(state.places.search(stages: 1, count: 2, requiresDomain: false) == nil)
    state.freeFromTenant(2, at: 0)
    #expect(state.places.search(stages: 1, count: 2, requiresDomain: false) == [[2, 3]])
  }

  @Test("Groups keep their domain, and follow one another inside a node")
  func groups() {
    let cluster = Machines.cluster(nodes: 2, gpus: 8, nvlink: .pairs)
    // Node 0 has one whole pair and two halves, node 1 two whole pairs.
    let free: [Int32] = [0, 1, 3, 5, 8, 9, 14, 15]
    #expect(
      places(cluster, free: free, tensor: 2, stages: 2) == [[8, 9], [14, 15]])
    #expect(
      places(cluster, free: free, tensor: 2, stages: 3) == [[8, 9], [14, 15], [0, 1]])
    #expect(places(cluster, free: free, tensor: 4, stages: 1) == nil)
    #expect(
      places(cluster, free: free, tensor: 4, stages: 2, requiresDomain: false)
        == [[0, 1, 3, 5], [8, 9, 14, 15]])
  }
}
