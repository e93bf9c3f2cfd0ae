import EventKernel
import Inference
import Network

extension Simulator {
  /// The oldest micro-batch on its way to a stage arrives.
  mutating func arriveAtStage(_ stage: Int) {
    guard let slot = stages[stage - 1].hop.travelling.popFirst() else { return }
    let batch = Int(slot)
    batches[batch].commPipeline += now - batches[batch].since
    if !scheduler.engine.asynchronousHops { freeLane(ofStage: stage - 1) }
    enterStage(stage, batch: batch)
  }

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

  /// The micro-batch's activations travel to the next stage.
  private mutating func sendOn(_ batch: Int, from stage: Int) {
    let tokens = batches[batch].shape.tokens
    let price = hopPrice(stage, tokens: tokens)
    // The latency overlaps with the previous message; the bytes wait for the link.
    let begins = max(now, stages[stage].hop.freeAt)
    stages[stage].hop.freeAt = begins + price.transfer
    // Messages of one pipeline do not overtake each other, also where a measured time has no latency.
    let arrival = max(begins + price.transfer + price.latency, stages[stage].hop.lastArrival)
    stages[stage].hop.lastArrival = arrival
    startHop(batch, from: stage, until: arrival, bytes: price.bytes)
    push(Event(.hopArrival, Int32(stage + 1)), at: arrival)
  }

  /// The sampled tokens go back to the engine: a few bytes, so only the latency counts.
  private mutating func sendBack(_ batch: Int, from stage: Int) {
    let arrival = now + (stages[stage].hop.pieces?.latencyNanoseconds ?? 0)
    startHop(batch, from: stage, until: arrival, bytes: 0)
    push(Event(.batchReturn, Int32(stage)), at: arrival)
  }

  private mutating func startHop(
    _ batch: Int, from stage: Int, until arrival: Nanoseconds, bytes: Int64
  ) {
    stages[stage].hop.travelling.append(Int32(batch))
    batches[batch].since = now
    batches[batch].state = .hopping
    log?.log(
      LoggedEvent(
        now, .hop, batches[batch].number, Int64(stages[stage].index), arrival - now, bytes))
  }
}
