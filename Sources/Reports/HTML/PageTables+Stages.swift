import Serving

extension PageTables {
  /// The stages of every plan as numbers, folded away; empty without any.
  static func stages(_ plans: [PlanStages], causes: [BubbleCause]) -> String {
    guard !plans.isEmpty else { return "" }
    let hasStraggler = plans.contains { plan in plan.stages.contains { $0.worst != nil } }
    let titles =
      ["stage", "layers", "steps", "mean step", "p50", "p99"]
      + (hasStraggler ? ["straggler"] : []) + ["bubble"] + causes.map(\.name)
    let head = row(
      titles.enumerated().map { header($0.element, "col", isLeft: $0.offset == 0) })
    let body = plans.map { plan in
      let name = Markup.escaped(plan.title + ", " + plan.cut)
      let span = "scope=\"colgroup\" colspan=\"\(titles.count)\" class=\"left\""
      let rows = plan.stages.enumerated().map { place, stage in
        row(
          [header("\(place)", "row")]
            + cells(stage, causes, hasStraggler).map { Markup.element("td", "", $0) })
      }
      return row([Markup.element("th", span, name)]) + rows.joined()
    }
    let table = framed(
      "Steps, and idle time by cause, of each stage", head: head, body: body.joined())
    return Markup.element(
      "details", "", "\n" + Markup.element("summary", "", "The stages as numbers") + "\n" + table)
      + "\n"
  }

  private static func cells(
    _ stage: StageSum, _ causes: [BubbleCause], _ hasStraggler: Bool
  ) -> [String] {
    func time(_ nanoseconds: Int64?) -> String {
      nanoseconds.map { TimeUnit.text(nanoseconds: $0) } ?? "–"
    }
    let (least, most) = (stage.layers.lowerBound, stage.layers.upperBound)
    let straggler = stage.worst.map {
      FixedPoint.text($0.ratio, decimals: 2) + " ×" + $0.cause.words
    }
    return [
      least == most ? "\(least)" : "\(least)–\(most)", FixedPoint.grouped(stage.steps),
      stage.meanStepSeconds.map { TimeUnit.text($0) } ?? "–",
      time(stage.stepTimes.quantile(0.5)), time(stage.stepTimes.quantile(0.99)),
    ] + (hasStraggler ? [straggler ?? ""] : []) + [FixedPoint.percent(stage.bubbleShare)]
      + causes.map { stage.bubble[$0] > 0 ? FixedPoint.percent(stage.share($0)) : "" }
  }
}
