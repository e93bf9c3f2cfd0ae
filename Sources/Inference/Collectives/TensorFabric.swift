import Hardware

/// What the GPUs of one stage talk over.
public enum TensorFabric: Sendable, Hashable {
  /// One GPU: nothing to talk over.
  case single
  /// GPUs behind one NVLink switch.
  case nvlinkSwitch
  /// Two GPUs joined by an NVLink bridge.
  case nvlinkPair
  /// GPUs of one node over PCIe.
  case pcie(PCIePath)
  /// GPUs of several nodes.
  case network(NetworkPath)
}

/// What PCIe gives to GPUs of one node that all talk at once.
public struct PCIePath: Sendable, Hashable {
  /// Whether they write into each other's memory, rather than through the host's.
  public var isPeerToPeer: Bool
  /// Bytes/s that switches and host bridges leave to each GPU, nil where they do not bind.
  public var bytesPerSecond: Double?

  /// Creates a path; by default through the host, which does not bind.
  public init(isPeerToPeer: Bool = false, bytesPerSecond: Double? = nil) {
    self.isPeerToPeer = isPeerToPeer
    self.bytesPerSecond = bytesPerSecond
  }
}

/// What several nodes give to the GPUs of a stage.
public struct NetworkPath: Sendable, Hashable {
  /// How many nodes.
  public var nodes: Int
  /// GPUs of the stage in each node, or most of them where nodes differ.
  public var gpusPerNode: Int
  /// Network cards through which each node's GPUs send.
  public var cardsPerNode: Int
  /// Bytes/s of those cards together, per direction, or of what else is narrower.
  public var bandwidthBytesPerSecond: Double
  /// Nanoseconds from one card to another, and through the hosts where GPUDirect is missing.
  public var latencyNanoseconds: Int64
  /// What the GPUs of one node talk over; nil: NVLink.
  public var pcie: PCIePath?
  /// Whether messages pass through host memory and sockets, where GPUDirect is missing.
  public var isThroughHost: Bool

  /// Creates a path; by default through one card of each node, with NVLink inside.
  public init(
    nodes: Int, gpusPerNode: Int, cardsPerNode: Int = 1, bandwidthBytesPerSecond: Double,
    latencyNanoseconds: Int64, pcie: PCIePath? = nil, isThroughHost: Bool = false
  ) {
    self.nodes = nodes
    self.gpusPerNode = gpusPerNode
    self.cardsPerNode = cardsPerNode
    self.bandwidthBytesPerSecond = bandwidthBytesPerSecond
    self.latencyNanoseconds = latencyNanoseconds
    self.pcie = pcie
    self.isThroughHost = isThroughHost
  }
}

extension GPUSpecification {
  /// Bytes/s between two GPUs that reach each other over PCIe: 0.86 of the link.
  ///
  /// p2pmark measures 54.3 of 63 GB/s on PCIe 5 x16 (lukealonso/p2pmark).
  var peerBytesPerSecond: Double { 0.86 * pcieBandwidthBytesPerSecond }
}
