import EventKernel

/// Requests that a user's own engine served, with the latencies that its client saw.
public struct ObservedBenchmark: Sendable, Hashable {
  /// How the client sent them.
  public enum Sending: Sendable, Hashable {
    /// At the times that the file tells.
    case atTimes
    /// By clients that each wait for their answer; so many were allowed in flight.
    case inTurns(clients: Int)
    /// All at once.
    case atOnce
    /// At times drawn anew from a Poisson process, since the file tells only its rate a second.
    case atRate(Double)
  }

  /// The file's base name.
  public var file: String
  /// The requests that were answered, in the order in which they were sent.
  public var requests: [ObservedRequest]
  /// How they were sent.
  public var sending: Sending
  /// Requests that failed and are left out.
  public var failed: Int

  /// Reads a benchmark's result: JSON of `vllm bench serve --save-result --save-detailed`, or a CSV of
  /// requests.
  ///
  /// - Parameters:
  ///   - text: the file's text.
  ///   - file: its base name, for faults.
  ///   - clients: requests in flight at most, where the file does not say it; nil: what it says.
  /// - Throws: `TableFault` with the line and the way to what is wrong.
  public init(_ text: String, file: String, clients: Int? = nil) throws(TableFault) {
    let first = text.utf8.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0a && $0 != 0x0d }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
      self = try VLLMBenchmark(text, file: file).observed()
    } else {
      self = try RequestTable(text, file: file).observed()
    }
    if let clients { sending = .inTurns(clients: clients) }
    guard !requests.isEmpty else {
      throw TableFault(
        file: file, line: nil, found: "no request that was answered", needed: "at least one")
    }
    if requests.allSatisfy({ $0.ttft == nil && $0.tpot == nil && $0.e2e == nil }) {
      throw TableFault(
        file: file, line: nil, found: "no latencies", needed: "TTFT, TPOT or end-to-end times")
    }
  }

  init(file: String, requests: [ObservedRequest], sending: Sending, failed: Int = 0) {
    self.file = file
    self.sending = sending
    self.failed = failed
    // Given times are those of sending; without them the file's order is.
    var sorted = requests
    if sending == .atTimes {
      sorted = requests.enumerated().sorted {
        ($0.element.arrival, $0.offset) < ($1.element.arrival, $1.offset)
      }.map(\.element)
      let first = sorted.first?.arrival ?? 0
      for index in sorted.indices { sorted[index].arrival -= first }
    }
    self.requests = sorted
  }

  /// The requests as a replay sends them.
  public var replayed: ReplayedRequests {
    var requests = requests
    switch sending {
    case .atTimes: return ReplayedRequests(requests)
    case .inTurns(let clients):
      for index in requests.indices { requests[index].arrival = 0 }
      return ReplayedRequests(requests, clients: clients)
    case .atOnce:
      for index in requests.indices { requests[index].arrival = 0 }
      return ReplayedRequests(requests)
    case .atRate(let rate):
      let stream = RandomStream(seed: 1, name: "observed/arrivals")
      var seconds = 0.0
      for index in requests.indices {
        requests[index].arrival = nanoseconds(fromSeconds: seconds)
        seconds += Distribution.exponential(mean: 1 / rate).sample(stream, at: UInt64(index))
      }
      return ReplayedRequests(requests)
    }
  }
}
