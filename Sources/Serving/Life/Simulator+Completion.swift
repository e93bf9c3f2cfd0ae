import EventKernel
import Inference
import Workload

extension Simulator {
  /// The oldest micro-batch on its way back from a last stage arrives at the engine.
  mutating func returnFromStage(_ stage: Int) {
    guard let slot = stages[stage].hop.travelling.popFirst() else { return }
    let batch = Int(slot)
    batches[batch].sums.commPipeline += now - batches[batch].since
    endHop(batch)
    if !scheduler.engine.asynchronousHops { freeLane(ofStage: stage) }
    complete(batch)
  }

  /// A micro-batch is back: its time is labelled for every member, tokens appear, requests finish.
  mutating func complete(_ batch: Int) {
    let replica = Int(batches[batch].replica)
    replicas[replica].inFlight -= 1
    if !usesPassages { endRound(batch, replica) }
    log?.log(LoggedEvent(now, .done, batches[batch].number, Int64(replica)))
    let ended = labelMembers(batch, replica)
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
    let rounds = batches[batch].rounds
    let engine = Int(batches[batch].engine)
    var gaps = TokenGaps(previous: rounds > 0 ? batches[batch].tokensAt : nil)
    var tokens: Int64 = 0
    var ended = false
    var members: [BatchMember] = []
    swap(&members, &batches[batch].members)
    var position = 0
    while true {
      let first = position
      if log == nil { position = labelPlain(members, from: position, batch, engine, &gaps) }
      tokens += Int64(position - first)
      if position == members.count { break }
      let outcome = engines[engine].complete(members[position], rounds: rounds)
      position += 1
      label(outcome, batch)
      guard outcome.token > 0 else { continue }
      tokens += 1
      emitToken(Int(outcome.request), number: outcome.token, &gaps)
      if outcome.isLast {
        replicas[replica].record.requestsCompleted += 1
        changeOutstanding(
          of: replica, by: -1, workload: Int(requests[Int(outcome.request)].record.workload))
        finish(Int(outcome.request))
        ended = true
      }
    }
    metrics.add(gaps)
    replicas[replica].record.tokensGenerated += tokens
    engines[engine].land(&members, isInOrder: batches[batch].isInOrder)
    swap(&members, &batches[batch].members)
    if ended, !tierStores.isEmpty { passEvictedOn(replica, engine) }
    return ended
  }

  /// Labels members that decode and go on decoding, most of all members, up to the first other one.
  ///
  /// - Returns: That one's position, or the number of members.
  private mutating func labelPlain(
    _ members: [BatchMember], from start: Int, _ batch: Int, _ engine: Int,
    _ gaps: inout TokenGaps
  ) -> Int {
    let (begun, sums, rounds) = (batches[batch].begun, batches[batch].sums, batches[batch].rounds)
    let now = now
    let warmup = scenario.warmup
    // Spans over arrays that are nobody else's meanwhile: a subscript would ask that at each write.
    var (sequences, requests): ([SequenceState], [RequestState]) = ([], [])
    swap(&sequences, &engines[engine].sequences)
    swap(&requests, &self.requests)
    var sequence = sequences.mutableSpan
    var request = requests.mutableSpan
    let member = members.span
    var position = start
    while position < member.count {
      let index = Int(member[position].sequence)
      guard let slot = sequence[index].plain(member[position].tokens, rounds: rounds),
        request[slot].decodes(sums, from: begun, until: now, warmup: warmup, &gaps)
      else { break }
      sequence[index].completePlain(rounds: rounds)
      position += 1
    }
    swap(&requests, &self.requests)
    swap(&sequences, &engines[engine].sequences)
    return position
  }

  private mutating func label(_ outcome: MemberOutcome, _ batch: Int) {
    let slot = Int(outcome.request)
    let begun = batches[batch].begun
    if !requests[slot].hasBegun { enterFirstStep(slot, at: begun) }
    requests[slot].label(
      batches[batch].sums, from: begun, wasDecoding: outcome.wasDecoding, until: now)
    if outcome.hasRecovered { requests[slot].isRecovering = false }
  }

  @inline(__always)
  private mutating func emitToken(_ slot: Int, number: Int32, _ gaps: inout TokenGaps) {
    if number == 1 {
      requests[slot].record.firstToken = now
      requests[slot].record.firstTokenParts = requests[slot].record.parts
    } else {
      let gap = now - (gaps.previous ?? requests[slot].lastToken)
      let workload = requests[slot].record.workload
      if metrics.counts(requests[slot].record.arrival), !gaps.add(gap, workload) {
        metrics.add(gaps)
        gaps.restart(gap, workload)
      }
    }
    requests[slot].lastToken = now
    log?.log(LoggedEvent(now, .token, requests[slot].record.requestID, Int64(number)))
  }

  /// The wait before the first step, split by the state its replica was in.
  mutating func enterFirstStep(_ slot: Int, at time: Nanoseconds) {
    let waited = waitBefore(
      requests[slot].record.arrival, until: time, replica: requests[slot].record.replicaID)
    requests[slot].record.parts.allocationWait += waited.allocation
    requests[slot].record.parts.coldStart += waited.coldStart
    // What it fetched in that time is labelled already.
    requests[slot].record.parts.queue += waited.queue - requests[slot].record.parts.commKV
    requests[slot].record.attempts = 1
    requests[slot].hasBegun = true
    requests[slot].mark = time
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
    var coldStart = record.granted.map { overlap($0, record.ready ?? .max) } ?? 0
    // It may have slept since, but a request for it wakes it, so only the last time counts.
    let sleep = replicas[Int(replica)].sleep
    if sleep.awake > 0 { coldStart += overlap(sleep.asked, sleep.awake) }
    return (allocation, coldStart, time - arrival - allocation - coldStart)
  }

  private mutating func finish(_ slot: Int) {
    log?.log(LoggedEvent(now, .finish, requests[slot].record.requestID))
    requests[slot].record.finish = now
    if asksAdmission { noteService(slot) }
    leave(Int32(slot), as: .completed)
  }

  /// What predictions go by: how long requests of a model are served.
  private mutating func noteService(_ slot: Int) {
    let record = requests[slot].record
    let model = Int(record.model)
    let before = record.parts.allocationWait + record.parts.coldStart + record.parts.queue
    models[model].servedRequests += 1
    models[model].serviceTime += now - record.arrival - before
  }

  /// A request leaves the system: its record is final, its slot comes free.
  mutating func leave(_ slot: Int32, as status: RequestStatus) {
    requests[Int(slot)].record.status = status
    requests[Int(slot)].record.end = now
    let record = requests[Int(slot)].record
    precondition(
      record.parts.total == record.end - record.arrival, "labels do not sum to the request's time")
    metrics.ended(record, at: now)
    let model = Int(record.model)
    if models[model].scalingNeeds.contains(.activity) { noteLeaving(model, record) }
    if scheduler.engine.keyValue.sharesPrefixes { countPrefix(record) }
    digest.add(record)
    records.record(record)
    freeRequests.append(slot)
    stream.ended(record.arriving, isCompleted: status == .completed, at: now)
    expectArrival()
  }
}

/// Gaps between tokens that appear together; those of one micro-batch are mostly alike.
struct TokenGaps {
  /// When the members' previous tokens appeared, where that is known of the micro-batch as a whole.
  let previous: Nanoseconds?
  private(set) var workload: Int32 = 0
  private(set) var gap: Nanoseconds = 0
  private(set) var count: Int64 = 0

  init(previous: Nanoseconds?) { self.previous = previous }

  /// Counts a gap; false when it is unlike the ones before.
  @inline(__always)
  mutating func add(_ gap: Nanoseconds, _ workload: Int32) -> Bool {
    guard gap == self.gap, workload == self.workload else { return false }
    count &+= 1
    return true
  }

  /// Counts from this gap on.
  mutating func restart(_ gap: Nanoseconds, _ workload: Int32) {
    self.gap = gap
    self.workload = workload
    count = 1
  }
}
