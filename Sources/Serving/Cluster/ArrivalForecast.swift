public import EventKernel
import Workload

/// When requests of one model will arrive, as far as the workloads say so beforehand.
///
/// Requests that answers cause (later turns of a conversation, closed loops) are not foreseen.
public struct ArrivalForecast: Sendable {
  /// Times of arrivals in nanoseconds, ascending; those of the past may still be among the first.
  private var times: [Nanoseconds] = []
  /// Those before it lie in the past.
  private var first = 0
  /// Up to when every arrival is known, in nanoseconds.
  public internal(set) var knownUntil: Nanoseconds = 0

  /// Nothing to come.
  public init() {}

  /// One more arrival, not before those there are; nanoseconds.
  mutating func append(_ time: Nanoseconds) { times.append(time) }

  /// Arrivals before an instant, in nanoseconds, are not asked for any more.
  mutating func forget(before time: Nanoseconds) {
    while first < times.count, times[first] < time { first += 1 }
    // What has gone is cut off once it is half of all.
    guard first > times.count / 2 else { return }
    times.removeFirst(first)
    first = 0
  }

  /// The first arrival at an instant or after it, in nanoseconds; nil where none is known.
  public func next(from time: Nanoseconds) -> Nanoseconds? {
    let index = firstIndex(from: time)
    return index < times.count ? times[index] : nil
  }

  /// Requests that arrive in a span of time, in nanoseconds.
  public func count(in span: Range<Nanoseconds>) -> Int {
    firstIndex(from: span.upperBound) - firstIndex(from: span.lowerBound)
  }

  private func firstIndex(from time: Nanoseconds) -> Int {
    var (low, high) = (first, times.count)
    while low < high {
      let middle = (low + high) / 2
      if times[middle] < time { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// Reads the workloads ahead of the run, for policies that know the future.
struct Foresight {
  private var stream: any RequestStream
  private let scenario: Scenario
  private(set) var forecasts: [ArrivalForecast]
  private var known: Nanoseconds = 0

  init(_ stream: any RequestStream, _ scenario: Scenario) {
    self.stream = stream
    self.scenario = scenario
    forecasts = Array(repeating: ArrivalForecast(), count: scenario.models.count)
  }

  /// Knows of every request up to `limit`, and forgets those of a model before `now`; nanoseconds.
  mutating func look(from now: Nanoseconds, to limit: Nanoseconds, model: Int) {
    while let time = stream.nextArrival, time < limit, let request = stream.next() {
      forecasts[scenario.model(of: request)].append(request.arrival)
    }
    known = max(known, limit)
    forecasts[model].knownUntil = known
    forecasts[model].forget(before: now)
  }
}
