public import EventKernel

/// When the requests of one workload arrive.
public enum ArrivalProcess: Sendable, Hashable {
  /// Gaps drawn independently from a distribution of seconds (a renewal process).
  ///
  /// Poisson arrivals are exponential gaps; burstier than Poisson is a gamma gap with a coefficient
  /// of variation above 1.
  case renewal(gapSeconds: Distribution)
  /// `count` requests together at `start`, and again every `every` nanoseconds (0: only once).
  case burst(count: Int, start: Nanoseconds, every: Nanoseconds)
  /// The instants themselves, ascending, in nanoseconds.
  case instants([Nanoseconds])
}

/// How many tokens: a distribution, rounded half up and held within limits.
public struct LengthDistribution: Sendable, Hashable {
  /// The distribution of the length, in tokens.
  public var distribution: Distribution
  /// The least length in tokens, at least 1.
  public var minimum: Int32
  /// The greatest length in tokens.
  public var maximum: Int32

  /// Creates a length distribution, in tokens.
  public init(distribution: Distribution, minimum: Int32 = 1, maximum: Int32 = 1_000_000) {
    self.distribution = distribution
    self.minimum = minimum
    self.maximum = maximum
  }

  /// The length number `index` of a stream, in tokens.
  public func sample(_ stream: RandomStream, at index: UInt64) -> Int32 {
    let drawn = distribution.sample(stream, at: index) + 0.5
    if drawn >= Double(maximum) { return maximum }
    return max(minimum, Int32(drawn))
  }
}

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
  /// When requests arrive.
  public var arrivals: ArrivalProcess
  /// Prompt lengths.
  public var prompt: LengthDistribution
  /// Output lengths, the first token included.
  public var output: LengthDistribution

  /// Creates traffic.
  public init(arrivals: ArrivalProcess, prompt: LengthDistribution, output: LengthDistribution) {
    self.arrivals = arrivals
    self.prompt = prompt
    self.output = output
  }
}

/// One class of traffic: who sends it, to which model, when, how long, and what it must meet.
public struct WorkloadSpecification: Sendable, Hashable {
  /// The workload's name; it also names its random streams, so renaming redraws it.
  public var name: String
  /// Who pays; the workload's name unless the scenario says otherwise.
  public var tenant: String
  /// Index into the scenario's models.
  public var model: Int
  /// The class of priority, such as `interactive` or `batch`.
  public var priority: String
  /// Where its requests come from.
  public var traffic: TrafficSpecification
  /// The targets, nil when the workload has none.
  public var objective: ServiceLevelObjective?

  /// Creates a workload.
  public init(
    name: String, tenant: String? = nil, model: Int = 0, priority: String = "interactive",
    traffic: TrafficSpecification, objective: ServiceLevelObjective? = nil
  ) {
    self.name = name
    self.tenant = tenant ?? name
    self.model = model
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
      traffic: .drawn(DrawnTraffic(arrivals: arrivals, prompt: prompt, output: output)),
      objective: objective)
  }

  /// Its traffic where that is drawn; nil when a trace tells it.
  public var drawn: DrawnTraffic? {
    if case .drawn(let drawn) = traffic { drawn } else { nil }
  }
}
