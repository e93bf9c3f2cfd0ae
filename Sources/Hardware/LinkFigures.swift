/// What two or more GPUs reach over one kind of link between them.
public struct LinkFigures: Sendable, Hashable {
  /// Nanoseconds of a small message from one GPU to another.
  public var messageNanoseconds: Double
  /// Bytes/s of one large message, per direction.
  public var messageBytesPerSecond: Double
  /// Nanoseconds of one step of a ring collective (the α of an α–β law).
  public var ringStepNanoseconds: Double
  /// Bytes/s that each GPU sends in a large ring collective (1/β).
  public var ringBytesPerSecond: Double

  /// Creates the figures of one kind of link.
  public init(
    messageNanoseconds: Double, messageBytesPerSecond: Double, ringStepNanoseconds: Double,
    ringBytesPerSecond: Double
  ) {
    self.messageNanoseconds = messageNanoseconds
    self.messageBytesPerSecond = messageBytesPerSecond
    self.ringStepNanoseconds = ringStepNanoseconds
    self.ringBytesPerSecond = ringBytesPerSecond
  }
}

/// The links between GPUs of one node.
public enum LinkKind: String, Sendable, Hashable, CaseIterable {
  /// NVLink, switched or bridged.
  case nvlink
  /// PCIe through the host.
  case pcie
}

/// Who performs an all-reduce; in decode the choice weighs more than the link.
public enum AllReduceImplementation: String, Sendable, Hashable, CaseIterable {
  /// The engine's own kernel replayed in a CUDA graph (vLLM's default).
  case customGraph = "custom-graph"
  /// The engine's own kernel launched from the host each time.
  case customEager = "custom-eager"
  /// NCCL.
  case nccl
  /// A ring by its α–β law, no table.
  case ring
}
