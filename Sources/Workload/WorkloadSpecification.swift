public import EventKernel

/// What a request of a class must meet to count as good.
public struct ServiceLevelObjective: Sendable, Hashable {
  /// The most time to the first token, in nanoseconds; nil: no target.
  public var ttft: Nanoseconds?
  /// The most mean time per further output token, in nanoseconds; nil: no target.
  public var tpot: Nanoseconds?
  /// The most end-to-end time, in nanoseconds; nil: no target.
  public var e2e: Nanoseconds?

  /// Creates an objective; nil means no target.
  public init(ttft: Nanoseconds? = nil, tpot: Nanoseconds? = nil, e2e: Nanoseconds? = nil) {
    self.ttft = ttft
    self.tpot = tpot
    self.e2e = e2e
  }
}

/// Where a workload's requests come from.
public enum TrafficSpecification: Sendable, Hashable {
  /// Drawn from distributions.
  case drawn(DrawnTraffic)
  /// Told by a trace, of which the scenario's source knows.
  case recorded
}

/// Traffic drawn from distributions: when requests arrive and how long they are.
public struct DrawnTraffic: Sendable, Hashable {
  /// When requests arrive, or sessions begin.
  public var arrivals: ArrivalProcess
  /// How long they are; of a session's later turns, what each adds to the conversation.
  public var lengths: RequestLengths
  /// What makes an arrival a conversation; nil: every arrival is one request.
  public var sessions: SessionSpecification?

  /// Creates traffic.
  public init(
    arrivals: ArrivalProcess, lengths: RequestLengths, sessions: SessionSpecification? = nil
  ) {
    self.arrivals = arrivals
    self.lengths = lengths
    self.sessions = sessions
  }
}

/// One class of traffic: who sends it, to which model, when, how long, and what it must meet.
public struct WorkloadSpecification: Sendable, Hashable {
  /// The workload's name; it also names its random streams, so renaming redraws it.
  public var name: String
  /// Who pays; the workload's name unless the scenario says otherwise.
  public var tenant: String
  /// Index into the scenario's models; of several the most popular.
  public var model: Int
  /// Which of several models its requests ask for; nil: all ask for `model`.
  public var popularity: ModelPopularity?
  /// The class of priority, such as `interactive` or `batch`.
  public var priority: String
  /// Where its requests come from.
  public var traffic: TrafficSpecification
  /// The targets, nil when the workload has none.
  public var objective: ServiceLevelObjective?

  /// Creates a workload.
  public init(
    name: String, tenant: String? = nil, model: Int = 0, priority: String = "interactive",
    traffic: TrafficSpecification, objective: ServiceLevelObjective? = nil,
    popularity: ModelPopularity? = nil
  ) {
    self.name = name
    self.tenant = tenant ?? name
    self.model = popularity.map { Int($0.models[0]) } ?? model
    self.popularity = popularity
    self.priority = priority
    self.traffic = traffic
    self.objective = objective
  }

  /// Creates a workload of requests that are drawn one by one.
  public init(
    name: String, tenant: String? = nil, model: Int = 0, priority: String = "interactive",
    arrivals: ArrivalProcess, prompt: LengthDistribution, output: LengthDistribution,
    objective: ServiceLevelObjective? = nil
  ) {
    self.init(
      name: name, tenant: tenant, model: model, priority: priority,
      traffic: .drawn(
        DrawnTraffic(arrivals: arrivals, lengths: .separate(prompt: prompt, output: output))),
      objective: objective)
  }

  /// Whether some of its requests are caused by answers.
  public var answersCauseRequests: Bool {
    guard let drawn else { return false }
    if case .closedLoop = drawn.arrivals { return true }
    return drawn.sessions != nil
  }

  /// The models that its requests ask for, the most popular first.
  public var models: [Int] { popularity?.models.map { Int($0) } ?? [model] }

  /// Its traffic where that is drawn; nil when a trace tells it.
  public var drawn: DrawnTraffic? {
    if case .drawn(let drawn) = traffic { drawn } else { nil }
  }
}
