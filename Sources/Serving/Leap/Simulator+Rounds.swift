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
    for _ in 0..<roundLoop.front { replicas[replica].passing.rotate() }
  }

  private mutating func runLoop(_ replica: Int, through last: Nanoseconds) {
    let stages = replicas[replica].stages
    let work = replicas[replica].workOffset
    let isAsynchronous = scheduler.engine.asynchronousHops
    // Safe: nothing else touches these arrays while the loop runs.
    passes.withUnsafeMutableBufferPointer { passes in
      lines.withUnsafeMutableBufferPointer { lines in
        clocks.withUnsafeMutableBufferPointer { clocks in
          stepTimes.withCounts { counts in
            guard let passes = passes.baseAddress, let lines = lines.baseAddress,
              let clocks = clocks.baseAddress, let counts
            else { preconditionFailure("a replica that dozes has stages and passages") }
            roundLoop.run(
              through: last, pieces,
              in: RoundLoop.Storage(
                passes: passes, lines: lines, clocks: clocks + stages.lowerBound, counts: counts,
                stages: stages.count, work: work, isAsynchronous: isAsynchronous))
          }
        }
      }
    }
  }

  private mutating func enterLoop(_ replica: Int) {
    let work = replicas[replica].workOffset
    for stage in replicas[replica].stages {
      // Before the first round it may have been idle without work.
      clocks[stage].starved += clocks[stage].workAtIdle - work - clocks[stage].idleSince
    }
    roundLoop.clear()
    for position in 0..<replicas[replica].passing.count {
      let batch = Int(replicas[replica].passing[position])
      let cohort = RoundLoop.Cohort(
        batches[batch], batch, start: batch * mostStages, since: waitsSince(batch),
        nextPipe: nextPipe(replica, position),
        round: roundUnderWay(batch, stages: Int(replicas[replica].stageCount)),
        firstGap: roundLoop.reserveGaps(batches[batch].repeats))
      roundLoop.append(cohort)
    }
  }

  /// How full the pipe is when a micro-batch is formed again while nothing else happens.
  private func nextPipe(_ replica: Int, _ position: Int) -> PipeState {
    let (stages, inFlight) = (replicas[replica].groupCount, replicas[replica].inFlight)
    if stages == 1 { return .empty }
    if inFlight < stages { return replicas[replica].outstanding < stages ? .empty : .cohort }
    let ahead = replicas[replica].passing[(position == 0 ? Int(inFlight) : position) - 1]
    return batches[Int(ahead)].shape.prefillTokens == 0 ? .full : .mixed
  }

  /// The hops and host parts of all passes of a micro-batch under way.
  private func roundUnderWay(_ batch: Int, stages count: Int) -> StageRound {
    var round = StageRound()
    let passes = passes.span
    for place in batch * mostStages..<batch * mostStages + count {
      round.hop &+= passes[place].hop
      round.host &+= passes[place].cost.host
    }
    return round
  }

  private mutating func leaveLoop(_ replica: Int) {
    let stages = replicas[replica].stages
    let work = replicas[replica].workOffset
    for stage in stages { clocks[stage].idleSince = clocks[stage].workAtIdle - work }
    skipPlans(replica)
    for position in roundLoop.cohorts.indices where roundLoop.cohorts[position].rounds > 0 {
      let cohort = roundLoop.cohorts[position]
      let batch = cohort.batch
      replicas[replica].record.tokensGenerated += Int64(cohort.rounds) * Int64(cohort.sequences)
      replicas[replica].microbatches += UInt64(cohort.rounds)
      roundCount += Int64(cohort.rounds)
      advance(batch, at: position)
      if discipline.order == .tenant { charge(batch, rounds: cohort.rounds) }
      if batches[batch].rounds == 0 { batches[batch].begun = cohort.since }
      replicas[replica].counts.add(
        batches[batch].shape, rounds: Int64(cohort.rounds), growing: cohort.growing,
        experts: replicas[replica].experts)
      batches[batch].take(cohort)
      let parts = credit(cohort, stages)
      batches[batch].sums.add(cohort, parts, elapsed: cohort.tokensAt - cohort.since)
      countGaps(cohort)
    }
    replicas[replica].lastPrefill = PrefillMark()
  }

  /// Tells the replica's policies how often micro-batches have been planned without them.
  private mutating func skipPlans(_ replica: Int) {
    for engine in replicas[replica].engines {
      var plans = 0
      for position in roundLoop.cohorts.indices {
        let batch = roundLoop.cohorts[position].batch
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

  /// Credits what every round of a cohort adds to its stages beside its time; returns the parts of its
  /// steps that are not compute.
  private mutating func credit(_ cohort: RoundLoop.Cohort, _ stages: Range<Int>) -> StepCost {
    let rounds = Int64(cohort.rounds)
    let tokens = rounds * Int64(cohort.sequences)
    var parts = StepCost.zero
    for stage in stages {
      let cost = passes[cohort.start + stage - stages.lowerBound].cost
      parts.tensorCommunication += cost.tensorCommunication
      parts.expertCommunication += cost.expertCommunication
      parts.host += cost.host
      clocks[stage].credit(cost, rounds: rounds, tokens: tokens)
    }
    clocks[stages.upperBound - 1].samplingTime += rounds * cohort.sampling
    return parts
  }

  /// The gaps between tokens of all members.
  private mutating func countGaps(_ cohort: RoundLoop.Cohort) {
    let gaps = cohort.firstGap..<cohort.firstGap + Int(cohort.rounds)
    // Mostly the members belong to one workload.
    for share in batches[cohort.batch].gapShares where share.count > 0 {
      metrics.add(
        gaps: roundLoop.gaps[gaps], times: share.count, workload: share.workload)
    }
  }
}

extension StageClock {
  /// What every round of a cohort adds beside its time.
  @inline(__always)
  fileprivate mutating func credit(_ cost: StepCost, rounds: Int64, tokens count: Int64) {
    exposedCommunication += rounds * (cost.tensorCommunication + cost.expertCommunication)
    steps += rounds
    tokens += count
    hopTokens += count
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

extension RoundLoop.Cohort {
  @inline(__always)
  fileprivate init(
    _ batch: MicroBatch, _ index: Int, start: Int, since: Nanoseconds, nextPipe: PipeState,
    round: StageRound, firstGap: Int
  ) {
    self.batch = index
    self.start = start
    contextTokens = batch.shape.contextTokens
    windowContextTokens = batch.shape.windowContextTokens
    sequences = batch.shape.decodeSequences
    growing = Int(batch.growing)
    returns = batch.returns
    tokensAt = batch.tokensAt
    repeats = batch.repeats
    self.since = since
    pipe = batch.pipe
    self.nextPipe = nextPipe
    self.round = round
    excess = batch.excess
    sampling = batch.sampling
    self.firstGap = firstGap
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
