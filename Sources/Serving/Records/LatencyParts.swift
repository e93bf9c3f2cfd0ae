public import EventKernel

/// The eleven labels of a request's time; at every instant of its life exactly one holds.
public enum LatencyLabel: Int, CaseIterable, Sendable {
  case allocationWait, coldStart, queue, pipelineWait, compute
  case commTensor, commPipeline, commExpert, commKV, preemption, host

  /// The word used in results, such as `allocation_wait`.
  public var name: String {
    switch self {
    case .allocationWait: "allocation_wait"
    case .coldStart: "cold_start"
    case .queue: "queue"
    case .pipelineWait: "pipeline_wait"
    case .compute: "compute"
    case .commTensor: "comm_tensor"
    case .commPipeline: "comm_pipeline"
    case .commExpert: "comm_expert"
    case .commKV: "comm_kv"
    case .preemption: "preemption"
    case .host: "host"
    }
  }

  /// Which of the three components of the latency the label belongs to.
  public var component: LatencyComponent {
    switch self {
    case .compute, .host: .compute
    case .commTensor, .commPipeline, .commExpert, .commKV: .communication
    case .allocationWait, .coldStart, .queue, .pipelineWait, .preemption: .queuing
    }
  }
}

/// The three components into which every latency splits.
public enum LatencyComponent: String, CaseIterable, Sendable {
  case compute, communication, queuing
}

/// A request's time, split by label; nanoseconds.
@frozen
public struct LatencyParts: Sendable, Hashable {
  /// Demanded, GPUs not granted.
  public var allocationWait: Nanoseconds = 0
  /// Granted, replica not ready.
  public var coldStart: Nanoseconds = 0
  /// Waiting for its first step otherwise.
  public var queue: Nanoseconds = 0
  /// Begun, but on no stage: stage busy, its cohort's turn, left out by budget or cap.
  public var pipelineWait: Nanoseconds = 0
  /// On a stage, neither exposed communication nor host.
  public var compute: Nanoseconds = 0
  /// Exposed all-reduce and all-gather.
  public var commTensor: Nanoseconds = 0
  /// Hops between stages, with the wait for the link and the token's way back.
  public var commPipeline: Nanoseconds = 0
  /// Exposed all-to-all.
  public var commExpert: Nanoseconds = 0
  /// Key-value cache moved, fetched or swapped.
  public var commKV: Nanoseconds = 0
  /// From being preempted until its tokens are regained.
  public var preemption: Nanoseconds = 0
  /// Launch, scheduler and sampler-host gaps.
  public var host: Nanoseconds = 0

  /// All zero.
  @inlinable
  public init() {}

  /// One label's time, in nanoseconds.
  public subscript(label: LatencyLabel) -> Nanoseconds {
    get {
      switch label {
      case .allocationWait: allocationWait
      case .coldStart: coldStart
      case .queue: queue
      case .pipelineWait: pipelineWait
      case .compute: compute
      case .commTensor: commTensor
      case .commPipeline: commPipeline
      case .commExpert: commExpert
      case .commKV: commKV
      case .preemption: preemption
      case .host: host
      }
    }
    set {
      switch label {
      case .allocationWait: allocationWait = newValue
      case .coldStart: coldStart = newValue
      case .queue: queue = newValue
      case .pipelineWait: pipelineWait = newValue
      case .compute: compute = newValue
      case .commTensor: commTensor = newValue
      case .commPipeline: commPipeline = newValue
      case .commExpert: commExpert = newValue
      case .commKV: commKV = newValue
      case .preemption: preemption = newValue
      case .host: host = newValue
      }
    }
  }

  /// The sum of all labels, in nanoseconds.
  public var total: Nanoseconds {
    allocationWait + coldStart + queue + pipelineWait + compute + commTensor + commPipeline
      + commExpert + commKV + preemption + host
  }

  /// The time of one of the three components, in nanoseconds.
  public func total(of component: LatencyComponent) -> Nanoseconds {
    switch component {
    case .compute: compute + host
    case .communication: commTensor + commPipeline + commExpert + commKV
    case .queuing: allocationWait + coldStart + queue + pipelineWait + preemption
    }
  }

  /// Adds label by label.
  @inlinable
  public static func += (left: inout LatencyParts, right: LatencyParts) {
    left.allocationWait += right.allocationWait
    left.coldStart += right.coldStart
    left.queue += right.queue
    left.pipelineWait += right.pipelineWait
    left.compute += right.compute
    left.commTensor += right.commTensor
    left.commPipeline += right.commPipeline
    left.commExpert += right.commExpert
    left.commKV += right.commKV
    left.preemption += right.preemption
    left.host += right.host
  }
}
