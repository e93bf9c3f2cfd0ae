import EventKernel
import Serving

/// A request's life, span by span.
extension Accountant {
  /// Ends the present span of a request's life and begins the next.
  ///
  /// A journey that ended before now was followed by a wait for the stage.
  func turn(_ request: Int, to doing: Doing, at now: Nanoseconds) {
    var from = requests[request].spanStart
    var was = requests[request].doing
    if requests[request].lost != nil {
      was = .regaining
    } else if case .travelling = was, requests[request].arrivesAtStage < now {
      let arrival = requests[request].arrivesAtStage
      requests[request].spans.append(Span(from: from, to: arrival, doing: .travelling))
      from = arrival
      was = .waiting
    }
    if case .hoping = was, requests[request].first == nil {
      requests[request].first = requests[request].replica
    }
    if from < now { requests[request].spans.append(Span(from: from, to: now, doing: was)) }
    requests[request].spanStart = now
    requests[request].doing = doing
  }

  /// What a micro-batch does is what its members do, unless a chunk ahead of theirs is not back, or was not
  /// yet when this one began.
  func turnMembers(of number: Int64, to doing: Doing, at now: Nanoseconds) {
    for request in leadingMembers(of: number) { turn(request, to: doing, at: now) }
  }

  /// It is known when the micro-batch that they travel with arrives.
  func tellArrival(of number: Int64, at arrival: Nanoseconds) {
    for request in leadingMembers(of: number) { requests[request].arrivesAtStage = arrival }
  }

  private func leadingMembers(of number: Int64) -> [Int] {
    (batches[number]?.members ?? []).map(\.request).filter { request in
      if case .following = requests[request].doing { return false }
      return requests[request].inFlight.first?.batch == number
    }
  }

  /// A micro-batch of a request is back: the next one of its chunks may be on its way already.
  func follow(_ request: Int) {
    guard let next = requests[request].inFlight.first, let batch = batches[next.batch],
      !batch.journey.steps.isEmpty
    else { return }
    requests[request].doing = .following(batch.journey)
  }

  /// A chunk reads what the chunks ahead of it have left on the stage.
  func checkChunksAhead(of number: Int64, stage: Int64) {
    for member in batches[number]?.members ?? [] {
      for ahead in requests[member.request].inFlight where ahead.batch < number {
        expect(
          batches[ahead.batch]?.hasLeft(stage) ?? false,
          "request \(member.request) has a chunk on stage \(stage) before the one ahead of it")
      }
    }
  }

  func assign(_ request: Int, to replica: Int, at now: Nanoseconds) {
    expect(requests[request].replica == -1, "request \(request) is assigned twice")
    guard replicas.indices.contains(replica), replicas[replica].isUp, !replicas[replica].isDraining
    else {
      expect(false, "request \(request) goes to replica \(replica), which is not ready")
      return
    }
    expect(
      replicas[replica].model == requests[request].model,
      "request \(request) goes to another model's replica")
    enter(request, replica, at: now)
  }

  /// A request is in a replica's engine: the one with the fewest requests, the first of several.
  func enter(_ request: Int, _ replica: Int, at now: Nanoseconds) {
    requests[request].replica = Int64(replica)
    let fewest = replicas[replica].engines.map(\.requests).min()
    let engine = replicas[replica].engines.firstIndex { $0.requests == fewest } ?? 0
    requests[request].engine = engine
    replicas[replica].engines[engine].requests += 1
    changeWork(of: replica, by: 1, at: now)
  }

  /// A request need not compute its first tokens, because others have.
  func find(_ request: Int, replica: Int64, tokens: Int64) {
    expect(requests[request].replica == replica, "request \(request) finds tokens elsewhere")
    expect(requests[request].stored == 0, "request \(request) has tokens and finds others")
    expect(
      tokens > 0 && tokens < requests[request].needed,
      "request \(request) finds \(tokens) of \(requests[request].needed) tokens")
    requests[request].stored = tokens
    if case .hoping = requests[request].doing {
      requests[request].cached = min(tokens, requests[request].prompt)
    }
  }

  func takeToken(_ request: Int, number: Int64, at now: Nanoseconds) {
    expect(requests[request].isTokenDue, "request \(request) gets a token that is not due")
    requests[request].isTokenDue = false
    requests[request].tokens += 1
    expect(
      number == requests[request].tokens, "request \(request) gets token \(number) out of turn")
    if number == 1 { requests[request].firstToken = now }
    let replica = Int(requests[request].replica)
    if replicas.indices.contains(replica) { replicas[replica].tokens += 1 }
  }

  func preempt(_ request: Int, replica: Int64, had: Int64, at now: Nanoseconds) {
    expect(requests[request].inFlight.isEmpty, "request \(request) is preempted in flight")
    expect(requests[request].replica == replica, "request \(request) is preempted elsewhere")
    expect(requests[request].stored > 0, "request \(request) is preempted without KV cache")
    if replicas.indices.contains(Int(replica)) { replicas[Int(replica)].preemptions += 1 }
    giveBlocksBack(request)
    requests[request].had = max(requests[request].had, requests[request].stored)
    expect(
      requests[request].had == had,
      "request \(request) had \(requests[request].had) tokens when preempted, not \(had)")
    requests[request].stored = 0
    // It had only what others had computed.
    if case .hoping = requests[request].doing { return }
    turn(request, to: .waiting, at: now)
    requests[request].lost = had
    requests[request].needed = requests[request].prompt + requests[request].tokens
  }

  func giveBlocksBack(_ request: Int) {
    let replica = Int(requests[request].replica)
    guard replicas.indices.contains(replica) else { return }
    replicas[replica].engines[requests[request].engine].blocksHeld -= requests[request].blocks
    requests[request].blocks = 0
  }

  func finish(_ request: Int, at now: Nanoseconds) {
    expect(
      requests[request].tokens == requests[request].output,
      "request \(request) finishes with \(requests[request].tokens) tokens")
    expect(
      requests[request].stored == requests[request].prompt + requests[request].output - 1,
      "request \(request) finishes with \(requests[request].stored) KV tokens")
    requests[request].finish = now
    giveBlocksBack(request)
    let replica = Int(requests[request].replica)
    if replicas.indices.contains(replica) {
      replicas[replica].completed += 1
      replicas[replica].engines[requests[request].engine].requests -= 1
      changeWork(of: replica, by: -1, at: now)
      if replicas[replica].outstanding == 0 { runDry.insert(replica) }
    }
    leave(request, as: .completed, reason: 0, at: now)
  }

  func leave(
    _ request: Int, as status: RequestStatus, reason: Int64, at now: Nanoseconds
  ) {
    if status == .unfinished { bookUnfinishedInterference(request, at: now) }
    turn(request, to: .waiting, at: now)
    expect(
      status == .completed || requests[request].finish == nil, "request \(request) ends twice")
    requests[request].status = status
    requests[request].reason = reason
    requests[request].end = now
  }

  /// What a decoding request lost to prefill tokens in the steps of a micro-batch under way.
  private func bookUnfinishedInterference(_ request: Int, at now: Nanoseconds) {
    guard requests[request].lost == nil, let number = requests[request].inFlight.first?.batch,
      let batch = batches[number],
      let member = batch.members.first(where: { $0.request == request }), member.isDecoding
    else { return }
    for step in batch.journey.steps {
      let elapsed = min(now - steps[step].begin, steps[step].total)
      requests[request].interference += steps[step].part(
        of: steps[step].interference, elapsed: elapsed)
    }
  }

  /// A request's time by label, up to its end or up to its first token.
  func labels(of request: RequestAccount, until limit: Nanoseconds) -> LabelledTime {
    var time = LabelledTime()
    for span in request.spans where span.to <= limit {
      let elapsed = span.to - span.from
      switch span.doing {
      case .hoping: label(hoping: span, of: request, in: &time)
      case .waiting: time.add(elapsed, to: .pipelineWait)
      case .travelling: time.add(elapsed, to: .commPipeline)
      case .moving: time.add(elapsed, to: .commKV)
      case .regaining:
        let moving = request.moving(span.from, span.to)
        time.add(moving, to: .commKV)
        time.add(elapsed - moving, to: .preemption)
      case .executing(let index): label(steps[index], elapsed: elapsed, in: &time)
      case .following(let journey): label(span, following: journey, in: &time)
      }
    }
    return time
  }

  private func label(_ step: StepAccount, elapsed: Nanoseconds, in time: inout LabelledTime) {
    let tensor = step.part(of: step.tensor, elapsed: elapsed)
    let expert = step.part(of: step.expert, elapsed: elapsed)
    let host = step.part(of: step.host, elapsed: elapsed)
    time.add(tensor, to: .commTensor)
    time.add(expert, to: .commExpert)
    time.add(host, to: .host)
    time.add(elapsed - tensor - expert - host, to: .compute)
  }

  /// Behind another chunk: all steps and hops up to the end of the span, as far as they fit into it, in the
  /// order of docs/policies.md; what is left is a wait.
  private func label(
    _ span: Span, following journey: JourneyAccount, in time: inout LabelledTime
  ) {
    var spent = LabelledTime()
    for step in journey.steps.map({ steps[$0] }) {
      label(step, elapsed: min(span.to - step.begin, step.total), in: &spent)
    }
    for hop in journey.hops { spent.add(min(span.to, hop.to) - hop.from, to: .commPipeline) }
    var left = span.to - span.from
    for label in [Label.compute, .commTensor, .commExpert, .host, .commPipeline] {
      let counted = min(spent[label], left)
      time.add(counted, to: label)
      left -= counted
    }
    time.add(left, to: .pipelineWait)
  }

  /// Before the first step: cut at every change of the serving replica, each by its state.
  private func label(hoping span: Span, of request: RequestAccount, in time: inout LabelledTime) {
    let served = replicas.first { $0.number == request.first ?? request.replica }
    let hopedFor = replicas.first { $0.model == request.model && $0.wasComing(at: end ?? .max) }
    guard let replica = served ?? hopedFor else {
      time.add(span.to - span.from, to: .queue)
      return
    }
    let wakes = replica.wakes.flatMap { [$0.asked, $0.awake] }
    let changes = ([replica.demanded, replica.granted, replica.ready] + wakes).compactMap { $0 }
    let cuts = ([span.from, span.to] + changes.filter { $0 > span.from && $0 < span.to }).sorted()
    let moving = request.moving(span.from, span.to)
    time.add(moving, to: .commKV)
    time.add(-moving, to: .queue)
    for (from, to) in zip(cuts, cuts.dropFirst()) {
      if replica.wakes.contains(where: { $0.asked <= from && from < $0.awake ?? .max }) {
        time.add(to - from, to: .coldStart)
      } else if from < replica.demanded || replica.ready.map({ from >= $0 }) ?? false {
        time.add(to - from, to: .queue)
      } else if replica.granted.map({ from >= $0 }) ?? false {
        time.add(to - from, to: .coldStart)
      } else {
        time.add(to - from, to: .allocationWait)
      }
    }
  }
}

extension ReplicaAccount {
  /// Whether the run ended before it was ready, and it had not been given up.
  func wasComing(at end: Nanoseconds) -> Bool {
    (ready == nil || isWaking) && withdrawn == nil && (released ?? end) >= end
  }
}
