public import EventKernel
public import Serving

/// What a report says about the scenario beside its runs.
public struct ReportContext: Sendable, Hashable {
  /// The scenario's name.
  public var scenario: String
  /// SHA-256 of the canonical scenario and its input files, in hexadecimal digits.
  public var scenarioDigest: String
  /// The version of simpp that made the runs.
  public var version: String
  /// Requests arrive in [0, duration), in nanoseconds.
  public var duration: Nanoseconds
  /// Requests that arrive before this do not count, in nanoseconds.
  public var warmup: Nanoseconds
  /// Whether some requests are caused by answers (sessions, closed loops), so that schedulers share
  /// what starts them, but not when later ones arrive nor how many there are.
  public var answersCauseRequests: Bool

  /// Creates a context; durations in nanoseconds.
  public init(
    scenario: String, scenarioDigest: String, version: String, duration: Nanoseconds,
    warmup: Nanoseconds = 0, answersCauseRequests: Bool = false
  ) {
    self.scenario = scenario
    self.scenarioDigest = scenarioDigest
    self.version = version
    self.duration = duration
    self.warmup = warmup
    self.answersCauseRequests = answersCauseRequests
  }
}

/// The runs of one scheduler, by replication.
public struct SchedulerRuns: Sendable, Hashable {
  /// The scheduler's name.
  public var name: String
  /// At least one run, by seed and replication.
  public var runs: [RunSummary]

  /// Mean, least and greatest value of a metric over the runs.
  func spread(_ metric: ComparedMetric, workload: Int? = nil) -> Spread {
    Spread(runs.map { metric.value(of: $0, workload: workload) })
  }

  /// Seconds per request of a label, as the mean over the runs that completed a request.
  func meanSeconds(
    _ label: LatencyLabel,
    _ figures: KeyPath<WorkloadSummary, DecompositionSummary> = \.decomposition
  ) -> Double {
    mean(figures) { $0.meanSeconds(label) }
  }

  /// Seconds per request of a component, as the mean over the runs that completed a request.
  func meanSeconds(
    _ component: LatencyComponent,
    _ figures: KeyPath<WorkloadSummary, DecompositionSummary> = \.decomposition
  ) -> Double {
    mean(figures) { $0.meanSeconds(component) }
  }

  /// Labels with any time, in seconds, the largest first.
  func parts(
    _ figures: KeyPath<WorkloadSummary, DecompositionSummary> = \.decomposition
  ) -> [(label: LatencyLabel, seconds: Double)] {
    let all = LatencyLabel.allCases.map { ($0, meanSeconds($0, figures)) }.filter { $0.1 > 0 }
    return all.sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
  }

  private func mean(
    _ figures: KeyPath<WorkloadSummary, DecompositionSummary>,
    _ value: (DecompositionSummary) -> Double
  ) -> Double {
    let counted = runs.map { $0.overall[keyPath: figures] }.filter { $0.count > 0 }
    return counted.isEmpty ? 0 : counted.map(value).reduce(0, +) / Double(counted.count)
  }
}

/// The runs of one scenario, scheduler by scheduler: what every report is made from.
public struct Comparison: Sendable, Hashable {
  /// What there is to say about the scenario.
  public var context: ReportContext
  /// The schedulers, in scenario order.
  public var schedulers: [SchedulerRuns]

  /// Groups runs by scheduler; the schedulers keep the order in which they first appear.
  public init(_ runs: [RunSummary], context: ReportContext) {
    self.context = context
    schedulers = []
    for run in runs {
      if let index = schedulers.firstIndex(where: { $0.name == run.scheduler }) {
        schedulers[index].runs.append(run)
      } else {
        schedulers.append(SchedulerRuns(name: run.scheduler, runs: [run]))
      }
    }
    for index in schedulers.indices {
      schedulers[index].runs.sort { ($0.seed, $0.replication) < ($1.seed, $1.replication) }
    }
  }

  /// All runs, scheduler by scheduler.
  var runs: [RunSummary] { schedulers.flatMap(\.runs) }

  /// The most replications of a scheduler.
  var replications: Int { schedulers.map(\.runs.count).max() ?? 0 }

  /// The names of the workloads, in scenario order.
  var workloadNames: [String] { runs.first?.workloads.map(\.name) ?? [] }
}

/// A figure over replications.
struct Spread: Hashable {
  /// Whether there is anything to show.
  enum State: Hashable { case known, missed, absent }

  var mean: Double?
  var least: Double?
  var greatest: Double?
  /// `missed` when a replication's quantile falls among missed requests.
  var state: State

  /// The figures of the replications; a missed one is beyond every number.
  init(_ values: [MetricValue]) {
    let known = values.compactMap(\.number)
    least = known.min()
    if known.count == values.count, !known.isEmpty {
      // Equal figures keep their exact value; a sum and a quotient might not.
      mean = least == known.max() ? least : known.reduce(0, +) / Double(known.count)
      greatest = known.max()
      state = .known
    } else {
      state = values.contains(.missed) ? .missed : .absent
    }
  }
}
