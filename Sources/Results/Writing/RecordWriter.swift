import EventKernel
import GRDB
import Serving

/// The labels of a workload, ready to be bound to rows.
private struct PooledLabels {
  var workload: PooledText
  var tenant: PooledText
  var priority: PooledText
}

/// Moves a spool's rows into the tables of one run, in the order in which they were recorded.
struct RecordWriter {
  private let run: Int64
  private let pool = TextPool()
  private let workloads: [PooledLabels]
  private let models: [PooledText]
  private let statuses: [PooledText]
  private let reasons: [PooledText]
  private var requests: RowWriter
  private var replicas: RowWriter
  private var tiers: RowWriter
  private var stages: RowWriter
  private var spreads: RowWriter
  private var gpus: RowWriter
  private var links: RowWriter
  private var allocations: RowWriter
  private var scalings: RowWriter
  private var samples: RowWriter
  private var allocationCount: Int64 = 0
  private var scalingCount: Int64 = 0
  private var sampleCount: Int64 = 0

  init(_ db: Database, run: Int64, names: RunNames) throws {
    self.run = run
    let pool = self.pool
    workloads = names.workloads.map {
      PooledLabels(
        workload: pool.keep($0.name), tenant: pool.keep($0.tenant),
        priority: pool.keep($0.priority))
    }
    models = names.models.map(pool.keep)
    // Indexed by raw value.
    statuses = RequestStatus.allCases.map { pool.keep($0.name) }
    reasons = RequestReason.allCases.map { pool.keep($0.text) }
    requests = try RowWriter(db, .request)
    replicas = try RowWriter(db, .replica)
    tiers = try RowWriter(db, .replicaTier)
    stages = try RowWriter(db, .stage)
    spreads = try RowWriter(db, .stageHistogram)
    gpus = try RowWriter(db, .gpu)
    links = try RowWriter(db, .link)
    allocations = try RowWriter(db, .allocation)
    scalings = try RowWriter(db, .scalingDecision)
    samples = try RowWriter(db, .sample)
  }

  /// Inserts every row of a spool.
  ///
  /// - Parameters:
  ///   - spool: The spool, with nothing more to come.
  ///   - progress: Called every two thousand rows with the share done, in 0 ... 1.
  /// - Throws: What failed while spooling, or fails now.
  mutating func insert(_ spool: RunSpool, progress: ((Double) -> Void)?) throws {
    var (reader, bytes) = try spool.finish()
    defer { reader.deallocate() }
    var rows = 0
    while let tag = try reader.next() {
      switch tag {
      case .request: try insert(reader.takeRequest())
      case .replica: try insert(reader.takeReplica(tiers: spool.tiers))
      case .stage: try insert(reader.takeStage())
      case .gpu: try insert(reader.takeGPU())
      case .link: try insert(reader.takeLink())
      case .allocation: try insert(reader.takeAllocation())
      case .scaling: try insert(reader.takeScaling(clauses: spool.clauses))
      case .sample: try insert(reader.takeSample())
      }
      rows += 1
      if rows % 2048 == 0 { progress?(Double(reader.consumed) / Double(bytes)) }
    }
  }

  private mutating func insert(_ row: RequestRecord) throws {
    let labels = workloads[Int(row.workload)]
    requests.bind(run)
    requests.bind(row.requestID)
    requests.bind(labels.workload)
    requests.bind(labels.tenant)
    requests.bind(row.session < 0 ? nil : row.session)
    requests.bind(models[Int(row.model)])
    requests.bind(labels.priority)
    requests.bind(row.arrival)
    requests.bind(row.firstToken)
    requests.bind(row.finish)
    requests.bind(row.end)
    requests.bind(row.promptTokens)
    requests.bind(row.cachedTokens)
    requests.bind(row.outputTokens)
    requests.bind(statuses[Int(row.status.rawValue)])
    requests.bind(row.reason == .none ? nil : reasons[Int(row.reason.rawValue)])
    requests.bind(row.attempts)
    requests.bind(row.replicaID < 0 ? nil : Int64(row.replicaID))
    requests.bind(row.parts)
    requests.bind(row.firstTokenParts)
    requests.bind(row.batchInterference)
    try requests.insert()
  }

  private mutating func insert(_ row: ReplicaRecord) throws {
    replicas.bind(run)
    replicas.bind(row.replicaID)
    replicas.bind(models[Int(row.model)])
    replicas.bind(row.tensor)
    replicas.bind(row.stages)
    replicas.bind(row.demanded)
    replicas.bind(row.granted)
    replicas.bind(row.containerEnd)
    replicas.bind(row.runtimeEnd)
    replicas.bind(row.fetchEnd)
    replicas.bind(row.loadEnd)
    replicas.bind(row.ready)
    replicas.bind(row.released)
    replicas.bind(Int64(row.initial ? 1 : 0))
    replicas.bind(row.requestsCompleted)
    replicas.bind(row.tokensGenerated)
    replicas.bind(row.keyValueBlocks)
    replicas.bind(row.keyValueBlocksPeak)
    replicas.bind(row.preemptions)
    replicas.bind(row.prefixCache)
    for phase in ColdStartMarks.phases { replicas.bind(row.coldStart[phase]) }
    replicas.bind(row.weights)
    replicas.bind(row.replaces < 0 ? nil : Int64(row.replaces))
    try replicas.insert()
    for (level, tier) in (row.prefixCache?.tiers ?? []).enumerated() {
      tiers.bind(run)
      tiers.bind(row.replicaID)
      tiers.bind(tier, level: level)
      try tiers.insert()
    }
  }

  private mutating func insert(_ row: StageRecord) throws {
    stages.bind(run)
    stages.bind(row.replicaID)
    stages.bind(row.stage)
    stages.bind(row.layers)
    stages.bind(listText(row.gpus))
    stages.bind(row.starting)
    stages.bind(row.busy)
    stages.bind(row.exposedCommunication)
    stages.bind(row.bubble)
    stages.bind(row.starved)
    stages.bind(row.draining)
    stages.bind(row.failed)
    stages.bind(row.steps)
    stages.bind(row.tokens)
    stages.bind(row.modelFLOPs)
    stages.bind(row.leastBytes)
    stages.bind(row.mfu)
    stages.bind(row.mbu)
    stages.bind(row.bubbleParts)
    stages.bind(row.stepTime)
    stages.bind(row.samplingTime)
    try stages.insert()
    try insertSpread(row)
  }

  private mutating func insertSpread(_ row: StageRecord) throws {
    func seconds(_ time: Int64?) -> Double? { time.map { Double($0) / 1e9 } }
    spreads.bind(run)
    spreads.bind(row.replicaID)
    spreads.bind(row.stage)
    spreads.bind(row.stepTimes.count)
    spreads.bind(row.steps > 0 ? row.meanStep / 1e9 : nil)
    spreads.bind(seconds(row.stepTimes.quantile(0.5)))
    spreads.bind(seconds(row.stepTimes.quantile(0.9)))
    spreads.bind(seconds(row.stepTimes.quantile(0.99)))
    spreads.bind(Int64(row.straggler == nil ? 0 : 1))
    spreads.bind(row.straggler?.ratio)
    spreads.bind(row.straggler?.cause.name)
    spreads.bind(StepHistogramBlob.bytes(of: row.stepTimes))
    try spreads.insert()
  }

  private mutating func insert(_ row: GPURecord) throws {
    gpus.bind(run)
    gpus.bind(row.gpu)
    gpus.bind(row.node)
    gpus.bind(row.unallocated)
    gpus.bind(row.background)
    gpus.bind(row.starting)
    gpus.bind(row.busy)
    gpus.bind(row.reservedIdle)
    gpus.bind(row.sleeping)
    gpus.bind(row.failed)
    gpus.bind(row.mfu)
    gpus.bind(row.mbu)
    try gpus.insert()
  }

  private mutating func insert(_ row: LinkRecord) throws {
    links.bind(run)
    links.bind(row.link)
    links.bind(row.kind.name)
    links.bind(row.owner)
    links.bind(row.ordinal)
    links.bind(row.capacityBytesPerSecond)
    links.bind(row.bytes)
    links.bind(row.bulkBytes)
    links.bind(row.hopBytes)
    links.bind(row.collectiveBytes)
    links.bind(row.busy)
    links.bind(row.share)
    try links.insert()
  }

  private mutating func insert(_ row: AllocationRecord) throws {
    allocations.bind(run)
    allocations.bind(allocationCount)
    allocationCount += 1
    allocations.bind(row.kind.name)
    allocations.bind(row.subject)
    allocations.bind(row.model < 0 ? nil : models[Int(row.model)])
    allocations.bind(row.gpusAsked)
    allocations.bind(row.demanded)
    allocations.bind(row.granted)
    allocations.bind(row.abandoned)
    allocations.bind(row.waited)
    allocations.bind(row.obstacle.name)
    allocations.bind(listText(row.gpus))
    for cause in AllocationWaits.causes { allocations.bind(row.waits[cause]) }
    allocations.bind(row.tensor)
    allocations.bind(row.stages)
    try allocations.insert()
  }

  private mutating func insert(_ row: ScalingRecord) throws {
    scalings.bind(run)
    scalings.bind(scalingCount)
    scalingCount += 1
    scalings.bind(row.time)
    scalings.bind(models[Int(row.model)])
    scalings.bind(row.waiting)
    scalings.bind(row.ready)
    scalings.bind(row.starting)
    scalings.bind(row.desired)
    scalings.bind(row.clause.name)
    scalings.bind(row.draining)
    scalings.bind(row.figures?.longWindow)
    scalings.bind(row.figures?.shortWindow)
    scalings.bind(row.figures?.target)
    scalings.bind(row.figures.map { Int64($0.unlimited) })
    scalings.bind(row.figures?.excessBurstCapacity.map(Int64.init))
    try scalings.insert()
  }

  private mutating func insert(_ row: SampleRecord) throws {
    samples.bind(run)
    samples.bind(sampleCount)
    sampleCount += 1
    samples.bind(row.time)
    samples.bind(row.waiting)
    samples.bind(row.inReplicas)
    samples.bind(row.ready)
    samples.bind(row.starting)
    samples.bind(row.freeGPUs)
    samples.bind(row.backgroundGPUs)
    samples.bind(row.strandedTP2)
    samples.bind(row.strandedTP4)
    samples.bind(row.strandedTP8)
    samples.bind(row.keyValueBlocksUsed)
    samples.bind(row.keyValueBlocks)
    samples.bind(row.fragmentedGPUs)
    samples.bind(row.largestBlock.map { Int64($0) })
    samples.bind(row.waitingDemands.map { Int64($0) })
    try samples.insert()
  }
}

/// `3,4,7`: indices as the tables keep them, empty for none.
func listText(_ numbers: [Int32]) -> String {
  numbers.map(String.init).joined(separator: ",")
}
