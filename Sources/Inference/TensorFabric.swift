/// What the GPUs of one stage talk over.
public enum TensorFabric: Sendable, Hashable {
  /// One GPU: nothing to talk over.
  case single
  /// GPUs behind one NVLink switch.
  case nvlinkSwitch
  /// Two GPUs joined by an NVLink bridge.
  case nvlinkPair
  /// GPUs of one node over PCIe.
  case pcie
  /// GPUs of several nodes: `bandwidthBytesPerSecond` is what one node's network cards give the
  /// stage together, per direction, `latencyNanoseconds` the fabric's.
  case network(
    nodes: Int, gpusPerNode: Int, bandwidthBytesPerSecond: Double, latencyNanoseconds: Int64)
}
