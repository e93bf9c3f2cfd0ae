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
  private var race: Race
  /// The stream that gave the last request; -1 before the first.
  private var latest = -1

  init(_ streams: [any RequestStream]) {
    self.streams = streams
    race = Race(streams.map { $0.nextArrival ?? .max })
  }

  var nextArrival: Nanoseconds? { race.earliest < .max ? race.earliest : nil }

  mutating func next() -> ArrivingRequest? {
    guard race.earliest < .max else { return nil }
    latest = race.winner
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
    race.set(index, to: streams[index].nextArrival ?? .max)
  }
}

/// The earliest of a list of times, each of which may change; of equal times the first in the list.
///
/// A tree of comparisons, so that a change costs the logarithm of their number.
struct Race {
  /// The times, in nanoseconds; `max` where nothing is to come.
  private var times: [Nanoseconds]
  /// Node n's winner is that of 2n and 2n + 1; the leaves follow the inner nodes.
  private var winners: [Int32]
  private let leaves: Int

  init(_ times: [Nanoseconds]) {
    var leaves = 1
    while leaves < times.count { leaves *= 2 }
    self.leaves = leaves
    self.times = times + Array(repeating: .max, count: leaves - times.count)
    winners = Array(repeating: 0, count: leaves) + (0..<leaves).map { Int32($0) }
    for node in stride(from: leaves - 1, to: 0, by: -1) { decide(node) }
  }

  /// The place of the earliest time.
  var winner: Int { Int(winners[1]) }

  /// The earliest time; `max` when nothing is to come.
  var earliest: Nanoseconds { times[winner] }

  mutating func set(_ place: Int, to time: Nanoseconds) {
    times[place] = time
    var node = (leaves + place) / 2
    while node > 0 {
      decide(node)
      node /= 2
    }
  }

  private mutating func decide(_ node: Int) {
    let (left, right) = (winners[2 * node], winners[2 * node + 1])
    winners[node] = times[Int(right)] < times[Int(left)] ? right : left
  }
}
