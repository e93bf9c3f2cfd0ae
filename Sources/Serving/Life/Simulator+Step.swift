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
      batches[batch].pipelineWait += now - batches[batch].since
    }
    if catalogue.drawsPerStage, stages[stage].index > 0 { redraw(batch, stage) }
    let cost = stepCost(batches[batch].shape, stage)
    batches[batch].step = cost
    batches[batch].since = now
    batches[batch].state = .executing
    var interference: Nanoseconds = 0
    let shape = batches[batch].shape
    if shape.prefillTokens > 0, shape.decodeSequences > 0 {
      interference = cost.compute - stepCost(shape.withoutPrefill, stage).compute
    }
    batches[batch].stepInterference = interference
    lanes[Int(stages[stage].lane)].current = Int32(batch)
    leaveIdle(stage)
    log?.log(
      LoggedEvent(
        now, .step, batches[batch].number, Int64(stages[stage].index), cost.total,
        cost.tensorCommunication, cost.expertCommunication, cost.host, interference))
    push(Event(.stepEnd, Int32(stage)), at: now + cost.total)
  }

  /// The one price of a step on a stage, with its collectives as slow as bulk flows leave them.
  @inline(__always)
  private mutating func stepCost(_ shape: BatchShape, _ stage: Int) -> StepCost {
    var cost = pieces[Int(stages[stage].pieces)].cost(shape)
    if !stages[stage].collectiveLinks.isEmpty {
      priceCollectives(stage)
      let scaled = (cost.tensorCommunication * stages[stage].collectiveScale + 32_768) >> 16
      cost.total += scaled - cost.tensorCommunication
      cost.tensorCommunication = scaled
    }
    return cost
  }

  private mutating func redraw(_ batch: Int, _ stage: Int) {
    let replica = Int(batches[batch].replica)
    guard let draw = scenario.models[Int(replicas[replica].model)].stepSeconds else { return }
    let index = UInt64(stages[stage].index)
    batches[batch].shape.drawnNanoseconds = drawStep(draw, batch, stage: index)
  }

  /// The stage's idle time ends: a bubble as far as its replica had work, else starved.
  mutating func leaveIdle(_ stage: Int) {
    let work = replicas[Int(stages[stage].replica)].work(at: now) - stages[stage].workAtIdle
    stages[stage].record.bubble += work
    stages[stage].record.starved += now - stages[stage].idleSince - work
    stages[stage].idleSince = -1
  }

  /// A step ends: its parts are credited, the micro-batch moves on, the next one starts.
  mutating func endStep(_ stage: Int) {
    let batch = Int(lanes[Int(stages[stage].lane)].current)
    let cost = batches[batch].step
    batches[batch].compute += cost.compute
    batches[batch].commTensor += cost.tensorCommunication
    batches[batch].commExpert += cost.expertCommunication
    batches[batch].host += cost.host
    batches[batch].interference += batches[batch].stepInterference
    let exposed = cost.tensorCommunication + cost.expertCommunication
    stages[stage].record.busy += cost.total - exposed
    stages[stage].record.exposedCommunication += exposed
    stages[stage].record.steps += 1
    stages[stage].record.tokens += Int64(batches[batch].shape.tokens)
    stages[stage].idleSince = now
    stages[stage].workAtIdle = replicas[Int(stages[stage].replica)].work(at: now)
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
