import Hardware
public import Serving

/// Whether a verdict holds when the figures of the GPUs lie at the ends of their ranges.
///
/// Every variation sees the same traffic and the same draws as the runs themselves.
public struct Uncertainty: Sendable, Hashable {
  /// The runs with some figures changed.
  public struct Variation: Sendable, Hashable {
    /// What was changed.
    public var figures: FigureVariation
    /// Every scheduler's runs.
    public var comparison: Comparison
    /// What they say.
    public var verdict: Verdict
    /// Whether it names the same winner as the runs themselves.
    public var holds: Bool

    /// `gemm fast`, or `all slow` where all groups that count are moved.
    public var name: String {
      (figures.groups.count == 1 ? figures.groups[0].rawValue : "all") + " " + figures.end.rawValue
    }
  }

  /// The runs with every figure as it is.
  public let comparison: Comparison
  /// What they say.
  public let verdict: Verdict
  /// The variations, in the order in which they are shown; none where nothing is uncertain.
  public let variations: [Variation]

  /// Compares variations with the runs themselves.
  ///
  /// - Parameters:
  ///   - comparison: The runs.
  ///   - variations: What was changed, and the runs that came of it.
  public init(
    _ comparison: Comparison, variations: [(figures: FigureVariation, runs: [RunSummary])]
  ) {
    self.comparison = comparison
    let verdict = Verdict(comparison)
    self.verdict = verdict
    self.variations = variations.map { figures, runs in
      let changed = Comparison(runs, context: comparison.context)
      let other = Verdict(changed)
      return Variation(
        figures: figures, comparison: changed, verdict: other,
        holds: other.leader == verdict.leader)
    }
  }

  /// The figure that is shown of every scheduler: what decided the verdict.
  public var metric: ComparedMetric { verdict.metric ?? .e2eMean }

  /// Whether the verdict holds in all variations; nil where there is none or nothing to compare.
  public var holds: Bool? {
    guard !variations.isEmpty, comparison.schedulers.count > 1 else { return nil }
    return variations.allSatisfy(\.holds)
  }

  /// What it comes to, in one sentence.
  public var sentence: String {
    guard !variations.isEmpty else {
      return "Every step cost is given by the scenario: nothing is uncertain."
    }
    let count = variations.count
    guard comparison.schedulers.count > 1 else { return range }
    let turned = variations.filter { !$0.holds }
    if turned.isEmpty { return "The verdict holds in all \(count) variations." }
    let cases = turned.map { variation in
      variation.name + (variation.verdict.leader.map { " to \($0)" } ?? " to no clear winner")
    }
    return "The verdict turns in \(turned.count) of \(count) variations: "
      + Wording.list(cases) + "."
  }

  /// What a single scheduler's figure can be.
  private var range: String {
    let known = ([comparison] + variations.map(\.comparison)).compactMap {
      $0.schedulers.first?.spread(metric).mean
    }
    guard let least = known.min(), let most = known.max() else {
      return "One scheduler, so there is no verdict to hold."
    }
    let (low, high) = metric.texts(least, most)
    return "One scheduler, so there is no verdict to hold; its \(metric.title) lies between "
      + "\(low) and \(high)."
  }
}

extension Verdict {
  /// The scheduler that is ahead; nil where none is, or replications do not tell.
  var leader: String? { outcome == .ahead ? winner : nil }
}
