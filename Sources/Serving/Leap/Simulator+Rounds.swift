import EventKernel
import Inference

/// From the simulator's state into the loop over dull rounds, and back.
extension Simulator {
  /// Takes the dull rounds of a dozing replica that lie before the present event.
  mutating func catchUp(_ replica: Int) {
    // A round is a return and, after whatever else happens at that instant, the next launch.
    let launch = Event(.dispatch, Int32(replica)).packed
    let last = launch < reached.payload ? reached.time : reached.time - 1
    guard let next = replicas[replica].passing.first, batches[Int(next)].returns <= last else {
      return
    }
    enterLoop(replica)
    runLoop(replica, through: last)
    leaveLoop(replica)
    countGaps(replica)
    roundCount += Int64(roundLoop.gaps.count)
    for _ in 0..<roundLoop.front { replicas[replica].passing.rotate() }
  }

  /// The gaps between tokens of all members.
  private mutating func countGaps(_ replica: Int) {
    for gap in roundLoop.gaps {
      let batch = Int(replicas[replica].passing[Int(gap.cohort)])
      // Mostly the members belong to one workload.
      for index in batches[batch].gapShares.indices {
        let share = batches[batch].gapShares[index]
        metrics.add(gap: gap.gap, times: share.count, workload: share.workload)
      }
    }
  }

  private mutating func runLoop(_ replica: Int, through last: Nanoseconds) {
    let first = Int(replicas[replica].firstStage)
    clocks.withUnsafeMutableBufferPointer { clocks in
      stepTimes.withCounts { counts in
        guard let start = clocks.baseAddress, let counts else { return }
        roundLoop.run(through: last, pieces, clocks: start + first, counts: counts)
      }
    }
  }

  private mutating func enterLoop(_ replica: Int) {
    let first = Int(replicas[replica].firstStage)
    let count = Int(replicas[replica].stageCount)
    let work = replicas[replica].workOffset
    roundLoop.clear()
    roundLoop.isAsynchronous = scheduler.engine.asynchronousHops
    for stage in first..<first + count {
      let clock = clocks[stage]
      roundLoop.lanes.append(
        RoundLoop.Lane(
          freeAt: clock.freeAt, linksFreeAt: clock.linksFreeAt, lastArrival: clock.lastArrival,
          idleSince: clock.workAtIdle - work, stepTimes: Int(clock.stepTimes)))
    }
    var laps: [RoundLoop.Lap] = []
    swap(&laps, &roundLoop.laps)
    for position in 0..<replicas[replica].passing.count {
      let batch = Int(replicas[replica].passing[position])
      let shape = batches[batch].shape
      let round = enterLaps(batch, first, count, shape, &laps)
      roundLoop.cohorts.append(
        RoundLoop.Cohort(
          contextTokens: shape.contextTokens, windowContextTokens: shape.windowContextTokens,
          sequences: shape.decodeSequences, growing: Int(batches[batch].growing),
          returns: batches[batch].returns, tokensAt: batches[batch].tokensAt,
          repeats: batches[batch].repeats, since: waitsSince(batch), pipe: batches[batch].pipe,
          nextPipe: nextPipe(replica, position), hop: round.hop, excess: batches[batch].excess,
          sampling: batches[batch].sampling, host: round.host))
    }
    swap(&laps, &roundLoop.laps)
  }

  /// How full the pipe is when a micro-batch is formed again while nothing else happens.
  private func nextPipe(_ replica: Int, _ position: Int) -> PipeState {
    let (stages, inFlight) = (replicas[replica].groupCount, replicas[replica].inFlight)
    if stages == 1 { return .empty }
    if inFlight < stages { return replicas[replica].outstanding < stages ? .empty : .cohort }
    let ahead = replicas[replica].passing[(position == 0 ? Int(inFlight) : position) - 1]
    return batches[Int(ahead)].shape.prefillTokens == 0 ? .full : .mixed
  }

  /// The passes of a micro-batch under way; returns the hops and host parts of all of them.
  private func enterLaps(
    _ batch: Int, _ first: Int, _ count: Int, _ shape: BatchShape, _ laps: inout [RoundLoop.Lap]
  ) -> StageRound {
    let hasLines = batches[batch].hasLines
    let start = batch * mostStages
    var round = StageRound()
    let (passes, clocks) = (passes.span, clocks.span)
    for index in 0..<count {
      let place = start + index
      let kind = Int(clocks[first + index].pieces)
      // A line that no longer holds is renewed by the round that needs it.
      let line = hasLines ? lines[place] : pieces.decodeLine(shape, at: kind)
      let communication = line.tensorCommunication(
        contextTokens: shape.contextTokens, windowContextTokens: shape.windowContextTokens)
      let lap = RoundLoop.Lap(
        line: line, pieces: kind, passes[place],
        collectiveDelay: passes[place].cost.tensorCommunication &- communication)
      round.hop &+= passes[place].hop
      round.host &+= lap.host
      laps.append(lap)
    }
    return round
  }

  private mutating func leaveLoop(_ replica: Int) {
    let first = Int(replicas[replica].firstStage)
    let count = Int(replicas[replica].stageCount)
    let work = replicas[replica].workOffset
    for index in 0..<count {
      clocks[first + index].take(roundLoop.lanes[index], workOffset: work)
    }
    skipPlans(replica)
    for position in roundLoop.cohorts.indices where roundLoop.cohorts[position].rounds > 0 {
      let cohort = roundLoop.cohorts[position]
      let batch = Int(replicas[replica].passing[position])
      replicas[replica].record.tokensGenerated += Int64(cohort.rounds) * Int64(cohort.sequences)
      replicas[replica].microbatches += UInt64(cohort.rounds)
      advance(batch, at: position)
      if discipline.order == .tenant { charge(batch, rounds: cohort.rounds) }
      if batches[batch].rounds == 0 { batches[batch].begun = waitsSince(batch) }
      replicas[replica].counts.add(
        batches[batch].shape, rounds: Int64(cohort.rounds), growing: cohort.growing,
        experts: replicas[replica].experts)
      let elapsed = cohort.tokensAt - cohort.since
      batches[batch].take(cohort)
      var parts = StepCost.zero
      for index in 0..<count {
        let place = batch * mostStages + index
        let cost = passes[place].cost
        parts.tensorCommunication += cost.tensorCommunication
        parts.expertCommunication += cost.expertCommunication
        parts.host += cost.host
        let lap = roundLoop.laps[position * count + index]
        clocks[first + index].credit(cost, rounds: Int64(cohort.rounds), tokens: cohort.sequences)
        passes[place].take(lap)
        lines[place] = lap.line
      }
      clocks[first + count - 1].samplingTime += Int64(cohort.rounds) * cohort.sampling
      batches[batch].hasLines = true
      batches[batch].sums.add(cohort, parts, elapsed: elapsed)
    }
    replicas[replica].lastPrefill = PrefillMark()
  }

  /// Tells the replica's policies how often micro-batches have been planned without them.
  private mutating func skipPlans(_ replica: Int) {
    for engine in replicas[replica].engines {
      var plans = 0
      for position in roundLoop.cohorts.indices {
        let batch = Int(replicas[replica].passing[position])
        if Int(batches[batch].engine) == engine { plans += Int(roundLoop.cohorts[position].rounds) }
      }
      batching[engine].skip(plans: plans)
    }
  }

  /// The members of a micro-batch have been through the loop's rounds; who was first is not any more.
  private mutating func advance(_ batch: Int, at position: Int) {
    let engine = Int(batches[batch].engine)
    let count = roundLoop.cohorts.count
    let place = (position + count - roundLoop.front) % count
    engines[engine].advance(
      batches[batch].members, by: roundLoop.cohorts[position].rounds,
      number: batching[engine].number(inFlight: place))
  }
}

extension StageClock {
  /// What the loop knows of the stage.
  fileprivate mutating func take(_ lane: RoundLoop.Lane, workOffset: Nanoseconds) {
    // Before the first round it may have been idle without work.
    let workBegan = workAtIdle - workOffset
    starved += workBegan - idleSince
    stepTime += lane.stepTime
    freeAt = lane.freeAt
    linksFreeAt = lane.linksFreeAt
    lastArrival = lane.lastArrival
    idleSince = lane.idleSince
    workAtIdle = lane.idleSince + workOffset
  }

  /// What every round of a cohort adds beside its time.
  fileprivate mutating func credit(_ cost: StepCost, rounds: Int64, tokens count: Int) {
    let exposed = rounds * (cost.tensorCommunication + cost.expertCommunication)
    exposedCommunication += exposed
    steps += rounds
    tokens += rounds * Int64(count)
    hopTokens += rounds * Int64(count)
  }
}

extension MicroBatch {
  /// What the loop knows of it.
  fileprivate mutating func take(_ cohort: RoundLoop.Cohort) {
    shape.contextTokens = cohort.contextTokens
    shape.windowContextTokens = cohort.windowContextTokens
    launched = cohort.tokensAt
    tokensAt = cohort.tokensAt
    pipe = cohort.pipe
    excess = cohort.excess
    returns = cohort.returns
    rounds += cohort.rounds
    repeats = cohort.repeats
  }
}

extension StagePass {
  /// What the loop knows of the pass under way.
  fileprivate mutating func take(_ lap: RoundLoop.Lap) {
    begins = lap.begins
    cost.total = lap.total
    arrives = lap.arrives
    linksFreeAt = lap.linksFreeAt
    round = lap.round
  }
}

extension PassageSums {
  /// What the rounds of a cohort add; `parts` are those of one round's steps that are not compute.
  ///
  /// What is neither a step nor a hop is a wait.
  fileprivate mutating func add(
    _ cohort: RoundLoop.Cohort, _ parts: StepCost, elapsed: Nanoseconds
  ) {
    let rounds = Int64(cohort.rounds)
    pipelineWait += elapsed - cohort.stepTime - cohort.hopTime
    commTensor += rounds * parts.tensorCommunication
    commExpert += rounds * parts.expertCommunication
    host += rounds * parts.host
    compute +=
      cohort.stepTime
      - rounds * (parts.tensorCommunication + parts.expertCommunication + parts.host)
    commPipeline += cohort.hopTime
  }
}
