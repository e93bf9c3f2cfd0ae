/// Where a run's records go, in the order in which they become final.
///
/// A sink never influences the run. It cannot throw: an error inside it is kept and reported by its
/// owner after the run.
public protocol RecordSink: AnyObject {
  /// A request left the system.
  func record(_ request: RequestRecord)
  /// A replica gave its GPUs back, or the run ended.
  func record(_ replica: ReplicaRecord)
  /// A stage of such a replica.
  func record(_ stage: StageRecord)
  /// A GPU's ledger, at the end of the run.
  func record(_ gpu: GPURecord)
  /// A link's ledger, at the end of the run.
  func record(_ link: LinkRecord)
  /// A demand for GPUs was granted and ended, or was given up.
  func record(_ allocation: AllocationRecord)
  /// A scaling decision.
  func record(_ scaling: ScalingRecord)
  /// A sample of the system's state.
  func record(_ sample: SampleRecord)
}

/// Drops every record; metrics and digest are kept by the run itself.
public final class NullSink: RecordSink {
  /// Creates the sink.
  public init() {}
  /// Drops it.
  public func record(_ request: RequestRecord) {}
  /// Drops it.
  public func record(_ replica: ReplicaRecord) {}
  /// Drops it.
  public func record(_ stage: StageRecord) {}
  /// Drops it.
  public func record(_ gpu: GPURecord) {}
  /// Drops it.
  public func record(_ link: LinkRecord) {}
  /// Drops it.
  public func record(_ allocation: AllocationRecord) {}
  /// Drops it.
  public func record(_ scaling: ScalingRecord) {}
  /// Drops it.
  public func record(_ sample: SampleRecord) {}
}

/// Keeps every record in memory; for tests and small runs.
public final class MemorySink: RecordSink {
  /// Requests in the order in which they ended.
  public var requests: [RequestRecord] = []
  /// Replicas in the order of their release.
  public var replicas: [ReplicaRecord] = []
  /// Stages, after their replica.
  public var stages: [StageRecord] = []
  /// GPUs by index.
  public var gpus: [GPURecord] = []
  /// Links by index.
  public var links: [LinkRecord] = []
  /// Demands for GPUs in the order of their end.
  public var allocations: [AllocationRecord] = []
  /// Scaling decisions in order of time.
  public var scalings: [ScalingRecord] = []
  /// Samples in order of time.
  public var samples: [SampleRecord] = []

  /// Creates an empty sink.
  public init() {}
  /// Keeps it.
  public func record(_ request: RequestRecord) { requests.append(request) }
  /// Keeps it.
  public func record(_ replica: ReplicaRecord) { replicas.append(replica) }
  /// Keeps it.
  public func record(_ stage: StageRecord) { stages.append(stage) }
  /// Keeps it.
  public func record(_ gpu: GPURecord) { gpus.append(gpu) }
  /// Keeps it.
  public func record(_ link: LinkRecord) { links.append(link) }
  /// Keeps it.
  public func record(_ allocation: AllocationRecord) { allocations.append(allocation) }
  /// Keeps it.
  public func record(_ scaling: ScalingRecord) { scalings.append(scaling) }
  /// Keeps it.
  public func record(_ sample: SampleRecord) { samples.append(sample) }
}
