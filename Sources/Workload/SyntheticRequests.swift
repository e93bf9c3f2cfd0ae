public import EventKernel

/// The requests of a list of workloads whose traffic is drawn; recorded ones send nothing here.
///
/// Request `i` of a workload is a function of (seed, workload name, i) alone, so adding, removing or
/// reordering other workloads leaves it as it was.
public struct SyntheticRequests: RequestSource {
  /// The workloads, in scenario order.
  public var workloads: [WorkloadSpecification]
  /// Arrivals at or after this instant are not generated, in nanoseconds.
  public var duration: Nanoseconds

  /// Creates a source of the requests that arrive in [0, duration).
  public init(workloads: [WorkloadSpecification], duration: Nanoseconds) {
    self.workloads = workloads
    self.duration = duration
  }

  /// A stream from the first request on.
  public func open(seed: UInt64) -> any RequestStream {
    let sources = workloads.map { workload -> any RequestSource in
      switch workload.traffic {
      case .drawn(let traffic):
        DrawnRequests(name: workload.name, traffic: traffic, duration: duration)
      case .recorded: MergedRequests([])
      }
    }
    return MergedRequests(sources).open(seed: seed)
  }
}

/// The requests of one workload, drawn from random streams that its name names.
public struct DrawnRequests: RequestSource {
  /// The workload's name.
  public var name: String
  /// When its requests arrive and how long they are.
  public var traffic: DrawnTraffic
  /// Arrivals at or after this instant are not generated, in nanoseconds.
  public var duration: Nanoseconds

  /// Creates a source of the requests that arrive in [0, duration).
  public init(name: String, traffic: DrawnTraffic, duration: Nanoseconds) {
    self.name = name
    self.traffic = traffic
    self.duration = duration
  }

  /// A stream from the first request on.
  public func open(seed: UInt64) -> any RequestStream {
    DrawnStream(name: name, traffic: traffic, duration: duration, seed: seed)
  }
}

/// One workload's arrivals and lengths.
struct DrawnStream: RequestStream {
  private(set) var nextArrival: Nanoseconds?
  private let traffic: DrawnTraffic
  private let duration: Nanoseconds
  private let gaps: RandomStream
  private let prompts: RandomStream
  private let outputs: RandomStream
  private var produced: UInt64 = 0
  private var lastSeconds = 0.0

  init(name: String, traffic: DrawnTraffic, duration: Nanoseconds, seed: UInt64) {
    self.traffic = traffic
    self.duration = duration
    let prefix = "workload/" + name
    gaps = RandomStream(seed: seed, name: prefix + "/arrivals")
    prompts = RandomStream(seed: seed, name: prefix + "/prompt")
    outputs = RandomStream(seed: seed, name: prefix + "/output")
    advance()
  }

  mutating func next() -> ArrivingRequest? {
    guard let arrival = nextArrival else { return nil }
    let number = produced - 1
    let request = ArrivingRequest(
      arrival: arrival, workload: 0,
      promptTokens: traffic.prompt.sample(prompts, at: number),
      outputTokens: traffic.output.sample(outputs, at: number))
    advance()
    return request
  }

  /// Moves to the next arrival.
  private mutating func advance() {
    let arrival: Nanoseconds
    switch traffic.arrivals {
    case .renewal(let gapSeconds):
      lastSeconds += gapSeconds.sample(gaps, at: produced)
      // Beyond 292 years an Int64 of nanoseconds ends; such an arrival never comes.
      arrival = lastSeconds < 9e9 ? nanoseconds(fromSeconds: lastSeconds) : .max
    case .burst(let count, let start, let every):
      let round = Int64(produced) / Int64(count)
      arrival = round == 0 || every > 0 ? start + round * every : .max
    case .instants(let instants):
      arrival = produced < UInt64(instants.count) ? instants[Int(produced)] : .max
    }
    nextArrival = arrival < duration ? arrival : nil
    produced += 1
  }
}
