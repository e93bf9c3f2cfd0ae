public import EventKernel
public import Hardware
public import Inference
public import Workload

/// What a run takes: everything checked, nothing optional that must be there.
public struct Scenario: Sendable {
  /// The scenario's name.
  public var name: String
  /// The seed of every random stream.
  public var seed: UInt64
  /// Requests arrive in [0, duration), in nanoseconds.
  public var duration: Nanoseconds
  /// Requests that arrive before this do not count in metrics, in nanoseconds.
  public var warmup: Nanoseconds
  /// How long the run may go on after `duration`, in nanoseconds.
  public var drainLimit: Nanoseconds
  /// Time between samples of the system's state, in nanoseconds; 0: none.
  public var sampleInterval: Nanoseconds
  /// The machines.
  public var cluster: ClusterSpecification
  /// The tenants that hold other GPUs; nil when the cluster is ours alone.
  public var background: BackgroundSpecification?
  /// How many GPUs the models of some tenants may hold at once.
  public var quotas: [TenantQuota] = []
  /// The models served.
  public var models: [ServedModel]
  /// The traffic; names, tenants and objectives by workload index.
  public var workloads: [WorkloadSpecification]
  /// The requests of all workloads, merged; `SyntheticRequests` of the workloads unless told.
  public var source: any RequestSource
  /// What is compared.
  public var schedulers: [SchedulerSpecification]

  /// Creates a scenario; without a source its requests are drawn from the workloads.
  public init(
    name: String, seed: UInt64 = 1, duration: Nanoseconds, warmup: Nanoseconds = 0,
    drainLimit: Nanoseconds = 3_600_000_000_000, sampleInterval: Nanoseconds = 0,
    cluster: ClusterSpecification, background: BackgroundSpecification? = nil,
    models: [ServedModel], workloads: [WorkloadSpecification],
    source: (any RequestSource)? = nil, schedulers: [SchedulerSpecification]
  ) {
    self.name = name
    self.seed = seed
    self.duration = duration
    self.warmup = warmup
    self.drainLimit = drainLimit
    self.sampleInterval = sampleInterval
    self.cluster = cluster
    self.background = background
    self.models = models
    self.workloads = workloads
    self.source = source ?? SyntheticRequests(workloads: workloads, duration: duration)
    self.schedulers = schedulers
  }

  /// Index of the model that a request asks for.
  func model(of request: ArrivingRequest) -> Int {
    request.model >= 0 ? Int(request.model) : workloads[Int(request.workload)].model
  }
}

/// A model that the cluster serves.
public struct ServedModel: Sendable, Hashable {
  /// The name that workloads use.
  public var name: String
  /// Whose it is, for quotas; empty: nobody's.
  public var tenant = ""
  /// Its shape.
  public var architecture: ModelArchitecture
  /// How weights are stored.
  public var weights: NumberFormat
  /// How the KV cache is stored.
  public var keyValueCache: NumberFormat
  /// What a step costs.
  public var cost: CostModel
  /// Seconds of a whole-model step on one GPU, drawn for each micro-batch; only the stochastic cost
  /// model reads it, and needs it.
  public var stepSeconds: Distribution?

  /// Creates a served model.
  public init(
    name: String, architecture: ModelArchitecture, weights: NumberFormat = .bf16,
    keyValueCache: NumberFormat = .bf16, cost: CostModel, stepSeconds: Distribution? = nil
  ) {
    self.name = name
    self.architecture = architecture
    self.weights = weights
    self.keyValueCache = keyValueCache
    self.cost = cost
    self.stepSeconds = stepSeconds
  }
}

/// Other tenants of the cluster: how many GPUs they hold, in which sizes, for how long.
public struct BackgroundSpecification: Sendable, Hashable {
  /// How tenants come and go.
  public enum Arrangement: String, Sendable, CaseIterable {
    /// Each tenant is followed by one of its size the moment it should leave; the demand for GPUs
    /// is constant and its places change.
    case renewing
    /// Each GPU is held for the whole run with probability `occupancy`, independently.
    case independent
  }

  /// Share of the cluster's GPUs that tenants ask for, in [0, 1].
  public var occupancy: Double
  /// Sizes in GPUs of one node, and the share of tenants of each size; ascending by size.
  public var sizes: [BackgroundSize]
  /// How long a tenant stays, in seconds.
  public var lifetimeSeconds: Distribution
  /// How tenants come and go.
  public var arrangement: Arrangement
  /// Where `occupancy` changes, in the order of time; empty: never.
  ///
  /// Tenants then come and go so that what they ask follows it, whatever became of earlier demands.
  public var schedule: [OccupancyStep] = []
  /// The policy that chooses their nodes; nil: one with room, drawn evenly.
  public var placement: TenantPlacement?
  /// The demands themselves, in the order of their times, where a trace brings them; then nothing is
  /// drawn but places, and the other properties are not read.
  public var demands: [BackgroundDemand]?

  /// Creates a background whose tenants ask what a trace says, in the order of its times.
  ///
  /// Those that ask at time 0 hold their GPUs from the start.
  public init(demands: [BackgroundDemand]) {
    self.init(occupancy: 0, sizes: [], lifetimeSeconds: .constant(0))
    self.demands = demands
  }

  /// Creates a background.
  public init(
    occupancy: Double, sizes: [BackgroundSize], lifetimeSeconds: Distribution,
    arrangement: Arrangement = .renewing
  ) {
    self.occupancy = occupancy
    self.sizes = sizes
    self.lifetimeSeconds = lifetimeSeconds
    self.arrangement = arrangement
  }
}

/// An instant from which background tenants ask for another share of the GPUs.
public struct OccupancyStep: Sendable, Hashable {
  /// When, in nanoseconds.
  public var time: Nanoseconds
  /// Share of the cluster's GPUs, in [0, 1].
  public var occupancy: Double

  /// Creates a step.
  public init(time: Nanoseconds, occupancy: Double) {
    self.time = time
    self.occupancy = occupancy
  }
}

/// What one background tenant asks for.
public struct BackgroundDemand: Sendable, Hashable {
  /// When it asks, in nanoseconds.
  public var time: Nanoseconds
  /// GPUs of one node.
  public var gpus: Int32
  /// How long it holds them, in nanoseconds.
  public var lifetime: Nanoseconds

  /// Creates a demand.
  public init(time: Nanoseconds, gpus: Int32, lifetime: Nanoseconds) {
    self.time = time
    self.gpus = gpus
    self.lifetime = lifetime
  }
}

/// A size of background tenants and its share.
public struct BackgroundSize: Sendable, Hashable {
  /// GPUs of one node.
  public var gpus: Int
  /// Share of the tenants, relative to the other sizes.
  public var share: Double

  /// Creates a size.
  public init(gpus: Int, share: Double) {
    self.gpus = gpus
    self.share = share
  }
}

/// One way to serve the models: a policy for each decision, and the engine and loader they drive.
public struct SchedulerSpecification: Sendable {
  /// The scheduler's name.
  public var name: String
  /// How a replica is cut over GPUs.
  public var parallelism: any ParallelismPolicy
  /// Which tokens enter a step.
  public var batching: any BatchingPolicy
  /// To which replica a request goes.
  public var routing: any RoutingPolicy
  /// Who is served at all.
  public var admission: any AdmissionPolicy
  /// Who goes first among those that wait.
  public var queue: any QueuePolicy
  /// On which GPUs.
  public var placement: any PlacementPolicy
  /// How many replicas.
  public var scaling: any ScalingPolicy
  /// How long idle replicas are kept; nil: as long as `scaling` says.
  public var keepAlive: (any KeepAlivePolicy)?
  /// The serving engine's own settings.
  public var engine: EngineSpecification
  /// What a cold start consists of.
  public var coldStart: ColdStartSpecification
  /// In which order demands for GPUs are met.
  public var allocation = AllocationSpecification()

  /// Creates a scheduler; a policy left out takes its documented default.
  public init(
    name: String, parallelism: any ParallelismPolicy = FixedParallelism(),
    batching: any BatchingPolicy = VLLMBatching(),
    routing: any RoutingPolicy = LeastLoadedRouting(),
    admission: any AdmissionPolicy = AllAdmission(),
    queue: any QueuePolicy = FirstComeQueue(),
    placement: any PlacementPolicy = BestFitPlacement(),
    scaling: any ScalingPolicy = QueueScaling(),
    engine: EngineSpecification = EngineSpecification(),
    coldStart: ColdStartSpecification = ColdStartSpecification()
  ) {
    self.name = name
    self.parallelism = parallelism
    self.batching = batching
    self.routing = routing
    self.admission = admission
    self.queue = queue
    self.placement = placement
    self.scaling = scaling
    self.engine = engine
    self.coldStart = coldStart
  }
}

/// The serving engine's settings that are no policy.
public struct EngineSpecification: Sendable, Hashable {
  /// Tokens of one KV block; vLLM's default.
  public var blockTokens: Int = 16
  /// Share of GPU memory the engine may use; vLLM's default.
  public var gpuMemoryUtilization: Double = 0.9
  /// KV blocks of each replica, instead of what the memory plan gives; nil: the memory plan.
  public var keyValueBlocks: Int?
  /// What happens to KV blocks beside being given to sequences.
  public var keyValue = KeyValueSpecification()
  /// How tensor parallelism reduces.
  public var allReduce: AllReduceImplementation = .customGraph
  /// Whether a stage is free while its output travels; else it blocks until it has arrived.
  public var asynchronousHops = true
  /// What a hop costs: priced by the links, or nothing (for oracles).
  public var pricedHops = true
  /// Whether hops are flows that compete with weights and with each other, the exact reference,
  /// instead of a price at the share that is left; only for asynchronous, priced hops.
  public var simulatedHops = false
  /// Models that share one GPU group, each with an equal part of the memory; 1: GPUs are exclusive.
  public var residentsPerGPU: Int = 1

  /// The defaults.
  public init() {}
}
