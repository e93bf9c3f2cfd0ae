import EventKernel
import Hardware
import Inference
import Serving
import Support
import Workload

/// One feature of the simulated system at a time, each in a scenario that surely shows it.
enum NamedWorld: String, CaseIterable {
  case onePlainGPU, pipelineOfTwo, pipelineOfFour, tensorOfFour, hybrid, dataParallel
  case tensorAcrossNodes, coldStarts, keepAlive, background, independentBackground, listedBackground
  case preemption, finiteBatches, blockingHops, freeHops, drainLimit, rejections
  case sharedGroups, drawnSteps, drawnStages, ladder, roofline
  case flowHops, flowHopsOverRegions, switches
  case virtualStages, virtualStagesFoldedBack, virtualStagesOfSharedGPUs, virtualStagesByFlows
  case prefixCache, swapping, tiers
  case swingingScale, swingingShared
  case consolidating, consolidatingByMoves, allSurvive, allSurviveByMoves, consolidatingToTensor
  case patientLadder
  case leastRecentlyUsed, preWarmed, sleeping, sleepingUnderPressure
  case coldChain, coldStreams, coldCaches, coldPeers
  case virtualEngines, chunks, chunksCut, chunksPreempted, chunksByFlows, chunksFetched

  var scenario: Scenario {
    var scenario = Scenario.small(
      duration: 200_000_000, sampleInterval: 10_000_000,
      cluster: Machines.cluster(nodes: 2, gpus: 4),
      models: [
        Models.constant(
          base: 1_000_003, perPrefillToken: 20_011, perDecodeSequence: 30_029,
          communication: 100_003, host: 20_021)
      ], workloads: [Traffic.poisson(rate: 150)])
    var scheduler = Schedulers.make(batching: Schedulers.vllm(tokens: 32))
    scheduler.coldStart = Schedulers.coldStart(container: 1_000_000, engineInit: 2_000_000)
    change(&scenario, &scheduler)
    scenario.schedulers = [scheduler]
    scenario.source = SyntheticRequests(workloads: scenario.workloads, duration: scenario.duration)
    if [.prefixCache, .tiers, .chunksFetched].contains(self) {
      scenario.source = SharedPrompts(scenario.source, tokensPerBlock: 4)
    }
    return scenario
  }

  private func change(_ scenario: inout Scenario, _ scheduler: inout SchedulerSpecification) {
    let scaling = Schedulers.queue(keepAlive: 20_000_000, requestsPerReplica: 4)
    let singles = [BackgroundSize(gpus: 1, share: 1)]
    let background = BackgroundSpecification(
      occupancy: 0.7, sizes: singles, lifetimeSeconds: .exponential(mean: 0.05))
    switch self {
    case .dataParallel: scheduler.scaling = Schedulers.fixed(4)
    case .virtualEngines:
      scheduler.batching = Schedulers.batching(VirtualEngineBatching.self, [:])
      scheduler.engine.keyValueBlocks = 23
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
      scenario.workloads = [Traffic.poisson(rate: 400)]
    case .swapping:
      scheduler.engine.blockTokens = 4
      scheduler.engine.keyValueBlocks = 30
      scheduler.engine.keyValue.preemption = .swap
      scheduler.engine.keyValue.watermark = 0.1
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
      scenario.workloads = [Traffic.poisson(rate: 400)]
    case .prefixCache, .tiers:
      scheduler.engine.blockTokens = 4
      scheduler.engine.keyValueBlocks = 40
      scheduler.engine.keyValue.sharesPrefixes = true
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
      scenario.workloads = [Traffic.poisson(rate: 400)]
      guard self == .tiers else { return }
      scheduler.scaling = Schedulers.fixed(2)
      scheduler.engine.keyValue.tiers = [
        CacheTier(name: "host", capacityBytes: 3_000_000, bandwidthBytesPerSecond: 1e10),
        CacheTier(
          name: "pool", capacityBytes: 1 << 40, bandwidthBytesPerSecond: 2e9, latency: 1_000,
          isShared: true),
      ]
    case .tensorAcrossNodes:
      scenario.cluster = Machines.cluster(nodes: 4, gpus: 1)
      scheduler.parallelism = Schedulers.plan(tensor: 4, stages: 1, domainRequired: false)
    case .coldStarts: scheduler.scaling = scaling
    case .leastRecentlyUsed, .preWarmed, .sleeping, .sleepingUnderPressure:
      keepAlive(&scenario, &scheduler)
    case .swingingScale, .swingingShared:
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
      scenario.workloads = [Traffic.poisson(rate: 400)]
      if self == .swingingShared { share(&scenario, &scheduler) }
      scheduler.scaling = SwingingScaling(interval: 9_000_000, replicas: 6, seed: 5)
    case .consolidating, .consolidatingByMoves, .allSurvive, .allSurviveByMoves,
      .consolidatingToTensor:
      consolidate(&scenario, &scheduler)
    case .patientLadder:
      var values = OptionValues(defaultsOf: LadderParallelism.options)
      values["plans"] = .plans([PlanShape(tensor: 4, stages: 1), PlanShape(tensor: 1, stages: 2)])
      values["patience"] = .durations([7_000_000])
      scheduler.parallelism = LadderParallelism(values)
      scheduler.scaling = scaling
      scenario.background = background
    case .coldCaches, .coldPeers:
      changeSources(&scenario, &scheduler)
    case .coldChain, .coldStreams:
      scheduler.scaling = scaling
      scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 2)
      scenario.cluster.registryBandwidthBytesPerSecond = 5e8
      scheduler.coldStart = Self.chain(streams: self == .coldStreams)
    case .keepAlive:
      scheduler.scaling = Schedulers.queue(keepAlive: 1_000_000)
      scenario.workloads = [Traffic.poisson(rate: 15)]
    case .background, .independentBackground, .listedBackground:
      scenario.background = self == .listedBackground ? Self.list : background
      if self == .independentBackground { scenario.background?.arrangement = .independent }
      scenario.drainLimit = 1_000_000_000
      scheduler.scaling = scaling
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
    case .preemption:
      scheduler.engine.keyValueBlocks = 7
      scenario.workloads = [Traffic.poisson(rate: 400)]
    case .finiteBatches:
      scheduler.batching = Schedulers.finite(sequences: 6)
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 3)
    case .blockingHops, .freeHops:
      scheduler.engine.asynchronousHops = self == .freeHops
      scheduler.engine.pricedHops = self == .blockingHops
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 4)
    case .drainLimit:
      scenario.drainLimit = 3_000_001
      scenario.workloads = [Traffic.poisson(rate: 900)]
      scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 2)
    case .rejections:
      scenario.workloads = [Traffic.poisson(rate: 400)]
      scheduler.engine.keyValueBlocks = 3
      scenario.models[0].architecture.maxContextTokens = 52
    case .virtualStages, .virtualStagesFoldedBack:
      scenario.workloads = [Traffic.poisson(rate: 500)]
      changePlan(&scheduler)
    case .sharedGroups, .virtualStagesOfSharedGPUs:
      share(&scenario, &scheduler)
      if self == .virtualStagesOfSharedGPUs { changePlan(&scheduler) }
    case .drawnSteps, .drawnStages:
      scenario.models = [
        Models.stochastic(
          seconds: .lognormal(mean: 0.002, cv: 1), perStage: self == .drawnStages, host: 9)
      ]
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 4)
    case .ladder:
      scenario.background = background
      scenario.drainLimit = 1_000_000_000
      scheduler.scaling = scaling
      scheduler.parallelism = Schedulers.ladder([
        PlanShape(tensor: 4, stages: 1), PlanShape(tensor: 2, stages: 1),
        PlanShape(tensor: 1, stages: 2, layers: [3, 5]),
      ])
    case .roofline:
      scenario.models[0].cost = .roofline(RooflineCost())
      scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 2)
    case .flowHops, .flowHopsOverRegions, .switches: changeLinks(&scenario, &scheduler)
    case .chunks, .chunksCut, .chunksPreempted, .chunksByFlows, .chunksFetched:
      changeChunks(&scenario, &scheduler)
    default: changePlan(&scheduler)
    }
  }

  /// Prompts of up to 25 chunks, which follow each other.
  private func changeChunks(_ scenario: inout Scenario, _ scheduler: inout SchedulerSpecification) {
    scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 4)
    scheduler.batching = Schedulers.batching(
      VLLMBatching.self,
      ["maxBatchedTokens": .integer(8), "overlapsChunks": .flag(true), "depth": .integer(8)])
    scenario.workloads = [Traffic.poisson(rate: 100, prompt: 1...200)]
    switch self {
    case .chunksCut:
      // Slow links hold the stages, so that some chunks spend less on steps than there is between two.
      scheduler.engine.asynchronousHops = false
      scenario.cluster = Machines.cluster(nodes: 4, gpus: 1, nicBandwidth: 5e6)
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 4, domainRequired: false)
      scenario.drainLimit = 1
      scenario.workloads = [Traffic.poisson(rate: 300, prompt: 1...200)]
    case .chunksPreempted:
      scheduler.engine.keyValueBlocks = 15
      scenario.workloads = [Traffic.poisson(rate: 400, prompt: 1...200)]
    case .chunksByFlows:
      scheduler.batching = Schedulers.batching(
        DynamicChunkBatching.self, ["chunkTokens": .integer(8), "pageTokens": .integer(1)])
      scheduler.engine.simulatedHops = true
      scheduler.engine.blockTokens = 4
      scenario.cluster = Machines.cluster(nodes: 4, gpus: 1, nicBandwidth: 1e7)
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 4, domainRequired: false)
    case .chunksFetched:
      scheduler.batching = Schedulers.batching(
        ThrottledBatching.self,
        ["maxPrefillTokens": .integer(8), "minPrefillTokens": .integer(3)])
      scheduler.engine.blockTokens = 4
      scheduler.engine.keyValueBlocks = 80
      scheduler.engine.keyValue.sharesPrefixes = true
      scheduler.engine.keyValue.tiers = [
        CacheTier(
          name: "host", capacityBytes: 30_000_000, bandwidthBytesPerSecond: 1e9, latency: 1_000)
      ]
      scenario.workloads = [Traffic.poisson(rate: 300, prompt: 1...200)]
    default: break
    }
  }

  private func changeLinks(_ scenario: inout Scenario, _ scheduler: inout SchedulerSpecification) {
    scheduler.engine.simulatedHops = self != .switches
    scheduler.scaling = Schedulers.queue(keepAlive: 20_000_000, requestsPerReplica: 4)
    switch self {
    case .flowHops:
      scenario.cluster = Machines.cluster(nodes: 2, gpus: 4, nicBandwidth: 3e7)
      scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 3)
    case .flowHopsOverRegions:
      scenario.cluster = Machines.cluster(nodes: 4, gpus: 1)
      for node in [2, 3] { scenario.cluster.nodes[node].region = 1 }
      scenario.cluster.regions = ["a", "b"]
      let line = WANSpecification.Line(
        latencyNanoseconds: 1_000_000, bandwidthBytesPerSecond: 2e7)
      scenario.cluster.wan = WANSpecification(line: line)
      scenario.drainLimit = 4_000_000
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 4)
    default:
      scenario.cluster.nodes[0].nvlink = .none
      scenario.cluster.nodes[0].pcie = PCIeTopology(
        gpusPerSwitch: 2, uplinkBytesPerSecond: 5e8, hostBridgeCount: 1,
        hostBridgeBytesPerSecond: 6e8)
      scenario.cluster.nodes[0].hasGPUDirect = false
      scenario.cluster.nodes[1] = scenario.cluster.nodes[0]
      scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 3, domainRequired: false)
    }
  }

  private func changePlan(_ scheduler: inout SchedulerSpecification) {
    switch self {
    case .pipelineOfTwo: scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
    case .pipelineOfFour: scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 4)
    case .tensorOfFour: scheduler.parallelism = Schedulers.plan(tensor: 4, stages: 1)
    case .hybrid: scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 2)
    case .virtualStages, .virtualStagesOfSharedGPUs, .virtualStagesByFlows:
      scheduler.parallelism = Schedulers.plan(PlanShape(tensor: 2, stages: 2, virtualStages: 4))
      scheduler.engine.simulatedHops = self == .virtualStagesByFlows
    case .virtualStagesFoldedBack:
      scheduler.parallelism = Schedulers.plan(
        PlanShape(tensor: 1, stages: 4, virtualStages: 2, topology: .foldBack))
    default: break
    }
  }

  /// Six tenants of one to four GPUs every 20 ms.
  private static let list = BackgroundSpecification(
    demands: (0..<60).map { (index: Int) -> BackgroundDemand in
      BackgroundDemand(
        time: Nanoseconds(index / 6 * 20_000_000), gpus: Int32(index % 4 + 1),
        lifetime: 7_000_000)
    })

  private func share(_ scenario: inout Scenario, _ scheduler: inout SchedulerSpecification) {
    scenario.models.append(Models.constant("second", base: 700_001))
    scenario.workloads.append(Traffic.poisson(rate: 120, name: "second", model: 1))
    scheduler.engine.residentsPerGPU = 2
    scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 2)
    scheduler.scaling = Schedulers.queue(keepAlive: 20_000_000, requestsPerReplica: 4)
  }

  /// Whether a run shows what the world is there for.
  func isShown(by outcome: Outcome) -> Bool {
    let records = outcome.records
    let parts = records.requests.reduce(into: LatencyParts()) { $0 += $1.parts }
    let devices = records.stages.flatMap(\.gpus)
    switch self {
    case .onePlainGPU, .pipelineOfTwo, .pipelineOfFour, .freeHops, .drawnSteps, .drawnStages,
      .roofline, .finiteBatches, .blockingHops:
      return outcome.summary.completed > 15
    case .tensorOfFour, .hybrid, .tensorAcrossNodes: return parts.commTensor > 0
    case .dataParallel: return records.replicas.count { $0.requestsCompleted > 0 } == 4
    case .coldStarts: return parts.coldStart > 0
    case .swingingScale, .swingingShared:
      let kinds = Set(outcome.events.map(\.kind))
      let givenUp = records.replicas.contains {
        $0.granted != nil && $0.ready == nil && $0.released < outcome.summary.simulated
      }
      return kinds.isSuperset(of: [.drain, .resume, .withdraw]) && givenUp
        && records.stages.contains { $0.draining > 0 }
    case .consolidating, .allSurvive:
      return records.replicas.contains { $0.replaces >= 0 && $0.requestsCompleted > 0 }
        && outcome.events.contains { $0.kind == .retire }
        && sharesAfterRetirement(outcome)
    case .consolidatingByMoves, .allSurviveByMoves:
      return parts.commKV > 0 && outcome.events.contains { $0.kind == .move && $0.e > 0 }
    case .consolidatingToTensor:
      return records.replicas.contains { $0.tensor == 4 && $0.requestsCompleted > 0 }
        && parts.commKV > 0
    case .patientLadder:
      return records.allocations.contains {
        $0.kind == .replica && $0.gpus.count == 2 && $0.waited == 7_000_000
      }
    case .leastRecentlyUsed:
      return records.scalings.count { $0.clause.name == "pressure" } > 1
    case .sleeping:
      return records.gpus.contains { $0.sleeping > 0 } && parts.coldStart > 0
        && outcome.events.contains { $0.kind == .wake }
        && outcome.events.contains { $0.kind == .transfer && $0.c == 16 }
    case .sleepingUnderPressure:
      return records.scalings.contains { $0.clause.name == "pressure" }
        && outcome.events.contains { $0.kind == .transferCut && $0.c == 14 }
    case .preWarmed: return outcome.events.contains { $0.kind == .preWarm }
    case .coldCaches:
      let found = outcome.records.replicas.compactMap(\.weights)
      return found.contains { $0[.host].hits > 0 } && found.contains { $0[.storage].hits > 0 }
        && found.contains { $0[.store].hits > 0 }
    case .coldPeers:
      let found = outcome.records.replicas.compactMap(\.weights)
      return found.contains { $0[.peer].hits > 0 && $0[.store].hits == 0 }
        && found.contains { $0[.peer].bytes > 0 && $0[.store].hits > 0 }
        && outcome.events.contains { $0.kind == .transferCut }
    case .coldChain, .coldStreams:
      return parts.coldStart > 0
        && outcome.records.replicas.contains { $0.coldStart.warmUpEnd != nil }
    case .keepAlive: return outcome.summary.coldStarts > 1
    case .background, .listedBackground:
      return outcome.events.contains { $0.kind == .tenantLeave }
    case .independentBackground: return records.gpus.contains { $0.background > 0 }
    case .preemption: return outcome.summary.preemptions > 5 && parts.preemption > 0
    case .drainLimit: return outcome.summary.unfinished > 5
    case .rejections: return Set(records.requests.map(\.reason)).count == 3
    case .sharedGroups: return Set(devices).count < devices.count && parts.pipelineWait > 0
    case .ladder: return Set(records.replicas.map(\.tensor)).count > 1
    case .flowHops: return outcome.events.contains { $0.kind == .sent && $0.d > 0 }
    case .flowHopsOverRegions:
      return records.links.contains { $0.kind == .wan && $0.hopBytes > 0 && $0.bulkBytes == 0 }
    case .virtualStages, .virtualStagesFoldedBack:
      return records.stages.allSatisfy { $0.layers > 1 } && parts.pipelineWait > 0
        && outcome.events.contains { $0.kind == .step && $0.b > 3 }
    case .virtualStagesOfSharedGPUs: return Set(devices).count < devices.count
    case .virtualStagesByFlows: return outcome.events.contains { $0.kind == .sent && $0.b > 3 }
    case .prefixCache:
      return records.requests.count { $0.cachedTokens > 0 } > 10 && outcome.summary.preemptions > 0
    case .swapping:
      return parts.commKV > 0 && outcome.events.contains { $0.kind == .swapIn && $0.d > 0 }
    case .tiers:
      return outcome.events.count { $0.kind == .fetch } > 5 && outcome.summary.preemptions > 0
    case .virtualEngines:
      return outcome.summary.preemptions > 0 && records.replicas.allSatisfy { $0.stages == 2 }
    case .chunks: return outcome.chunksBehind.count > 100
    case .chunksCut: return outcome.chunksBehind.count > 100 && outcome.summary.unfinished > 5
    case .chunksPreempted: return outcome.chunksBehind.count > 100 && parts.preemption > 0
    case .chunksByFlows:
      return outcome.chunksBehind.count > 100
        && outcome.events.contains { $0.kind == .sent && $0.d > 0 }
    case .chunksFetched: return outcome.chunksBehind.count > 100 && parts.commKV > 0
    case .switches: return records.links.contains { $0.kind == .switchDown && $0.bulkBytes > 0 }
    }
  }
}

extension Outcome {
  /// Chunks of prompts that set out while others of the same prompt were on their way: the micro-batches of
  /// the one ahead and of the one behind.
  var chunksBehind: [(ahead: Int64, behind: Int64)] {
    var last: [Int64: Int64] = [:]
    var inFlight: Set<Int64> = []
    var chunks: [(ahead: Int64, behind: Int64)] = []
    for event in events {
      if event.kind == .member {
        if let ahead = last[event.b], inFlight.contains(ahead) { chunks.append((ahead, event.a)) }
        last[event.b] = event.a
        inFlight.insert(event.a)
      } else if event.kind == .done {
        inFlight.remove(event.a)
      }
    }
    return chunks
  }
}
