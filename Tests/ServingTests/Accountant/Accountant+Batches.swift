import EventKernel
import Serving

/// Micro-batches on their way through the stages, and the KV cache that their members fill.
extension Accountant {
  /// A member joins the micro-batch that is being formed; returns whether it was the last one.
  func join(_ event: LoggedEvent, at now: Nanoseconds) -> Bool {
    let request = Int(event.b)
    guard var batch = batches[event.a], requests.indices.contains(request) else { return true }
    let account = requests[request]
    expect(account.replica == batch.replica, "request \(request) is in another replica's batch")
    expect(
      batch.members.first.map { requests[$0.request].engine == account.engine } ?? true,
      "micro-batch \(event.a) has members of two engines")
    let mayFollow = overlapsChunks && account.taken < account.needed
    expect(account.inFlight.isEmpty || mayFollow, "request \(request) is in two micro-batches")
    expect(account.inFlight.last?.batch != event.a, "request \(request) is in one twice")
    expect(account.end == nil, "request \(request) is in a micro-batch after its end")
    expect(account.taken == event.d, "request \(request) holds \(account.taken) KV tokens")
    let isDecoding = event.d >= account.needed
    expect(
      isDecoding ? event.c == 1 : event.c >= 1 && event.d + event.c <= account.needed,
      "request \(request) takes \(event.c) tokens of \(account.needed) after \(event.d)")
    requests[request].inFlight.append((event.a, event.c))
    holdBlocks(event.e, request, tokens: event.c + event.d)
    batch.members.append(
      BatchAccount.Member(
        request: request, tokens: event.c, before: event.d, isDecoding: isDecoding))
    batches[event.a] = batch
    if !isDecoding { notePrefill(event.a, chunk: event.c, prefix: event.d) }
    guard batch.members.count == Int(batch.memberCount) else { return false }
    expect(
      batch.members.reduce(0) { $0 + $1.tokens } == batch.tokens, "tokens of micro-batch \(event.a)"
    )
    expect(
      batch.members.reduce(0) { $0 + ($1.isDecoding ? 0 : $1.tokens) } == batch.prefillTokens,
      "prefill tokens of micro-batch \(event.a)")
    return true
  }

  func holdBlocks(_ blocks: Int64, _ request: Int, tokens: Int64) {
    let replica = Int(requests[request].replica)
    guard replicas.indices.contains(replica) else { return }
    let size = replicas[replica].blockTokens
    expect(blocks * size >= tokens, "request \(request) has \(blocks) blocks for \(tokens) tokens")
    // The last token needs no KV, but it may lie in a block that others have computed.
    let longest = requests[request].prompt + requests[request].output - (sharesPrefixes ? 0 : 1)
    expect(
      blocks <= (max(longest, tokens) + size - 1) / size,
      "request \(request) hoards \(blocks) blocks")
    var engine = replicas[replica].engines[requests[request].engine]
    engine.blocksHeld += blocks - requests[request].blocks
    requests[request].blocks = blocks
    let most = replicas[replica].blocksOfEngine
    expect(
      sharesPrefixes || engine.blocksHeld <= most,
      "an engine of replica \(replica) uses \(engine.blocksHeld) of its \(most) blocks")
    engine.blocksPeak = max(engine.blocksPeak, engine.blocksHeld)
    replicas[replica].engines[requests[request].engine] = engine
  }

  func beginStep(_ event: LoggedEvent, at now: Nanoseconds) {
    guard var batch = batches[event.a], let stage = stageAccount(batch.replica, part: event.b)
    else {
      expect(false, "no stage for: \(event.text)")
      return
    }
    expect(
      batch.members.count == Int(batch.memberCount), "micro-batch \(event.a) starts incomplete")
    var arrived = now
    switch batch.place {
    case .atStage(_, let since): arrived = since
    case .travelling(_, let until): arrived = until
    default: break
    }
    switch batch.place {
    case .atStage(let at, _): expect(at == event.b, "micro-batch \(event.a) is not at \(event.b)")
    case .travelling(let toward, let until):
      expect(toward == event.b && until <= now, "micro-batch \(event.a) has not arrived")
    default: expect(false, "micro-batch \(event.a) cannot start: \(batch.place)")
    }
    if case .idle = stage.doing {} else { expect(false, "stage \(event.b) is not idle") }
    if blockingHops { expect(stage.sendingUntil <= now, "stage \(event.b) still sends") }
    expect(
      event.c >= event.d + event.e + event.f && event.g >= 0 && event.g <= event.c,
      "the parts of a step do not fit: \(event.text)")
    let index = steps.count
    steps.append(
      StepAccount(
        batch: event.a, replica: batch.replica, stage: event.b, begin: now, total: event.c,
        tensor: event.d, expert: event.e, host: event.f, interference: event.g))
    batch.place = .onStage(event.b, step: index)
    batch.journey.steps.append(index)
    batches[event.a] = batch
    checkChunksAhead(of: event.a, stage: event.b)
    turnMembers(of: event.a, to: .executing(index), at: now)
    let replica = Int(batch.replica)
    turnStage(replica, self.stage(of: replica, part: event.b), to: .executing(index), at: now)
    noteStep(steps[index], since: arrived)
    for gpu in stage.gpus {
      gpus[Int(gpu)].book(until: now)
      gpus[Int(gpu)].executing += 1
      expect(gpus[Int(gpu)].executing == 1, "GPU \(gpu) executes two steps at once")
    }
  }

  func endStep(_ event: LoggedEvent, at now: Nanoseconds) {
    guard var batch = batches[event.a], case .onStage(let at, let index) = batch.place,
      at == event.b, let stage = stageAccount(batch.replica, part: event.b)
    else {
      expect(false, "nothing to end: \(event.text)")
      return
    }
    expect(now == steps[index].begin + steps[index].total, "step of micro-batch \(event.a) is late")
    batch.place = .ready(after: event.b)
    batches[event.a] = batch
    turnMembers(of: event.a, to: .waiting, at: now)
    let (replica, place) = (
      Int(batch.replica), self.stage(of: Int(batch.replica), part: event.b)
    )
    turnStage(replica, place, to: .idle, at: now)
    for gpu in stage.gpus {
      gpus[Int(gpu)].book(until: now)
      gpus[Int(gpu)].executing -= 1
    }
    replicas[replica].stageAccounts[place].steps += 1
    replicas[replica].stageAccounts[place].tokens += batch.tokens
    replicas[replica].stageAccounts[place].noteStep(steps[index].total)
  }

  func hop(_ event: LoggedEvent, at now: Nanoseconds) {
    guard var batch = batches[event.a] else { return }
    expect(batch.place == .ready(after: event.b), "micro-batch \(event.a) cannot travel")
    expect(
      event.c >= 0 || hopsAreFlows && event.c == -1, "micro-batch \(event.a) travels back in time")
    creditHop(event, batch.replica)
    let arrival = event.c < 0 ? .max : now + event.c
    if event.c >= 0 { rounds[event.a]?.hops.append(event.c) }
    batch.place = .travelling(toward: event.b + 1, until: arrival)
    batch.left = now
    batch.journey.hops.append((now, arrival))
    batches[event.a] = batch
    let place = stage(of: Int(batch.replica), part: event.b)
    replicas[Int(batch.replica)].stageAccounts[place].sendingUntil = arrival
    turnMembers(of: event.a, to: .travelling, at: now)
    tellArrival(of: event.a, at: arrival)
  }

  /// A hop that is a flow has left the links; until now nobody knew when it would arrive.
  func sent(_ event: LoggedEvent, at now: Nanoseconds) {
    guard var batch = batches[event.a] else { return }
    expect(
      batch.place == .travelling(toward: event.b + 1, until: .max),
      "micro-batch \(event.a) is sent twice, or never left")
    expect(event.c >= 0, "micro-batch \(event.a) arrives before it is sent")
    expect(event.d == now - batch.left, "micro-batch \(event.a) left at another time")
    endHopFlow(of: event.a, batch.replica, stage: event.b, at: now)
    batch.place = .travelling(toward: event.b + 1, until: now + event.c)
    batch.journey.hops[batch.journey.hops.count - 1].to = now + event.c
    rounds[event.a]?.hops.append(now + event.c - batch.left)
    batches[event.a] = batch
    tellArrival(of: event.a, at: now + event.c)
  }

  func done(_ number: Int64, at now: Nanoseconds) {
    guard let batch = batches.removeValue(forKey: number) else { return }
    let parts = Int64(replicas[Int(batch.replica)].partAccounts.count)
    if parts == 1 {
      expect(batch.place == .ready(after: 0), "micro-batch \(number) is done early")
    } else {
      expect(
        batch.place == .travelling(toward: parts, until: now),
        "micro-batch \(number) is back at the wrong time")
    }
    endRound(number, of: Int(batch.replica), at: now)
    let interference = batch.journey.steps.reduce(0) { $0 + steps[$1].interference }
    for member in batch.members {
      let request = member.request
      turn(request, to: .waiting, at: now)
      expect(
        requests[request].inFlight.first?.batch == number,
        "request \(request) has chunks that overtake each other")
      expect(!requests[request].isTokenDue, "request \(request) never got its token")
      if member.isDecoding, requests[request].lost == nil {
        requests[request].interference += interference
      }
      requests[request].inFlight.removeFirst()
      requests[request].stored = member.before + member.tokens
      if requests[request].stored >= requests[request].had {
        requests[request].had = 0
        requests[request].lost = nil
      }
      requests[request].isTokenDue = requests[request].stored >= requests[request].needed
      follow(request)
    }
  }
}
