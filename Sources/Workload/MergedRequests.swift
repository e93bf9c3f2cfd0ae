import EventKernel

/// The requests of a scenario: one source for each workload, merged by arrival; at one instant the
/// workload earlier in the scenario goes first.
public struct MergedRequests: RequestSource {
  /// The source of each workload, in scenario order.
  public var sources: [any RequestSource]

  /// Creates a source of the requests of all workloads; what a source says of a request's workload
  /// is replaced by the source's own place in the list.
  public init(_ sources: [any RequestSource]) { self.sources = sources }

  /// A stream from the first request on.
  public func open(seed: UInt64) -> any RequestStream {
    MergedStream(sources.map { $0.open(seed: seed) })
  }
}

/// Streams side by side, of which it knows when each one's next request arrives.
struct MergedStream: RequestStream {
  private var streams: [any RequestStream]
  /// When each stream's next request arrives, in nanoseconds; `max` when none is known.
  private var arrivals: [Nanoseconds]
  /// The stream whose request is next; -1 when none has one.
  private var earliest = -1
  /// The stream that gave the last request; -1 before the first.
  private var latest = -1

  init(_ streams: [any RequestStream]) {
    self.streams = streams
    arrivals = streams.map { $0.nextArrival ?? .max }
    findEarliest()
  }

  var nextArrival: Nanoseconds? { earliest >= 0 ? arrivals[earliest] : nil }

  mutating func next() -> ArrivingRequest? {
    guard earliest >= 0 else { return nil }
    latest = earliest
    var request = streams[latest].next()
    request?.workload = Int32(latest)
    update(latest)
    return request
  }

  var prefixBlocks: PrefixBlocks { latest >= 0 ? streams[latest].prefixBlocks : .unknown }

  var contentBlocks: PrefixBlocks { latest >= 0 ? streams[latest].contentBlocks : .unknown }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    let index = Int(request.workload)
    streams[index].ended(request, isCompleted: isCompleted, at: now)
    update(index)
  }

  var fault: StreamFault? {
    for stream in streams { if let fault = stream.fault { return fault } }
    return nil
  }

  private mutating func update(_ index: Int) {
    arrivals[index] = streams[index].nextArrival ?? .max
    findEarliest()
  }

  private mutating func findEarliest() {
    earliest = -1
    var best = Nanoseconds.max
    for (index, arrival) in arrivals.enumerated() where arrival < best {
      earliest = index
      best = arrival
    }
  }
}
