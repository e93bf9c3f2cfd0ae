/// How the GPUs of a node are joined.
public enum NVLinkTopology: String, Sendable, Hashable, CaseIterable {
  /// PCIe only.
  case none
  /// NVLink bridges between GPUs 0–1, 2–3 and so on; PCIe between pairs.
  case pairs
  /// Every GPU reaches every other over an NVLink switch.
  case `switch`
}

/// One server.
public struct NodeSpecification: Sendable, Hashable {
  /// The type of its GPUs.
  public var gpu: GPUSpecification
  /// How many GPUs it has.
  public var gpuCount: Int
  /// How they are joined.
  public var nvlink: NVLinkTopology
  /// How many network cards it has.
  public var nicCount: Int
  /// Bytes/s of each network card, per direction.
  public var nicBandwidthBytesPerSecond: Double
  /// Bytes of host memory.
  public var hostMemoryBytes: Int64
  /// Bytes/s at which local storage is read.
  public var storageBandwidthBytesPerSecond: Double

  /// Creates a node.
  public init(
    gpu: GPUSpecification, gpuCount: Int, nvlink: NVLinkTopology, nicCount: Int,
    nicBandwidthBytesPerSecond: Double, hostMemoryBytes: Int64,
    storageBandwidthBytesPerSecond: Double
  ) {
    self.gpu = gpu
    self.gpuCount = gpuCount
    self.nvlink = nvlink
    self.nicCount = nicCount
    self.nicBandwidthBytesPerSecond = nicBandwidthBytesPerSecond
    self.hostMemoryBytes = hostMemoryBytes
    self.storageBandwidthBytesPerSecond = storageBandwidthBytesPerSecond
  }

  /// How many GPUs one NVLink domain of this node joins; 1 without NVLink.
  public var nvlinkDomainSize: Int {
    switch nvlink {
    case .none: 1
    case .pairs: min(2, gpuCount)
    case .switch: gpuCount
    }
  }

  /// The NVLink domain of a GPU of this node; two GPUs with the same number are joined.
  public func nvlinkDomain(ofGPU gpu: Int) -> Int { gpu / max(1, nvlinkDomainSize) }
}

/// The servers of a cluster and the fabric between them.
public struct ClusterSpecification: Sendable, Hashable {
  /// The nodes, one entry each; leaf `i` holds the nodes from `i · nodesPerLeaf`.
  public var nodes: [NodeSpecification]
  /// How many nodes share a leaf switch.
  public var nodesPerLeaf: Int
  /// Bandwidth below a leaf over bandwidth above it; 1 is non-blocking.
  public var oversubscription: Double
  /// Nanoseconds from one network card to another.
  public var fabricLatencyNanoseconds: Int64
  /// Bytes/s of the remote store of model weights, nil if it never binds.
  public var modelStoreBandwidthBytesPerSecond: Double?

  /// Creates a cluster.
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
}
