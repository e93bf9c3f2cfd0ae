import EventKernel
import Inference

extension Simulator {
  /// Forms micro-batches until the policy has nothing more or enough are in flight.
  mutating func dispatch(_ replica: Int) {
    replicas[replica].isDispatchPending = false
    guard replicas[replica].phase == .ready else { return }
    if replicas[replica].isMoving {
      moveWhenStill(replica)
      return
    }
    if replicas[replica].isInPlace, waitsForPipeline(replica) { return }
    let inFlight = replicas[replica].inFlight
    lastFormed = -1
    formBatches(replica)
    if lastFormed >= 0, replicas[replica].stageCount > 1 { notePipe(replica, before: inFlight) }
    if usesPassages { dozeOff(replica) }
  }

  private mutating func formBatches(_ replica: Int) {
    let depth = replicas[replica].depth
    for engine in replicas[replica].engines {
      while engines[engine].microbatchesInFlight < depth {
        engines[engine].beginDraft()
        plan(replica, engine)
        let hasPreempted = !engines[engine].preempted.isEmpty
        if hasPreempted { settlePreempted(replica, engine) }
        var leavesDraft = false
        if !engines[engine].admitted.isEmpty {
          if !tierStores.isEmpty { leavesDraft = fetchFromTiers(replica, engine) }
          settleCached(replica, engine)
        }
        if engines[engine].moves.swaps {
          engines[engine].rankSwapped()
          if !hasPreempted || engines[engine].draft.isEmpty { returnFromSwap(replica, engine) }
        }
        if engines[engine].draft.isEmpty {
          // Who fetches leaves its place to others.
          if leavesDraft { continue }
          break
        }
        launch(replica, engine)
      }
    }
  }

  /// Asks the batching policy for a draft, with the counters of tenants where those decide.
  private mutating func plan(_ replica: Int, _ engine: Int) {
    if engines[engine].moves.swaps { engines[engine].rankSwapped() }
    if discipline.preempts {
      engines[engine].makeRoom(
        maximumSequences: batching[engine].maximumRunning(stages: engines[engine].stages),
        maximumTokens: batching[engine].maximumTokens)
    }
    if discipline.order != .tenant {
      batching[engine].plan(&engines[engine])
      return
    }
    let model = Int(replicas[replica].model)
    if engines[engine].waiting.hasChoice { settleReplicas(model) }
    swap(&models[model].counters, &engines[engine].waiting.counters)
    batching[engine].plan(&engines[engine])
    swap(&models[model].counters, &engines[engine].waiting.counters)
  }

  /// The tenants of a micro-batch that sets out so often are charged for the tokens that it will make.
  mutating func charge(_ batch: Int, rounds: Int32) {
    let engine = Int(batches[batch].engine)
    let model = Int(replicas[Int(batches[batch].replica)].model)
    for member in batches[batch].members {
      guard engines[engine].sequences[Int(member.sequence)].isDecoding else { continue }
      models[model].counters.make(rounds, engines[engine].waiting.ticket(member.sequence).tenant)
    }
  }

  /// Labels the time of those who just lost their KV cache; from now on it is `preemption`.
  private mutating func settlePreempted(_ replica: Int, _ engine: Int) {
    for position in engines[engine].preempted.indices {
      let sequence = Int(engines[engine].preempted[position])
      let slot = Int(engines[engine].sequences[sequence].request)
      labelPreempted(slot)
      replicas[replica].record.preemptions += 1
      metrics.preemptions += 1
      if engines[engine].isSwapped(sequence) {
        sendToSwap(slot, engines[engine].sequences[sequence], replica, engine)
        continue
      }
      let had = engines[engine].sequences[sequence].recoveryTarget
      log?.log(
        LoggedEvent(
          now, .preempt, requests[slot].record.requestID, Int64(replica), Int64(had)))
    }
    engines[engine].preempted.removeAll(keepingCapacity: true)
    if !tierStores.isEmpty { passEvictedOn(replica, engine) }
  }

  private mutating func labelPreempted(_ slot: Int) {
    // Before the first step the wait is split when it begins; who has only fetched has lost nothing.
    guard requests[slot].hasBegun else { return }
    let waited = now - requests[slot].mark
    if requests[slot].isRecovering {
      requests[slot].record.parts.preemption += waited
    } else {
      requests[slot].record.parts.pipelineWait += waited
    }
    requests[slot].mark = now
    requests[slot].isRecovering = true
  }

  /// Sends the draft to the first stage as a micro-batch.
  private mutating func launch(_ replica: Int, _ engine: Int) {
    let slot = freeBatches.popLast() ?? newBatch()
    let index = Int(slot)
    let shape = engines[engine].draftShape
    batches[index].isInOrder = engines[engine].launch(&batches[index].members)
    batches[index].reset(
      replica: Int32(replica), engine: Int32(engine), stage: replicas[replica].firstStage,
      number: batchCount, shape: shape, at: now)
    batchCount += 1
    if discipline.order == .tenant { charge(index, rounds: 1) }
    batches[index].ordinal = replicas[replica].microbatches
    if let draw = stepDraw(replica) {
      batches[index].shape.drawnNanoseconds = drawStep(draw, index, stage: 0)
    }
    replicas[replica].microbatches += 1
    replicas[replica].inFlight += 1
    batches[index].formedBefore = lastFormed
    lastFormed = slot
    if replicas[replica].stageCount > 1 {
      beginRound(index, replica)
      if !usesPassages { rememberRound(index, replica) }
    } else {
      batches[index].pipe = replicas[replica].isDraining ? .draining : .empty
      batches[index].sampling = 0
      passes[index * mostStages].round = StageRound()
    }
    if usesPassages {
      beginPassage(index)
      return
    }
    if log != nil { logBatch(index) }
    enterStage(Int(replicas[replica].firstStage), batch: index)
  }

  /// The distribution of a replica's step times, where they are drawn.
  func stepDraw(_ replica: Int) -> Distribution? {
    scenario.models[Int(replicas[replica].model)].stepSeconds
  }

  /// The whole-model step time of a micro-batch on a stage, in nanoseconds.
  ///
  /// Numbered by the replica's micro-batches, so equal schedulers see equal draws.
  func drawStep(_ draw: Distribution, _ batch: Int, stage: UInt64) -> Nanoseconds {
    let replica = Int(batches[batch].replica)
    let stream = catalogue.drawStreams[Int(replicas[replica].model)]
    let number = batches[batch].ordinal &* 1024 &+ stage
    return nanoseconds(
      fromSeconds: draw.sample(stream, at: UInt64(replica) << 44 &+ number))
  }

  private mutating func newBatch() -> Int32 {
    batches.append(MicroBatch())
    passes.append(contentsOf: repeatElement(StagePass(), count: mostStages))
    waits.append(contentsOf: repeatElement(StageWait(), count: mostStages))
    if usesPassages {
      lines.append(contentsOf: repeatElement(.unknown, count: mostStages))
    }
    return Int32(batches.count - 1)
  }

  private func logBatch(_ index: Int) {
    let batch = batches[index]
    log?.log(
      LoggedEvent(
        now, .form, batch.number, Int64(batch.replica), Int64(batch.shape.tokens),
        Int64(batch.shape.prefillTokens), Int64(batch.members.count)))
    for member in batch.members {
      let sequence = engines[Int(batch.engine)].sequences[Int(member.sequence)]
      log?.log(
        LoggedEvent(
          now, .member, batch.number, requests[Int(sequence.request)].record.requestID,
          Int64(member.tokens), Int64(sequence.computed - member.tokens),
          Int64(sequence.blocks)))
    }
  }
}

extension MicroBatch {
  /// Starts anew with a draft's shape; the members are already there.
  mutating func reset(
    replica: Int32, engine: Int32, stage: Int32, number: Int64, shape: BatchShape,
    at now: Nanoseconds
  ) {
    self.replica = replica
    self.engine = engine
    self.stage = stage
    self.number = number
    self.shape = shape
    launched = now
    begun = -1
    since = now
    state = .waiting
    sums = PassageSums()
    rounds = 0
    repeats = -1
  }
}
