public import EventKernel

/// One replica: its plan, how it came up, how long it lived; nanoseconds since the start of the run.
public struct ReplicaRecord: Sendable, Hashable {
  /// Number in order of demand, from 0.
  public var replicaID: Int32 = 0
  /// Index into the scenario's models.
  public var model: Int32 = 0
  /// GPUs of one stage (the tensor-parallel degree); 0 when nothing was granted.
  public var tensor: Int32 = 0
  /// Pipeline stages; 0 when nothing was granted.
  public var stages: Int32 = 0
  /// When it was asked for.
  public var demanded: Nanoseconds = 0
  /// When its GPUs were granted; nil when they never were.
  public var granted: Nanoseconds?
  /// End of the container phase of its cold start.
  public var containerEnd: Nanoseconds?
  /// End of the runtime phase (imports, CUDA context, process group).
  public var runtimeEnd: Nanoseconds?
  /// When its last shard had been fetched.
  public var fetchEnd: Nanoseconds?
  /// When its last shard was in GPU memory.
  public var loadEnd: Nanoseconds?
  /// When those phases of its cold start ended that not every one has.
  public var coldStart = ColdStartMarks()
  /// Where its weights came from; nil where they can only come from the store.
  public var weights: WeightSources?
  /// When it could take work.
  public var ready: Nanoseconds?
  /// When it gave its GPUs back, or the run's end.
  public var released: Nanoseconds = 0
  /// Whether it was up at the start of the run without a cold start.
  public var initial = false
  /// The replica that it was started to take over from; -1 when there is none.
  public var replaces: Int32 = -1
  /// Requests it completed.
  public var requestsCompleted: Int64 = 0
  /// Tokens it generated.
  public var tokensGenerated: Int64 = 0
  /// KV blocks of its tightest stage.
  public var keyValueBlocks: Int64 = 0
  /// Most KV blocks in use at once, summed over its engines.
  public var keyValueBlocksPeak: Int64 = 0
  /// Requests that lost their KV cache to others.
  public var preemptions: Int64 = 0
  /// What its engines found in their prefix caches and tiers; nil where they share no prefixes.
  public var prefixCache: PrefixCacheSummary?

  /// An empty record.
  public init() {}
}

/// One stage of a replica and the ledger of its time; the seven states sum to grant → release.
public struct StageRecord: Sendable, Hashable {
  /// The replica it belongs to.
  public var replicaID: Int32 = 0
  /// Its place in the pipeline, from 0.
  public var stage: Int32 = 0
  /// Layers it holds.
  public var layers: Int32 = 0
  /// Its GPUs, as indices into the cluster's GPUs in node order.
  public var gpus: [Int32] = []
  /// Cold start, and waking, in nanoseconds.
  public var starting: Nanoseconds = 0
  /// Compute and host parts of steps, in nanoseconds.
  public var busy: Nanoseconds = 0
  /// Exposed collectives inside steps, in nanoseconds.
  public var exposedCommunication: Nanoseconds = 0
  /// Idle while its replica had work, in nanoseconds.
  public var bubble: Nanoseconds = 0
  /// The same by cause.
  public var bubbleParts = BubbleParts()
  /// Idle without work, asleep or awake, in nanoseconds.
  public var starved: Nanoseconds = 0
  /// Refusing new work before release, in nanoseconds.
  public var draining: Nanoseconds = 0
  /// Out of order, in nanoseconds.
  public var failed: Nanoseconds = 0
  /// Steps executed.
  public var steps: Int64 = 0
  /// Time of those steps, communication and host included, in nanoseconds; LM head and sampler take
  /// `samplingTime` of it.
  public var stepTime: Nanoseconds = 0
  /// What LM head and sampler took of them, in nanoseconds.
  public var samplingTime: Nanoseconds = 0
  /// How their times are spread.
  public var stepTimes = StepHistogram()
  /// Whether it holds up the others, how much and why; nil when it does not.
  public var straggler: Straggler?
  /// Tokens through the stage.
  public var tokens: Int64 = 0
  /// Floating-point operations of the model in its steps, of all its GPUs together.
  public var modelFLOPs = 0.0
  /// Bytes that its steps had to read from memory at least, of all its GPUs together.
  public var leastBytes = 0.0
  /// MFU: those operations over the peak of its GPUs in the time of its steps, communication
  /// included; nil without steps.
  public var mfu: Double?
  /// MBU: those bytes over what its GPUs' memory gives in that time; nil without steps.
  public var mbu: Double?

  /// An empty record.
  public init() {}
}

/// One GPU and the ledger of its time; the states sum to the run's length.
public struct GPURecord: Sendable, Hashable {
  /// Index in node order.
  public var gpu: Int32 = 0
  /// Index of its node.
  public var node: Int32 = 0
  /// Free, in nanoseconds.
  public var unallocated: Nanoseconds = 0
  /// Held by a background tenant, in nanoseconds.
  public var background: Nanoseconds = 0
  /// Held by a replica that starts, in nanoseconds.
  public var starting: Nanoseconds = 0
  /// Executing steps, exposed communication included, in nanoseconds.
  public var busy: Nanoseconds = 0
  /// Held by a ready replica, not executing, in nanoseconds.
  public var reservedIdle: Nanoseconds = 0
  /// Held by a sleeping replica, in nanoseconds.
  public var sleeping: Nanoseconds = 0
  /// Out of order, in nanoseconds.
  public var failed: Nanoseconds = 0
  /// MFU while it executes steps; nil where it executed none.
  public var mfu: Double?
  /// MBU while it executes steps; nil where it executed none.
  public var mbu: Double?

  /// An empty record.
  public init() {}
}

/// What a link is part of.
public enum ClusterLinkKind: Int32, Sendable, CaseIterable {
  case store, leafDown, leafUp, nicDown, nicUp, pcie, nvlink, storage, pcieUp
  case switchDown, switchUp, bridgeDown, bridgeUp, wan, registry

  /// The word used in results.
  public var name: String {
    switch self {
    case .store: "store"
    case .leafDown: "leaf-down"
    case .leafUp: "leaf-up"
    case .nicDown: "nic-down"
    case .nicUp: "nic-up"
    case .pcie: "pcie"
    case .nvlink: "nvlink"
    case .storage: "storage"
    case .pcieUp: "pcie-up"
    case .switchDown: "switch-down"
    case .switchUp: "switch-up"
    case .bridgeDown: "bridge-down"
    case .bridgeUp: "bridge-up"
    case .wan: "wan"
    case .registry: "registry"
    }
  }
}

/// One link and what it carried.
public struct LinkRecord: Sendable, Hashable {
  /// Index of the link.
  public var link: Int32 = 0
  /// What it is part of.
  public var kind: ClusterLinkKind = .store
  /// Index of the node, leaf or (WAN) region it belongs to; 0 for store and registry.
  public var owner: Int32 = 0
  /// Which of its owner's links of this kind; of a WAN line the region it leads to.
  public var ordinal: Int32 = 0
  /// Capacity per direction, in bytes per second.
  public var capacityBytesPerSecond: Double = 0
  /// Bytes of bulk flows.
  public var bulkBytes: Int64 = 0
  /// Bytes of pipeline hops.
  public var hopBytes: Int64 = 0
  /// Bytes of collectives.
  public var collectiveBytes: Int64 = 0
  /// Time with at least one bulk flow, in nanoseconds.
  public var busy: Nanoseconds = 0
  /// All its bytes over what it can carry in the length of the run; nil for a run of no length.
  public var share: Double?

  /// Bytes of all kinds.
  public var bytes: Int64 { bulkBytes + hopBytes + collectiveBytes }

  /// An empty record.
  public init() {}
}

/// Who asked for GPUs.
public enum AllocationKind: Int32, Sendable, CaseIterable {
  case replica, background

  /// The word used in results.
  public var name: String {
    switch self {
    case .replica: "replica"
    case .background: "background"
    }
  }
}

/// Why a demand could not be granted when it was made.
public enum AllocationObstacle: Int32, Sendable, CaseIterable {
  case none, capacity, contiguity, quota, order

  /// The word used in results.
  public var name: String {
    switch self {
    case .none: "none"
    case .capacity: "capacity"
    case .contiguity: "contiguity"
    case .quota: "quota"
    case .order: "order"
    }
  }
}

/// One demand for GPUs, and what came of it.
public struct AllocationRecord: Sendable, Hashable {
  /// Who asked.
  public var kind: AllocationKind = .replica
  /// The replica's or background tenant's number.
  public var subject: Int32 = 0
  /// Index into the scenario's models; -1 for a background tenant.
  public var model: Int32 = -1
  /// GPUs asked for (of the most preferred plan).
  public var gpusAsked: Int32 = 0
  /// When, in nanoseconds since the start.
  public var demanded: Nanoseconds = 0
  /// When granted; nil when never.
  public var granted: Nanoseconds?
  /// When the demand was withdrawn or the run ended without a grant.
  public var abandoned: Nanoseconds?
  /// Why it waited.
  public var obstacle: AllocationObstacle = .none
  /// What it waited for, and how long for each.
  public var waits = AllocationWaits()
  /// GPUs of a stage and stages of the plan that was granted; 0 for tenants and without a grant.
  public var tensor: Int32 = 0
  /// Stages of that plan.
  public var stages: Int32 = 0
  /// The GPUs granted, in node order.
  public var gpus: [Int32] = []

  /// An empty record.
  public init() {}

  /// Time between asking and grant, or giving up, in nanoseconds.
  public var waited: Nanoseconds { (granted ?? abandoned ?? demanded) - demanded }
}

/// Which clause of a scaling policy fired; each policy documents its own.
public struct ScalingClause: Sendable, Hashable {
  /// The word used in results, such as `queue` or `keep-alive`.
  public var name: String

  /// Creates a clause from a word.
  public init(_ name: String) { self.name = name }
}

/// What a scaling policy measured, what it held it against, and what it would have wanted without limits.
public struct ScalingFigures: Sendable, Hashable {
  /// The average over its long window, in the units of the metric, over all replicas.
  public var longWindow: Double
  /// The average over its short window; nil where it has one window.
  public var shortWindow: Double?
  /// What of it one replica should have.
  public var target: Double
  /// Replicas wanted before limits, rates, windows and delays.
  public var unlimited: Int32
  /// Knative's excess burst capacity in requests; nil for others.
  public var excessBurstCapacity: Int32?

  /// Creates figures; those of one window unless told.
  public init(
    longWindow: Double, shortWindow: Double? = nil, target: Double, unlimited: Int,
    excessBurstCapacity: Int? = nil
  ) {
    self.longWindow = longWindow
    self.shortWindow = shortWindow
    self.target = target
    self.unlimited = Int32(clamping: unlimited)
    self.excessBurstCapacity = excessBurstCapacity.map { Int32(clamping: $0) }
  }
}

/// One scaling decision and the figures it saw.
public struct ScalingRecord: Sendable, Hashable {
  /// When, in nanoseconds.
  public var time: Nanoseconds = 0
  /// Index into the scenario's models.
  public var model: Int32 = 0
  /// Requests waiting without a replica.
  public var waiting: Int64 = 0
  /// Replicas ready.
  public var ready: Int32 = 0
  /// Replicas demanded or starting.
  public var starting: Int32 = 0
  /// Replicas that finish what they have.
  public var draining: Int32 = 0
  /// Replicas wanted.
  public var desired: Int32 = 0
  /// The clause that fired.
  public var clause = ScalingClause("")
  /// What was measured; nil where the policy measures nothing.
  public var figures: ScalingFigures?

  /// An empty record.
  public init() {}
}

/// The state of the system at one instant, taken at a fixed simulated interval.
public struct SampleRecord: Sendable, Hashable {
  /// When, in nanoseconds.
  public var time: Nanoseconds = 0
  /// Requests waiting without a replica.
  public var waiting: Int64 = 0
  /// Requests in replicas.
  public var inReplicas: Int64 = 0
  /// Replicas ready.
  public var ready: Int32 = 0
  /// Replicas demanded or starting.
  public var starting: Int32 = 0
  /// GPUs nobody holds.
  public var freeGPUs: Int32 = 0
  /// GPUs held by background tenants.
  public var backgroundGPUs: Int32 = 0
  /// Free GPUs that no TP2, TP4 or TP8 group inside one NVLink domain can use.
  public var strandedTP2: Int32 = 0
  /// The same for TP4.
  public var strandedTP4: Int32 = 0
  /// The same for TP8.
  public var strandedTP8: Int32 = 0
  /// Free GPUs that a demand of the scenario's mix could not use, in the mean over the mix; nil where an
  /// older file did not keep it.
  public var fragmentedGPUs: Double?
  /// The most free GPUs in one NVLink domain.
  public var largestBlock: Int32?
  /// Demands for GPUs that wait, of replicas and of tenants.
  public var waitingDemands: Int32?
  /// KV blocks in use over all ready replicas.
  public var keyValueBlocksUsed: Int64 = 0
  /// KV blocks of all ready replicas.
  public var keyValueBlocks: Int64 = 0

  /// An empty record.
  public init() {}
}
