public import Calibration

/// What `simpp fidelity` prints: predicted against measured.
public struct FidelityText: Sendable {
  private let report: FidelityReport
  private let groups: [FidelityGroup]

  /// Prepares the text of a report.
  public init(_ report: FidelityReport) {
    self.report = report
    groups = report.groups
  }

  /// The text, each line ended, none wider than the style's width.
  public func text(_ style: TextStyle = TextStyle()) -> String {
    var blocks = [heading(style)]
    if !groups.isEmpty {
      blocks += [overview(style), classes(style), worst(style)]
    }
    let engines = EngineText(report.engines).lines(style)
    if !engines.isEmpty { blocks.append(engines) }
    let targets = targets(style)
    if targets.count > 1 { blocks.append(targets) }
    let leftOut = leftOut(style)
    if !leftOut.isEmpty { blocks.append(leftOut) }
    return blocks.map { lines in lines.map { style.plain($0) + "\n" }.joined() }
      .joined(separator: "\n")
  }

  private func heading(_ style: TextStyle) -> [String] {
    WrappedText.lines(
      "Predicted against measured: \(FidelityWords.counts(report)). " + FidelityWords.legend,
      width: style.width)
  }

  private func overview(_ style: TextStyle) -> [String] {
    var table = TextTable()
    table.add(["", "", "held", "fit", "", "", "", "all", "datasheet"])
    table.add(["error in %", "rows", "out", "half", "median", "p95", "bias", "sizes", "roofline"])
    var title = ""
    for group in groups {
      if FidelityWords.title(group) != title {
        title = FidelityWords.title(group)
        table.add([title])
      }
      table.add(["  " + FidelityWords.name(group)] + FidelityWords.figures(group, style.missing))
    }
    return table.lines(width: style.width)
  }

  private func classes(_ style: TextStyle) -> [String] {
    var table = TextTable()
    table.add(["By class of size, error in %", "rows", "mean", "median", "p95", "bias"])
    for group in groups {
      table.add([FidelityWords.fullName(group)])
      for item in group.classes {
        table.add(["  " + item.name] + FidelityWords.figures(item.summary))
      }
    }
    return table.lines(width: style.width)
  }

  private func worst(_ style: TextStyle) -> [String] {
    var lines = ["The worst rows:"]
    for group in groups {
      let rows = group.worst(3)
      guard !rows.isEmpty else { continue }
      lines += WrappedText.lines(FidelityWords.fullName(group), width: style.width, indent: "  ")
      for row in rows {
        lines += WrappedText.lines(
          FidelityWords.sentence(row), width: style.width, first: "  ", indent: "    ")
      }
    }
    return lines
  }

  private func targets(_ style: TextStyle) -> [String] {
    var table = TextTable()
    table.add(["The project's targets", "rows", "error", "at most", ""])
    for verdict in report.verdicts {
      guard let summary = verdict.summary else { continue }
      table.add([
        "  \(verdict.target.name), \(verdict.target.gpu)",
        FixedPoint.grouped(Int64(summary.count)), FixedPoint.percent(summary.mean),
        FixedPoint.percent(verdict.target.mean), verdict.isMissed ? "missed" : "met",
      ])
    }
    return table.lines(width: style.width)
  }

  private func leftOut(_ style: TextStyle) -> [String] {
    let notes = FidelityWords.leftOut(report)
    guard !notes.isEmpty else { return [] }
    return ["Left out:"]
      + notes.flatMap {
        WrappedText.lines(
          "\($0.name): \($0.reason)", width: style.width, first: "  ", indent: "    ")
      }
  }
}
