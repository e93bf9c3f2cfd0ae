import Serving

/// The comparison that a terminal shows: header, figures, where the time goes, verdict.
public struct ComparisonTable: Sendable {
  private let comparison: Comparison
  private let verdict: Verdict

  /// Prepares the table.
  ///
  /// - Parameters:
  ///   - comparison: The runs.
  ///   - baseline: The scheduler that the verdict compares the winner with.
  public init(_ comparison: Comparison, baseline: String? = nil) {
    self.comparison = comparison
    verdict = Verdict(comparison, baseline: baseline)
  }

  /// The text, each line ended, none wider than the style's width.
  public func text(_ style: TextStyle = TextStyle()) -> String {
    guard !comparison.schedulers.isEmpty else { return "No runs.\n" }
    var blocks = [header(style), figures(style)]
    blocks += comparison.workloadNames.count > 1 ? [workloads(style)] : []
    blocks += [BarBlock(comparison: comparison).lines(style)]
    blocks += [WrappedText.lines("Verdict: " + verdict.text, width: style.width)]
    return blocks.map { lines in lines.map { style.plain($0) + "\n" }.joined() }
      .joined(separator: "\n")
  }

  private func header(_ style: TextStyle) -> [String] {
    let header = ComparisonHeader(comparison: comparison)
    let lines = [
      comparison.context.scenario.clipped(to: style.width), header.setting, header.states,
      header.missed,
      header.backgroundWaits, comparison.stragglers, comparison.prefixCaches,
    ]
    return lines.compactMap { $0 }.flatMap {
      WrappedText.lines($0, width: style.width, indent: "  ")
    }
  }

  private func figures(_ style: TextStyle) -> [String] {
    let columns = FigureColumns.overall(comparison)
    var table = TextTable()
    table.add([""] + columns.columns.map(\.heading.0))
    table.add(["scheduler"] + columns.columns.map(\.heading.1))
    for scheduler in comparison.schedulers {
      let (name, missing) = (scheduler.name, style.missing)
      table.add([name] + columns.means(scheduler, missing: missing))
      guard comparison.replications > 1 else { continue }
      table.add(["  least"] + columns.least(scheduler, missing: missing))
      table.add(["  most"] + columns.greatest(scheduler, missing: missing))
    }
    var lines = table.lines(width: style.width)
    if comparison.replications > 1 {
      lines += WrappedText.lines(
        "Means over the replications; below each the least and the greatest of its runs.",
        width: style.width)
    }
    if columns.hasMissed(comparison) { lines += missedNote(style) }
    return lines
  }

  private func workloads(_ style: TextStyle) -> [String] {
    var lines: [String] = []
    var hasMissed = false
    for (index, name) in comparison.workloadNames.enumerated() {
      let columns = FigureColumns.workload(index, comparison)
      hasMissed = hasMissed || columns.hasMissed(comparison, workload: index)
      var table = TextTable()
      table.add([name] + columns.columns.map(\.heading.0))
      table.add([""] + columns.columns.map(\.heading.1))
      for scheduler in comparison.schedulers {
        table.add(
          ["  " + scheduler.name]
            + columns.means(scheduler, workload: index, missing: style.missing))
      }
      lines += table.lines(width: style.width)
    }
    if hasMissed { lines += missedNote(style) }
    return ["By workload:"] + lines
  }

  private func missedNote(_ style: TextStyle) -> [String] {
    WrappedText.lines(
      "\(style.missing) \(ComparisonHeader.missedNote)", width: style.width, indent: "  ")
  }
}

/// A bar for each scheduler on one scale, with its parts in words.
struct BarBlock {
  let comparison: Comparison

  func lines(_ style: TextStyle) -> [String] {
    let totals = comparison.schedulers.map { total($0, \.decomposition) }
    guard let longest = totals.max(), longest > 0 else { return ["No request completed."] }
    let widest = comparison.schedulers.map(\.name.count).max() ?? 0
    // Beside a bar: spaces, and its total in up to twelve characters.
    let room = style.width - 14
    let nameWidth = min(widest, max(12, room - StackedBar.mostCells))
    let bar = StackedBar(
      longestSeconds: longest, cells: min(StackedBar.mostCells, room - nameWidth))
    let unit = TimeUnit(fitting: longest)
    let title =
      "Where the time goes: mean e2e of completed requests; one cell is "
      + TimeUnit.text(bar.secondsPerCell)
    var lines = WrappedText.lines(title, width: style.width) + [StackedBar.legend(style)]
    for (scheduler, total) in zip(comparison.schedulers, totals) {
      let parts = LatencyComponent.allCases.map { ($0, scheduler.meanSeconds($0)) }
      lines.append(
        scheduler.name.clipped(to: nameWidth).padded(to: nameWidth) + " "
          + bar.text(parts, style: style) + " " + unit.text(total))
      lines += words(scheduler, \.decomposition, "mean", style)
      lines += words(scheduler, \.tailDecomposition, "p99 tail", style)
    }
    return lines
  }

  private func total(
    _ scheduler: SchedulerRuns, _ figures: KeyPath<WorkloadSummary, DecompositionSummary>
  ) -> Double {
    LatencyComponent.allCases.reduce(0) { $0 + scheduler.meanSeconds($1, figures) }
  }

  private func words(
    _ scheduler: SchedulerRuns, _ figures: KeyPath<WorkloadSummary, DecompositionSummary>,
    _ title: String, _ style: TextStyle
  ) -> [String] {
    let total = total(scheduler, figures)
    guard total > 0 else { return [] }
    let unit = TimeUnit(fitting: total)
    let parts = scheduler.parts(figures).map { part in
      "\(part.label.name) \(FixedPoint.percent(part.seconds / total))"
        + " (\(TimeUnit.text(part.seconds)))"
    }
    return WrappedText.lines(
      "\(title) \(unit.text(total)): " + parts.joined(separator: ", "), width: style.width,
      first: "  ", indent: "    ")
  }
}
