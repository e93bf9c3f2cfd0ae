/// One run: a scheduler of a scenario, a replication, and where its records go.
///
/// A run is a function of (scenario, scheduler, replication); sinks never influence it.
public struct Simulation {
  /// The scenario.
  public let scenario: Scenario
  /// Index into the scenario's schedulers.
  public let scheduler: Int
  /// Which replication, from 0; it changes every random stream.
  public let replication: Int

  /// Describes a run.
  public init(scenario: Scenario, scheduler: Int, replication: Int = 0) {
    self.scenario = scenario
    self.scheduler = scheduler
    self.replication = replication
  }

  /// The seed of the run's random streams.
  public var runSeed: UInt64 { Self.seed(of: scenario, replication: replication) }

  /// A scenario's seed for replication 0, and one mixed from both for later replications.
  ///
  /// - Parameters:
  ///   - scenario: The scenario.
  ///   - replication: The replication, from 0.
  /// - Returns: The seed of that replication's random streams.
  public static func seed(of scenario: Scenario, replication: Int) -> UInt64 {
    if replication == 0 { return scenario.seed }
    // SplitMix64's finalizer (Steele, Lea and Flood, 2014).
    var mixed = scenario.seed &+ UInt64(replication) &* 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed &>> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed &>> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed &>> 31
  }

  /// Runs to the end and returns what the run says as a whole.
  ///
  /// - Parameters:
  ///   - records: Takes every record as it becomes final.
  ///   - events: Takes every logged event, when given.
  ///   - observer: Called every few thousand events with the simulated time and the events so far;
  ///     returning false ends the run early (its summary is then of no use).
  ///   - checksInvariants: Whether to check the whole state after every event.
  ///   - leaps: Whether steps that change nothing but time may be taken together; only `events` of
  ///     the summary depends on it. A run that logs events never leaps, as its log names every step.
  /// - Returns: The run's summary.
  public func run(
    into records: any RecordSink = NullSink(), events: (any EventSink)? = nil,
    observer: ((RunProgress) -> Bool)? = nil, checksInvariants: Bool = false, leaps: Bool = true
  ) -> RunSummary {
    var simulator = Simulator(self, records: records, events: events)
    simulator.checksInvariants = checksInvariants
    simulator.leaps = leaps && events == nil
    simulator.run(observer: observer)
    return simulator.summary()
  }
}

/// How far a run has come.
public struct RunProgress: Sendable {
  /// Simulated time, in nanoseconds.
  public var now: Int64
  /// When arrivals end, in nanoseconds.
  public var duration: Int64
  /// Events processed.
  public var events: Int64
}
