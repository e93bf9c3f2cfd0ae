public import Hardware

/// How long a collective operation takes by its size, over given GPUs.
///
/// Inside a node `LocalCollective`; across nodes the library's ring through all GPUs, which enters and
/// leaves a node once per network card, in the cheaper of two protocols, and for an all-to-all each
/// GPU's parts for its node over NVLink beside those for other nodes over the cards.
public struct CollectiveLaw: Sendable {
  private var local = LocalCollective()
  private var network: NetworkCollective?

  /// Prepares the law of an operation.
  ///
  /// - Parameters:
  ///   - operation: what is done.
  ///   - ranks: how many GPUs take part; of a send-receive two.
  ///   - fabric: what they talk over.
  ///   - gpu: their type.
  ///   - implementation: who performs an all-reduce; the others are the library's, or a ring's by
  ///     its α–β law.
  public init(
    operation: CollectiveOperation, ranks: Int, fabric: TensorFabric, gpu: GPUSpecification,
    implementation: AllReduceImplementation
  ) {
    guard ranks > 1 else { return }
    switch fabric {
    case .single:
      break
    case .nvlinkSwitch, .nvlinkPair:
      local = LocalCollective(
        operation: operation, ranks: ranks, pcie: nil, gpu: gpu, implementation: implementation)
    case .pcie(let path):
      local = LocalCollective(
        operation: operation, ranks: ranks, pcie: path, gpu: gpu, implementation: implementation)
    case .network(let path):
      // Custom kernels need peer memory, so across nodes the library does it all.
      local = LocalCollective(
        operation: operation, ranks: path.gpusPerNode, pcie: path.pcie, gpu: gpu,
        implementation: implementation == .ring ? .ring : .nccl)
      network = NetworkCollective(
        operation: operation, ranks: ranks, path: path, isIdeal: implementation == .ring,
        messageNanoseconds: gpu.networkMessageNanoseconds + Double(path.latencyNanoseconds))
    }
  }

  /// Nanoseconds of one operation on a message of `bytes`: of an all-reduce the sum, of an all-gather
  /// and a reduce-scatter the whole tensor, of an all-to-all what one GPU holds for all.
  public func nanoseconds(bytes: Double) -> Double {
    guard let network else { return local.nanoseconds(bytes: bytes) }
    return network.nanoseconds(
      bytes: bytes, inside: local.nanoseconds(bytes: bytes * network.shareInside))
  }
}
