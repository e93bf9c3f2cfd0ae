import EventKernel

/// Pipelines that end on one stage: what they become is begun when they serve, and takes over when its
/// weights are there.
///
/// pipeline ready → successors demanded, or begun on its own GPUs → weights → all successors ready →
/// new requests go there; the pipeline's own finish on it, or move (`Simulator+Transplant`).
extension Simulator {
  /// A replica serves: if it is a pipeline that is to end on one stage, its successors are begun.
  mutating func beginConsolidation(_ replica: Int) {
    guard let consolidation = scheduler.parallelism.consolidation,
      replicas[replica].groupCount > 1,
      let end = catalogue.shapes.firstIndex(of: consolidation.end)
    else { return }
    if consolidation.isInPlace(from: catalogue.shapes[Int(replicas[replica].plan)]) {
      let survivors =
        consolidation.allSurvive
        ? 0..<Int(replicas[replica].groupCount)
        : Consolidation.survivor..<Consolidation.survivor + 1
      for place in survivors { beginSuccessor(of: replica, onStage: place, plan: end) }
    } else {
      demandSuccessor(of: replica, plan: end)
    }
  }

  /// A replica that is to take over from another.
  private mutating func newSuccessor(of replica: Int) -> Int {
    var record = ReplicaRecord()
    record.replicaID = Int32(replicas.count)
    record.model = replicas[replica].model
    record.demanded = now
    record.replaces = Int32(replica)
    record.prefixCache = scheduler.engine.keyValue.nothingFound
    var successor = Replica(model: replicas[replica].model, record: record)
    successor.replaces = Int32(replica)
    replicas[replica].successors.append(record.replicaID)
    replicas.append(successor)
    return Int(record.replicaID)
  }

  /// A successor on the GPUs of one of the pipeline's stages, where a part of the weights lies already.
  private mutating func beginSuccessor(of replica: Int, onStage place: Int, plan: Int) {
    let successor = newSuccessor(of: replica)
    let home = Int(replicas[replica].firstStage) + place
    logSuccessor(successor, of: replica, gpus: stages[home].gpus.count, isInPlace: true)
    replicas[successor].isInPlace = true
    build(successor, plan: plan, gpus: [stages[home].gpus], group: nil)
    // The GPUs are counted once, as the pipeline's; steps of both follow one another on them.
    let model = Int(replicas[replica].model)
    countHeld(by: Int32(model), -stages[home].gpus.count)
    stages[Int(replicas[successor].firstStage)].lane = stages[home].lane
    beginRemainingWeights(of: successor, besides: replica, stage: place)
  }

  /// A successor on other GPUs, which it waits for like any replica.
  private mutating func demandSuccessor(of replica: Int, plan: Int) {
    let successor = newSuccessor(of: replica)
    let gpus = catalogue.shapes[plan].gpuCount
    var allocation = AllocationRecord()
    allocation.subject = Int32(successor)
    allocation.model = replicas[replica].model
    allocation.demanded = now
    allocation.gpusAsked = Int32(gpus)
    demands.append(allocation)
    logSuccessor(successor, of: replica, gpus: gpus, isInPlace: false)
    requestAllocation()
  }

  private func logSuccessor(_ successor: Int, of replica: Int, gpus: Int, isInPlace: Bool) {
    log?.log(
      LoggedEvent(now, .consolidate, Int64(successor), Int64(replica), isInPlace ? 1 : 0))
    log?.log(
      LoggedEvent(
        now, .demand, Int64(successor), Int64(replicas[replica].model), Int64(gpus)))
  }

  /// A successor's weights are there; once those of all are, they take over.
  mutating func successorIsLoaded(_ successor: Int) {
    let pipeline = Int(replicas[successor].replaces)
    precondition(
      replicas[pipeline].phase == .ready && !replicas[pipeline].isDraining,
      "successors go with what they were to replace")
    replicas[successor].isLoaded = true
    let all = replicas[pipeline].successors
    guard all.allSatisfy({ replicas[Int($0)].isLoaded }) else { return }
    // Out of the way first, so that what they are ready for does not go to it.
    removeView(of: pipeline)
    if replicas[pipeline].isDozing { awaken(pipeline) }
    for other in all { spareBlocks(Int(other), besides: pipeline) }
    for other in all { becomeReady(Int(other)) }
    retire(pipeline)
  }

  /// GPUs of a survivor are counted as its pipeline's while that is there; before either goes they are
  /// counted as the survivor's too.
  mutating func countOwnGPUs(_ successor: Int) {
    guard replicas[successor].isInPlace,
      replicas[Int(replicas[successor].replaces)].phase != .ended
    else { return }
    let gpus = stages[replicas[successor].homes].reduce(0) { $0 + $1.gpus.count }
    countHeld(by: replicas[successor].model, gpus)
  }

  /// Whether a replica has taken over from a pipeline that is still there.
  func hasPredecessor(_ replica: Int) -> Bool {
    let pipeline = Int(replicas[replica].replaces)
    return pipeline >= 0 && replicas[pipeline].phase != .ended
  }

  /// Whether requests of a pipeline are still to move to a replica, which must not go meanwhile.
  func isAwaited(_ replica: Int) -> Bool {
    let pipeline = Int(replicas[replica].replaces)
    return pipeline >= 0 && replicas[pipeline].phase == .ready && replicas[pipeline].isMoving
  }

  /// Whether a pipeline whose requests move still has steps in flight on the GPUs of its successor.
  func waitsForPipeline(_ successor: Int) -> Bool {
    let pipeline = Int(replicas[successor].replaces)
    return replicas[pipeline].phase == .ready && replicas[pipeline].isMoving
      && replicas[pipeline].inFlight > 0
  }

  /// Whether a pipeline and what takes over from it may execute steps on the same GPUs.
  var mayShareAfterConsolidation: Bool {
    guard let consolidation = scheduler.parallelism.consolidation, !consolidation.movesRequests
    else { return false }
    return scheduler.parallelism.allPlans.contains { consolidation.isInPlace(from: $0) }
  }

  /// A pipeline that has been replaced takes nothing new: it finishes what it has, or gives it away.
  private mutating func retire(_ pipeline: Int) {
    log?.log(LoggedEvent(now, .retire, Int64(pipeline)))
    replicas[pipeline].isDraining = true
    models[Int(replicas[pipeline].model)].retiring.append(Int32(pipeline))
    if scheduler.parallelism.consolidation?.movesRequests == true {
      replicas[pipeline].isMoving = true
      requestDispatch(pipeline)
    } else if replicas[pipeline].outstanding == 0 {
      endDraining(pipeline)
    }
  }

  /// A replica goes, or drains: successors that have not taken over from it go too, those that have may
  /// take its share of the blocks.
  mutating func endSuccession(of replica: Int) {
    let successors = replicas[replica].successors
    replicas[replica].successors = []
    for id in successors {
      let successor = Int(id)
      switch replicas[successor].phase {
      case .demanded, .starting: cancel(successor)
      case .ready:
        countOwnGPUs(successor)
        returnBlocks(successor)
      case .asleep, .ended: break
      }
    }
  }

  /// A successor is given up before it takes over.
  private mutating func cancel(_ successor: Int) {
    switch replicas[successor].phase {
    case .demanded:
      guard
        let position = demands.firstIndex(where: {
          $0.kind == .replica && Int($0.subject) == successor
        })
      else { return }
      var record = demands.remove(at: position)
      withdraw(successor, &record)
    case .starting:
      dismantle(successor)
      requestAllocation()
    case .ready, .asleep, .ended: break
    }
  }

  // MARK: Blocks while both are there

  /// While requests finish on a pipeline, the blocks that they may need on a survivor's GPUs are not the
  /// survivor's.
  private mutating func spareBlocks(_ successor: Int, besides pipeline: Int) {
    guard let consolidation = scheduler.parallelism.consolidation, !consolidation.movesRequests
    else { return }
    let first = Int(replicas[successor].firstStage)
    guard
      let place = replicas[pipeline].homes.firstIndex(where: {
        stages[$0].lane == stages[first].lane
      })
    else { return }
    var needed = 0
    for engine in replicas[pipeline].engines { needed += engines[engine].blocksToTheEnd }
    let layers = Int(stages[replicas[pipeline].homes[place]].record.layers)
    let whole = Int(stages[first].record.layers)
    let share = (needed * layers + whole - 1) / whole
    let engine = Int(replicas[successor].firstEngine)
    let spared = min(share, engines[engine].freeBlocks)
    engines[engine].pool.resize(by: -spared)
    replicas[successor].sparedBlocks = Int32(spared)
  }

  /// The pipeline is gone, and a survivor has all of its blocks.
  private mutating func returnBlocks(_ successor: Int) {
    let spared = Int(replicas[successor].sparedBlocks)
    guard spared > 0 else { return }
    replicas[successor].sparedBlocks = 0
    if replicas[successor].isDozing { awaken(successor) }
    engines[Int(replicas[successor].firstEngine)].pool.resize(by: spared)
    requestDispatch(successor)
  }
}

extension EngineState {
  /// Blocks that those who are here may need at most until the last of them ends.
  fileprivate var blocksToTheEnd: Int {
    let needed = sequences.filter { !$0.hasEnded }.reduce(0) {
      $0 + blocks(forTokens: Int($1.prompt) + Int($1.output) - 1)
    }
    return min(needed, totalBlocks)
  }
}
