public import EventKernel

/// A request as the outside world sends it: when it comes, for which workload, how long it is.
@frozen
public struct ArrivingRequest: Sendable, Hashable {
  /// Arrival since the start of the run, in nanoseconds.
  public var arrival: Nanoseconds
  /// Index into the scenario's workloads.
  public var workload: Int32
  /// Prompt length in tokens, at least 1.
  public var promptTokens: Int32
  /// Tokens to generate, the first one included, at least 1.
  public var outputTokens: Int32

  /// Creates a request.
  @inlinable
  public init(arrival: Nanoseconds, workload: Int32, promptTokens: Int32, outputTokens: Int32) {
    self.arrival = arrival
    self.workload = workload
    self.promptTokens = promptTokens
    self.outputTokens = outputTokens
  }
}

/// Requests in order of arrival, one at a time, so that a run never holds them all.
public protocol RequestStream {
  /// The next request, or nil after the last; arrivals never decrease.
  mutating func next() -> ArrivingRequest?
}

/// Where requests come from; opened anew for each run, so that every scheduler sees the same ones.
public protocol RequestSource: Sendable {
  /// A stream from the first request on.
  ///
  /// - Parameter seed: The run's seed; a source without randomness ignores it.
  /// - Returns: A stream of its own, independent of others.
  func open(seed: UInt64) -> any RequestStream
}
