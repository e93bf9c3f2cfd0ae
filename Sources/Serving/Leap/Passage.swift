import EventKernel
import Inference

/// A micro-batch's time at one stage of its passage, known before it gets there.
struct StagePass: Sendable {
  /// When the step begins.
  var begins: Nanoseconds = 0
  var cost = StepCost.zero
  var interference: Nanoseconds = 0
  /// What the hop to the next stage takes, and when its links are free again.
  var price = HopPrice()
  var linksFreeAt: Nanoseconds = 0
  /// When the micro-batch is at the next stage, or back at the engine.
  var arrives: Nanoseconds = 0
  /// What its sequences spent in their last round of the stages, on hops and in host parts of other stages'
  /// steps, when the step begins; before, what they spent behind this stage the last time.
  var round = StageRound()

  /// When the step ends.
  @inline(__always)
  var ends: Nanoseconds { begins &+ cost.total }

  /// What the hop takes.
  @inline(__always)
  var hop: Nanoseconds { arrives &- ends }
}

/// What is told of a pass as it happens, where the way is simulated event by event.
struct StageWait: Sendable {
  /// For how long the stage was idle before, while its replica had work.
  var idle: Nanoseconds = 0
  /// What its sequences had spent in this way when they left the GPUs of the stage; below 0 before.
  var mark = StageRound()
}

/// The way of a micro-batch through the stages of its replica, computed when it sets out.
///
/// Micro-batches of one replica pass its stages in the order in which they set out and nobody else is
/// on its GPUs, so a step begins when the micro-batch is there and the one before it has left. One event
/// remains of the whole way: the return. Where an event log wants each step, where GPUs are shared or hold
/// virtual stages and where hops are flows, the way is simulated event by event instead
/// (`Simulator+Step`).
extension Simulator {
  /// A micro-batch sets out.
  mutating func beginPassage(_ batch: Int) {
    let replica = Int(batches[batch].replica)
    if replicas[replica].pricedAtChange != priceChanges { reprice(replica) }
    batches[batch].priceEpoch = replicas[replica].priceEpoch
    pass(batch, keeping: -1)
    if replicas[replica].passing.isEmpty {
      listAsPassing(replica)
      expectReturn(of: batch, replica)
    }
    replicas[replica].passing.append(Int32(batch))
  }

  /// Computes a passage; what has begun up to an instant, in nanoseconds, stays as it is.
  mutating func pass(_ batch: Int, keeping known: Nanoseconds) {
    let replica = Int(batches[batch].replica)
    let first = Int(replicas[replica].firstStage)
    let count = Int(replicas[replica].stageCount)
    let isAsynchronous = scheduler.engine.asynchronousHops
    let draw = catalogue.drawsPerStage ? stepDraw(replica) : nil
    var shape = batches[batch].shape
    var arrived = batches[batch].launched
    let (isNew, follows) = (known < 0, batches[batch].follows)
    var round = isNew ? batches[batch].round : StageRound()
    // The last stage whose step has been priced here; the next is often of its kind.
    var priced = count
    for index in 0..<count {
      let stage = first + index
      var pass = passes[batch * mostStages + index]
      let before = StageRound(hop: pass.hop, host: pass.cost.host)
      if pass.begins > known {
        if index > 0, let draw {
          shape.drawnNanoseconds = drawStep(draw, batch, stage: UInt64(index))
        }
        pass.begins = max(arrived, clocks[stage].freeAt)
        let place = batch * mostStages + index
        if priced == index - 1, draw == nil, clocks[stage].isPriced(like: clocks[stage - 1]) {
          pass.cost = passes[place - 1].cost
          pass.interference = passes[place - 1].interference
          if shape.prefillTokens == 0 { lines[place] = lines[place - 1] }
        } else {
          price(&pass, shape, stage, place)
        }
        priced = index
      }
      if pass.ends > known { pass.price = price(leaving: stage, of: count, tokens: shape.tokens) }
      clocks[stage].pass(&pass, keeping: known, isAsynchronous: isAsynchronous)
      if count > 1 {
        if isNew {
          pass.begin(&round, after: follows ? clocks[stage].returned : StageRound())
          round.hop += pass.hop
        } else {
          pass.change(&round, before)
        }
      }
      passes[batch * mostStages + index] = pass
      arrived = pass.arrives
    }
    batches[batch].returns = arrived
  }

  /// What a step takes on a stage.
  private mutating func price(
    _ pass: inout StagePass, _ shape: BatchShape, _ stage: Int, _ place: Int
  ) {
    if shape.prefillTokens == 0 {
      pass.cost = decodeCost(shape, stage, place: place)
      pass.interference = 0
    } else {
      pass.cost = stepCost(shape, stage)
      pass.interference = interference(of: shape, in: pass.cost, stage)
    }
  }

  /// From when on a passage waits for its first stage, as far as it is not its members' own wait, which
  /// ends with the very first step.
  @inline(__always)
  func waitsSince(_ batch: Int) -> Nanoseconds {
    batches[batch].rounds > 0 ? batches[batch].launched : passes[batch * mostStages].begins
  }

  /// What it takes from a stage to the next, or from the last one of several back to the engine.
  private func price(leaving stage: Int, of count: Int, tokens: Int) -> HopPrice {
    if !clocks[stage].isLast { return hopPrice(stage, tokens: tokens) }
    // Tokens on their way back are a few bytes: they wait for nobody.
    return HopPrice(latency: count > 1 ? stages[stage].hop.terms?.latencyNanoseconds ?? 0 : 0)
  }

  /// The micro-batch that set out first is back.
  mutating func returnFromPassage(_ stage: Int, epoch: UInt32) {
    let replica = Int(stages[stage].replica)
    guard replicas[replica].epoch == epoch, let slot = replicas[replica].passing.popFirst() else {
      return
    }
    settle(Int(slot))
    if let next = replicas[replica].passing.first { expectReturn(of: Int(next), replica) }
    complete(Int(slot))
  }

  /// Expects a micro-batch back; an older expectation of its replica is void by its epoch.
  mutating func expectReturn(of batch: Int, _ replica: Int) {
    push(returnEvent(replica), at: batches[batch].returns)
  }

  /// The event with which a replica's next micro-batch is back, as it is step by step.
  @inline(__always)
  func returnEvent(_ replica: Int) -> Event {
    let count = replicas[replica].stageCount
    let last = replicas[replica].firstStage + count - 1
    return Event(count == 1 ? .stepEnd : .batchReturn, last, replicas[replica].epoch)
  }

  /// Credits a passage that is over to the ledgers of its stages and to its micro-batch.
  @inline(__always)
  mutating func settle(_ batch: Int) {
    let replica = Int(batches[batch].replica)
    let first = Int(replicas[replica].firstStage)
    let tokens = Int64(batches[batch].shape.tokens)
    // Since it set out, its replica has had work.
    let work = replicas[replica].workOffset
    var sums = batches[batch].sums
    var arrived = waitsSince(batch)
    if batches[batch].rounds == 0 { batches[batch].begun = arrived }
    let count = Int(replicas[replica].stageCount)
    var told = PassageTally(batches[batch].pipe, batches[batch].excess)
    for index in 0..<count {
      let pass = passes[batch * mostStages + index]
      clocks[first + index].settle(pass, tokens: tokens, workOffset: work, &told)
      stepTimes.add(pass.cost.total, at: clocks[first + index].stepTimes)
      sums.add(pass, arrived: arrived)
      arrived = pass.arrives
    }
    if count > 1 { endRound(batch, told) }
    batches[batch].sums = sums
    replicas[replica].counts.add(batches[batch].shape, experts: replicas[replica].experts)
  }
}

/// The end of the run.
extension Simulator {
  /// Passages under way are credited up to now.
  mutating func cutPassages() {
    for replica in replicas.indices {
      if replicas[replica].isDozing { catchUp(replica) }
      for position in 0..<replicas[replica].passing.count {
        cut(Int(replicas[replica].passing[position]), replica)
      }
    }
  }

  private mutating func cut(_ batch: Int, _ replica: Int) {
    let first = Int(replicas[replica].firstStage)
    let tokens = Int64(batches[batch].shape.tokens)
    batches[batch].since = batches[batch].launched
    for index in 0..<Int(replicas[replica].stageCount) {
      let stage = first + index
      let pass = passes[batch * mostStages + index]
      batches[batch].stage = Int32(stage)
      batches[batch].state = .waiting
      if pass.begins > now { return }
      waits[batch * mostStages + index].idle = clocks[stage].leaveIdle(
        at: pass.begins, work: replicas[replica].work(at: pass.begins))
      if index == 0, batches[batch].rounds == 0 {
        batches[batch].begun = pass.begins
      } else {
        batches[batch].sums.pipelineWait += pass.begins - batches[batch].since
      }
      batches[batch].state = .executing
      batches[batch].since = pass.begins
      batches[batch].step = pass.cost
      batches[batch].stepInterference = pass.interference
      if pass.ends > now { return }
      clocks[stage].add(
        pass.cost, tokens: tokens, until: pass.ends, work: replicas[replica].work(at: pass.ends))
      clocks[stage].hopTokens += tokens
      stepTimes.add(pass.cost.total, at: clocks[stage].stepTimes)
      stages[stage].counts.add(batches[batch].shape, experts: replicas[replica].experts)
      batches[batch].sums.add(pass.cost, interference: pass.interference)
      batches[batch].state = .hopping
      batches[batch].since = pass.ends
      if pass.arrives > now { return }
      batches[batch].sums.commPipeline += pass.arrives - pass.ends
      batches[batch].since = pass.arrives
    }
  }
}

extension StageClock {
  /// Whether equal steps take as long here as on another stage.
  @inline(__always)
  func isPriced(like other: StageClock) -> Bool {
    pieces == other.pieces && collectiveScale == other.collectiveScale
  }

  /// A micro-batch crosses the stage and its hop; its pass says what of that has happened already.
  @inline(__always)
  mutating func pass(
    _ pass: inout StagePass, keeping known: Nanoseconds, isAsynchronous: Bool
  ) {
    let ends = pass.ends
    if ends > known {
      leave(&pass, at: ends)
    } else {
      linksFreeAt = pass.linksFreeAt
      lastArrival = pass.arrives
    }
    freeAt = isAsynchronous ? ends : pass.arrives
  }

  @inline(__always)
  private mutating func leave(_ pass: inout StagePass, at time: Nanoseconds) {
    if isLast {
      pass.arrives = time + pass.price.latency
    } else {
      pass.arrives = send(at: time, pass.price)
      pass.linksFreeAt = linksFreeAt
    }
  }

  /// A pass is over.
  @inline(__always)
  mutating func settle(
    _ pass: StagePass, tokens: Int64, workOffset: Nanoseconds, _ told: inout PassageTally
  ) {
    let idle = leaveIdle(at: pass.begins, work: workOffset + pass.begins)
    if told.pipe == .draining {
      draining += idle
    } else if idle > 0 {
      bubbles.add(
        idle, told.pipe, hop: pass.round.hop, host: pass.round.host, excess: told.excess,
        step: pass.cost.total, isLast: isLast)
    }
    add(pass.cost, tokens: tokens, until: pass.ends, work: workOffset + pass.ends)
    hopTokens += tokens
    returned = StageRound(hop: pass.hop, host: pass.cost.host)
    told.add(returned, step: pass.cost.total)
  }
}

extension PassageSums {
  /// A pass is over; the micro-batch was there at `arrived`.
  @inline(__always)
  mutating func add(_ pass: StagePass, arrived: Nanoseconds) {
    pipelineWait += pass.begins - arrived
    add(pass.cost, interference: pass.interference)
    commPipeline += pass.arrives - pass.ends
  }
}
