import EventKernel
import Serving

// Each function takes what the `append` of the same record put, in the same order.
extension SpoolReader {
  mutating func takeRequest() -> RequestRecord {
    var row = RequestRecord()
    row.requestID = take()
    row.workload = take()
    row.model = take()
    row.session = take()
    row.promptTokens = take()
    row.cachedTokens = take()
    row.outputTokens = take()
    row.status = takeCase(RequestStatus.init)
    row.reason = takeCase(RequestReason.init)
    row.attempts = take()
    row.replicaID = take()
    row.arrival = take()
    row.firstToken = takeInstant()
    row.finish = takeInstant()
    row.end = take()
    row.parts = takeParts()
    row.firstTokenParts = takeParts()
    row.batchInterference = take()
    return row
  }

  mutating func takeReplica(tiers: [String]) -> ReplicaRecord {
    var row = ReplicaRecord()
    row.replicaID = take()
    row.model = take()
    row.tensor = take()
    row.stages = take()
    row.demanded = take()
    row.granted = takeInstant()
    row.containerEnd = takeInstant()
    row.runtimeEnd = takeInstant()
    row.fetchEnd = takeInstant()
    row.loadEnd = takeInstant()
    row.ready = takeInstant()
    row.released = take()
    row.initial = take(Int32.self) != 0
    row.requestsCompleted = take()
    row.tokensGenerated = take()
    row.keyValueBlocks = take()
    row.keyValueBlocksPeak = take()
    row.preemptions = take()
    for phase in ColdStartMarks.phases { row.coldStart[phase] = takeInstant() }
    row.replaces = take()
    row.weights = takeWeights()
    row.prefixCache = takePrefixCache(tiers)
    return row
  }

  private mutating func takeWeights() -> WeightSources? {
    let isKept = take(Int32.self) != 0
    var weights = WeightSources()
    for tier in WeightTier.allCases {
      weights[tier].lookups = take()
      weights[tier].hits = take()
      weights[tier].bytes = take()
    }
    return isKept ? weights : nil
  }

  private mutating func takePrefixCache(_ tiers: [String]) -> PrefixCacheSummary? {
    let count = Int(take(Int32.self))
    var cache = PrefixCacheSummary()
    cache.lookups = take()
    cache.hits = take()
    cache.promptTokens = take()
    cache.cachedTokens = take()
    guard count >= 0 else { return nil }
    for name in tiers.prefix(count) {
      var tier = TierSummary(name: name)
      tier.fetches = take()
      tier.tokens = take()
      tier.bytesIn = take()
      tier.bytesOut = take()
      cache.tiers.append(tier)
    }
    return cache
  }

  mutating func takeStage() -> StageRecord {
    var row = StageRecord()
    row.replicaID = take()
    row.stage = take()
    row.layers = take()
    row.gpus = takeList()
    row.starting = take()
    row.busy = take()
    row.exposedCommunication = take()
    row.bubble = take()
    row.starved = take()
    row.draining = take()
    row.failed = take()
    row.steps = take()
    row.tokens = take()
    row.modelFLOPs = takeFigure() ?? 0
    row.leastBytes = takeFigure() ?? 0
    row.mfu = takeFigure()
    row.mbu = takeFigure()
    for cause in BubbleCause.allCases { row.bubbleParts[cause] = take() }
    row.stepTime = take()
    row.samplingTime = take()
    let (ratio, cause) = (takeFigure(), takeCase(Straggler.Cause.init))
    row.straggler = ratio.map {
      Straggler(replicaID: row.replicaID, stage: row.stage, ratio: $0, cause: cause)
    }
    row.stepTimes = StepHistogram(
      buckets: (0..<Int(take(Int32.self))).map { _ in
        StepHistogram.Bucket(number: take(), count: take())
      })
    return row
  }

  mutating func takeGPU() -> GPURecord {
    var row = GPURecord()
    row.gpu = take()
    row.node = take()
    row.unallocated = take()
    row.background = take()
    row.starting = take()
    row.busy = take()
    row.reservedIdle = take()
    row.sleeping = take()
    row.failed = take()
    row.mfu = takeFigure()
    row.mbu = takeFigure()
    return row
  }

  mutating func takeLink() -> LinkRecord {
    var row = LinkRecord()
    row.link = take()
    row.kind = takeCase(ClusterLinkKind.init)
    row.owner = take()
    row.ordinal = take()
    row.capacityBytesPerSecond = takeFigure() ?? 0
    row.bulkBytes = take()
    row.hopBytes = take()
    row.collectiveBytes = take()
    row.busy = take()
    row.share = takeFigure()
    return row
  }

  mutating func takeAllocation() -> AllocationRecord {
    var row = AllocationRecord()
    row.kind = takeCase(AllocationKind.init)
    row.subject = take()
    row.model = take()
    row.gpusAsked = take()
    row.demanded = take()
    row.granted = takeInstant()
    row.abandoned = takeInstant()
    row.obstacle = takeCase(AllocationObstacle.init)
    for cause in AllocationWaits.causes { row.waits[cause] = take() }
    row.tensor = take()
    row.stages = take()
    row.gpus = takeList()
    return row
  }

  mutating func takeScaling(clauses: [String]) -> ScalingRecord {
    var row = ScalingRecord()
    row.time = take()
    row.model = take()
    row.waiting = take()
    row.ready = take()
    row.starting = take()
    row.desired = take()
    row.clause = ScalingClause(clauses[Int(take(Int32.self))])
    row.draining = take()
    let unlimited = take(Int32.self)
    let (long, short) = (takeFigure(), takeFigure())
    let (target, capacity) = (takeFigure(), takeFigure())
    if let long, let target {
      row.figures = ScalingFigures(
        longWindow: long, shortWindow: short, target: target, unlimited: Int(unlimited),
        excessBurstCapacity: capacity.map { Int($0) })
    }
    return row
  }

  mutating func takeSample() -> SampleRecord {
    var row = SampleRecord()
    row.time = take()
    row.waiting = take()
    row.inReplicas = take()
    row.ready = take()
    row.starting = take()
    row.freeGPUs = take()
    row.backgroundGPUs = take()
    row.strandedTP2 = take()
    row.strandedTP4 = take()
    row.strandedTP8 = take()
    row.keyValueBlocksUsed = take()
    row.keyValueBlocks = take()
    row.fragmentedGPUs = takeFigure()
    let (block, waiting) = (take(Int32.self), take(Int32.self))
    row.largestBlock = block < 0 ? nil : block
    row.waitingDemands = waiting < 0 ? nil : waiting
    return row
  }

  /// A case by its raw value; we wrote it ourselves a moment ago, under lock.
  private mutating func takeCase<Case>(_ make: (Int32) -> Case?) -> Case {
    guard let value = make(take()) else {
      preconditionFailure("a spool holds what was put into it")
    }
    return value
  }
}
