/// The servers of a cluster and the fabric between them.
public struct ClusterSpecification: Sendable, Hashable {
  /// The nodes, one entry each.
  public var nodes: [NodeSpecification]
  /// How many nodes share a leaf switch, counted in node order; a leaf lies in one region.
  public var nodesPerLeaf: Int
  /// Bandwidth below a leaf over bandwidth above it; 1 is non-blocking.
  public var oversubscription: Double
  /// Nanoseconds from one network card to another.
  public var fabricLatencyNanoseconds: Int64
  /// Bytes/s of the remote store of model weights, nil if it never binds.
  public var modelStoreBandwidthBytesPerSecond: Double?
  /// Index of the region in which the store stands; nil: every region reaches it without the WAN.
  public var modelStoreRegion: Int?
  /// Bytes/s of the registry of container images, nil if it never binds.
  public var registryBandwidthBytesPerSecond: Double?
  /// The names of the regions; empty when there is only one, without a name.
  public var regions: [String] = []
  /// What joins the regions; read only where there are several.
  public var wan: WANSpecification?

  /// Creates a cluster of one region.
  public init(
    nodes: [NodeSpecification], nodesPerLeaf: Int, oversubscription: Double,
    fabricLatencyNanoseconds: Int64, modelStoreBandwidthBytesPerSecond: Double?
  ) {
    self.nodes = nodes
    self.nodesPerLeaf = nodesPerLeaf
    self.oversubscription = oversubscription
    self.fabricLatencyNanoseconds = fabricLatencyNanoseconds
    self.modelStoreBandwidthBytesPerSecond = modelStoreBandwidthBytesPerSecond
  }

  /// How many GPUs the cluster has.
  public var gpuCount: Int { nodes.reduce(0) { $0 + $1.gpuCount } }

  /// The leaf of each node: as many nodes as a leaf takes, and a new leaf where the region changes.
  public var leafOfNode: [Int] {
    var leaf = -1
    var members = 0
    return nodes.indices.map { node in
      let isFull = members >= max(1, nodesPerLeaf)
      if node == 0 || isFull || nodes[node].region != nodes[node - 1].region {
        leaf += 1
        members = 0
      }
      members += 1
      return leaf
    }
  }
}
