import EventKernel
import Inference

extension Simulator {
  /// A micro-batch is at a stage: it executes at once, or waits for its turn.
  mutating func enterStage(_ stage: Int, batch: Int) {
    batches[batch].stage = Int32(stage)
    batches[batch].since = now
    batches[batch].state = .waiting
    let lane = Int(stages[stage].lane)
    if lanes[lane].current < 0 {
      beginStep(batch)
    } else {
      lanes[lane].waiting.append(Int32(batch))
    }
  }

  /// The stage computes the micro-batch.
  private mutating func beginStep(_ batch: Int) {
    let stage = Int(batches[batch].stage)
    if batches[batch].begun < 0 {
      batches[batch].begun = now
    } else {
      batches[batch].sums.pipelineWait += now - batches[batch].since
    }
    if catalogue.drawsPerStage, stages[stage].index > 0 { redraw(batch, stage) }
    priceCollectives(stage)
    let shape = batches[batch].shape
    let cost = stepCost(shape, stage)
    let interference = interference(of: shape, in: cost, stage)
    endIdle(batch, stage, cost)
    batches[batch].step = cost
    batches[batch].since = now
    batches[batch].state = .executing
    batches[batch].stepInterference = interference
    lanes[Int(stages[stage].lane)].current = Int32(batch)
    log?.log(
      LoggedEvent(
        now, .step, batches[batch].number, Int64(stages[stage].index), cost.total,
        cost.tensorCommunication, cost.expertCommunication, cost.host, interference))
    push(Event(.stepEnd, Int32(stage)), at: now + cost.total)
  }

  /// The one price of a step on a stage, with its collectives as slow as bulk flows left them when
  /// they were priced last.
  @inline(__always)
  func stepCost(_ shape: BatchShape, _ stage: Int) -> StepCost {
    let (index, scale) = (Int(clocks[stage].pieces), clocks[stage].collectiveScale)
    var cost = pieces.cost(shape, at: index)
    cost.scaleCollectives(by: scale)
    return cost
  }

  /// The same of a step without prefill, whose line is kept.
  @inline(__always)
  mutating func decodeCost(_ shape: BatchShape, _ stage: Int, place: Int) -> StepCost {
    let (index, scale) = (Int(clocks[stage].pieces), clocks[stage].collectiveScale)
    let line = pieces.decodeLine(shape, at: index)
    var cost = line.cost(
      contextTokens: shape.contextTokens, windowContextTokens: shape.windowContextTokens)
    let delay = cost.scaleCollectives(by: scale)
    lines[place] = PassLine(line: line, collectiveDelay: delay)
    return cost
  }

  /// What a step's decoding members lose to its prefill, in nanoseconds.
  @inline(__always)
  func interference(of shape: BatchShape, in cost: StepCost, _ stage: Int) -> Nanoseconds {
    guard shape.prefillTokens > 0, shape.decodeSequences > 0 else { return 0 }
    return cost.compute - stepCost(shape.withoutPrefill, stage).compute
  }

  private mutating func redraw(_ batch: Int, _ stage: Int) {
    let replica = Int(batches[batch].replica)
    guard let draw = stepDraw(replica) else { return }
    let index = UInt64(stages[stage].index)
    batches[batch].shape.drawnNanoseconds = drawStep(draw, batch, stage: index)
  }

  /// A step ends: its parts are credited, the micro-batch moves on, the next one starts.
  mutating func endStep(_ stage: Int) {
    let batch = Int(lanes[Int(stages[stage].lane)].current)
    let cost = batches[batch].step
    batches[batch].sums.add(cost, interference: batches[batch].stepInterference)
    clocks[stage].add(cost, tokens: Int64(batches[batch].shape.tokens))
    clocks[Int(stages[stage].home)].enterIdle(
      at: now, work: replicas[Int(stages[stage].replica)].work(at: now))
    stepTimes.add(cost.total, at: clocks[stage].stepTimes)
    stages[stage].counts.add(
      batches[batch].shape, experts: replicas[Int(stages[stage].replica)].experts)
    log?.log(
      LoggedEvent(now, .stepEnd, batches[batch].number, Int64(stages[stage].index)))
    if !stages[stage].isLast {
      sendOn(batch, from: stage)
    } else if stages[stage].index > 0 {
      sendBack(batch, from: stage)
    } else {
      complete(batch)
      freeLane(ofStage: stage)
      return
    }
    if scheduler.engine.asynchronousHops { freeLane(ofStage: stage) }
  }

  /// The GPUs of a stage come free for the next micro-batch in line.
  mutating func freeLane(ofStage stage: Int) {
    let lane = Int(stages[stage].lane)
    lanes[lane].current = -1
    if let next = lanes[lane].waiting.popFirst() { beginStep(Int(next)) }
  }
}

extension StepCost {
  /// Collectives are slower than on free links; returns by how many nanoseconds.
  @inline(__always)
  @discardableResult
  fileprivate mutating func scaleCollectives(by scale: Int64) -> Nanoseconds {
    if scale == StageClock.freeCollectives { return 0 }
    let delay = ((tensorCommunication * scale + 32_768) >> 16) - tensorCommunication
    total += delay
    tensorCommunication += delay
    return delay
  }
}
