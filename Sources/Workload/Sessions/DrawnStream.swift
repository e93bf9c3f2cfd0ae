import EventKernel

/// One workload's requests: what the arrival process starts, and what answers cause after it.
///
/// Every draw of a turn is numbered by (session, turn), never by order, so answers that come in
/// another order change when turns arrive and nothing else.
struct DrawnStream: RequestStream {
  private var starts: Arrivals
  private var due = DueTurns()
  private let lengths: LengthDraws
  private let sessions: SessionSpecification?
  private let loop: ClosedLoop?
  private let content: SessionContent?
  private let duration: Nanoseconds
  private let turns: RandomStream
  private let thinks: RandomStream
  private let followUps: RandomStream
  private let clients: RandomStream
  /// The request returned last, for its content.
  private var last: ArrivingRequest?

  init(name: String, traffic: DrawnTraffic, duration: Nanoseconds, seed: UInt64) {
    starts = Arrivals(traffic.arrivals, workload: name, duration: duration, seed: seed)
    lengths = LengthDraws(traffic.lengths, workload: name, seed: seed)
    sessions = traffic.sessions
    if case .closedLoop(let loop) = traffic.arrivals { self.loop = loop } else { loop = nil }
    content = traffic.sessions.map {
      SessionContent(workload: name, systemPrompt: $0.systemPrompt)
    }
    self.duration = duration
    let prefix = "workload/" + name
    turns = RandomStream(seed: seed, name: prefix + "/turns")
    thinks = RandomStream(seed: seed, name: prefix + "/think")
    followUps = RandomStream(seed: seed, name: prefix + "/follow-up")
    clients = RandomStream(seed: seed, name: prefix + "/clients")
  }

  var nextArrival: Nanoseconds? {
    guard let turn = due.first?.arrival else { return starts.next }
    return min(turn, starts.next ?? .max)
  }

  mutating func next() -> ArrivingRequest? {
    var request: ArrivingRequest
    if let turn = due.first, turn.arrival <= starts.next ?? .max {
      due.removeFirst()
      request = follow(turn)
    } else if let arrival = starts.next {
      request = start(at: arrival)
      starts.advance()
    } else {
      return nil
    }
    last = request
    return request
  }

  var prefixBlocks: PrefixBlocks {
    guard let content, let last else { return .unknown }
    return content.blocks(session: last.session, promptTokens: last.promptTokens)
  }

  /// The next turn's prompt begins with this one and the answer to it.
  var contentBlocks: PrefixBlocks {
    guard let content, let last else { return .unknown }
    return content.blocks(
      session: last.session, promptTokens: last.promptTokens + last.outputTokens)
  }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    if sessions != nil, isCompleted, let turn = turn(after: request, at: now) {
      if turn.arrival < duration { due.insert(turn) }
      return
    }
    guard let loop else { return }
    let think = loop.thinkSeconds.sample(clients, at: Self.number(request.session, request.turn))
    let pause = max(
      nanoseconds(fromSeconds: think), isCompleted ? Self.leastPause : loop.retryAfter)
    guard pause < duration - now else { return }
    // Without sessions a client is one session without end; else it begins its next session.
    let isSession = sessions != nil
    due.insert(
      DueTurn(
        arrival: now + pause,
        session: request.session + (isSession ? Int64(loop.clients) : 0),
        turn: isSession ? 0 : request.turn + 1, contextTokens: 0))
  }

  /// The least time from an answer to what it causes, in nanoseconds, so that answers that take no
  /// time cannot hold the clock.
  private static let leastPause: Nanoseconds = 1_000

  /// The number of a turn's draws.
  private static func number(_ session: Int64, _ turn: Int32) -> UInt64 {
    UInt64(bitPattern: session &<< 32) | UInt64(turn)
  }

  /// An arrival of the process: a request, a session's first turn, or a client's first request.
  private func start(at arrival: Nanoseconds) -> ArrivingRequest {
    let index = starts.index
    guard sessions != nil || loop != nil else {
      let drawn = lengths.sample(at: index)
      return ArrivingRequest(
        arrival: arrival, workload: 0, promptTokens: drawn.promptTokens,
        outputTokens: drawn.outputTokens)
    }
    return follow(
      DueTurn(arrival: arrival, session: Int64(index), turn: 0, contextTokens: 0))
  }

  /// A turn as a request.
  private func follow(_ turn: DueTurn) -> ArrivingRequest {
    let drawn = drawn(session: turn.session, turn: turn.turn)
    let context = turn.turn == 0 ? sessions?.systemPrompt ?? 0 : turn.contextTokens
    return ArrivingRequest(
      arrival: turn.arrival, workload: 0, promptTokens: context + drawn.promptTokens,
      outputTokens: drawn.outputTokens, session: turn.session, turn: turn.turn)
  }

  /// New tokens and answer of a turn.
  private func drawn(session: Int64, turn: Int32) -> LengthRows.Row {
    let number = Self.number(session, turn)
    var drawn = lengths.sample(at: number)
    if turn > 0, let followUp = sessions?.followUp {
      drawn.promptTokens = followUp.sample(followUps, at: number)
    }
    return drawn
  }

  /// The session's next turn; nil when it has had all its turns or its context is full.
  private func turn(after request: ArrivingRequest, at now: Nanoseconds) -> DueTurn? {
    guard let sessions else { return nil }
    let count = sessions.turns.sample(turns, at: UInt64(bitPattern: request.session))
    guard request.turn + 1 < count else { return nil }
    let following = drawn(session: request.session, turn: request.turn + 1)
    let context = Int64(request.promptTokens) + Int64(request.outputTokens)
    let needed = context + Int64(following.promptTokens) + Int64(following.outputTokens)
    guard needed <= Int64(sessions.contextLimit) else { return nil }
    let think = sessions.thinkSeconds.sample(
      thinks, at: Self.number(request.session, request.turn))
    let pause = max(nanoseconds(fromSeconds: think), Self.leastPause)
    return DueTurn(
      arrival: pause < duration ? now + pause : .max, session: request.session,
      turn: request.turn + 1, contextTokens: Int32(context))
  }
}
