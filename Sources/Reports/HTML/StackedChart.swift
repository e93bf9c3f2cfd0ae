import Serving

/// Horizontal bars of the parts of the latency, one for each scheduler, on one scale.
struct StackedChart {
  let comparison: Comparison
  let figures: KeyPath<WorkloadSummary, DecompositionSummary>
  let id: String
  let title: String

  /// Labels from left to right: compute, communication, queuing.
  static let order: [LatencyLabel] = LatencyComponent.allCases.flatMap { component in
    let labels = LatencyLabel.allCases.filter { $0.component == component }
    // Compute before host, the order in which one reads them.
    return component == .compute ? labels.sorted { $0.rawValue < $1.rawValue } : labels
  }

  /// Labels that some scheduler has time under, from left to right.
  var labels: [LatencyLabel] {
    Self.order.filter { label in
      comparison.schedulers.contains { $0.meanSeconds(label, figures) > 0 }
    }
  }

  private var greatest: Double {
    comparison.schedulers.map { total($0) }.max() ?? 0
  }

  private func total(_ scheduler: SchedulerRuns) -> Double {
    Self.order.reduce(0) { $0 + scheduler.meanSeconds($1, figures) }
  }

  /// The picture for wide and for narrow pages; empty when nothing completed.
  func markup() -> String {
    guard greatest > 0 else { return Markup.paragraph("No request completed.") }
    return Markup.element("div", "class=\"wide\"", picture(isNarrow: false))
      + Markup.element("div", "class=\"narrow\"", picture(isNarrow: true))
  }

  private func picture(isNarrow: Bool) -> String {
    let width = isNarrow ? 360.0 : 960.0
    let left = isNarrow ? 4.0 : 180.0
    let pitch = isNarrow ? 62.0 : 48.0
    let top = isNarrow ? 24.0 : 8.0
    let length = width - left - (isNarrow ? 70 : 80)
    let scale = ChartScale.linear(
      to: greatest, from: left, length: length, ticks: isNarrow ? 3 : 7)
    let bottom = top + pitch * Double(comparison.schedulers.count) - (isNarrow ? 24 : 8)
    var canvas = SVGCanvas()
    for tick in scale.ticks {
      let x = scale.place(tick.value)
      canvas.line(x, top - 4, x, bottom, "grid")
      canvas.text(x, bottom + 16, tick.text, "tick", anchor: x <= left ? "start" : "middle")
    }
    for (row, scheduler) in comparison.schedulers.enumerated() {
      let y = top + pitch * Double(row)
      if isNarrow {
        canvas.text(left, y - 7, scheduler.name.clipped(to: 40), "name")
      } else {
        canvas.text(left - 10, y + 21, scheduler.name.clipped(to: 18), "name", anchor: "end")
      }
      bar(scheduler, scale, y, &canvas)
    }
    return canvas.picture(
      width: width, height: bottom + 22, id: id + (isNarrow ? "-n" : "-w"), title: title,
      description: description)
  }

  private func bar(
    _ scheduler: SchedulerRuns, _ scale: ChartScale, _ y: Double, _ canvas: inout SVGCanvas
  ) {
    var seconds = 0.0
    for label in Self.order {
      let part = scheduler.meanSeconds(label, figures)
      guard part > 0 else { continue }
      let (from, to) = (scale.place(seconds), scale.place(seconds + part))
      let text = "\(label.name) \(TimeUnit.text(part))"
      canvas.rectangle(from, y, to - from, 32, "seg c-\(label.name)", title: text)
      if label.component != .compute {
        canvas.rectangle(from, y, to - from, 32, "over h-\(label.component.rawValue)")
      }
      if let shown = fitting([text, TimeUnit.text(part)], in: to - from - 8) {
        canvas.text((from + to) / 2, y + 20, shown, "in t-\(label.name)", anchor: "middle")
      }
      seconds += part
    }
    canvas.text(scale.place(seconds) + 8, y + 21, TimeUnit.text(seconds), "value")
  }

  /// The first text that fits.
  private func fitting(_ texts: [String], in width: Double) -> String? {
    texts.first { SVGCanvas.width(of: $0, fontSize: 12) <= width }
  }

  /// The picture in words.
  private var description: String {
    comparison.schedulers.map { scheduler in
      let parts = scheduler.parts(figures).map { "\($0.label.name) \(TimeUnit.text($0.seconds))" }
      return "\(scheduler.name): \(TimeUnit.text(total(scheduler))) = "
        + parts.joined(separator: " + ")
    }.joined(separator: ". ") + "."
  }
}
