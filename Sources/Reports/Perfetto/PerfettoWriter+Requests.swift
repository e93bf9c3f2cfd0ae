import EventKernel
import Serving

/// A request from its arrival to its end.
struct RequestTimeline {
  let workload: Int
  let model: Int64
  let promptTokens: Int64
  let outputTokens: Int64
  let arrival: Nanoseconds
  var replica: Int64?
  var hasBegun = false
  var hasToken = false
  /// KV tokens that it must regain after a preemption.
  var lost: Int64?
  /// Whether its KV is in swap space or on the way there or back.
  var isSwapped = false
  /// Whether its KV is on its way to another replica.
  var isMoving = false
  /// KV blocks that it holds.
  var blocks: Int64 = 0
  /// What it has gone through, and what it goes through since when.
  var phases: [(name: String, from: Nanoseconds, to: Nanoseconds)] = []
  var since: Nanoseconds

  /// The phase that it is in once it has begun.
  var phase: String {
    if isMoving, lost == nil { return "comm_kv" }
    return isSwapped || lost != nil ? "preemption" : hasToken ? "decode" : "prefill"
  }

  mutating func add(_ name: String, until now: Nanoseconds) {
    if now > since { phases.append((name, since, now)) }
    since = now
  }
}

/// Requests as asynchronous slices: one for the whole life, within it what it waited for.
extension PerfettoWriter {
  func readRequest(_ event: LoggedEvent) {
    let request = event.a
    switch event.kind {
    case .arrive:
      run?.requests[request] = RequestTimeline(
        workload: Int(event.b), model: event.e, promptTokens: event.c, outputTokens: event.d,
        arrival: now, since: now)
      run?.counters.change(waiting: 1)
    case .reject: leave(request, as: "rejected")
    case .assign: assign(request, to: event.b)
    case .token:
      guard event.b == 1, let told = run?.requests[request] else { return }
      if told.lost == nil { run?.requests[request]?.add(told.phase, until: now) }
      run?.requests[request]?.hasToken = true
    case .preempt:
      guard let told = run?.requests[request] else { return }
      // Before its first step it has only waited, and goes on waiting.
      if told.hasBegun {
        run?.requests[request]?.add(told.phase, until: now)
        run?.requests[request]?.lost = max(told.lost ?? 0, event.c)
      }
      holdBlocks(0, request: request, replica: event.b)
    case .swapOut:
      guard let told = run?.requests[request] else { return }
      if told.hasBegun { run?.requests[request]?.add(told.phase, until: now) }
      run?.requests[request]?.isSwapped = true
      holdBlocks(0, request: request, replica: event.b)
    case .swapIn, .fetch: holdBlocks(event.f, request: request, replica: event.b)
    case .move: move(event)
    case .moved:
      guard let told = run?.requests[request], told.isSwapped || told.isMoving else { return }
      if told.hasBegun { run?.requests[request]?.add(told.phase, until: now) }
      run?.requests[request]?.isSwapped = false
      run?.requests[request]?.isMoving = false
    case .finish: leave(request, as: "completed")
    default: leave(request, as: "unfinished")
    }
  }

  private func assign(_ request: Int64, to replica: Int64) {
    run?.requests[request]?.replica = replica
    run?.counters.change(waiting: -1, requests: 1)
    run?.replicas[replica]?.requests += 1
    noteCounts(of: replica)
  }

  /// It goes from a pipeline to what has taken over, with its KV or without.
  private func move(_ event: LoggedEvent) {
    let request = event.a
    guard let told = run?.requests[request] else { return }
    if told.hasBegun { run?.requests[request]?.add(told.phase, until: now) }
    holdBlocks(0, request: request, replica: event.b)
    run?.replicas[event.b]?.requests -= 1
    noteCounts(of: event.b)
    run?.requests[request]?.replica = event.c
    run?.replicas[event.c]?.requests += 1
    noteCounts(of: event.c)
    holdBlocks(event.e, request: request, replica: event.c)
    run?.requests[request]?.isMoving = event.e > 0
    if event.e == 0, event.d > 0, told.hasBegun {
      run?.requests[request]?.lost = max(told.lost ?? 0, event.d)
    }
  }

  /// Its first step: the wait before it was one for GPUs, for a cold start or in a queue.
  func beginStep(of request: Int64) {
    guard let told = run?.requests[request], !told.hasBegun else { return }
    addWaits(of: request, replica: told.replica.flatMap { run?.replicas[$0] })
    run?.requests[request]?.hasBegun = true
  }

  /// Splits the wait up to now by the states of a replica.
  private func addWaits(of request: Int64, replica: ReplicaTimeline?) {
    if let replica {
      let changes: [(String, Nanoseconds?)] = [
        ("queue", replica.demanded), ("allocation_wait", replica.granted),
        ("cold_start", replica.ready),
      ]
      for (name, end) in changes {
        guard let since = run?.requests[request]?.since else { return }
        run?.requests[request]?.add(name, until: max(since, min(end ?? now, now)))
      }
    }
    run?.requests[request]?.add("queue", until: now)
  }

  /// A micro-batch is back with it; it may have regained what it lost.
  func comeBack(_ request: Int64, stored: Int64) {
    guard let told = run?.requests[request], let lost = told.lost, stored >= lost else { return }
    run?.requests[request]?.add(told.phase, until: now)
    run?.requests[request]?.lost = nil
  }

  /// It holds this many KV blocks now.
  func holdBlocks(_ blocks: Int64, request: Int64, replica: Int64) {
    guard let before = run?.requests[request]?.blocks, before != blocks else { return }
    run?.requests[request]?.blocks = blocks
    run?.replicas[replica]?.blocksUsed += blocks - before
    noteCounts(of: replica)
  }

  /// It leaves the system: its life is written.
  func leave(_ request: Int64, as status: String) {
    guard let told = run?.requests[request] else { return }
    if told.hasBegun {
      run?.requests[request]?.add(told.phase, until: now)
    } else if status != "rejected" {
      addWaits(of: request, replica: hopedFor(by: told))
    }
    show(request, status)
    if let replica = told.replica {
      holdBlocks(0, request: request, replica: replica)
      run?.counters.change(requests: -1)
      run?.replicas[replica]?.requests -= 1
      noteCounts(of: replica)
    } else {
      run?.counters.change(waiting: -1)
    }
    run?.requests[request] = nil
  }

  /// The replica it was sent to, or else its model's oldest one that is still to come.
  private func hopedFor(by request: RequestTimeline) -> ReplicaTimeline? {
    if let replica = request.replica { return run?.replicas[replica] }
    let coming = run?.replicas.filter {
      $0.value.model == request.model && $0.value.ready == nil
    }
    return coming?.min { $0.key < $1.key }?.value
  }

  private func show(_ request: Int64, _ status: String) {
    guard let run, let told = run.requests[request] else { return }
    let track = run.requestTrack
    let identifier = out.identifier()
    out.beginAsynchronous(
      identifier, on: track, "request", at: told.arrival,
      [
        "request": .integer(request), "workload": .text(run.workloads[told.workload]),
        "prompt_tokens": .integer(told.promptTokens),
        "output_tokens": .integer(told.outputTokens), "replica": .integer(told.replica ?? -1),
        "status": .text(status),
      ])
    for phase in told.phases {
      out.beginAsynchronous(identifier, on: track, phase.name, at: phase.from)
      out.endAsynchronous(identifier, on: track, phase.name, at: phase.to)
    }
    out.endAsynchronous(identifier, on: track, "request", at: now)
  }
}
