import EventKernel
import Inference
import Workload

extension Simulator {
  /// The oldest micro-batch on its way back from a last stage arrives at the engine.
  mutating func returnFromStage(_ stage: Int) {
    if let batch = stages[stage].hop.travelling.popFirst() { complete(Int(batch)) }
  }

  /// A micro-batch is back: its time is labelled for every member, tokens appear, requests finish.
  mutating func complete(_ batch: Int) {
    let replica = Int(batches[batch].replica)
    if stages[Int(batches[batch].stage)].index > 0 {
      batches[batch].commPipeline += now - batches[batch].since
      if !scheduler.engine.asynchronousHops {
        freeLane(ofStage: Int(batches[batch].stage))
      }
    }
    log?.log(LoggedEvent(now, .done, batches[batch].number, Int64(replica)))
    let ended = labelMembers(batch, replica)
    replicas[replica].engine.microbatchesInFlight -= 1
    freeBatches.append(Int32(batch))
    if ended {
      let model = Int(replicas[replica].model)
      if !models[model].queue.isEmpty { route(model) }
      if replicas[replica].outstanding == 0 { becomeIdle(replica) }
    }
    requestDispatch(replica)
  }

  /// Returns whether some request is done.
  private mutating func labelMembers(_ batch: Int, _ replica: Int) -> Bool {
    let parts = MemberParts(batches[batch])
    var ended = false
    for position in batches[batch].members.indices {
      let member = batches[batch].members[position]
      let index = Int(member.sequence)
      let sequence = replicas[replica].engine.sequences[index]
      replicas[replica].engine.sequences[index].isInFlight = false
      let wasDecoding = sequence.computed - member.tokens >= sequence.target
      let slot = Int(sequence.request)
      label(slot, parts, wasDecoding: wasDecoding)
      if requests[slot].isRecovering, sequence.computed >= sequence.recoveryTarget {
        requests[slot].isRecovering = false
        replicas[replica].engine.sequences[index].recoveryTarget = 0
      }
      guard sequence.computed >= sequence.target else { continue }
      replicas[replica].engine.sequences[index].generated += 1
      replicas[replica].record.tokensGenerated += 1
      emitToken(slot, number: sequence.generated + 1)
      if sequence.generated + 1 == sequence.output {
        replicas[replica].engine.end(member.sequence)
        replicas[replica].record.requestsCompleted += 1
        changeOutstanding(of: replica, by: -1)
        finish(slot)
        ended = true
      }
    }
    return ended
  }

  /// Splits a member's time since its mark: the wait before the step, then the micro-batch's parts.
  @inline(__always)
  mutating func label(_ slot: Int, _ parts: MemberParts, wasDecoding: Bool) {
    if requests[slot].isRecovering {
      requests[slot].record.parts.preemption += now - requests[slot].mark
    } else {
      if requests[slot].hasBegun {
        requests[slot].record.parts.pipelineWait += parts.begun - requests[slot].mark
      } else {
        enterFirstStep(slot, at: parts.begun)
      }
      requests[slot].record.parts.pipelineWait += parts.pipelineWait
      requests[slot].record.parts.compute += parts.compute
      requests[slot].record.parts.commTensor += parts.commTensor
      requests[slot].record.parts.commExpert += parts.commExpert
      requests[slot].record.parts.commPipeline += parts.commPipeline
      requests[slot].record.parts.host += parts.host
      if wasDecoding { requests[slot].record.batchInterference += parts.interference }
    }
    requests[slot].mark = now
  }

  /// The wait before the first step, split by the state its replica was in.
  mutating func enterFirstStep(_ slot: Int, at time: Nanoseconds) {
    let waited = waitBefore(
      requests[slot].record.arrival, until: time, replica: requests[slot].record.replicaID)
    requests[slot].record.parts.allocationWait += waited.allocation
    requests[slot].record.parts.coldStart += waited.coldStart
    requests[slot].record.parts.queue += waited.queue
    requests[slot].record.attempts = 1
    requests[slot].hasBegun = true
    metrics.begun(at: now)
  }

  /// A wait split by a replica's states: demanded → granted is allocation, granted → ready is cold
  /// start, the rest is queue.
  func waitBefore(
    _ arrival: Nanoseconds, until time: Nanoseconds, replica: Int32
  ) -> (allocation: Nanoseconds, coldStart: Nanoseconds, queue: Nanoseconds) {
    guard replica >= 0 else { return (0, 0, time - arrival) }
    let record = replicas[Int(replica)].record
    func overlap(_ from: Nanoseconds, _ to: Nanoseconds) -> Nanoseconds {
      max(0, min(to, time) - max(from, arrival))
    }
    let allocation = overlap(record.demanded, record.granted ?? .max)
    let coldStart = record.granted.map { overlap($0, record.ready ?? .max) } ?? 0
    return (allocation, coldStart, time - arrival - allocation - coldStart)
  }

  @inline(__always)
  private mutating func emitToken(_ slot: Int, number: Int32) {
    if number == 1 {
      requests[slot].record.firstToken = now
      requests[slot].record.firstTokenParts = requests[slot].record.parts
    } else {
      metrics.addGap(
        now - requests[slot].lastToken, workload: requests[slot].record.workload,
        arrival: requests[slot].record.arrival)
    }
    requests[slot].lastToken = now
    log?.log(LoggedEvent(now, .token, requests[slot].record.requestID, Int64(number)))
  }

  private mutating func finish(_ slot: Int) {
    log?.log(LoggedEvent(now, .finish, requests[slot].record.requestID))
    requests[slot].record.finish = now
    leave(Int32(slot), as: .completed)
  }

  /// A request leaves the system: its record is final, its slot comes free.
  mutating func leave(_ slot: Int32, as status: RequestStatus) {
    requests[Int(slot)].record.status = status
    requests[Int(slot)].record.end = now
    let record = requests[Int(slot)].record
    precondition(
      record.parts.total == record.end - record.arrival, "labels do not sum to the request's time")
    metrics.ended(record, at: now)
    digest.add(record)
    records.record(record)
    freeRequests.append(slot)
    stream.ended(record.arriving, isCompleted: status == .completed, at: now)
    expectArrival()
  }
}

/// What a micro-batch adds to each of its members.
struct MemberParts {
  let begun: Nanoseconds
  let pipelineWait: Nanoseconds
  let compute: Nanoseconds
  let commTensor: Nanoseconds
  let commExpert: Nanoseconds
  let commPipeline: Nanoseconds
  let host: Nanoseconds
  let interference: Nanoseconds

  init(_ batch: MicroBatch) {
    begun = batch.begun
    pipelineWait = batch.pipelineWait
    compute = batch.compute
    commTensor = batch.commTensor
    commExpert = batch.commExpert
    commPipeline = batch.commPipeline
    host = batch.host
    interference = batch.interference
  }
}
