import EventKernel
import Serving

/// What a row of a spool holds.
enum SpoolTag: UInt32 {
  case request = 1
  case replica, stage, gpu, link, allocation, scaling, sample
}

extension SpoolWriter {
  mutating func append(_ row: RequestRecord) {
    begin(.request, length: 268)
    put(row.requestID)
    put(row.workload)
    put(row.model)
    put(row.session)
    put(row.promptTokens)
    put(row.cachedTokens)
    put(row.outputTokens)
    put(row.status.rawValue)
    put(row.reason.rawValue)
    put(row.attempts)
    put(row.replicaID)
    put(row.arrival)
    put(row.firstToken)
    put(row.finish)
    put(row.end)
    put(row.parts)
    put(row.firstTokenParts)
    put(row.batchInterference)
  }

  /// Tiers go without their names, which are the same for all replicas of a run.
  mutating func append(_ row: ReplicaRecord) {
    let tiers = row.prefixCache?.tiers ?? []
    begin(.replica, length: 320 + 32 * tiers.count)
    put(row.replicaID)
    put(row.model)
    put(row.tensor)
    put(row.stages)
    put(row.demanded)
    put(row.granted)
    put(row.containerEnd)
    put(row.runtimeEnd)
    put(row.fetchEnd)
    put(row.loadEnd)
    put(row.ready)
    put(row.released)
    put(Int32(row.initial ? 1 : 0))
    put(row.requestsCompleted)
    put(row.tokensGenerated)
    put(row.keyValueBlocks)
    put(row.keyValueBlocksPeak)
    put(row.preemptions)
    for phase in ColdStartMarks.phases { put(row.coldStart[phase]) }
    put(row.replaces)
    put(Int32(row.weights == nil ? 0 : 1))
    for tier in WeightTier.allCases {
      put(row.weights?[tier].lookups ?? 0)
      put(row.weights?[tier].hits ?? 0)
      put(row.weights?[tier].bytes ?? 0)
    }
    put(Int32(row.prefixCache == nil ? -1 : tiers.count))
    put(row.prefixCache?.lookups ?? 0)
    put(row.prefixCache?.hits ?? 0)
    put(row.prefixCache?.promptTokens ?? 0)
    put(row.prefixCache?.cachedTokens ?? 0)
    for tier in tiers {
      put(tier.fetches)
      put(tier.tokens)
      put(tier.bytesIn)
      put(tier.bytesOut)
    }
  }

  mutating func append(_ row: StageRecord) {
    let buckets = row.stepTimes.buckets
    begin(
      .stage,
      length: 120 + 4 * row.gpus.count + 8 * BubbleCause.allCases.count + 16 + 12 + 4
        + 12 * buckets.count)
    put(row.replicaID)
    put(row.stage)
    put(row.layers)
    put(row.gpus)
    put(row.starting)
    put(row.busy)
    put(row.exposedCommunication)
    put(row.bubble)
    put(row.starved)
    put(row.draining)
    put(row.failed)
    put(row.steps)
    put(row.tokens)
    put(row.modelFLOPs)
    put(row.leastBytes)
    put(row.mfu)
    put(row.mbu)
    for cause in BubbleCause.allCases { put(row.bubbleParts[cause]) }
    put(row.stepTime)
    put(row.samplingTime)
    put(row.straggler?.ratio)
    put(row.straggler?.cause.rawValue ?? 0)
    put(Int32(buckets.count))
    for bucket in buckets {
      put(bucket.number)
      put(bucket.count)
    }
  }

  mutating func append(_ row: GPURecord) {
    begin(.gpu, length: 80)
    put(row.gpu)
    put(row.node)
    put(row.unallocated)
    put(row.background)
    put(row.starting)
    put(row.busy)
    put(row.reservedIdle)
    put(row.sleeping)
    put(row.failed)
    put(row.mfu)
    put(row.mbu)
  }

  mutating func append(_ row: LinkRecord) {
    begin(.link, length: 64)
    put(row.link)
    put(row.kind.rawValue)
    put(row.owner)
    put(row.ordinal)
    put(row.capacityBytesPerSecond)
    put(row.bulkBytes)
    put(row.hopBytes)
    put(row.collectiveBytes)
    put(row.busy)
    put(row.share)
  }

  mutating func append(_ row: AllocationRecord) {
    begin(.allocation, length: 88 + 4 * row.gpus.count)
    put(row.kind.rawValue)
    put(row.subject)
    put(row.model)
    put(row.gpusAsked)
    put(row.demanded)
    put(row.granted)
    put(row.abandoned)
    put(row.obstacle.rawValue)
    for cause in AllocationWaits.causes { put(row.waits[cause]) }
    put(row.tensor)
    put(row.stages)
    put(row.gpus)
  }

  /// The clause goes as its place in the list of words met so far.
  mutating func append(_ row: ScalingRecord, clause: Int32) {
    begin(.scaling, length: 76)
    put(row.time)
    put(row.model)
    put(row.waiting)
    put(row.ready)
    put(row.starting)
    put(row.desired)
    put(clause)
    put(row.draining)
    put(row.figures?.unlimited ?? 0)
    put(row.figures?.longWindow)
    put(row.figures?.shortWindow)
    put(row.figures?.target)
    put(row.figures?.excessBurstCapacity.map(Double.init))
  }

  mutating func append(_ row: SampleRecord) {
    begin(.sample, length: 84)
    put(row.time)
    put(row.waiting)
    put(row.inReplicas)
    put(row.ready)
    put(row.starting)
    put(row.freeGPUs)
    put(row.backgroundGPUs)
    put(row.strandedTP2)
    put(row.strandedTP4)
    put(row.strandedTP8)
    put(row.keyValueBlocksUsed)
    put(row.keyValueBlocks)
    put(row.fragmentedGPUs)
    put(row.largestBlock ?? -1)
    put(row.waitingDemands ?? -1)
  }
}
