public import EventKernel
public import Hardware
public import Serving
public import Workload

/// Everything a run left behind.
public struct Outcome {
  /// What it says as a whole.
  public let summary: RunSummary
  /// Its records.
  public let records: MemorySink
  /// Its event log.
  public let events: [LoggedEvent]
  /// Its bubbles, each with the number of events before it.
  public let bubbles: [(place: Int, bubble: ToldBubble)]

  /// The record of a request by its number.
  public func request(_ number: Int64) -> RequestRecord? {
    records.requests.first { $0.requestID == number }
  }
}

extension Scenario {
  /// A small scenario: one scheduler, one model and its workloads over `cluster`.
  public static func small(
    seed: UInt64 = 1, duration: Nanoseconds = 1_000_000_000,
    drainLimit: Nanoseconds = 3_600_000_000_000, sampleInterval: Nanoseconds = 0,
    cluster: ClusterSpecification = Machines.cluster(),
    background: BackgroundSpecification? = nil, models: [ServedModel] = [Models.constant()],
    workloads: [WorkloadSpecification] = [Traffic.burst(1)], requests: [ArrivingRequest]? = nil,
    schedulers: [SchedulerSpecification] = [Schedulers.make()]
  ) -> Scenario {
    Scenario(
      name: "small", seed: seed, duration: duration, drainLimit: drainLimit,
      sampleInterval: sampleInterval, cluster: cluster, background: background, models: models,
      workloads: workloads, source: requests.map { ListedRequests($0) }, schedulers: schedulers)
  }

  /// Runs one scheduler, checking the state after every event, and keeps everything.
  public func outcome(scheduler: Int = 0, replication: Int = 0) -> Outcome {
    let records = MemorySink()
    let log = MemoryEventLog()
    let run = Simulation(scenario: self, scheduler: scheduler, replication: replication)
    let summary = run.run(into: records, events: log, checksInvariants: true)
    return Outcome(summary: summary, records: records, events: log.events, bubbles: log.bubbles)
  }
}
