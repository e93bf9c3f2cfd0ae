public import Serving

/// Keeps the logged events of one request's life, and forgets the rest as the run goes on.
///
/// Which replica will serve the request is known only later, so the few events of every living
/// replica's start are held until then; of micro-batches only those that hold the request are kept.
public final class LifeFilter: EventSink {
  private let request: Int64
  /// The events so far: the request's own, its replica's start, its micro-batches.
  public private(set) var events: [LoggedEvent] = []
  private var starts: [Int64: [LoggedEvent]] = [:]
  private var lastForm: LoggedEvent?
  /// Those that hold it and are not back; several where chunks of its prompt follow each other.
  private var microbatches: Set<Int64> = []
  private var hasEnded = false

  /// Follows the request with this id.
  public init(request: Int64) { self.request = request }

  /// Keeps the event if it is about the request.
  public func log(_ event: LoggedEvent) {
    guard !hasEnded else { return }
    switch event.kind {
    case .arrive, .cached, .token, .preempt, .swapOut, .swapIn, .fetch, .move, .moved:
      if event.a == request { events.append(event) }
    case .reject, .finish, .leftover:
      guard event.a == request else { return }
      events.append(event)
      hasEnded = true
    case .assign:
      if event.a == request { assigned(event) }
    case .demand, .consolidate, .grant, .phase, .ready, .sleep, .wake:
      starts[event.a, default: []].append(event)
    case .withdraw, .release:
      starts[event.a] = nil
    case .form: lastForm = event
    case .member:
      if event.b == request { joined(event) }
    case .step, .stepEnd, .hop, .sent, .done:
      guard microbatches.contains(event.a) else { return }
      events.append(event)
      if event.kind == .done { microbatches.remove(event.a) }
    case .drain, .resume, .retire, .preWarm, .scale, .link, .device, .route, .transfer,
      .transferLink, .transferEnd, .transferCut, .found, .tenantDemand, .tenantDevice, .tenantLeave,
      .end:
      return
    }
  }

  /// Drops it: a stage's idle time is nothing that a request does.
  public func tell(_ bubble: ToldBubble) {}

  /// The replica's start comes before the assignment, in order of time with the request's arrival.
  private func assigned(_ event: LoggedEvent) {
    let start = starts[event.b] ?? []
    events =
      start.filter { $0.time < (events.first?.time ?? 0) } + events
      + start.filter { $0.time >= (events.first?.time ?? 0) }
    events.append(event)
    starts = [:]
  }

  private func joined(_ event: LoggedEvent) {
    microbatches.insert(event.a)
    if let lastForm, lastForm.a == event.a { events.append(lastForm) }
    events.append(event)
  }
}
