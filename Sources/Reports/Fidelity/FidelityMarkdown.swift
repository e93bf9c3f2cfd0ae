public import Calibration

/// The document that `simpp fidelity --markdown` writes.
public struct FidelityMarkdown: Sendable {
  private let report: FidelityReport
  private let groups: [FidelityGroup]
  private let plotFolder: String

  /// A class of sizes is called bad from this mean error on, if it has `fewestRows`.
  private static let badMean = 0.2
  private static let fewestRows = 20

  /// Prepares the document.
  ///
  /// - Parameters:
  ///   - report: what was compared.
  ///   - plotFolder: where the plots lie, as seen from the document.
  public init(_ report: FidelityReport, plotFolder: String) {
    self.report = report
    groups = report.groups
    self.plotFolder = plotFolder
  }

  /// The document's text.
  public var text: String {
    ([heading] + targets + EngineText(report.engines).markdown + bad + overview + classes + worst
      + plots + leftOut)
      .joined(separator: "\n") + "\n"
  }

  private var heading: String {
    """
    # How wrong predictions are

    Written by `simpp fidelity DIR --markdown FILE`, not by hand: every figure below is computed from \
    the tables of measurements named in it. [calibration.md](calibration.md) tells how laws are \
    fitted and what is held out.

    \(FidelityWords.counts(report)) (see the end). \(FidelityWords.legend)

    """
  }

  private var targets: [String] {
    let verdicts = report.verdicts.compactMap { verdict in verdict.summary.map { (verdict, $0) } }
    guard !verdicts.isEmpty else { return [] }
    let rows = verdicts.map { verdict, summary in
      [
        "\(verdict.target.name), \(verdict.target.gpu)", FixedPoint.grouped(Int64(summary.count)),
        FixedPoint.percent(summary.mean), FixedPoint.percent(verdict.target.mean),
        verdict.isMissed ? "**missed**" : "met",
      ]
    }
    return [
      "## The project's targets", "",
      "Mean errors of shapes that no fit saw, at serving sizes.", "",
    ] + table(["table", "rows", "error", "at most", ""], rows)
  }

  /// What a reader should not trust.
  private var bad: [String] {
    var lines: [String] = []
    for verdict in report.verdicts {
      guard let summary = verdict.summary else {
        lines.append("- \(verdict.target.name) on \(verdict.target.gpu): no row here tests it.")
        continue
      }
      guard verdict.isMissed else { continue }
      lines.append(
        "- \(verdict.target.name) on \(verdict.target.gpu) misses its target: "
          + "\(FixedPoint.percent(summary.mean)) instead of \(FixedPoint.percent(verdict.target.mean))."
      )
    }
    for group in groups {
      if let own = group.summary(.serving), let roofline = group.roofline(.serving),
        own.mean >= roofline.mean
      {
        lines.append(
          "- \(FidelityWords.fullName(group)): no better than the datasheet, "
            + "\(FixedPoint.percent(own.mean)) against \(FixedPoint.percent(roofline.mean)).")
      }
      for item in group.classes
      where item.summary.mean > Self.badMean && item.summary.count >= Self.fewestRows {
        let bias = item.summary.bias
        let side =
          bias.magnitude < item.summary.mean / 2 ? "" : bias > 0 ? ", too long" : ", too short"
        lines.append(
          "- \(FidelityWords.fullName(group)), \(item.name): "
            + "\(FixedPoint.percent(item.summary.mean))\(side).")
      }
    }
    return [
      "## Where simpp is bad", "",
      "Targets missed or untested, groups no better than the datasheet, and classes of sizes with at least "
        + "\(Self.fewestRows) rows and a mean error above \(FixedPoint.percent(Self.badMean)).", "",
    ] + (lines.isEmpty ? ["None."] : lines) + [""]
  }

  private var overview: [String] {
    let rows = groups.map { group in
      [FidelityWords.fullName(group)] + FidelityWords.figures(group, "–")
    }
    return ["## By operator and GPU", "", "Errors in %.", ""]
      + table(
        [
          "operator", "rows", "held out", "fit half", "median", "p95", "bias", "all sizes",
          "roofline",
        ], rows)
  }

  private var classes: [String] {
    let rows = groups.flatMap { group in
      group.classes.map {
        [FidelityWords.fullName(group), $0.name] + FidelityWords.figures($0.summary)
      }
    }
    return ["## By class of size", "", "Errors in %, all rows.", ""]
      + table(["operator", "class", "rows", "mean", "median", "p95", "bias"], rows)
  }

  private var worst: [String] {
    ["## The worst rows", "", "Of serving sizes, three of each.", ""]
      + groups.flatMap { group in group.worst(3).map { "- " + FidelityWords.sentence($0) } } + [""]
  }

  private var plots: [String] {
    let plots = FidelityPlot.all(report)
    guard !plots.isEmpty else { return [] }
    return [
      "## Plots", "",
      "Predicted over measured; orange are shapes that no fit saw, dashed lines 10 % off.", "",
    ] + plots.map { "![\($0.title)](\(plotFolder)/\($0.fileName))" } + [""]
  }

  private var leftOut: [String] {
    let notes = FidelityWords.leftOut(report)
    guard !notes.isEmpty else { return [] }
    return ["## Left out", ""] + notes.map { "- `\($0.name)`: \($0.reason)." }
  }

  private func table(_ head: [String], _ rows: [[String]]) -> [String] {
    let rule = head.indices.map { $0 == 0 ? "---" : "---:" }
    return ([head, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" } + [""]
  }
}
