/// How the GPUs of a node are joined.
public enum NVLinkTopology: String, Sendable, Hashable, CaseIterable {
  /// PCIe only.
  case none
  /// NVLink bridges between GPUs 0–1, 2–3 and so on; PCIe between pairs.
  case pairs
  /// Every GPU reaches every other over an NVLink switch.
  case `switch`
}

/// How the PCIe links of a node come together below the host.
///
/// GPUs are dealt out to switches in order, switches (or, without switches, GPUs) evenly to host
/// bridges. What passes from one switch to another, or between a GPU and host memory, crosses the
/// switches' uplinks and the host bridges.
public struct PCIeTopology: Sendable, Hashable {
  /// How many GPUs share a switch; 1: none do, each has its own link to the host.
  public var gpusPerSwitch: Int
  /// Bytes/s from a switch to the host, per direction; not read without switches.
  public var uplinkBytesPerSecond: Double
  /// How many host bridges (CPU sockets) the node has; 0: they never bind.
  public var hostBridgeCount: Int
  /// Bytes/s of one host bridge between its PCIe links and memory or the other bridges, per
  /// direction.
  public var hostBridgeBytesPerSecond: Double
  /// Whether GPUs write into each other's memory; else what they say to each other passes through
  /// host memory.
  public var isPeerToPeer: Bool

  /// Creates a topology; by default every GPU has its own link and nothing else binds.
  public init(
    gpusPerSwitch: Int = 1, uplinkBytesPerSecond: Double = 0, hostBridgeCount: Int = 0,
    hostBridgeBytesPerSecond: Double = 0, isPeerToPeer: Bool = false
  ) {
    self.gpusPerSwitch = gpusPerSwitch
    self.uplinkBytesPerSecond = uplinkBytesPerSecond
    self.hostBridgeCount = hostBridgeCount
    self.hostBridgeBytesPerSecond = hostBridgeBytesPerSecond
    self.isPeerToPeer = isPeerToPeer
  }

  /// How many switches a node of `gpuCount` GPUs has; 0 when no GPUs share one.
  public func switchCount(gpuCount: Int) -> Int {
    gpusPerSwitch > 1 ? (gpuCount + gpusPerSwitch - 1) / gpusPerSwitch : 0
  }

  /// The switch above a GPU, nil when GPUs share none.
  public func switchIndex(ofGPU gpu: Int) -> Int? { gpusPerSwitch > 1 ? gpu / gpusPerSwitch : nil }

  /// The host bridge above a GPU of a node of `gpuCount`, nil when bridges never bind.
  public func hostBridge(ofGPU gpu: Int, gpuCount: Int) -> Int? {
    guard hostBridgeCount > 0 else { return nil }
    if let own = switchIndex(ofGPU: gpu) {
      return own * hostBridgeCount / switchCount(gpuCount: gpuCount)
    }
    return gpu * hostBridgeCount / gpuCount
  }
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
  /// How its PCIe links come together below the host.
  public var pcie = PCIeTopology()
  /// Whether network cards read and write GPU memory; else what GPUs send to other nodes passes
  /// through host memory.
  public var hasGPUDirect = true
  /// Index of its region among the cluster's.
  public var region = 0

  /// Creates a node of the first region with GPUDirect, in which every GPU has its own way to the host.
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
