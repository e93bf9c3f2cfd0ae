public import EventKernel
import Workload

/// When requests of one model will arrive, as far as the workloads say so beforehand.
///
/// Requests that answers cause (later turns of a conversation, closed loops) are not foreseen.
public struct ArrivalForecast: Sendable {
  /// Times of arrivals in nanoseconds, ascending; those of the past may still be among the first.
  var times: [Nanoseconds] = []

  /// Nothing to come.
  public init() {}

  /// Requests that arrive in a span of time, in nanoseconds.
  public func count(in span: Range<Nanoseconds>) -> Int {
    firstIndex(from: span.upperBound) - firstIndex(from: span.lowerBound)
  }

  private func firstIndex(from time: Nanoseconds) -> Int {
    var (low, high) = (0, times.count)
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

  init(_ stream: any RequestStream, _ scenario: Scenario) {
    self.stream = stream
    self.scenario = scenario
    forecasts = Array(repeating: ArrivalForecast(), count: scenario.models.count)
  }

  /// Knows of every request up to `limit`, and forgets those of a model before `now`; nanoseconds.
  mutating func look(from now: Nanoseconds, to limit: Nanoseconds, model: Int) {
    while let time = stream.nextArrival, time < limit, let request = stream.next() {
      forecasts[scenario.model(of: request)].times.append(request.arrival)
    }
    let past = forecasts[model].times.prefix { $0 < now }.count
    forecasts[model].times.removeFirst(past)
  }
}
