public import EventKernel

/// The requests of a list of workloads whose traffic is drawn; recorded ones send nothing here.
///
/// Request `i` of a workload, or turn `k` of its session `i`, is a function of (seed, workload name,
/// i, k) alone, so adding, removing or reordering other workloads leaves it as it was.
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
        DrawnRequests.source(
          name: workload.name, traffic: traffic, popularity: workload.popularity,
          duration: duration)
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

  /// The drawn requests of a workload, whether they ask for one model or for several.
  public static func source(
    name: String, traffic: DrawnTraffic, popularity: ModelPopularity?, duration: Nanoseconds
  ) -> any RequestSource {
    let requests = DrawnRequests(name: name, traffic: traffic, duration: duration)
    guard let popularity else { return requests }
    if popularity.choice == .independent {
      return IndependentModels(
        name: name, traffic: traffic, popularity: popularity, duration: duration)
    }
    return ModelChoice(name: name, source: requests, popularity: popularity)
  }
}
