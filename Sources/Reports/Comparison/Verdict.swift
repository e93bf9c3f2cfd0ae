public import Serving

/// Which scheduler did better, by which figure, why, and how sure that is.
///
/// SLO attainment decides where every run has objectives; then the share of requests completed, if
/// it differs by a percentage point or more between any two schedulers (a mean over completed
/// requests favours who leaves the slow ones unanswered); then mean e2e; then GPU-hours.
public struct Verdict: Sendable, Hashable {
  /// What can be said.
  public enum Outcome: String, Sendable, Hashable {
    /// Fewer than two schedulers.
    case nothingToCompare
    /// Equal in everything that decides.
    case noDifference
    /// `winner` is ahead; `isSignificant` says whether replications support it.
    case ahead
    /// `winner` is ahead in the mean, but the interval over replications includes 0.
    case unclear
  }

  /// A label of the latency that explains a difference, in mean seconds per request.
  public struct Cause: Sendable, Hashable {
    /// The label with the largest difference.
    public var label: LatencyLabel
    /// Its time at the winner, in seconds.
    public var winnerSeconds: Double
    /// Its time at the other, in seconds.
    public var otherSeconds: Double
    /// Whether it is taken over the requests at or above the p99 of e2e only.
    public var isTail: Bool
  }

  /// What can be said.
  public internal(set) var outcome = Outcome.nothingToCompare
  /// The scheduler ahead; nil without one.
  public internal(set) var winner: String?
  /// Schedulers that cannot be told from the winner, by name.
  public internal(set) var twins: [String] = []
  /// The scheduler it is compared with: the baseline, or the next best.
  public internal(set) var other: String?
  /// The figure that decided.
  public internal(set) var metric: ComparedMetric?
  /// Winner − other over common replications, of the deciding figure.
  public internal(set) var difference: PairedDifference?
  /// The label that explains it.
  public internal(set) var cause: Cause?
  /// The verdict in words, the most important first.
  public internal(set) var sentences: [String] = []

  /// The verdict in words.
  public var text: String { sentences.joined(separator: " ") }

  /// Whether the replications support the difference; nil with one.
  public var isSignificant: Bool? { difference?.excludesZero }

  /// Decides between the schedulers of a comparison.
  ///
  /// - Parameters:
  ///   - comparison: The runs.
  ///   - baseline: The scheduler that the winner is compared with; nil, or the winner itself: the
  ///     next best.
  public init(_ comparison: Comparison, baseline: String? = nil) {
    let ranking = Ranking(comparison.schedulers)
    guard ranking.order.count > 1 else {
      sentences = ["One scheduler, so there is nothing to compare."]
      return
    }
    let best = ranking.order[0]
    twins = ranking.order.dropFirst().filter { ranking.deciding(best, $0) == nil }.map(\.name)
    let challengers = ranking.order.filter { ranking.deciding(best, $0) != nil }
    let opponent = challengers.first { $0.name == baseline } ?? challengers.first
    guard let opponent, let metric = ranking.deciding(best, opponent) else {
      decideNoDifference(ranking)
      return
    }
    winner = best.name
    other = opponent.name
    self.metric = metric
    difference = PairedDifference(
      pairs(best, opponent).compactMap { first, second in
        guard let first = metric.value(of: first).number,
          let second = metric.value(of: second).number
        else { return nil }
        return first - second
      })
    outcome = isSignificant == false ? .unclear : .ahead
    cause = Self.cause(winner: best, other: opponent, metric: metric)
    sentences = Wording(verdict: self, winner: best, opponent: opponent).sentences(
      others: challengers.filter { $0.name != opponent.name }, comparison: comparison)
  }

  private mutating func decideNoDifference(_ ranking: Ranking) {
    outcome = .noDifference
    twins = []
    let first = ranking.order[0]
    let names = Wording.list(ranking.order.map(\.name).sorted())
    if ranking.order.allSatisfy({ $0.runs.map(\.digest) == first.runs.map(\.digest) }),
      first.runs.allSatisfy({ !$0.digest.isEmpty })
    {
      sentences = ["No difference: \(names) gave the same runs, to the nanosecond."]
      return
    }
    let differing = ComparedMetric.allCases.filter { metric in
      ranking.order.contains { $0.spread(metric) != first.spread(metric) }
    }
    if differing.isEmpty {
      sentences = ["No difference: every figure compared is equal for \(names)."]
    } else {
      let equal = Wording.list(ranking.criteria.map(\.title))
      let unequal = Wording.list(differing.map(\.title))
      sentences = ["No difference in \(equal) between \(names); they differ in \(unequal)."]
    }
  }

  /// Runs of equal seed and replication.
  private func pairs(
    _ first: SchedulerRuns, _ second: SchedulerRuns
  ) -> [(RunSummary, RunSummary)] {
    first.runs.compactMap { run in
      second.runs.first { $0.seed == run.seed && $0.replication == run.replication }
        .map { (run, $0) }
    }
  }

  /// The label in which the other loses most, over all requests or, if it loses in none, over the
  /// tail.
  private static func cause(
    winner: SchedulerRuns, other: SchedulerRuns, metric: ComparedMetric
  ) -> Cause? {
    guard metric != .gpuHours else { return nil }
    for isTail in [false, true] {
      let figures: KeyPath<WorkloadSummary, DecompositionSummary> =
        isTail ? \.tailDecomposition : \.decomposition
      let causes = LatencyLabel.allCases.map { label in
        Cause(
          label: label, winnerSeconds: winner.meanSeconds(label, figures),
          otherSeconds: other.meanSeconds(label, figures), isTail: isTail)
      }
      // The first of equals, so that the choice does not depend on the order of schedulers.
      var largest = causes[0]
      for cause in causes where cause.lossSeconds > largest.lossSeconds { largest = cause }
      if largest.lossSeconds > 0 { return largest }
    }
    return nil
  }
}

extension Verdict.Cause {
  /// How much longer the other takes, in seconds.
  public var lossSeconds: Double { otherSeconds - winnerSeconds }
}

/// Schedulers from the best to the worst.
struct Ranking {
  /// The figures that decide, the first that differs first.
  let criteria: [ComparedMetric]
  /// The best first; equals by name.
  let order: [SchedulerRuns]

  init(_ schedulers: [SchedulerRuns]) {
    let criteria = Self.criteria(for: schedulers)
    self.criteria = criteria
    order = schedulers.sorted { first, second in
      for metric in criteria {
        let (left, right) = (Self.loss(metric, first), Self.loss(metric, second))
        if left != right { return left < right }
      }
      return first.name < second.name
    }
  }

  /// The figure that tells two schedulers apart; nil when none does.
  func deciding(_ first: SchedulerRuns, _ second: SchedulerRuns) -> ComparedMetric? {
    criteria.first { Self.loss($0, first) != Self.loss($0, second) }
  }

  private static func criteria(for schedulers: [SchedulerRuns]) -> [ComparedMetric] {
    var criteria: [ComparedMetric] = []
    if schedulers.allSatisfy({ $0.spread(.sloAttainment).state == .known }) {
      criteria.append(.sloAttainment)
    }
    let completed = schedulers.compactMap { $0.spread(.completedShare).mean }
    if let least = completed.min(), let most = completed.max(), most - least >= 0.01 {
      criteria.append(.completedShare)
    }
    return criteria + [.e2eMean, .gpuHours]
  }

  /// Smaller is better; a figure that is not there is worse than any.
  private static func loss(_ metric: ComparedMetric, _ scheduler: SchedulerRuns) -> Double {
    guard let mean = scheduler.spread(metric).mean else { return .infinity }
    return metric.higherIsBetter ? -mean : mean
  }
}
