import EventKernel
import Serving

/// Whether the records say what the event log says, row by row and to the nanosecond.
extension Accountant {
  /// What cannot be in the log, and every row of the records that differs from it.
  func differences(from records: MemorySink) -> [String] {
    var found = faults
    func same(_ recorded: Int64, _ told: Int64, _ what: String) {
      if recorded != told, found.count < 40 {
        found.append("\(what): recorded \(recorded), told \(told)")
      }
    }
    compareRequests(records, same: same)
    compareReplicas(records, same: same)
    compareStages(records, same: same)
    compareGPUs(records, same: same)
    compareLinks(records, same: same)
    compareAllocations(records, same: same)
    compareSamples(records, same: same)
    compareScalings(records, same: same)
    return found
  }

  private func compareRequests(
    _ records: MemorySink, same: (Int64, Int64, String) -> Void
  ) {
    same(Int64(records.requests.count), Int64(requests.count), "number of requests")
    for record in records.requests where requests.indices.contains(Int(record.requestID)) {
      let told = requests[Int(record.requestID)]
      let name = "request \(told.number)"
      same(Int64(record.workload), told.workload, "\(name) workload")
      same(Int64(record.promptTokens), told.prompt, "\(name) prompt")
      same(Int64(record.outputTokens), told.output, "\(name) output")
      same(Int64(record.cachedTokens), told.cached ?? 0, "\(name) cached")
      same(Int64(record.status.rawValue), Int64(told.status.rawValue), "\(name) status")
      same(Int64(record.reason.rawValue), told.reason, "\(name) reason")
      same(Int64(record.attempts), hasBegun(told) ? 1 : 0, "\(name) attempts")
      same(Int64(record.replicaID), told.replica, "\(name) replica")
      same(record.arrival, told.arrival, "\(name) arrival")
      same(record.firstToken ?? -1, told.firstToken ?? -1, "\(name) first token")
      same(record.finish ?? -1, told.finish ?? -1, "\(name) finish")
      let end = told.end ?? -1
      same(record.end, end, "\(name) end")
      same(record.batchInterference, told.interference, "\(name) interference")
      let labels = labels(of: told, until: .max)
      same(labels.total, end - told.arrival, "\(name) labels against its time")
      let first = told.firstToken.map { self.labels(of: told, until: $0) } ?? LabelledTime()
      same(first.total, told.firstToken.map { $0 - told.arrival } ?? 0, "\(name) ttft labels")
      for label in Label.allCases {
        same(record.parts[label.recorded], labels[label], "\(name) \(label.rawValue)")
        same(record.firstTokenParts[label.recorded], first[label], "\(name) ttft \(label.rawValue)")
      }
    }
  }

  private func hasBegun(_ request: RequestAccount) -> Bool {
    request.spans.contains { if case .hoping = $0.doing { false } else { true } }
  }

  private func compareReplicas(
    _ records: MemorySink, same: (Int64, Int64, String) -> Void
  ) {
    same(Int64(records.replicas.count), Int64(replicas.count), "number of replicas")
    for record in records.replicas where replicas.indices.contains(Int(record.replicaID)) {
      let told = replicas[Int(record.replicaID)]
      let name = "replica \(told.number)"
      same(Int64(record.model), told.model, "\(name) model")
      same(Int64(record.tensor), told.tensor, "\(name) tensor")
      same(Int64(record.stages), told.stages, "\(name) stages")
      same(record.demanded, told.demanded, "\(name) demanded")
      same(Int64(record.replaces), told.replaces ?? -1, "\(name) replaces")
      same(record.granted ?? -1, told.granted ?? -1, "\(name) granted")
      same(record.containerEnd ?? -1, told.phases[0] ?? -1, "\(name) container")
      same(record.runtimeEnd ?? -1, told.phases[1] ?? -1, "\(name) runtime")
      same(record.fetchEnd ?? -1, told.phases[2] ?? -1, "\(name) fetch")
      same(record.loadEnd ?? -1, told.phases[3] ?? -1, "\(name) load")
      for tier in WeightTier.allCases {
        let own = found[told.number]?[Int(tier.rawValue)] ?? (lookups: 0, hits: 0, bytes: 0)
        let weights = record.weights?[tier] ?? WeightSources.Tier()
        same(weights.lookups, own.lookups, "\(name) lookups of \(tier)")
        same(weights.hits, own.hits, "\(name) hits of \(tier)")
        same(weights.bytes, own.bytes, "\(name) bytes of \(tier)")
      }
      for phase in ColdStartMarks.phases {
        same(
          record.coldStart[phase] ?? -1, told.phases[phase.rawValue] ?? -1, "\(name) \(phase.name)")
      }
      same(record.ready ?? -1, told.ready ?? -1, "\(name) ready")
      same(record.released, told.released ?? told.withdrawn ?? end ?? -1, "\(name) released")
      same(record.initial ? 1 : 0, told.isInitial ? 1 : 0, "\(name) initial")
      same(record.requestsCompleted, told.completed, "\(name) completed")
      same(record.tokensGenerated, told.tokens, "\(name) tokens")
      same(record.keyValueBlocks, told.blocks, "\(name) blocks")
      same(record.preemptions, told.preemptions, "\(name) preemptions")
      // Blocks that a preempted request gave up while its batch was drafted are not in the log.
      let peakFits =
        sharesPrefixes
        ? record.keyValueBlocksPeak <= (told.preemptions == 0 ? told.blocksPeak : told.blocks)
        : told.preemptions == 0
          ? record.keyValueBlocksPeak == told.blocksPeak
          : record.keyValueBlocksPeak >= told.blocksPeak
      same(record.keyValueBlocksPeak > told.usableBlocks ? 1 : 0, 0, "\(name) peak")
      same(peakFits ? 1 : 0, 1, "\(name) peak \(record.keyValueBlocksPeak) of \(told.blocksPeak)")
      compareFound(record, name, same: same)
    }
  }

  /// What a replica's engines found in their prefix caches, by the requests that it served.
  private func compareFound(
    _ record: ReplicaRecord, _ name: String, same: (Int64, Int64, String) -> Void
  ) {
    same(record.prefixCache == nil ? 0 : 1, sharesPrefixes ? 1 : 0, "\(name) has a prefix cache")
    guard let found = record.prefixCache else { return }
    let served = requests.filter {
      $0.replica == Int64(record.replicaID) && $0.arrival >= warmup && hasBegun($0)
    }
    same(found.lookups, Int64(served.count), "\(name) lookups")
    same(found.hits, Int64(served.count { $0.cached ?? 0 > 0 }), "\(name) hits")
    same(found.promptTokens, served.reduce(0) { $0 + $1.prompt }, "\(name) prompt tokens")
    same(found.cachedTokens, served.reduce(0) { $0 + ($1.cached ?? 0) }, "\(name) cached tokens")
    let fetched = found.tiers.reduce(0) { $0 + $1.bytesOut }
    same(fetched, replicas[Int(record.replicaID)].fetchedBytes, "\(name) fetched bytes")
  }

  private func compareStages(
    _ records: MemorySink, same: (Int64, Int64, String) -> Void
  ) {
    same(
      Int64(records.stages.count), replicas.reduce(0) { $0 + Int64($1.stageAccounts.count) },
      "number of stages")
    for record in records.stages {
      let replica = replicas[Int(record.replicaID)]
      let told = replica.stageAccounts[Int(record.stage)]
      let name = "stage \(record.stage) of replica \(record.replicaID)"
      same(record.gpus.map(Int64.init) == told.gpus ? 1 : 0, 1, "\(name) GPUs")
      same(record.starting, told.starting, "\(name) starting")
      same(record.busy, told.busy, "\(name) busy")
      same(record.exposedCommunication, told.exposed, "\(name) exposed communication")
      same(record.bubble, told.bubble, "\(name) bubble")
      compareBubbles(record, told, name, same: same)
      same(record.starved, told.starved, "\(name) starved")
      same(record.draining, told.draining, "\(name) draining")
      same(record.failed, 0, "\(name) failed")
      same(record.steps, told.steps, "\(name) steps")
      same(record.tokens, told.tokens, "\(name) tokens")
      let sum =
        record.starting + record.busy + record.exposedCommunication + record.bubble
        + record.starved + record.draining
      same(sum, (replica.released ?? -1) - (replica.granted ?? -1), "\(name) grant to release")
    }
  }

  private func compareBubbles(
    _ record: StageRecord, _ told: StageAccount, _ name: String,
    same: (Int64, Int64, String) -> Void
  ) {
    same(record.bubbleParts.total, record.bubble, "\(name) bubble by cause")
    // What LM head and sampler took is not in the log.
    let unknown: [BubbleCause] = hasSampler ? [.sampling, .partition, .cohort] : []
    for cause in BubbleCause.allCases where !unknown.contains(cause) {
      same(record.bubbleParts[cause], told.causes[cause] ?? 0, "\(name) bubble \(cause.name)")
    }
    same(
      unknown.reduce(0) { $0 + record.bubbleParts[$1] },
      unknown.reduce(0) { $0 + (told.causes[$1] ?? 0) }, "\(name) bubble of a full pipe")
    same(record.stepTime, told.stepTime, "\(name) step time")
    let counted = record.stepTimes.buckets.map {
      [StepHistogram.lowerBound(of: Int($0.number)), $0.count]
    }
    let steps = told.times.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
    same(counted == steps ? 1 : 0, 1, "\(name) step times")
  }

  private func compareGPUs(_ records: MemorySink, same: (Int64, Int64, String) -> Void) {
    same(Int64(records.gpus.count), Int64(gpus.count), "number of GPUs")
    for (told, record) in zip(gpus, records.gpus) {
      let name = "GPU \(record.gpu)"
      same(record.unallocated, told.unallocated, "\(name) unallocated")
      same(record.background, told.background, "\(name) background")
      same(record.starting, told.startingTime, "\(name) starting")
      same(record.busy, told.busy, "\(name) busy")
      same(record.reservedIdle, told.reservedIdle, "\(name) reserved idle")
      same(record.sleeping, told.asleep, "\(name) sleeping")
      same(record.failed, 0, "\(name) failed")
      let sum =
        record.unallocated + record.background + record.starting + record.busy
        + record.reservedIdle + record.sleeping
      same(sum, end ?? -1, "\(name) sum")
    }
  }
}

extension Label {
  /// The same label in a record.
  var recorded: LatencyLabel {
    guard let label = LatencyLabel.allCases.first(where: { $0.name == rawValue }) else {
      preconditionFailure("the contract's label \(rawValue) is not recorded")
    }
    return label
  }
}
