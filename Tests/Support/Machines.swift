public import Hardware

/// Clusters of round numbers, in one line each.
public enum Machines {
  /// A GPU of 80 GB whose links carry whole bytes a nanosecond: NVLink 2 and PCIe 1, with messages
  /// of 1,000 and 3,000 ns, and 5,000 ns to another node.
  public static var gpu: GPUSpecification {
    var gpu = GPUSpecification.a100SXM
    gpu.name = "round"
    gpu.memoryBytes = 80_000_000_000
    gpu.nvlinkBandwidthBytesPerSecond = 2e9
    gpu.pcieBandwidthBytesPerSecond = 1e9
    gpu.nvlink = LinkFigures(
      messageNanoseconds: 1_000, messageBytesPerSecond: 2e9, ringStepNanoseconds: 1_000,
      ringBytesPerSecond: 2e9)
    gpu.pcie = LinkFigures(
      messageNanoseconds: 3_000, messageBytesPerSecond: 1e9, ringStepNanoseconds: 3_000,
      ringBytesPerSecond: 1e9)
    gpu.networkMessageNanoseconds = 5_000
    gpu.price = .given(1)
    return gpu
  }

  /// Equal nodes; network cards of 1 byte per nanosecond, a store that never binds.
  ///
  /// - Parameters:
  ///   - nodes: How many.
  ///   - gpus: GPUs of each.
  ///   - nvlink: How they are joined.
  ///   - nics: Network cards of each.
  ///   - nicBandwidth: Bytes per second of each card.
  ///   - store: Bytes per second of the model store; nil: weights lie on the nodes' own storage.
  ///   - nodesPerLeaf: Nodes under one leaf switch.
  ///   - storage: Bytes per second of each node's own storage.
  /// - Returns: The cluster.
  public static func cluster(
    nodes: Int = 1, gpus: Int = 4, nvlink: NVLinkTopology = .switch, nics: Int = 1,
    nicBandwidth: Double = 1e9, store: Double? = 1e12, nodesPerLeaf: Int = 8,
    storage: Double = 1e9
  ) -> ClusterSpecification {
    let node = NodeSpecification(
      gpu: gpu, gpuCount: gpus, nvlink: nvlink, nicCount: nics,
      nicBandwidthBytesPerSecond: nicBandwidth, hostMemoryBytes: 1 << 40,
      storageBandwidthBytesPerSecond: storage)
    return ClusterSpecification(
      nodes: Array(repeating: node, count: nodes), nodesPerLeaf: nodesPerLeaf,
      oversubscription: 1, fabricLatencyNanoseconds: 2_000,
      modelStoreBandwidthBytesPerSecond: store)
  }
}
