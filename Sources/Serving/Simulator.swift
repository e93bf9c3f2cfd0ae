import EventKernel
import Hardware
import Inference
import Network
import Workload

/// The simulated system: the loop, and the one switch over everything that can happen.
///
/// Its state lies in arrays indexed by id. What happens at each stage of a request's life stands in
/// `Life/`, in the order of `Event.swift`.
struct Simulator {
  let scenario: Scenario
  let scheduler: SchedulerSpecification
  let runSeed: UInt64
  let run: Simulation
  var checksInvariants = false
  /// Whether dull steps may be taken together.
  var leaps = false
  /// Whether a micro-batch's way through its stages is known when it sets out.
  var usesPassages = false

  var queue = EventQueue()
  var now: Nanoseconds = 0
  /// How far the events of this instant have come: the greatest of those that have happened.
  ///
  /// What lay in the queue below it has happened too, also while a smaller one happens that it caused.
  var reached = EventKey(time: 0, payload: 0)
  var eventCount: Int64 = 0
  /// Rounds that were no events.
  var roundCount: Int64 = 0
  /// The replica for which a dispatch has been asked for, -1 when none has.
  var nextDispatch: Int32 = -1

  // Requests.
  var stream: any RequestStream
  /// When requests are expected, in nanoseconds, the nearest last: one event each.
  ///
  /// There is more than one where an answer has caused a request before the one that was expected.
  var expectedArrivals: [Nanoseconds] = []
  var arrivedRequests: Int64 = 0
  var requests: [RequestState] = []
  var freeRequests: [Int32] = []
  /// What the tokens of each are, in the same order, where engines share prefixes; and what is laid over
  /// the hashes of each workload, whose prompts have nothing in common with those of others.
  var contents: [PrefixBlocks] = []
  let contentSalts: [UInt64]
  /// When the KV of each request is on its way, in the same order, where blocks move.
  var requestMoves: [RequestMove] = []
  /// What tiers keep, the shared one first, and the stores of each engine, tier by tier.
  var tierStores: [TierStore] = []
  var storesOfEngine: [Int32] = []
  /// What replicas that are gone have found in their prefix caches and tiers.
  var prefixCache: PrefixCacheSummary?
  /// Where the weights of replicas that are gone came from; nil where there is one place only.
  var weights: WeightSources?
  var models: [ModelState] = []
  /// What comes, for scaling policies that know it.
  var foresight: Foresight?
  /// Who is served at all, and whether that is not everybody.
  var admission: any AdmissionPolicy
  let asksAdmission: Bool
  /// Who goes first among those that wait.
  let discipline: QueueDiscipline

  // Replicas and what they run.
  var catalogue: PlanCatalogue
  var replicas: [Replica] = []
  /// The engines of replicas and the policy of each, in the same order.
  var engines: [EngineState] = []
  var batching: [any BatchingPolicy] = []
  var stages: [Stage] = []
  var clocks: [StageClock] = []
  var stepTimes = StepTimeCounts()
  var lanes: [Lane] = []
  var pieces = StepPiecesList()
  var batches: [MicroBatch] = []
  var freeBatches: [Int32] = []
  /// The last one that the present dispatch has formed; -1 when it has formed none.
  var lastFormed: Int32 = -1
  var batchCount: Int64 = 0
  /// The passages of micro-batches, `mostStages` for each.
  var passes: [StagePass] = []
  var waits: [StageWait] = []
  /// In the same order, the times of their steps by context.
  var lines: [PassLine] = []
  let mostStages: Int
  var roundLoop = RoundLoop()
  /// The price changes up to which passages under way are right.
  var pricedAtChange = 0
  /// Replicas with micro-batches on their passage, and some that had them when prices changed last.
  var passingReplicas: [Int32] = []
  var groups: [SharedGroup] = []

  // The cluster.
  var cluster: ClusterState
  var network = FlowNetwork()
  var networkEpoch: UInt32 = 0
  var topology: Topology
  /// Increases when a pipeline begins or ends to use links.
  var topologyChanges = 0
  var endedFlows: [UInt64] = []
  /// Weights and images on their way, and places free for others; the state of nodes for cold starts.
  var transfers: [WeightTransfer] = []
  var freeTransfers: [Int32] = []
  var nodeStarts: [NodeStart]
  /// How the weights of each model are cut, and what nodes keep of them; empty where they keep none.
  var weightGrids: [WeightGrid] = []
  var hostCaches: [WeightCache] = []
  var storageCaches: [WeightCache] = []
  /// Weights on their way from GPU to GPU, and replicas that wait at this instant for such a way.
  var multicasts: [Multicast] = []
  var pendingReceivers: [Int32] = []
  /// Whether the run is being closed: nothing sets out any more.
  var isClosing = false
  /// On which GPUs, and what is known of each model's plans.
  var placement: any PlacementPolicy
  var placeSearch = PlaceSearch()
  var placedPlans: [PlacedPlan?] = []
  /// Demands for GPUs that have not been met, oldest first.
  var demands: [AllocationRecord] = []
  var isAllocatePending = false
  /// Whether idle replicas may make room for demands; and how often one has become idle, which is when
  /// those that have found no room in spite of them are tried with them again.
  let yieldsToDemands: Bool
  var idleChanges = 0
  /// Host memory that weights of sleeping replicas hold, by node.
  var sleepingBytes: [Int64]
  /// When they are tried next if no GPU comes free before, in nanoseconds; in the past: never.
  var allocationExpected: Nanoseconds = -1
  /// The quota of each model, -1 where it has none, and the GPUs held of each; empty without quotas.
  let quotaOfModel: [Int]
  var heldOfQuota: [Int]
  let fragmentMeasure: FragmentMeasure
  var fragmentation = FragmentationSummary()
  var tenants: [Tenant] = []
  var tenantSlots: [TenantSlot] = []
  /// The policy that chooses their nodes; nil: drawn evenly.
  var tenantPlacement: (any PlacementPolicy)?
  /// Demands that a trace or a schedule brings; nil where tenants renew themselves.
  var tenantDemands: [BackgroundDemand]?
  var scheduledTenants: ScheduledTenants?
  /// The version of the free GPUs at which no node was found, by size.
  var tenantFailed: [Int] = []

  // What is said about the run.
  var metrics: MetricsAccumulator
  var digest: RunDigest
  let records: any RecordSink
  let log: (any EventSink)?

  init(_ run: Simulation, records: any RecordSink, events: (any EventSink)?) {
    self.run = run
    scenario = run.scenario
    scheduler = run.scenario.schedulers[run.scheduler]
    runSeed = run.runSeed
    self.records = records
    log = events
    stream = scenario.source.open(seed: runSeed)
    cluster = ClusterState(scenario.cluster)
    sleepingBytes = Array(repeating: 0, count: scenario.cluster.nodes.count)
    topology = Topology(scenario.cluster, network: &network)
    nodeStarts = Self.nodesAtStart(scenario.cluster.nodes.count, scheduler.coldStart)
    catalogue = PlanCatalogue(scenario, scheduler, seed: run.runSeed)
    var facts = PlacementFacts(
      scenario, scheduler, stream: RandomStream(seed: runSeed, name: "placement"))
    placement = scheduler.placement
    placement.prepare(facts)
    fragmentMeasure = FragmentMeasure(facts.mix)
    tenantPlacement = scenario.background?.placement?.policy
    facts.stream = RandomStream(seed: runSeed, name: "background/placement")
    tenantPlacement?.prepare(facts)
    let quotas = scenario.quotas
    quotaOfModel =
      quotas.isEmpty
      ? []
      : scenario.models.map { model in quotas.firstIndex { $0.tenant == model.tenant } ?? -1 }
    heldOfQuota = quotas.map { _ in 0 }
    mostStages = scheduler.parallelism.allPlans.map { $0.stages * $0.virtualStages }.max() ?? 1
    admission = scheduler.admission
    admission.begin(tenants: scenario.tenants)
    asksAdmission = !(scheduler.admission is AllAdmission)
    let scheduler = scheduler
    let discipline = QueueDiscipline(scheduler, scenario)
    self.discipline = discipline
    yieldsToDemands =
      scheduler.scaling.keepAlive != nil && scheduler.keepAlive?.yieldsToDemands ?? false
    models = scenario.models.map {
      ModelState(
        routing: scheduler.routing,
        draws: RandomStream(seed: run.runSeed, name: "model/\($0.name)/routing"),
        scaling: scheduler.scaling, keepAlive: scheduler.keepAlive, discipline: discipline)
    }
    contentSalts = scenario.workloads.indices.map {
      RandomStream(seed: 0, name: "contents").bits(at: UInt64($0))
    }
    prefixCache = scheduler.engine.keyValue.nothingFound
    metrics = MetricsAccumulator(scenario)
    digest = RunDigest(
      workloadNames: scenario.workloads.map(\.name),
      asksSeveralModels: scenario.workloads.map { $0.popularity != nil },
      modelNames: scenario.models.map(\.name))
    makeCaches()
    weights = scheduler.coldStart.findsWeights ? WeightSources() : nil
  }

  /// Runs to the end: until nothing is left to do after the last arrival, or the drain limit.
  mutating func run(observer: ((RunProgress) -> Bool)?) {
    let engine = scheduler.engine
    let isVirtual = scheduler.parallelism.allPlans.contains { $0.virtualStages > 1 }
    usesPassages =
      leaps && !engine.simulatedHops && engine.residentsPerGPU == 1 && !isVirtual
      && !mayShareAfterConsolidation
    begin()
    let limit = scenario.duration + scenario.drainLimit
    var nextReport = Self.eventsBetweenReports
    while let time = queue.nextTime() {
      if time > limit || time > scenario.duration && isDrained { break }
      guard let (time, payload) = queue.pop() else { break }
      now = time
      reach(EventKey(time: time, payload: payload))
      handle(Event(packed: payload))
      if usesPassages, priceChanges != pricedAtChange { priceAnew() }
      eventCount += 1
      // A dispatch may ask for another: a pipeline that hands its requests on asks for its successor's, and
      // their KV, which sets out with it, changes prices.
      while nextDispatch >= 0 {
        dispatchNext()
        if usesPassages, priceChanges != pricedAtChange { priceAnew() }
      }
      if checksInvariants { checkInvariants() }
      if eventCount + roundCount >= nextReport {
        nextReport = eventCount + roundCount + Self.eventsBetweenReports
        if let observer, !observer(progress) { return }
      }
    }
    end(at: isDrained ? max(scenario.duration, metrics.lastEnd) : limit)
  }

  /// The dispatch asked for by the event that just happened: at once, when nothing else happens at this
  /// instant, else in its turn.
  private mutating func dispatchNext() {
    let event = Event(.dispatch, nextDispatch)
    nextDispatch = -1
    if let time = queue.nextTime(), time <= now {
      push(event, at: now)
      return
    }
    reach(EventKey(time: now, payload: event.packed))
    handle(event)
    eventCount += 1
  }

  @inline(__always)
  private mutating func reach(_ key: EventKey) { if reached < key { reached = key } }

  /// Events and rounds after which the observer is told how far the run has come.
  private static var eventsBetweenReports: Int64 { 1 << 14 }

  private var progress: RunProgress {
    RunProgress(now: now, duration: scenario.duration, events: eventCount)
  }

  /// Whether every request has come and gone.
  var isDrained: Bool { expectedArrivals.isEmpty && metrics.inSystem == 0 }

  private mutating func begin() {
    if log != nil { logLinks() }
    beginBackground()
    beginFleet()
    expectArrival()
    if scenario.sampleInterval > 0 { push(Event(.sample, 0), at: 0) }
  }

  @inline(__always)
  mutating func push(_ event: Event, at time: Nanoseconds) { queue.push(event.packed, at: time) }

  @inline(__always)
  private mutating func handle(_ event: Event) {
    switch event.kind {
    case .arrival: arrive()
    case .allocate: allocate()
    case .phaseEnd: endPhase(Int(event.entity), phase: event.argument)
    case .moveEnd: endMove(engine: Int(event.entity), Int32(bitPattern: event.argument))
    case .flowsEnd: endFlows(epoch: event.argument)
    case .tick: tick(Int(event.entity), epoch: event.argument)
    case .dispatch: dispatch(Int(event.entity))
    case .wake: wake(Int(event.entity), epoch: event.argument)
    case .stepEnd where usesPassages, .batchReturn where usesPassages:
      returnFromPassage(Int(event.entity), epoch: event.argument)
    case .stepEnd: endStep(Int(event.entity))
    case .hopArrival: arriveAtStage(Int(event.entity))
    case .batchReturn: returnFromStage(Int(event.entity))
    case .keepAlive: keepAliveExpired(Int(event.entity), epoch: event.argument)
    case .tenantLeave: tenantLeaves(Int(event.entity))
    case .tenantDemand: tenantAsks(Int(event.entity))
    case .sample: sample()
    }
  }
}
