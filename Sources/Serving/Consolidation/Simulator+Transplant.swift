import EventKernel
import Network
import Workload

/// Requests that move from a pipeline to what replaces it, with their KV.
///
/// The pipeline forms no more micro-batches; once those in flight are back, all its requests move
/// together, and go on when all of the KV has arrived. A request for whose KV there are no blocks, or that
/// has none, waits there and computes its tokens again.
extension Simulator {
  /// A pipeline whose requests are to move has come to rest, or comes to rest later.
  mutating func moveWhenStill(_ pipeline: Int) {
    guard replicas[pipeline].inFlight == 0, replicas[pipeline].movingTransfers == 0,
      replicas[pipeline].engines.allSatisfy({ engines[$0].moves.underWay == 0 })
    else { return }
    let targets = replicas[pipeline].successors.map { Int($0) }
    precondition(targets.allSatisfy { replicas[$0].phase == .ready }, "targets are awaited")
    var bytes = Array(
      repeating: Array(repeating: Int64(0), count: Int(replicas[pipeline].groupCount)),
      count: targets.count)
    for engine in replicas[pipeline].engines {
      for place in engines[engine].remaining {
        move(place, of: engine, from: pipeline, to: targets, &bytes)
      }
      // Nobody is in it any more; its blocks are there until the pipeline goes.
      replicas[pipeline].record.keyValueBlocksPeak += Int64(engines[engine].peakBlocks)
      engines[engine] = EngineState(
        blockTokens: engines[engine].blockTokens, totalBlocks: engines[engine].totalBlocks,
        stages: engines[engine].stages)
    }
    for (index, target) in targets.enumerated() {
      for (stage, amount) in bytes[index].enumerated() where amount > 0 {
        sendKeyValue(amount, fromStage: stage, of: pipeline, to: target)
      }
    }
    if replicas[pipeline].movingTransfers > 0 {
      scheduleFlows()
    } else {
      finishMoves(pipeline)
    }
    for target in targets { requestDispatch(target) }
  }

  /// A sequence leaves an engine of a pipeline for the target with the fewest requests.
  private mutating func move(
    _ place: Int32, of engine: Int, from pipeline: Int, to targets: [Int],
    _ bytes: inout [[Int64]]
  ) {
    let index =
      targets.indices.min {
        replicas[targets[$0]].outstanding < replicas[targets[$1]].outstanding
      } ?? 0
    let target = targets[index]
    if replicas[target].isDozing { awaken(target) }
    let slot = Int(engines[engine].sequences[Int(place)].request)
    let content = scheduler.engine.keyValue.sharesPrefixes ? contents[slot] : .unknown
    let moved = engines[engine].moved(place, content)
    let workload = Int(requests[slot].record.workload)
    changeOutstanding(of: pipeline, by: -1, workload: workload)
    changeOutstanding(of: target, by: 1, workload: workload)
    if !replicas[target].hasWork {
      replicas[target].beginWork(at: now)
      replicas[target].keepAliveEpoch &+= 1
    }
    bookMove(slot)
    labelMoving(slot)
    requests[slot].record.replicaID = Int32(target)
    let adopter = leastLoadedEngine(target)
    let blocks = engines[engine].blocks(forTokens: Int(moved.state.computed))
    let (own, isFilled) = engines[adopter].adopt(
      moved, maximumSequences: maximumRunning(adopter))
    log?.log(
      LoggedEvent(
        now, .move, requests[slot].record.requestID, Int64(pipeline), Int64(target),
        Int64(moved.state.computed), Int64(engines[adopter].sequences[Int(own)].blocks)))
    if isFilled {
      keepMove(of: slot, RequestMove(inBegins: now, inEnds: .max))
      replicas[pipeline].moving.append(MovingSequence(engine: Int32(adopter), place: own))
      for stage in bytes[index].indices {
        bytes[index][stage] += Int64(blocks) * keyValueBytesPerBlock(stage, of: pipeline)
      }
    } else if moved.state.computed > 0 {
      requests[slot].isRecovering = requests[slot].hasBegun
      replicas[target].record.preemptions += 1
      metrics.preemptions += 1
    }
  }

  /// Labels what a request has waited for up to the move.
  private mutating func labelMoving(_ slot: Int) {
    guard requests[slot].hasBegun else { return }
    let waited = now - requests[slot].mark
    if requests[slot].isRecovering {
      requests[slot].record.parts.preemption += waited
    } else {
      requests[slot].record.parts.pipelineWait += waited
    }
    requests[slot].mark = now
  }

  /// Bytes of a KV block on all GPUs of a stage.
  private func keyValueBytesPerBlock(_ stage: Int, of replica: Int) -> Int64 {
    let bytes = catalogue.keyValueBytesPerBlock(
      model: Int(replicas[replica].model), plan: Int(replicas[replica].plan), stage: stage)
    return bytes * Int64(replicas[replica].record.tensor)
  }

  /// KV of a stage's layers sets out to the GPUs of another replica's one stage; what is for the GPU that it
  /// lies on stays there.
  private mutating func sendKeyValue(
    _ bytes: Int64, fromStage stage: Int, of pipeline: Int, to target: Int
  ) {
    let sources = stages[Int(replicas[pipeline].firstStage) + stage].gpus
    let goals = stages[Int(replicas[target].firstStage)].gpus
    // Ranks on both sides hold equal parts of the heads.
    let count = max(sources.count, goals.count)
    for rank in 0..<count {
      let source = sources[rank * sources.count / count]
      let goal = goals[rank * goals.count / count]
      if source == goal { continue }
      let part = bytes / Int64(count) + (Int64(rank) < bytes % Int64(count) ? 1 : 0)
      if part == 0 { continue }
      send(
        WeightTransfer(
          .keyValue, pipeline, Int(replicas[pipeline].movingTransfers), bytes: part,
          over: topology.path(from: source, to: goal, in: cluster)))
      replicas[pipeline].movingTransfers += 1
    }
  }

  /// A part of a pipeline's KV has arrived; with the last one its requests go on.
  mutating func keyValueArrives(_ transfer: WeightTransfer) {
    let pipeline = Int(transfer.replica)
    replicas[pipeline].movingTransfers -= 1
    if replicas[pipeline].movingTransfers == 0 { finishMoves(pipeline) }
  }

  private mutating func finishMoves(_ pipeline: Int) {
    let moving = replicas[pipeline].moving
    replicas[pipeline].moving = []
    for sequence in moving { endMove(engine: Int(sequence.engine), sequence.place) }
    if replicas[pipeline].hasWork {
      closeIdleStages(pipeline)
      replicas[pipeline].endWork(at: now)
    }
    let targets = replicas[pipeline].successors
    endDraining(pipeline)
    // Their idle times could not run out while they were awaited.
    for target in targets where replicas[Int(target)].outstanding == 0 { becomeIdle(Int(target)) }
  }
}

/// A sequence whose KV is on its way to the engine that has adopted it.
struct MovingSequence: Sendable {
  var engine: Int32
  var place: Int32
}
