import EventKernel
import Inference

/// Why stages are idle.
///
/// A stage's idle time ends with a step. What it waited for is told when the micro-batch of that step is
/// back, by what the way of its sequences since their last step on the stage consisted of, and by how full
/// the pipe was when it was formed.
extension Simulator {
  /// A micro-batch has been formed for several stages: it follows the one that returned at this instant, if
  /// one has.
  mutating func beginRound(_ batch: Int, _ replica: Int) {
    let first = Int(replicas[replica].firstStage)
    let count = Int(replicas[replica].stageCount)
    let before = replicas[replica].returned
    let prefill = PrefillMark(batches[batch].shape)
    var isLike = prefill == replicas[replica].lastPrefill
    batches[batch].round = StageRound()
    batches[batch].excess = StepExcess()
    batches[batch].follows = before.ended == now
    if batches[batch].follows {
      batches[batch].round = before.round
      batches[batch].excess = before.excess
      isLike = isLike && prefill == before.prefill
    }
    batches[batch].pipe = isLike ? .full : .mixed
    replicas[replica].lastPrefill = prefill
    replicas[replica].returned.ended = -1
    let last = Int(clocks[first + count - 1].pieces)
    batches[batch].sampling = pieces.samplingNanoseconds(batches[batch].shape, at: last)
  }

  /// Step by step: when a micro-batch's sequences were last on each group of GPUs.
  mutating func rememberRound(_ batch: Int, _ replica: Int) {
    let first = Int(replicas[replica].firstStage)
    batches[batch].round = StageRound()
    for home in replicas[replica].homes {
      let behind = batches[batch].follows ? clocks[home].returned : StageRound()
      waits[batch * mostStages + home - first].mark = StageRound(
        hop: -behind.hop, host: -behind.host)
    }
  }

  /// A dispatch is over: how full the pipe is for those that it has formed.
  mutating func notePipe(_ replica: Int, before inFlight: Int32) {
    let count = replicas[replica].groupCount
    var state = PipeState.empty
    if replicas[replica].isDraining {
      state = .draining
    } else if replicas[replica].inFlight < count {
      if replicas[replica].outstanding >= count { state = .cohort }
    } else if inFlight >= count - 1 {
      return
    }
    var formed = lastFormed
    while formed >= 0 {
      batches[Int(formed)].pipe = state
      formed = batches[Int(formed)].formedBefore
    }
  }

  /// Step by step: the idle time of a stage's GPUs ends as it begins with a micro-batch.
  mutating func endIdle(_ batch: Int, _ stage: Int, _ cost: StepCost) {
    let replica = Int(stages[stage].replica)
    let first = Int(replicas[replica].firstStage)
    let home = Int(stages[stage].home)
    let place = batch * mostStages + stage - first
    var idle = clocks[home].leaveIdle(at: now, work: replicas[replica].work(at: now))
    if replicas[replica].group >= 0 {
      // It was there and its stage was idle: somebody else was on the GPUs.
      var shared = BubbleParts()
      shared.shared = min(idle, now - batches[batch].since)
      idle -= shared.shared
      passes[place].begins = now - shared.shared
      credit(shared, home, until: now)
    } else {
      passes[place].begins = now
    }
    passes[place].cost = cost
    waits[place].idle = idle
    if replicas[replica].stageCount == 1 { return }
    let mark = waits[batch * mostStages + home - first].mark
    let spent = batches[batch].round
    passes[place].round = StageRound(hop: spent.hop - mark.hop, host: spent.host - mark.host)
    batches[batch].round.host += cost.host
    waits[batch * mostStages + home - first].mark = batches[batch].round
  }

  /// Step by step: a micro-batch is at the next stage, or back.
  mutating func endHop(_ batch: Int) {
    batches[batch].round.hop += now - batches[batch].since
  }

  /// Step by step: a micro-batch is back.
  mutating func endRound(_ batch: Int, _ replica: Int) {
    let first = Int(replicas[replica].firstStage)
    let count = Int(replicas[replica].stageCount)
    creditIdle(batch, stages: count)
    if count == 1 { return }
    var told = PassageTally(batches[batch].pipe, batches[batch].excess)
    for index in 0..<count {
      told.add(StageRound(), step: passes[batch * mostStages + index].cost.total)
    }
    let spent = batches[batch].round
    for home in replicas[replica].homes {
      let mark = waits[batch * mostStages + home - first].mark
      clocks[home].returned = StageRound(hop: spent.hop - mark.hop, host: spent.host - mark.host)
    }
    endRound(batch, told)
  }

  /// What the micro-batch that is formed at this instant follows.
  @inline(__always)
  mutating func endRound(_ batch: Int, _ told: PassageTally) {
    let replica = Int(batches[batch].replica)
    let sampling = batches[batch].sampling
    let last = Int(replicas[replica].firstStage + replicas[replica].stageCount) - 1
    clocks[Int(stages[last].home)].samplingTime += sampling
    replicas[replica].returned = RoundBefore(
      ended: now, round: told.round,
      excess: StepExcess(last: told.last, longest: told.longest, sampling: sampling),
      prefill: PrefillMark(batches[batch].shape))
  }

  /// Credits the idle time before the steps of a micro-batch that the end of the run has cut.
  mutating func creditIdle(_ batch: Int) {
    let index = Int(batches[batch].stage - replicas[Int(batches[batch].replica)].firstStage)
    creditIdle(batch, stages: batches[batch].state == .waiting ? index : index + 1)
  }

  /// Credits the idle time before its steps on the first stages.
  private mutating func creditIdle(_ batch: Int, stages count: Int) {
    let first = Int(replicas[Int(batches[batch].replica)].firstStage)
    let last = first + Int(replicas[Int(batches[batch].replica)].stageCount) - 1
    for index in 0..<count {
      let pass = passes[batch * mostStages + index]
      let home = Int(stages[first + index].home)
      if batches[batch].pipe == .draining {
        clocks[home].draining += waits[batch * mostStages + index].idle
        continue
      }
      var parts = BubbleParts()
      parts.add(
        waits[batch * mostStages + index].idle, batches[batch].pipe, hop: pass.round.hop,
        host: pass.round.host,
        excess: batches[batch].excess, step: pass.cost.total,
        isLast: home == Int(stages[last].home))
      credit(parts, home, until: pass.begins)
    }
  }

  /// Credits idle time that ended, and tells who wants to know.
  private mutating func credit(_ parts: BubbleParts, _ stage: Int, until time: Nanoseconds) {
    clocks[stage].bubbles += parts
    guard let log, parts != BubbleParts() else { return }
    log.tell(
      ToldBubble(
        replica: Int64(stages[stage].replica), stage: Int64(stages[stage].index), end: time,
        parts: parts))
  }

  /// A replica has no work any more: what its stages were idle up to now ended without a micro-batch.
  mutating func closeIdleStages(_ replica: Int) {
    for stage in replicas[replica].homes {
      closeIdle(stage)
      clocks[stage].enterIdle(at: now, work: replicas[replica].work(at: now))
    }
  }

  /// A stage's idle time ends, and no micro-batch with it.
  mutating func closeIdle(_ stage: Int) {
    let replica = Int(stages[stage].replica)
    let idle = clocks[stage].leaveIdle(at: now, work: replicas[replica].work(at: now))
    if replicas[replica].isDraining {
      clocks[stage].draining += idle
      return
    }
    var parts = BubbleParts()
    if replicas[replica].outstanding < replicas[replica].groupCount {
      parts.empty = idle
    } else {
      parts.cohort = idle
    }
    credit(parts, stage, until: now)
  }
}

extension StagePass {
  /// Its step begins.
  ///
  /// - Parameters:
  ///   - total: What its sequences have spent in their last round of the stages; their last time at this
  ///     one is replaced by the host part of this step.
  ///   - before: What they spent at this stage and behind it then.
  @inline(__always)
  mutating func begin(_ total: inout StageRound, after before: StageRound) {
    round = StageRound(hop: total.hop, host: total.host &- before.host)
    total.hop &-= before.hop
    total.host &+= cost.host &- before.host
  }

  /// Its time has changed: `change` is by how much what they have spent until now has.
  @inline(__always)
  mutating func change(_ change: inout StageRound, _ before: StageRound) {
    round.hop &+= change.hop
    round.host &+= change.host
    change.hop &+= hop &- before.hop
    change.host &+= cost.host &- before.host
  }
}
