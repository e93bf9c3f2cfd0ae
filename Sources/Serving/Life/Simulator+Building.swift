import EventKernel
import Hardware
import Inference
import Network

/// How a replica's stages are made from the GPUs it was granted, and taken apart again.
extension Simulator {
  /// Makes the stages of a replica on its GPUs.
  mutating func build(_ replica: Int, plan: Int, gpus: [[Int32]], group: Int?) {
    let model = Int(replicas[replica].model)
    let shape = catalogue.plan(plan, of: model)
    replicas[replica].plan = Int32(plan)
    replicas[replica].phase = .starting
    replicas[replica].firstStage = Int32(stages.count)
    replicas[replica].stageCount = Int32(shape.virtualStageCount)
    replicas[replica].groupCount = Int32(shape.stages)
    replicas[replica].experts = scenario.models[model].architecture.experts
    replicas[replica].depth = scheduler.batching.depth(stages: shape.stages)
    replicas[replica].record.granted = now
    replicas[replica].record.tensor = Int32(shape.tensor)
    replicas[replica].record.stages = Int32(shape.stages)
    let blocks =
      (0..<shape.stages).map { stage in
        catalogue.blocks(
          model: model, plan: plan, stage: stage,
          node: Int(cluster.gpus[Int(gpus[stage][0])].node))
      }.min() ?? 0
    replicas[replica].record.keyValueBlocks = Int64(blocks)
    addEngines(replica, blocks: blocks)
    if scheduler.engine.keyValue.movesBlocks { addMoves(replica, gpus: gpus) }
    if log != nil { logGrant(replica, shape, blocks: blocks) }
    joinGroup(replica, plan: plan, gpus: gpus, group: group)
    let count = shape.virtualStageCount
    for index in 0..<count { addStage(index, of: replica, plan: shape, gpus: gpus) }
    for index in 0..<count { addHop(index, of: replica, plan: shape, gpus: gpus) }
    prepareEngines(replica)
    if log != nil { logRoutes(replica) }
  }

  /// The engines of a replica, each with an equal part of its blocks.
  private mutating func addEngines(_ replica: Int, blocks: Int) {
    let stages = Int(replicas[replica].groupCount)
    let count = scheduler.batching.engines(stages: stages)
    let window = scenario.models[Int(replicas[replica].model)].architecture.effectiveWindow
    replicas[replica].firstEngine = Int32(engines.count)
    replicas[replica].engineCount = Int32(count)
    if discipline.preempts {
      replicas[replica].outstandingByClass = Array(repeating: 0, count: discipline.classCount)
    }
    // With one micro-batch in flight no chunk can follow another.
    let overlapsChunks =
      scheduler.batching.overlapsChunks && scheduler.batching.depth(stages: stages) > 1
    for _ in 0..<count {
      engines.append(
        EngineState(
          blockTokens: scheduler.engine.blockTokens, totalBlocks: blocks / count, stages: stages,
          window: window?.tokens ?? 0, order: discipline.order, classes: discipline.classCount,
          sharesPrefixes: scheduler.engine.keyValue.sharesPrefixes,
          overlapsChunks: overlapsChunks))
      let watermark = scheduler.engine.keyValue.watermark
      engines[engines.count - 1].moves.watermark = Int(watermark * Double(blocks / count))
      batching.append(scheduler.batching)
    }
  }

  /// Tells the replica's policies what their engines are like.
  private mutating func prepareEngines(_ replica: Int) {
    let model = scenario.models[Int(replicas[replica].model)]
    let first = Int(replicas[replica].firstStage)
    let count = Int(replicas[replica].stageCount)
    let facts = EngineFacts(
      stages: Int(replicas[replica].groupCount), blockTokens: scheduler.engine.blockTokens,
      contextTokens: model.architecture.maxContextTokens, pieces: pieces,
      pieceIndices: (first..<first + count).map { Int(clocks[$0].pieces) },
      drawnNanoseconds: model.stepSeconds.map { nanoseconds(fromSeconds: $0.mean) } ?? 0)
    for engine in replicas[replica].engines { batching[engine].prepare(facts) }
  }

  /// Own queues for own GPUs; the group's for shared ones.
  private mutating func joinGroup(_ replica: Int, plan: Int, gpus: [[Int32]], group: Int?) {
    if let group {
      replicas[replica].group = Int32(group)
      groups[group].residents.append(Int32(replica))
      return
    }
    let first = lanes.count
    for _ in gpus { lanes.append(Lane()) }
    if scheduler.engine.residentsPerGPU > 1 {
      replicas[replica].group = Int32(groups.count)
      groups.append(
        SharedGroup(
          plan: plan, stages: gpus, lanes: gpus.indices.map { Int32(first + $0) },
          residents: [Int32(replica)]))
    }
  }

  private mutating func addStage(
    _ index: Int, of replica: Int, plan: ParallelPlan, gpus: [[Int32]]
  ) {
    let group = replicas[replica].group
    let first = Int(replicas[replica].firstStage)
    let place = plan.stage(ofVirtual: index)
    let own = gpus[place]
    let lane =
      group >= 0
      ? groups[Int(group)].lanes[place] : Int32(lanes.count - plan.stages + place)
    let fabric = tensorFabric(own)
    let key = PlanCatalogue.PieceKey(
      model: Int(replicas[replica].model), plan: Int(replicas[replica].plan), stage: index,
      gpuType: catalogue.gpuTypeOfNode[Int(cluster.gpus[Int(own[0])].node)], fabric: fabric)
    var record = StageRecord()
    record.replicaID = Int32(replica)
    record.stage = Int32(place)
    record.layers = Int32(plan.layers(ofStage: place))
    record.gpus = own
    var stage = Stage(
      replica: Int32(replica), index: Int32(index), isLast: index == plan.lastStage,
      home: Int32(first + place), way: Int32(first + plan.way(ofVirtual: index)), lane: lane,
      gpus: own, fabric: fabric, record: record)
    stage.collectiveLinks = collectiveLinks(of: own, over: fabric)
    stages.append(stage)
    let prepared = Int32(catalogue.pieces(key, in: &pieces))
    let counts = index < plan.stages ? stepTimes.begin() : clocks[first + place].stepTimes
    clocks.append(StageClock(pieces: prepared, isLast: stage.isLast, stepTimes: counts))
    // The first stages are those of all groups, one each.
    guard index < plan.stages else { return }
    countHeld(by: replicas[replica].model, own.count)
    for gpu in own {
      cluster.addStarting(gpu, at: now)
      log?.log(LoggedEvent(now, .device, Int64(replica), Int64(index), Int64(gpu)))
    }
  }

  /// The way from a stage to the next, or from the last one back to the first.
  private mutating func addHop(
    _ index: Int, of replica: Int, plan: ParallelPlan, gpus: [[Int32]]
  ) {
    guard gpus.count > 1, scheduler.engine.pricedHops else { return }
    let stage = Int(replicas[replica].firstStage) + index
    let isBack = index == plan.lastStage
    let place = plan.stage(ofVirtual: index)
    let nextPlace = isBack ? 0 : plan.stage(ofVirtual: index + 1)
    // Where the next part of the layers lies on the same GPUs nothing moves.
    if nextPlace == place { return }
    let (own, next) = (gpus[place], gpus[nextPlace])
    let source = cluster.gpus[Int(own[0])]
    let target = cluster.gpus[Int(next[0])]
    let fabric: HopFabric
    if source.domain == target.domain, topology.nvlink[Int(own[0])] != nil {
      fabric = .nvlink
    } else if source.node == target.node {
      fabric = .pcie(isPeerToPeer: cluster.node(of: own[0]).pcie.isPeerToPeer)
    } else {
      fabric = .network(latencyNanoseconds: networkLatency(from: own[0], to: next[0]))
    }
    let hop = catalogue.hop(
      model: Int(replicas[replica].model), plan: Int(replicas[replica].plan), stage: index,
      gpuType: catalogue.gpuTypeOfNode[Int(source.node)], fabric: fabric)
    stages[stage].hop.terms = pieces.append(hop)
    if !isBack { addLinks(stage, to: next) }
  }

  private mutating func addLinks(_ stage: Int, to next: [Int32]) {
    for (rank, gpu) in stages[stage].gpus.enumerated() {
      let path = topology.path(from: gpu, to: next[rank % next.count], in: cluster)
      if scheduler.engine.simulatedHops { stages[stage].hop.rankPaths.append(path) }
      for link in path {
        if let known = stages[stage].hop.links.firstIndex(of: link) {
          stages[stage].hop.ranksOnLink[known] += 1
        } else {
          stages[stage].hop.links.append(link)
          stages[stage].hop.ranksOnLink.append(1)
        }
      }
    }
  }

  /// A replica that takes work counts once on each link that its hops cross.
  mutating func countPipeline(_ replica: Int, by change: Int32) {
    var counted: [LinkID] = []
    for stage in replicas[replica].stages {
      for link in stages[stage].hop.links where !counted.contains(link) {
        counted.append(link)
        topology.countPipelines(on: link, by: change)
      }
    }
    topologyChanges += 1
  }

  /// Takes a replica apart: ledgers close, GPUs come free, its records are final.
  mutating func dismantle(_ replica: Int) {
    let phase = replicas[replica].phase
    let wasReady = phase == .ready
    if !replicas[replica].successors.isEmpty { endSuccession(of: replica) }
    if replicas[replica].replaces >= 0 { countOwnGPUs(replica) }
    replicas[replica].phase = .ended
    replicas[replica].record.released = now
    if !isClosing, !wasReady || scheduler.coldStart.peers != .none { endWeights(of: replica) }
    for engine in replicas[replica].engines { empty(engine, of: replica) }
    for stage in replicas[replica].homes { closeLedger(stage, wasReady: wasReady) }
    log?.log(LoggedEvent(now, .release, Int64(replica)))
    emit(replicas[replica].record)
    for stage in replicas[replica].homes {
      clocks[stage].write(to: &stages[stage].record)
      for other in replicas[replica].stages where Int(stages[other].home) == stage {
        if other != stage { clocks[other].add(to: &stages[stage].record) }
      }
      stages[stage].record.stepTimes = stepTimes.end(at: clocks[stage].stepTimes)
      let use = holdAgainstPhysics(stage)
      let record = stages[stage].record
      countHeld(by: replicas[replica].model, -stages[stage].gpus.count)
      for gpu in stages[stage].gpus {
        cluster.addBusy(gpu, record.busy + record.exposedCommunication, use)
        cluster.leave(gpu, from: phase, at: now)
      }
    }
    recordStages(replica)
    for stage in replicas[replica].stages {
      creditCollectives(stage)
      creditHops(stage)
    }
    if wasReady { countPipeline(replica, by: -1) }
    if replicas[replica].sleep.isUnderWay { endSleep(replica) }
    if replicas[replica].group >= 0 {
      groups[Int(replicas[replica].group)].residents.removeAll { $0 == Int32(replica) }
    }
  }

  /// An engine has nobody any more.
  mutating func empty(_ engine: Int, of replica: Int) {
    replicas[replica].record.keyValueBlocksPeak += Int64(engines[engine].peakBlocks)
    engines[engine] = EngineState(blockTokens: 1, totalBlocks: 0, stages: 1)
    if !tierStores.isEmpty { forgetTiers(engine) }
  }

  private mutating func recordStages(_ replica: Int) {
    let all = stages[replicas[replica].homes].map(\.record)
    for place in all.indices {
      var record = all[place]
      record.straggler = Straggler(place, of: all)
      records.record(record)
      metrics.ended(record)
    }
  }

  private mutating func closeLedger(_ stage: Int, wasReady: Bool) {
    let replica = Int(stages[stage].replica)
    if let granted = replicas[replica].record.granted {
      let sleep = replicas[replica].sleep
      let waking = sleep.awake == .max ? now - sleep.asked : 0
      stages[stage].record.starting =
        (replicas[replica].record.ready ?? now) - granted + sleep.waking + waking
    }
    clocks[stage].starved += replicas[replica].sleep.slept(until: now)
    if wasReady, clocks[stage].idleSince >= 0 { closeIdle(stage) }
  }
}
