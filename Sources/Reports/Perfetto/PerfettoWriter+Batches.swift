import EventKernel
import Serving

/// A micro-batch on its way through the stages of a replica.
struct BatchTimeline {
  let replica: Int64
  let tokens: Int64
  let prefillTokens: Int64
  let memberCount: Int64
  var members: [Member] = []
  /// The step it is in.
  var step: LoggedEvent?
  /// Its last step, from where an arrow leads to the next one.
  var last: (track: Track, from: Nanoseconds, to: Nanoseconds)?
  /// Where its present hop is shown, while nobody knows when it arrives: a track of the stage's hops,
  /// and one on each link.
  var hop: (stage: Int, lane: Int, links: [(link: Int, lane: Int)])?

  struct Member {
    let request: Int64
    /// KV tokens it has after this micro-batch.
    let stored: Int64
  }

  /// What its steps are called.
  var kind: String {
    if prefillTokens == 0 { return "decode" }
    return prefillTokens == tokens ? "prefill" : "mixed"
  }
}

extension PerfettoWriter {
  func readBatch(_ event: LoggedEvent) {
    switch event.kind {
    case .form:
      run?.batches[event.a] = BatchTimeline(
        replica: event.b, tokens: event.c, prefillTokens: event.d, memberCount: event.e)
    case .member: join(event)
    case .step: beginStep(event)
    case .stepEnd: endStep(of: event.a, on: Int(event.b), isCut: false)
    case .hop: hop(event)
    case .sent: send(event.a, until: now + event.c)
    default: done(event.a)
    }
  }

  private func join(_ event: LoggedEvent) {
    guard let batch = run?.batches[event.a] else { return }
    run?.batches[event.a]?.members.append(
      BatchTimeline.Member(request: event.b, stored: event.c + event.d))
    holdBlocks(event.e, request: event.b, replica: batch.replica)
  }

  private func beginStep(_ event: LoggedEvent) {
    guard let batch = run?.batches[event.a] else { return }
    run?.batches[event.a]?.step = event
    run?.replicas[batch.replica]?.stages[Int(event.b)].executing = event.a
    if event.b == 0 {
      for member in batch.members { beginStep(of: member.request) }
    }
  }

  /// A step is over, or the run ends in the middle of it.
  func endStep(of number: Int64, on stage: Int, isCut: Bool) {
    guard let batch = run?.batches[number], let step = batch.step,
      let told = run?.replicas[batch.replica]?.stages[stage]
    else { return }
    show(step, of: batch, on: told.track, isCut: isCut)
    for gpu in told.gpus {
      guard let track = run?.gpus[gpu].track else { continue }
      out.slice(
        on: track, batch.kind, "step", from: step.time, to: now,
        ["replica": .integer(batch.replica), "microbatch": .integer(number)])
    }
    if let last = batch.last, last.to > last.from, now > step.time {
      // One nanosecond before its end, the slice still encloses the arrow's start.
      out.arrow("hop", from: last.track, at: last.to - 1, to: told.track, at: step.time)
    }
    run?.batches[number]?.step = nil
    run?.batches[number]?.last = (told.track, step.time, now)
    run?.replicas[batch.replica]?.stages[stage].executing = nil
  }

  private func show(_ step: LoggedEvent, of batch: BatchTimeline, on track: Track, isCut: Bool) {
    let communication = step.d + step.e
    out.slice(
      on: track, batch.kind, "step", from: step.time, to: now,
      [
        "microbatch": .integer(step.a), "tokens": .integer(batch.tokens),
        "prefill_tokens": .integer(batch.prefillTokens),
        "decode_members": .integer(batch.tokens - batch.prefillTokens),
        "members": .integer(batch.memberCount),
        "compute_ns": .integer(step.c - communication - step.f),
        "communication_ns": .integer(communication), "host_ns": .integer(step.f),
        "interference_ns": .integer(step.g), "cut": .integer(isCut ? 1 : 0),
      ])
  }

  /// A micro-batch leaves a stage; a hop that is a flow arrives when `sent` says.
  private func hop(_ event: LoggedEvent) {
    guard event.c != 0, let batch = run?.batches[event.a],
      let stage = run?.replicas[batch.replica]?.stages[Int(event.b)]
    else { return }
    let slice = Lanes.Slice(
      name: "hop", category: "hop", from: now, to: event.c < 0 ? .max : now + event.c,
      arguments: [
        "microbatch": .integer(event.a), "members": .integer(batch.memberCount),
        "bytes": .integer(event.d),
      ])
    let lane = run?.replicas[batch.replica]?.stages[Int(event.b)].hops.begin(slice, &out)
    var links: [(link: Int, lane: Int)] = []
    for route in stage.routes {
      let bytes = event.d * route.ranks / Int64(stage.gpus.count)
      if let lane = showHop(of: batch.replica, slice, over: route.link, bytes: bytes) {
        links.append((route.link, lane))
      }
    }
    if event.c < 0, let lane { run?.batches[event.a]?.hop = (Int(event.b), lane, links) }
  }

  /// The last byte of a hop has left; it arrives after the latency.
  private func send(_ number: Int64, until arrival: Nanoseconds) {
    guard let batch = run?.batches[number], let hop = batch.hop else { return }
    run?.replicas[batch.replica]?.stages[hop.stage].hops.setEnd(hop.lane, at: arrival)
    for (link, lane) in hop.links { run?.links[link].lanes?.setEnd(lane, at: arrival) }
    run?.batches[number]?.hop = nil
  }

  private func done(_ number: Int64) {
    guard let batch = run?.batches.removeValue(forKey: number) else { return }
    for member in batch.members { comeBack(member.request, stored: member.stored) }
  }
}
