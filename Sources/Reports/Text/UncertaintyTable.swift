/// What `run --uncertainty` prints below the comparison: every variation, and whether the verdict holds.
public struct UncertaintyTable: Sendable {
  private let uncertainty: Uncertainty

  /// Prepares the table.
  public init(_ uncertainty: Uncertainty) { self.uncertainty = uncertainty }

  /// The text, each line ended, none wider than the style's width.
  public func text(_ style: TextStyle = TextStyle()) -> String {
    let sentence = uncertainty.sentence
    guard !uncertainty.variations.isEmpty else {
      return WrappedText.lines("Uncertainty: " + sentence, width: style.width)
        .map { style.plain($0) + "\n" }.joined()
    }
    let heading =
      "Uncertainty: \(uncertainty.metric.title) with figures at the fast or slow end of their"
      + " ranges, same traffic and draws."
    let lines =
      WrappedText.lines(heading, width: style.width, indent: "  ") + rows(style)
      + WrappedText.lines(sentence, width: style.width, indent: "  ")
    return lines.map { style.plain($0) + "\n" }.joined()
  }

  private func rows(_ style: TextStyle) -> [String] {
    let all = [uncertainty.comparison] + uncertainty.variations.map(\.comparison)
    let largest = all.flatMap { comparison in
      comparison.schedulers.compactMap { $0.spread(uncertainty.metric).mean }
    }.max()
    let unit = TimeUnit(fitting: largest ?? 1)
    var table = TextTable()
    table.add(["variation"] + uncertainty.comparison.schedulers.map(\.name) + ["winner"])
    table.add(
      ["as it is"] + cells(uncertainty.comparison, unit, style)
        + [uncertainty.verdict.leader ?? "none"])
    for variation in uncertainty.variations {
      table.add(
        [variation.name] + cells(variation.comparison, unit, style)
          + [variation.verdict.leader ?? "none"])
    }
    return table.lines(width: style.width)
  }

  private func cells(
    _ comparison: Comparison, _ unit: TimeUnit, _ style: TextStyle
  ) -> [String] {
    comparison.schedulers.map { scheduler in
      let spread = scheduler.spread(uncertainty.metric)
      if let mean = spread.mean { return uncertainty.metric.text(mean, unit: unit) }
      return spread.state == .missed ? style.missing : "n/a"
    }
  }
}
