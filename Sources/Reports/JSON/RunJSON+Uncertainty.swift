import Hardware
import Serving

extension RunJSON {
  /// The variations of a verdict; times in seconds, shares as fractions.
  static func value(_ uncertainty: Uncertainty) -> JSONValue {
    .object([
      ("holds", uncertainty.holds.map { .flag($0) } ?? .null),
      ("sentence", .text(uncertainty.sentence)),
      ("metric", .text(uncertainty.metric.title)),
      ("winner", winner(uncertainty.verdict)),
      ("figures", figures(uncertainty.comparison, uncertainty.metric)),
      (
        "variations",
        .array(
          uncertainty.variations.map { variation in
            .object([
              ("groups", .array(variation.figures.groups.map { .text($0.rawValue) })),
              ("end", .text(variation.figures.end.rawValue)),
              ("holds", .flag(variation.holds)),
              ("winner", winner(variation.verdict)),
              ("figures", figures(variation.comparison, uncertainty.metric)),
            ])
          })
      ),
    ])
  }

  private static func winner(_ verdict: Verdict) -> JSONValue {
    verdict.leader.map { .text($0) } ?? .null
  }

  private static func figures(_ comparison: Comparison, _ metric: ComparedMetric) -> JSONValue {
    .object(comparison.schedulers.map { ($0.name, .optional($0.spread(metric).mean)) })
  }
}
