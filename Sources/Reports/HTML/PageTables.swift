import Serving

/// The tables of the page.
struct PageTables {
  let comparison: Comparison

  /// All workloads together, then each one where there are several.
  func markup() -> String {
    let overall = FigureColumns.page(comparison)
    var text = Markup.element("h2", "", "Figures") + "\n"
    text += table("All requests", overall, workload: nil)
    if comparison.workloadNames.count > 1 {
      for (index, name) in comparison.workloadNames.enumerated() {
        text += table(
          "Workload \(name)", FigureColumns.workload(index, comparison), workload: index)
      }
    }
    if comparison.replications > 1 {
      text += Markup.paragraph(
        "Means over the replications; below each the least and the greatest of its runs.",
        "class=\"soft\"")
    }
    return text
  }

  private func table(_ caption: String, _ columns: FigureColumns, workload: Int?) -> String {
    let head =
      Markup.element("tr", "", Self.corner + columns.columns.map(heading).joined()) + "\n"
    let rows = comparison.schedulers.map { scheduler in
      row(scheduler, columns, workload)
    }.joined()
    var text = Self.framed(caption, head: head, body: rows)
    if columns.hasMissed(comparison, workload: workload) {
      text += Markup.paragraph("– \(ComparisonHeader.missedNote)", "class=\"soft\"")
    }
    return text
  }

  private static let corner = Markup.element("th", "scope=\"col\" class=\"left\"", "scheduler")

  /// The figure, and its unit on a line of its own.
  private func heading(_ column: FigureColumns.Column) -> String {
    let (title, unit) =
      switch column.metric.kind {
      case .time: (column.metric.title, column.unit.rawValue)
      case .money: (column.metric.title, "USD")
      default:
        (
          column.heading.0 + (column.heading.0.hasSuffix("-") ? "" : " ") + column.heading.1, ""
        )
      }
    let below = unit.isEmpty ? "" : Markup.element("small", "", unit)
    return Markup.element("th", "scope=\"col\"", Markup.escaped(title) + below)
  }

  private func row(
    _ scheduler: SchedulerRuns, _ columns: FigureColumns, _ workload: Int?
  ) -> String {
    let means = columns.means(scheduler, workload: workload, missing: "–")
    let least = columns.least(scheduler, workload: workload, missing: "–")
    let most = columns.greatest(scheduler, workload: workload, missing: "–")
    let cells = means.indices.map { index in
      var cell = Markup.escaped(means[index])
      if least[index] != most[index] { cell += Self.range(least[index], most[index]) }
      return Markup.element("td", "", cell)
    }
    let name = Markup.element("th", "scope=\"row\"", Markup.escaped(scheduler.name))
    return Markup.element("tr", "", name + cells.joined()) + "\n"
  }

  /// The least and the greatest, on two lines where the column is narrow.
  private static func range(_ least: String, _ most: String) -> String {
    let ends = [least, most].map { Markup.escaped($0.unbroken) }
    return Markup.element("small", "", ends.joined(separator: "–<wbr>"))
  }

  /// The name of a label, which may be broken after its underscore.
  private static func heading(_ label: LatencyLabel) -> String {
    Markup.element(
      "th", "scope=\"col\"", label.name.split(separator: "_").joined(separator: "_<wbr>"))
  }

  /// The parts of a chart as numbers.
  func parts(_ chart: StackedChart) -> String {
    let labels = chart.labels
    guard !labels.isEmpty else { return "" }
    let greatest =
      comparison.schedulers.flatMap { scheduler in
        labels.map { scheduler.meanSeconds($0, chart.figures) }
      }.max() ?? 0
    let unit = TimeUnit(fitting: greatest)
    let columns = labels.map { Self.heading($0) }
    let head = Markup.element("tr", "", Self.corner + columns.joined()) + "\n"
    let rows = comparison.schedulers.map { scheduler in
      let all = labels.map { scheduler.meanSeconds($0, chart.figures) }
      let total = all.reduce(0, +)
      let cells = all.map { seconds in
        let share = total > 0 ? FixedPoint.percent(seconds / total) : ""
        return Markup.element(
          "td", "", unit.number(seconds) + Markup.element("small", "", share.unbroken))
      }
      let name = Markup.element("th", "scope=\"row\"", Markup.escaped(scheduler.name))
      return Markup.element("tr", "", name + cells.joined()) + "\n"
    }
    return Self.framed(
      "Parts in \(unit.rawValue) a request, and their share", head: head, body: rows.joined())
  }

  /// Bubbles by cause, as shares of what the bubble fraction is a share of; empty where no stage idled.
  func bubbles() -> String {
    let causes = BubbleCause.allCases.filter { cause in
      comparison.runs.contains { $0.bubble.map { $0[cause] > 0 } ?? false }
    }
    guard !causes.isEmpty else { return "" }
    let columns = causes.map { Markup.element("th", "scope=\"col\"", $0.name) }
    let head = Markup.element("tr", "", Self.corner + columns.joined()) + "\n"
    let rows = comparison.schedulers.map { scheduler in
      let cells = causes.map { cause in
        let shares = scheduler.runs.compactMap { $0.bubbleShare(cause) }
        let text =
          shares.isEmpty
          ? "–" : FixedPoint.percent(shares.reduce(0, +) / Double(shares.count))
        return Markup.element("td", "", text)
      }
      let name = Markup.element("th", "scope=\"row\"", Markup.escaped(scheduler.name))
      return Markup.element("tr", "", name + cells.joined()) + "\n"
    }
    return Self.framed("Bubbles by cause", head: head, body: rows.joined())
  }

  static func header(_ text: String, _ scope: String, isLeft: Bool = false) -> String {
    Markup.element(
      "th", "scope=\"\(scope)\"" + (isLeft ? " class=\"left\"" : ""), Markup.escaped(text))
  }

  static func row(_ cells: [String]) -> String { Markup.element("tr", "", cells.joined()) + "\n" }

  /// A table that scrolls inside its own frame on narrow pages.
  static func framed(_ caption: String, head: String, body: String) -> String {
    let content =
      Markup.element("caption", "", Markup.escaped(caption))
      + Markup.element("thead", "", head) + Markup.element("tbody", "", body)
    let label =
      "class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"\(Markup.escaped(caption))\""
    return Markup.element("div", label, Markup.element("table", "", content)) + "\n"
  }
}

extension RunSummary {
  /// The part of the bubble fraction that is due to a cause; nil where that is not known.
  fileprivate func bubbleShare(_ cause: BubbleCause) -> Double? {
    guard let bubbleFraction, let bubble else { return nil }
    let total = bubble.total
    return total > 0 ? bubbleFraction * Double(bubble[cause]) / Double(total) : 0
  }
}
