import EventKernel
import Serving

/// KV on its way: to swap space and back, and from tiers.
extension Accountant {
  func readMove(_ event: LoggedEvent, at now: Nanoseconds) {
    let request = Int(event.a)
    guard requests.indices.contains(request), requests[request].end == nil else {
      expect(false, "request \(request) is not in the system but: \(event.text)")
      return
    }
    expect(requests[request].inFlight.isEmpty, "request \(request) moves while it is in flight")
    expect(requests[request].replica == event.b, "request \(request) moves elsewhere")
    switch event.kind {
    case .swapOut: swapOut(event, request, at: now)
    case .swapIn: swapIn(event, request, at: now)
    case .fetch: fetch(event, request, at: now)
    default: arrive(request, at: now)
    }
  }

  private func swapOut(_ event: LoggedEvent, _ request: Int, at now: Nanoseconds) {
    expect(event.c == requests[request].stored, "request \(request) swaps what it does not have")
    replicas[Int(event.b)].preemptions += 1
    giveBlocksBack(request)
    requests[request].isSwapped = true
    requests[request].transits.append((now + event.d, now + event.d + event.e))
    if case .hoping = requests[request].doing { return }
    turn(request, to: .waiting, at: now)
    requests[request].lost = .max
  }

  private func swapIn(_ event: LoggedEvent, _ request: Int, at now: Nanoseconds) {
    expect(event.c == requests[request].stored, "request \(request) does not get what it had")
    let last = requests[request].transits.last?.to ?? .max
    expect(now + event.d >= last, "request \(request) returns before it has left")
    requests[request].transits.append((now + event.d, now + event.d + event.e))
    holdBlocks(event.f, request, tokens: event.c + 1)
  }

  private func fetch(_ event: LoggedEvent, _ request: Int, at now: Nanoseconds) {
    expect(requests[request].stored == 0, "request \(request) has tokens and fetches others")
    expect(
      event.c > 0 && event.c < requests[request].needed && event.d > 0,
      "request \(request) fetches \(event.c) of \(requests[request].needed) tokens")
    requests[request].fetching = event.c
    replicas[Int(event.b)].fetchedBytes += event.d
    if case .hoping = requests[request].doing {
      requests[request].cached = min(event.c, requests[request].prompt)
    }
    requests[request].transits.append((now, now + event.e))
    holdBlocks(event.f, request, tokens: event.c)
  }

  private func arrive(_ request: Int, at now: Nanoseconds) {
    if requests[request].isMoving {
      let begun = requests[request].transits.removeLast().from
      requests[request].transits.append((begun, now))
    }
    expect(
      requests[request].transits.last?.to == now, "request \(request) gets its KV at another time")
    if requests[request].isMoving {
      requests[request].isMoving = false
      if case .hoping = requests[request].doing { return }
      turn(request, to: .waiting, at: now)
      return
    }
    if let tokens = requests[request].fetching {
      requests[request].stored = tokens
      requests[request].fetching = nil
    } else if requests[request].isSwapped {
      requests[request].isSwapped = false
      if case .hoping = requests[request].doing { return }
      turn(request, to: .waiting, at: now)
      let had = requests[request].had
      requests[request].lost = had > 0 ? had : nil
    } else {
      expect(false, "request \(request) waits for no KV")
    }
  }
}

/// Requests that go from a pipeline to what has taken over from it.
extension Accountant {
  func move(_ event: LoggedEvent, at now: Nanoseconds) {
    let request = Int(event.a)
    guard requests.indices.contains(request), requests[request].end == nil,
      requests[request].replica == event.b, replicas.indices.contains(Int(event.c))
    else {
      expect(false, "no request, or no replica, for: \(event.text)")
      return
    }
    let (pipeline, target) = (Int(event.b), Int(event.c))
    expect(replicas[pipeline].isRetired, "leaves what has not retired: \(event.text)")
    expect(replicas[target].replaces == event.b, "goes to somebody else: \(event.text)")
    expect(replicas[target].ready != nil, "goes where nobody serves: \(event.text)")
    expect(requests[request].inFlight.isEmpty, "request \(request) moves while it is in flight")
    let had = requests[request].stored
    giveBlocksBack(request)
    replicas[pipeline].engines[requests[request].engine].requests -= 1
    changeWork(of: pipeline, by: -1, at: now)
    replicas[pipeline].isLeft = true
    enter(request, target, at: now)
    expect(event.d == had, "request \(request) does not have what it takes: \(event.text)")
    if event.e > 0 {
      requests[request].isMoving = true
      requests[request].transits.append((now, .max))
      holdBlocks(event.e, request, tokens: had + 1)
      if case .hoping = requests[request].doing { return }
      turn(request, to: requests[request].lost == nil ? .moving : .waiting, at: now)
    } else if had > 0 {
      replicas[target].preemptions += 1
      requests[request].isSwapped = false
      requests[request].had = max(requests[request].had, had)
      requests[request].stored = 0
      if case .hoping = requests[request].doing { return }
      turn(request, to: .waiting, at: now)
      requests[request].lost = requests[request].had
      requests[request].needed = requests[request].prompt + requests[request].tokens
    }
  }
}

extension RequestAccount {
  /// How long its KV was on its way within a span.
  func moving(_ from: Nanoseconds, _ to: Nanoseconds) -> Nanoseconds {
    transits.reduce(0) { $0 + max(0, min($1.to, to) - max($1.from, from)) }
  }
}
