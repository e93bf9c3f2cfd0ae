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
    if from < now { requests[request].spans.append(Span(from: from, to: now, doing: was)) }
    requests[request].spanStart = now
    requests[request].doing = doing
  }

  func assign(_ request: Int, to replica: Int, at now: Nanoseconds) {
    expect(requests[request].replica == -1, "request \(request) is assigned twice")
    guard replicas.indices.contains(replica), replicas[replica].ready != nil,
      replicas[replica].released == nil
    else {
      expect(false, "request \(request) goes to replica \(replica), which is not ready")
      return
    }
    expect(
      replicas[replica].model == Int64(modelOfWorkload[Int(requests[request].workload)]),
      "request \(request) goes to another model's replica")
    requests[request].replica = Int64(replica)
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
    expect(requests[request].batch == nil, "request \(request) is preempted in flight")
    expect(requests[request].replica == replica, "request \(request) is preempted elsewhere")
    expect(requests[request].stored > 0, "request \(request) is preempted without KV cache")
    if replicas.indices.contains(Int(replica)) { replicas[Int(replica)].preemptions += 1 }
    giveBlocksBack(request)
    if case .hoping = requests[request].doing {
      // It had only what others had computed.
      requests[request].stored = 0
      return
    }
    turn(request, to: .waiting, at: now)
    let lost = max(requests[request].lost ?? 0, requests[request].stored)
    expect(lost == had, "request \(request) had \(lost) tokens when preempted, not \(had)")
    requests[request].lost = lost
    requests[request].stored = 0
    requests[request].needed = requests[request].prompt + requests[request].tokens
  }

  func giveBlocksBack(_ request: Int) {
    let replica = Int(requests[request].replica)
    guard replicas.indices.contains(replica) else { return }
    replicas[replica].blocksHeld -= requests[request].blocks
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
    guard requests[request].lost == nil, let number = requests[request].batch,
      let batch = batches[number],
      let member = batch.members.first(where: { $0.request == request }), member.isDecoding
    else { return }
    for step in batch.steps {
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
      case .regaining:
        let moving = request.moving(span.from, span.to)
        time.add(moving, to: .commKV)
        time.add(elapsed - moving, to: .preemption)
      case .executing(let index):
        let step = steps[index]
        let tensor = step.part(of: step.tensor, elapsed: elapsed)
        let expert = step.part(of: step.expert, elapsed: elapsed)
        let host = step.part(of: step.host, elapsed: elapsed)
        time.add(tensor, to: .commTensor)
        time.add(expert, to: .commExpert)
        time.add(host, to: .host)
        time.add(elapsed - tensor - expert - host, to: .compute)
      }
    }
    return time
  }

  /// Before the first step: cut at every change of the serving replica, each by its state.
  private func label(hoping span: Span, of request: RequestAccount, in time: inout LabelledTime) {
    let model = Int64(modelOfWorkload[Int(request.workload)])
    let served = replicas.first { $0.number == request.replica }
    let hopedFor = replicas.first { $0.model == model && $0.wasComingAtEnd }
    guard let replica = served ?? hopedFor else {
      time.add(span.to - span.from, to: .queue)
      return
    }
    let changes = [replica.demanded, replica.granted, replica.ready].compactMap { $0 }
    let cuts = ([span.from, span.to] + changes.filter { $0 > span.from && $0 < span.to }).sorted()
    let moving = request.moving(span.from, span.to)
    time.add(moving, to: .commKV)
    time.add(-moving, to: .queue)
    for (from, to) in zip(cuts, cuts.dropFirst()) {
      if from < replica.demanded || replica.ready.map({ from >= $0 }) ?? false {
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
  var wasComingAtEnd: Bool { ready == nil && withdrawn == nil }
}
