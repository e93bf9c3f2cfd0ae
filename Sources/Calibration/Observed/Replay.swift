public import EventKernel
public import Serving
public import Workload

/// A request that an engine served, with its latencies.
public struct ObservedRequest: Sendable, Hashable {
  /// When it was sent, in nanoseconds since the first one.
  public var arrival: Nanoseconds
  /// Its prompt in tokens.
  public var promptTokens: Int
  /// Its answer in tokens.
  public var outputTokens: Int
  /// Seconds to the first token, nil where not measured.
  public var ttft: Double?
  /// Seconds for each further token in the mean, nil for one token or where not measured.
  public var tpot: Double?
  /// Seconds to the last token, nil where not measured.
  public var e2e: Double?

  /// Creates a request.
  public init(
    arrival: Nanoseconds, promptTokens: Int, outputTokens: Int, ttft: Double? = nil,
    tpot: Double? = nil, e2e: Double? = nil
  ) {
    self.arrival = arrival
    self.promptTokens = promptTokens
    self.outputTokens = outputTokens
    self.ttft = ttft
    self.tpot = tpot
    self.e2e = e2e
  }
}

/// Requests sent again: at the times at which they were sent, or by clients that each wait for their
/// answer before they send the next in line, and none before its time.
public struct ReplayedRequests: RequestSource {
  /// The requests, in the order in which they were sent.
  public var requests: [ObservedRequest]
  /// Clients that take turns; nil: as many as it needs for every request to be sent at its time.
  public var clients: Int?

  /// Creates a source.
  public init(_ requests: [ObservedRequest], clients: Int? = nil) {
    self.requests = requests
    self.clients = clients
  }

  /// The requests from the first one on; there is nothing to draw.
  public func open(seed: UInt64) -> any RequestStream {
    ReplayStream(requests: requests, clients: clients)
  }
}

private struct ReplayStream: RequestStream {
  let requests: [ObservedRequest]
  /// Clients that may send at once now, nil for given times.
  var clients: Int?
  var sent = 0
  var now: Nanoseconds = 0

  init(requests: [ObservedRequest], clients: Int?) {
    self.requests = requests
    self.clients = clients
  }

  var nextArrival: Nanoseconds? {
    guard sent < requests.count else { return nil }
    guard let clients else { return requests[sent].arrival }
    return clients > 0 ? max(now, requests[sent].arrival) : nil
  }

  mutating func next() -> ArrivingRequest? {
    guard let arrival = nextArrival else { return nil }
    now = arrival
    let request = requests[sent]
    sent += 1
    if let waiting = clients { clients = waiting - 1 }
    return ArrivingRequest(
      arrival: arrival, workload: 0, promptTokens: Int32(clamping: request.promptTokens),
      outputTokens: Int32(clamping: request.outputTokens))
  }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    guard let waiting = clients else { return }
    clients = waiting + 1
    // A client sends a microsecond after its answer, so that even refused requests take time.
    self.now = max(self.now, now + 1_000)
  }
}

/// A scenario's first scheduler with requests that an engine served.
public struct Replay: Sendable {
  private var scenario: Scenario
  /// The requests.
  public let requests: ReplayedRequests

  /// Replays requests: nothing but the model, the cluster and the scheduler of the scenario counts.
  public init(_ scenario: Scenario, _ requests: ReplayedRequests) {
    self.requests = requests
    self.scenario = scenario
    self.scenario.source = requests
    self.scenario.background = nil
    self.scenario.warmup = 0
    self.scenario.sampleInterval = 0
    let last = requests.requests.map(\.arrival).max() ?? 0
    // Clients in turns send until all is sent; given times end with the last.
    self.scenario.duration = requests.clients == nil ? last + 1 : 1_000_000_000_000_000
    self.scenario.drainLimit = 1_000_000_000_000_000
    var workload = scenario.workloads[0]
    workload.traffic = .recorded
    self.scenario.workloads = [workload]
  }

  /// Runs it.
  ///
  /// - Returns: the simulated requests in the order of those given; nil where one was not completed.
  public func run() -> [ObservedRequest?] {
    let sink = MemorySink()
    _ = Simulation(scenario: scenario, scheduler: 0).run(into: sink)
    var simulated = [ObservedRequest?](repeating: nil, count: requests.requests.count)
    for record in sink.requests where record.requestID < Int64(simulated.count) {
      guard let ttft = record.ttft, let e2e = record.e2e else { continue }
      simulated[Int(record.requestID)] = ObservedRequest(
        arrival: record.arrival, promptTokens: Int(record.promptTokens),
        outputTokens: Int(record.outputTokens), ttft: Double(ttft) * 1e-9,
        tpot: record.tpot.map { Double($0) * 1e-9 }, e2e: Double(e2e) * 1e-9)
    }
    return simulated
  }
}
