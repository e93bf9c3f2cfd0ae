public import EventKernel
public import Workload

/// Requests that a test lists one by one.
public struct ListedRequests: RequestSource {
  /// The requests, in order of arrival.
  public var requests: [ArrivingRequest]

  /// Creates a source of these requests.
  public init(_ requests: [ArrivingRequest]) { self.requests = requests }

  /// The list from its start; the seed is not used.
  public func open(seed: UInt64) -> any RequestStream { ListedStream(left: requests[...]) }
}

private struct ListedStream: RequestStream {
  var left: ArraySlice<ArrivingRequest>

  var nextArrival: Nanoseconds? { left.first?.arrival }

  mutating func next() -> ArrivingRequest? { left.popFirst() }
}

/// Workloads in one line each.
public enum Traffic {
  /// `count` requests of equal lengths at one instant.
  public static func burst(
    _ count: Int, at start: Nanoseconds = 0, prompt: Int = 10, output: Int = 5,
    name: String = "w", model: Int = 0
  ) -> WorkloadSpecification {
    WorkloadSpecification(
      name: name, model: model, arrivals: .burst(count: count, start: start, every: 0),
      prompt: LengthDistribution(distribution: .constant(Double(prompt))),
      output: LengthDistribution(distribution: .constant(Double(output))))
  }

  /// Poisson arrivals at `rate` per second with uniform lengths.
  public static func poisson(
    rate: Double, prompt: ClosedRange<Int> = 1...40, output: ClosedRange<Int> = 1...20,
    name: String = "w", model: Int = 0
  ) -> WorkloadSpecification {
    WorkloadSpecification(
      name: name, model: model,
      arrivals: .renewal(gapSeconds: .exponential(mean: 1 / rate)),
      prompt: lengths(prompt), output: lengths(output))
  }

  private static func lengths(_ range: ClosedRange<Int>) -> LengthDistribution {
    LengthDistribution(
      distribution: .uniform(low: Double(range.lowerBound), high: Double(range.upperBound)))
  }
}
