import EventKernel
import Results
import Serving

/// A made-up run whose records, digest and summary agree with each other as a simulator's do.
struct ExampleRun {
  let sink = MemorySink()
  var summary = RunSummary()
  let names = RunNames(
    workloads: [
      WorkloadLabels(name: "chat", tenant: "acme", model: "small", priority: "interactive"),
      WorkloadLabels(name: "batch, \"night\"", tenant: "b", model: nil, priority: "batch"),
    ],
    models: ["small", "large"])
  private var random: RandomStreamOfTests

  init(
    requests: Int = 200, scheduler: String = "tp4", seed: UInt64 = 7, replication: Int = 0,
    draw: UInt64 = 1
  ) {
    random = RandomStreamOfTests(state: draw)
    summary.scenario = "example"
    summary.scheduler = scheduler
    summary.seed = seed
    summary.replication = replication
    summary.simulated = 60_000_000_000
    for id in 0..<requests { sink.requests.append(request(Int64(id))) }
    // Requests end in another order than they arrive.
    sink.requests.sort { ($0.end, $0.requestID) < ($1.end, $1.requestID) }
    addFleet()
    addDecisions()
    summarize()
  }

  /// What is stored beside summary and records.
  func header(scenario: String = "d1", version: String = "0.1.0") -> RunHeader {
    RunHeader(
      scenarioDigest: scenario, scenarioJSON: "{\"name\":\"example\"}", version: version,
      provenance: RunProvenance(
        startedAt: "2026-01-02T03:04:05Z", finishedAt: "2026-01-02T03:04:07Z", wallSeconds: 2.5,
        commandLine: "simpp run s.json", operatingSystem: "Linux", architecture: "x86_64",
        processors: 2, memoryBytes: 8_000_000_000))
  }

  /// Hands every record to a sink, as a run would.
  func play(into other: some RecordSink) {
    for record in sink.requests { other.record(record) }
    for record in sink.replicas { other.record(record) }
    for record in sink.stages { other.record(record) }
    for record in sink.gpus { other.record(record) }
    for record in sink.links { other.record(record) }
    for record in sink.allocations { other.record(record) }
    for record in sink.scalings { other.record(record) }
    for record in sink.samples { other.record(record) }
  }

  /// Spools and commits it.
  @discardableResult
  func commit(
    to store: ResultsStore, records: RecordsKept = .all, scenario: String = "d1",
    version: String = "0.1.0"
  ) throws -> Int64 {
    let spool = try store.spool(for: names, records: records)
    play(into: spool)
    return try store.commit(
      header(scenario: scenario, version: version), summary: summary, spool: spool)
  }

  private mutating func parts() -> LatencyParts {
    var parts = LatencyParts()
    for label in LatencyLabel.allCases { parts[label] = random.below(300_000_000) }
    return parts
  }

  private mutating func request(_ id: Int64) -> RequestRecord {
    var record = RequestRecord()
    record.requestID = id
    record.workload = id % 3 == 0 ? 1 : 0
    // The first workload asks for one model, the other for both.
    record.model = id % 6 == 0 ? 1 : 0
    if id % 3 == 0 { record.session = id / 9 }
    record.promptTokens = Int32(1 + random.below(4000))
    record.outputTokens = Int32(1 + random.below(400))
    record.arrival = id * 10_000_000
    record.end = record.arrival
    if id % 17 == 16 {
      record.status = .rejected
      record.reason = RejectionCounts.reasons[Int(id / 17) % RejectionCounts.reasons.count]
      return record
    }
    record.attempts = 1
    record.replicaID = Int32(id % 2)
    record.cachedTokens = record.promptTokens / 4
    record.parts = parts()
    if id % 23 == 22 {
      record.status = .unfinished
      record.reason = .drainLimit
      record.end += record.parts.total
      return record
    }
    record.firstTokenParts = record.parts
    record.firstToken = record.arrival + record.firstTokenParts.total
    record.parts += parts()
    record.end += record.parts.total
    record.finish = record.end
    record.batchInterference = record.parts.compute / 3
    return record
  }

  private mutating func addFleet() {
    for id in 0..<2 as Range<Int32> {
      var replica = ReplicaRecord()
      replica.replicaID = id
      replica.model = 0
      replica.tensor = 2
      replica.stages = 2
      replica.demanded = Int64(id) * 1_000_000_000
      replica.granted = replica.demanded + 500
      if id == 0 {
        replica.initial = true
      } else {
        replica.replaces = 0
        replica.containerEnd = replica.demanded + 1_000
        replica.runtimeEnd = replica.demanded + 2_000
        replica.fetchEnd = replica.demanded + 3_000
        replica.loadEnd = replica.demanded + 4_000
        for (place, phase) in ColdStartMarks.phases.enumerated() where place != 2 {
          replica.coldStart[phase] = replica.demanded + 4_100 + Int64(place)
        }
      }
      replica.ready = replica.demanded + 5_000
      replica.released = summary.simulated
      replica.requestsCompleted = 11
      replica.tokensGenerated = 12
      replica.keyValueBlocks = 13
      replica.keyValueBlocksPeak = 10
      replica.preemptions = 3
      replica.prefixCache = found(by: id)
      if id == 1 { replica.weights = sources() }
      sink.replicas.append(replica)
      for place in 0..<2 as Range<Int32> { addStage(place, of: replica) }
    }
    for gpu in 0..<8 as Range<Int32> { addGPU(gpu) }
    for kind in ClusterLinkKind.allCases { addLink(kind) }
  }

  /// Weights from everywhere.
  private mutating func sources() -> WeightSources {
    var weights = WeightSources()
    for tier in WeightTier.allCases {
      weights[tier].lookups = random.below(100)
      weights[tier].hits = random.below(100)
      weights[tier].bytes = random.below(1_000_000_000)
    }
    return weights
  }

  /// What the requests of a replica found, and made-up tiers of which one gave nothing.
  private mutating func found(by replica: Int32) -> PrefixCacheSummary {
    var cache = PrefixCacheSummary()
    for request in sink.requests where request.replicaID == replica { cache.add(request) }
    cache.tiers = ["host", "pool, \"shared\""].map { TierSummary(name: $0) }
    cache.tiers[0].fetches = 1 + random.below(100)
    cache.tiers[0].tokens = random.below(100_000)
    cache.tiers[0].bytesIn = random.below(1_000_000_000)
    cache.tiers[0].bytesOut = random.below(1_000_000_000)
    cache.tiers[1].bytesIn = random.below(1_000_000_000)
    return cache
  }

  private mutating func addStage(_ place: Int32, of replica: ReplicaRecord) {
    var stage = StageRecord()
    stage.replicaID = replica.replicaID
    stage.stage = place
    stage.layers = 16
    stage.gpus = [4 * replica.replicaID + 2 * place, 4 * replica.replicaID + 2 * place + 1]
    stage.starting = 1_000
    stage.busy = random.below(1_000_000)
    stage.exposedCommunication = random.below(1_000_000)
    stage.bubble = random.below(1_000_000)
    stage.draining = 7
    stage.failed = 9
    stage.starved = replica.released - (replica.granted ?? 0) - stage.busy - stage.bubble
    stage.starved -= stage.exposedCommunication + stage.starting + 16
    stage.steps = 21
    stage.tokens = 22
    stage.modelFLOPs = 1e15 / 3
    stage.leastBytes = 2e12 / 3
    stage.mfu = place == 0 ? 1.0 / 3 : nil
    stage.mbu = 2.0 / 3
    var left = stage.bubble
    for cause in BubbleCause.allCases.dropLast() {
      stage.bubbleParts[cause] = left / 3
      left -= left / 3
    }
    stage.bubbleParts.empty = left
    stage.stepTime = 1_234_567
    stage.samplingTime = 890
    stage.stepTimes = StepHistogram(buckets: [
      StepHistogram.Bucket(number: 0, count: 4), StepHistogram.Bucket(number: 300, count: 17),
    ])
    if place > 0 {
      stage.straggler = Straggler(
        replicaID: replica.replicaID, stage: place, ratio: 4.0 / 3, cause: .layers)
    }
    sink.stages.append(stage)
  }

  private mutating func addGPU(_ index: Int32) {
    var gpu = GPURecord()
    gpu.gpu = index
    gpu.node = index / 4
    gpu.background = random.below(1_000_000)
    gpu.starting = random.below(1_000_000)
    gpu.busy = random.below(1_000_000)
    gpu.reservedIdle = random.below(1_000_000)
    gpu.sleeping = 5
    gpu.failed = 6
    gpu.mfu = 1.0 / 7
    gpu.mbu = index == 0 ? nil : 2.0 / 7
    gpu.unallocated = summary.simulated - gpu.background - gpu.starting - gpu.busy
    gpu.unallocated -= gpu.reservedIdle + 11
    sink.gpus.append(gpu)
  }

  private mutating func addLink(_ kind: ClusterLinkKind) {
    var link = LinkRecord()
    link.link = kind.rawValue
    link.kind = kind
    link.owner = 2
    link.ordinal = 1
    link.capacityBytesPerSecond = 1e11 / 3
    link.bulkBytes = random.below(1_000_000)
    link.hopBytes = random.below(1_000_000)
    link.collectiveBytes = random.below(1_000_000)
    link.busy = random.below(1_000_000)
    link.share = kind == .store ? nil : 1.0 / 9
    sink.links.append(link)
  }

  private mutating func addDecisions() {
    var allocation = AllocationRecord()
    allocation.model = 1
    allocation.gpusAsked = 4
    allocation.demanded = 100
    allocation.granted = 250
    allocation.obstacle = .contiguity
    allocation.waits[.contiguity] = 110
    allocation.waits[.quota] = 40
    allocation.tensor = 2
    allocation.stages = 2
    allocation.gpus = [0, 1, 2, 3]
    sink.allocations.append(allocation)
    allocation = AllocationRecord()
    allocation.kind = .background
    allocation.subject = 5
    allocation.gpusAsked = 1
    allocation.demanded = -40
    allocation.abandoned = 90
    allocation.obstacle = .capacity
    allocation.waits[.capacity] = 90
    allocation.waits[.order] = 40
    sink.allocations.append(allocation)
    for (step, clause) in ["queue", "keep-alive", "queue"].enumerated() {
      var scaling = ScalingRecord()
      scaling.time = Int64(step) * 1_000
      scaling.model = Int32(step % 2)
      scaling.waiting = 3
      scaling.ready = 1
      scaling.starting = 2
      scaling.desired = Int32(step)
      scaling.clause = ScalingClause(clause)
      scaling.draining = Int32(step % 3)
      if step > 0 {
        scaling.figures = ScalingFigures(
          longWindow: 0.1 * Double(step), shortWindow: step == 1 ? nil : 7.25, target: 0.7,
          unlimited: step, excessBurstCapacity: step == 1 ? nil : -1)
      }
      sink.scalings.append(scaling)
    }
    for step in 0..<5 as Range<Int64> { addSample(step) }
  }

  private mutating func addSample(_ step: Int64) {
    var sample = SampleRecord()
    sample.time = step * 1_000_000_000
    sample.waiting = random.below(10)
    sample.inReplicas = random.below(10)
    sample.ready = 1
    sample.starting = 2
    sample.freeGPUs = 3
    sample.backgroundGPUs = 4
    sample.strandedTP2 = 5
    sample.strandedTP4 = 6
    sample.strandedTP8 = 7
    sample.keyValueBlocksUsed = 8
    sample.keyValueBlocks = 9
    sample.fragmentedGPUs = step == 0 ? nil : 1.0 / 3
    sample.largestBlock = step == 0 ? nil : 10
    sample.waitingDemands = step == 0 ? nil : 11
    sink.samples.append(sample)
  }
}

/// SplitMix64, enough for made-up numbers.
struct RandomStreamOfTests {
  var state: UInt64

  mutating func below(_ limit: Int64) -> Int64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return Int64((mixed ^ mixed >> 31) % UInt64(limit))
  }
}
