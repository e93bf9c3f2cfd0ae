public import EventKernel
public import Workload

/// Mean, percentiles and maximum of one metric in seconds; nil where no number is honest.
public struct MetricSummary: Sendable, Hashable {
  /// Values counted, missed requests included for latencies.
  public var count: Int64 = 0
  /// Mean over the values that exist, in seconds.
  public var mean: Double?
  /// Nearest-rank percentiles, in seconds; nil when the rank falls among missed requests.
  public var p50: Double?
  /// 90th percentile, in seconds.
  public var p90: Double?
  /// 95th percentile, in seconds.
  public var p95: Double?
  /// 99th percentile, in seconds.
  public var p99: Double?
  /// Greatest value, in seconds; nil when a request missed.
  public var max: Double?

  /// An empty summary.
  public init() {}
}

/// Mean seconds per request of the three components and of each label.
public struct DecompositionSummary: Sendable, Hashable {
  /// Requests counted.
  public var count: Int64 = 0
  /// Sum of each label over them, in nanoseconds.
  public var sums = LatencyParts()

  /// An empty summary.
  public init() {}

  /// Mean seconds per request of a label; 0 without requests.
  public func meanSeconds(_ label: LatencyLabel) -> Double {
    count == 0 ? 0 : Double(sums[label]) / Double(count) / 1e9
  }

  /// Mean seconds per request of a component; 0 without requests.
  public func meanSeconds(_ component: LatencyComponent) -> Double {
    count == 0 ? 0 : Double(sums.total(of: component)) / Double(count) / 1e9
  }
}

/// What a run says about one workload, or about all of them together.
public struct WorkloadSummary: Sendable, Hashable {
  /// The workload's name; empty for all together.
  public var name = ""
  /// Requests that arrived in [warmup, duration).
  public var requests: Int64 = 0
  /// Of these, completed.
  public var completed: Int64 = 0
  /// Of these, rejected.
  public var rejected: Int64 = 0
  /// The rejected ones by reason.
  public var rejections = RejectionCounts()
  /// Of these, failed.
  public var failed: Int64 = 0
  /// Of these, unfinished.
  public var unfinished: Int64 = 0
  /// Time to first token.
  public var ttft = MetricSummary()
  /// Mean time per further output token.
  public var tpot = MetricSummary()
  /// Gaps between tokens, pooled over requests.
  public var itl = MetricSummary()
  /// End-to-end time.
  public var e2e = MetricSummary()
  /// Over completed requests.
  public var decomposition = DecompositionSummary()
  /// Up to the first token, over completed requests.
  public var ttftDecomposition = DecompositionSummary()
  /// Over completed requests at or above the p99 of e2e (nearest rank over completed requests).
  public var tailDecomposition = DecompositionSummary()
  /// The same at or above the p90.
  public var p90Decomposition = DecompositionSummary()
  /// Completed requests per second of [warmup, duration).
  public var requestsPerSecond = 0.0
  /// Their output tokens per second of [warmup, duration).
  public var outputTokensPerSecond = 0.0
  /// Share of the requests that met their objective; nil when none has one.
  public var sloAttainment: Double?
  /// Requests per second that met their objective; nil when none has one.
  public var goodputRequestsPerSecond: Double?
  /// Gaps between tokens: the sparse histogram, for the results file and the digest.
  public var itlHistogram = LatencyHistogram()
  /// Times to first token of the requests that got one, likewise.
  public var ttftHistogram = LatencyHistogram()
  /// Times per further output token, likewise.
  public var tpotHistogram = LatencyHistogram()
  /// End-to-end times, likewise.
  public var e2eHistogram = LatencyHistogram()

  /// An empty summary.
  public init() {}
}

/// Whether the system kept up with its arrivals.
public enum RunState: String, Sendable, CaseIterable {
  /// It did.
  case stable
  /// It fell behind and caught up after the last arrival.
  case backlogged
  /// Its backlog grew to the end, or requests were left over.
  case overloaded
}

/// One run: what `--json` prints and the results file holds about it as a whole.
public struct RunSummary: Sendable, Hashable {
  /// The scenario's name.
  public var scenario = ""
  /// The scheduler's name.
  public var scheduler = ""
  /// The scenario's seed.
  public var seed: UInt64 = 0
  /// Which replication, from 0.
  public var replication = 0
  /// 32 hexadecimal digits over everything that happened.
  public var digest = ""
  /// Requests that arrived, warm-up included.
  public var requests: Int64 = 0
  /// Of all requests, completed.
  public var completed: Int64 = 0
  /// Of all requests, rejected.
  public var rejected: Int64 = 0
  /// The rejected ones by reason.
  public var rejections = RejectionCounts()
  /// Of all requests, failed.
  public var failed: Int64 = 0
  /// Of all requests, unfinished.
  public var unfinished: Int64 = 0
  /// Length of the run, drain included, in nanoseconds.
  public var simulated: Nanoseconds = 0
  /// Whether it kept up.
  public var state = RunState.stable
  /// All workloads together.
  public var overall = WorkloadSummary()
  /// Each workload, in scenario order.
  public var workloads: [WorkloadSummary] = []
  /// GPU-hours from grant to release, background excluded.
  public var gpuHours = 0.0
  /// Busy time over granted time of our GPUs; nil when none was granted.
  public var gpuUtilization: Double?
  /// bubble / (busy + exposed communication + bubble); nil when nothing ran.
  public var bubbleFraction: Double?
  /// That bubble by cause, over all stages; nil where an older file did not keep it.
  public var bubble: BubbleParts?
  /// The stage that costs its replica most by being slower than the others; nil without one.
  public var straggler: Straggler?
  /// MFU over the steps of all stages: the model's operations over the peak of the GPUs in that time,
  /// communication included; nil when nothing ran.
  public var mfu: Double?
  /// MBU over the steps of all stages: the least bytes over what the GPUs' memory gives in that time;
  /// nil when nothing ran.
  public var mbu: Double?
  /// Bytes over bandwidth times the length of the run, of the link with the most; nil without links.
  public var linkShare: Double?
  /// GPU-hours at the catalogue's or the scenario's price, in US dollars.
  public var costUSD = 0.0
  /// Cold starts begun.
  public var coldStarts: Int64 = 0
  /// Requests that lost their KV cache to others.
  public var preemptions: Int64 = 0
  /// Demands for GPUs by replicas that were granted, and their mean wait in seconds.
  public var allocationsGranted: Int64 = 0
  /// Mean wait of those demands for their GPUs, in seconds.
  public var meanAllocationWaitSeconds = 0.0
  /// Mean wait of background tenants for their GPUs after t = 0, in seconds.
  public var meanBackgroundWaitSeconds = 0.0
  /// Waits for GPUs by plan, tenants last; empty where an older file did not keep them.
  public var allocationWaits: [AllocationWaitSummary] = []
  /// How free GPUs lay; nil where an older file did not keep it.
  public var fragmentation: FragmentationSummary?
  /// What was found in prefix caches; nil where there are none.
  public var prefixCache: PrefixCacheSummary?
  /// Where the weights of cold starts came from; nil where they can only come from one place.
  public var weights: WeightSources?
  /// Events processed; a figure of the implementation, not part of the results.
  public var events: Int64 = 0
  /// Steps executed, over all stages.
  public var steps: Int64 = 0
  /// Why requests ended before their source's last one, so that the run says nothing; else nil.
  public var fault: StreamFault?
  /// What is faster than physics allows; nil as it should be.
  public var beyondPhysics: BeyondPhysics?

  /// An empty summary.
  public init() {}
}
