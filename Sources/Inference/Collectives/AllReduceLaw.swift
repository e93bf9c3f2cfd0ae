public import Hardware

/// How long an all-reduce takes by its size, over given GPUs: `CollectiveLaw` of one operation.
public struct AllReduceLaw: Sendable {
  private let law: CollectiveLaw

  /// Prepares the law of `ranks` GPUs.
  public init(
    ranks: Int, fabric: TensorFabric, gpu: GPUSpecification,
    implementation: AllReduceImplementation
  ) {
    law = CollectiveLaw(
      operation: .allReduce, ranks: ranks, fabric: fabric, gpu: gpu,
      implementation: implementation)
  }

  /// Nanoseconds of one all-reduce of `bytes`.
  public func nanoseconds(bytes: Double) -> Double { law.nanoseconds(bytes: bytes) }
}
