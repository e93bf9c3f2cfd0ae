import Results
import Serving

/// What runs will probably cost, before they are begun.
///
/// Requests and tokens come from the scenario's own source. A pilot of each scheduler gives events per
/// output token, events per simulated second and seconds per event; a run has the geometric mean of what
/// its tokens and its duration ask for, but no more than its rate gives until the drain limit. Rows have
/// measured sizes, files made from events the bytes of the pilot's. docs/estimate.md says how far off
/// this was.
struct RunEstimate {
  /// What one scheduler's run will cost.
  struct Part {
    var scheduler: String
    var requests: Double
    var outputTokens: Double
    var events: Double
    var seconds: Double
    var memoryBytes: Double
    var eventFileBytes: Double
    var timelineBytes: Double
  }

  private(set) var parts: [Part] = []
  /// Runs in all, replications included.
  private(set) var runs = 0
  /// Runs at a time.
  private(set) var jobs = 1
  /// Seconds until all are done.
  private(set) var seconds = 0.0
  /// Bytes of the results file.
  private(set) var resultBytes = 0.0
  /// Bytes of records that lie beside the results file until their run is done.
  private(set) var spoolBytes = 0.0
  /// Bytes of the file of events.
  private(set) var eventFileBytes = 0.0
  /// Bytes of the timeline.
  private(set) var timelineBytes = 0.0
  /// Bytes of memory.
  private(set) var memoryBytes = 0.0

  /// Bytes of a request's row with its index entries in SQLite; measured on the quickstart.
  static let rowBytes = 262.0
  /// Bytes of a request's record in a spool.
  static let spoolRowBytes = 272.0
  /// Bytes of a run's other tables and of the scenario, without samples; measured on the quickstart.
  static let runBytes = 40_000.0
  /// Bytes of a request under way, with what its replica keeps of it.
  static let requestStateBytes = 1_200.0
  /// Bytes of the program itself.
  static let programBytes = 35e6

  /// Estimates the runs of a scenario; it takes about `budget` seconds.
  init(
    _ scenario: Scenario, replications: Int, jobs: Int, kept: RecordsKept, leaps: Bool = true,
    logsEvents: Bool = false, drawsTimeline: Bool = false, budget: Double, mostEvents: Int64 = .max
  ) {
    let each = budget / 2 / Double(max(1, scenario.schedulers.count))
    let pilots = scenario.schedulers.indices.map { index in
      Pilot(
        scenario, scheduler: index, budget: each, mostEvents: mostEvents, leaps: leaps,
        logsEvents: logsEvents, drawsTimeline: drawsTimeline)
    }
    let service = pilots.map(\.serviceSeconds).max() ?? 0
    let traffic = TrafficCount(scenario, serviceSeconds: service, budget: budget / 2)
    parts = zip(scenario.schedulers, pilots).map { scheduler, pilot in
      Self.part(scheduler.name, pilot, traffic, scenario)
    }
    runs = parts.count * replications
    self.jobs = max(1, min(jobs, runs))
    let work = parts.reduce(0) { $0 + $1.seconds } * Double(replications)
    seconds = max(work / Double(self.jobs), parts.map(\.seconds).max() ?? 0)
    let rows = parts.reduce(0) { $0 + $1.requests } * Double(replications) * Self.share(of: kept)
    resultBytes = rows * Self.rowBytes + Double(runs) * Self.runBytes
    let longest = parts.map(\.requests).max() ?? 0
    // Those under way, and one that is being inserted; what waits for its turn takes less than its rows.
    spoolBytes =
      longest * Double(min(self.jobs + 1, runs)) * Self.share(of: kept) * Self.spoolRowBytes
    eventFileBytes = parts.reduce(0) { $0 + $1.eventFileBytes } * Double(replications)
    timelineBytes = parts.reduce(0) { $0 + $1.timelineBytes } * Double(replications)
    memoryBytes =
      Self.programBytes + (parts.map(\.memoryBytes).max() ?? 0) * Double(self.jobs)
  }

  private static func share(of kept: RecordsKept) -> Double {
    switch kept {
    case .all: 1
    case .sample: 0.01
    case .none: 0
    }
  }

  private static func part(
    _ name: String, _ pilot: Pilot, _ traffic: TrafficCount, _ scenario: Scenario
  ) -> Part {
    let requests = pilot.isWhole ? pilot.requests : max(traffic.requests, pilot.requests)
    let tokens = pilot.isWhole ? pilot.end.outputTokens : traffic.outputTokens
    let events = pilot.isWhole ? pilot.end.events : events(pilot, tokens, scenario)
    let costly = pilot.end.events - pilot.middle.events
    /// What the pilot had at its end, and for every later event as much as in its second half.
    func whole(_ cost: (Pilot.Mark) -> Double) -> Double {
      let perEvent = costly > 0 ? (cost(pilot.end) - cost(pilot.middle)) / costly : 0
      return cost(pilot.end) + (pilot.isWhole ? 0 : (events - pilot.end.events) * perEvent)
    }
    // What has arrived and not left, as it grows on; and each metric's values until they are folded.
    let arrived = traffic.requests * min(1, pilot.end.simulated * 1e9 / Double(scenario.duration))
    let growth = Double(scenario.duration) / 1e9 / max(pilot.end.simulated, 1e-9)
    let underWay = pilot.isWhole ? 0 : max(0, arrived - pilot.requests) * max(1, growth)
    let values = 4 * min(requests, 0x1p20) + min(tokens, 0x1p20)
    return Part(
      scheduler: name, requests: requests, outputTokens: tokens, events: events,
      seconds: whole(\.seconds),
      memoryBytes: min(underWay, requests) * requestStateBytes + 8 * values,
      eventFileBytes: whole(\.lineBytes), timelineBytes: whole(\.timelineBytes))
  }

  /// Events of a run that its pilot did not finish.
  private static func events(_ pilot: Pilot, _ tokens: Double, _ scenario: Scenario) -> Double {
    let (middle, end) = (pilot.middle, pilot.end)
    let simulated = max(1e-9, end.simulated - middle.simulated)
    let rate = (end.events - middle.events) / simulated
    let whole = Double(scenario.duration) / 1e9
    // Without a token there is only the rate of events to go by.
    let steady = end.events + rate * max(0, whole - end.simulated)
    if pilot.generatedTokens <= 0 { return steady }
    let perToken = end.events / pilot.generatedTokens
    let asked = end.events + perToken * max(0, tokens - pilot.generatedTokens)
    let most = end.events + rate * (whole + Double(scenario.drainLimit) / 1e9 - end.simulated)
    // Batches are small at first, so that tokens ask for too many events; the rate knows of no drain
    // of a backlog. The truth lies between, and their geometric mean is off by half as much.
    let between = (asked * max(asked / 4, min(asked * 4, steady))).squareRoot()
    return max(end.events, min(between, most))
  }
}
