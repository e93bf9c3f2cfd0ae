import Serving

/// Median and tail of the time to first token, one line for each scheduler, on a logarithmic axis.
struct QuantileChart {
  let comparison: Comparison
  let id: String
  let title: String

  private func figures(_ scheduler: SchedulerRuns) -> (median: Double?, tail: Double?) {
    (scheduler.spread(.ttftP50).mean, scheduler.spread(.ttftP99).mean)
  }

  private var values: [Double] {
    comparison.schedulers.flatMap { [figures($0).median, figures($0).tail] }.compactMap { $0 }
  }

  /// The picture for wide and for narrow pages; a sentence when there is no figure.
  func markup() -> String {
    guard !values.isEmpty else { return Markup.paragraph("No request had a first token.") }
    return Markup.element("div", "class=\"wide\"", picture(isNarrow: false))
      + Markup.element("div", "class=\"narrow\"", picture(isNarrow: true))
  }

  private func picture(isNarrow: Bool) -> String {
    let width = isNarrow ? 360.0 : 960.0
    let left = isNarrow ? 34.0 : 180.0
    let pitch = isNarrow ? 62.0 : 44.0
    let top = isNarrow ? 40.0 : 30.0
    let scale = ChartScale.logarithmic(
      values, from: left, length: width - left - (isNarrow ? 40 : 80))
    let bottom = top + pitch * Double(comparison.schedulers.count) - 20
    var canvas = SVGCanvas()
    for tick in scale.ticks {
      let x = scale.place(tick.value)
      canvas.line(x, top - 22, x, bottom, "grid")
      canvas.text(x, bottom + 16, tick.text, "tick", anchor: "middle")
    }
    for (row, scheduler) in comparison.schedulers.enumerated() {
      let y = top + pitch * Double(row)
      if isNarrow {
        canvas.text(4, y - 24, scheduler.name.clipped(to: 40), "name")
      } else {
        canvas.text(150, y + 5, scheduler.name.clipped(to: 18), "name", anchor: "end")
      }
      line(scheduler, scale, y, width, &canvas)
    }
    return canvas.picture(
      width: width, height: bottom + 22, id: id + (isNarrow ? "-n" : "-w"), title: title,
      description: description)
  }

  private func line(
    _ scheduler: SchedulerRuns, _ scale: ChartScale, _ y: Double, _ width: Double,
    _ canvas: inout SVGCanvas
  ) {
    let (median, tail) = figures(scheduler)
    let end = scale.ticks.last?.value ?? 0
    guard let median else {
      canvas.text(
        scale.place(end), y + 5, "no median: among missed requests", "value", anchor: "end")
      return
    }
    let (from, to) = (scale.place(median), scale.place(tail ?? end))
    canvas.line(from, y, to, y, tail == nil ? "range open" : "range")
    canvas.circle(from, y, radius: 6, "mark")
    above("p50 " + TimeUnit.text(median), from, y, width, &canvas)
    guard let tail else {
      // Below the line where the median's label is in the way.
      canvas.text(to, to - from < 150 ? y + 20 : y - 10, "p99 among missed", "value", anchor: "end")
      return
    }
    canvas.diamond(to, y, radius: 7, "mark tail")
    let text = "p99 " + TimeUnit.text(tail)
    if to - from >= 110 {
      above(text, to, y, width, &canvas)
    } else if to + 12 + SVGCanvas.width(of: text, fontSize: 12) <= width {
      canvas.text(to + 12, y + 4, text, "value")
    } else {
      canvas.text(from - 12, y + 4, text, "value", anchor: "end")
    }
  }

  /// A label centred above a mark, moved where it would leave the picture.
  private func above(
    _ text: String, _ x: Double, _ y: Double, _ width: Double, _ canvas: inout SVGCanvas
  ) {
    let half = SVGCanvas.width(of: text, fontSize: 12) / 2
    canvas.text(max(half, min(width - half, x)), y - 10, text, "value", anchor: "middle")
  }

  /// The picture in words.
  private var description: String {
    comparison.schedulers.map { scheduler in
      let (median, tail) = figures(scheduler)
      let missing = "among missed requests"
      return "\(scheduler.name): median \(median.map { TimeUnit.text($0) } ?? missing), "
        + "99th percentile \(tail.map { TimeUnit.text($0) } ?? missing)"
    }.joined(separator: ". ") + "."
  }
}
