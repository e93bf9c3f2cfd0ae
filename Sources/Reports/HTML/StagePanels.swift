import Serving

/// Why the stages of each plan idled: a small picture for each plan, a bar for each stage, one scale for all.
struct StagePanels {
  let plans: [PlanStages]

  private static let width = 340.0
  private static let left = 56.0
  private static let length = 172.0
  private static let top = 44.0
  private static let pitch = 22.0
  private static let height = 15.0

  /// Idle shares below this one are not drawn.
  private static let leastShare = 0.0005

  /// Plans with a stage that idled.
  private var shown: [PlanStages] {
    plans.filter { plan in plan.stages.contains { $0.bubbleShare >= Self.leastShare } }
  }

  /// Causes that some stage has time under, in the order in which they are drawn.
  var causes: [BubbleCause] {
    BubbleCause.allCases.filter { cause in
      shown.contains { plan in plan.stages.contains { $0.bubble[cause] > 0 } }
    }
  }

  /// The pictures with their legend, and what is not in them; empty where nothing is known of stages.
  func markup() -> String {
    if plans.isEmpty { return "" }
    let names = plans.filter { !shown.contains($0) }.map { $0.title + ", " + $0.cut }
    let idleless =
      names.isEmpty
      ? ""
      : Markup.paragraph(
        "Idle for less than 0.05 % of their time with work: \(names.joined(separator: "; ")).",
        "class=\"soft\"")
    guard !shown.isEmpty else { return idleless }
    let greatest = shown.flatMap { $0.stages.map(\.bubbleShare) }.max() ?? 1
    let scale = ChartScale.shares(to: greatest, from: Self.left, length: Self.length, ticks: 4)
    let panels = shown.enumerated().map { number, plan in
      Markup.element("div", "", panel(plan, number, scale))
    }
    return legend
      + Markup.element("div", "class=\"panels\"", "\n" + panels.joined(separator: "\n")) + "\n"
      + note + idleless
  }

  private var note: String {
    let hasStraggler = shown.contains { plan in plan.stages.contains { $0.worst != nil } }
    return hasStraggler
      ? Markup.paragraph(
        "▲ marks a straggler: how many times as long as on its replica's other stages its mean step "
          + "took, at worst.", "class=\"soft\"") : ""
  }

  private var legend: String {
    let items = causes.map { cause in
      var swatch = "<svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">"
      for style in cause.styles {
        swatch += "<rect width=\"14\" height=\"14\" class=\"\(style)\"/>"
      }
      return Markup.element("li", "", swatch + "</svg>\(cause.name)")
    }
    return Markup.element("ul", "class=\"legend\"", "\n" + items.joined(separator: "\n") + "\n")
      + "\n"
  }

  private func panel(_ plan: PlanStages, _ number: Int, _ scale: ChartScale) -> String {
    let bottom = Self.top + Self.pitch * Double(plan.stages.count) - (Self.pitch - Self.height)
    var canvas = SVGCanvas()
    canvas.text(0, 14, plan.title.clipped(to: 42), "name")
    canvas.text(0, 31, plan.cut, "tick")
    for tick in scale.ticks {
      let x = scale.place(tick.value)
      canvas.line(x, Self.top - 3, x, bottom + 2, "grid")
      canvas.text(x, bottom + 15, tick.text, "tick", anchor: "middle")
    }
    for (place, stage) in plan.stages.enumerated() {
      row(stage, place, Self.top + Self.pitch * Double(place), scale, &canvas)
    }
    return canvas.picture(
      width: Self.width, height: bottom + 20, id: "stages-\(number)",
      title: "Idle time of each stage by cause: \(plan.title)", description: words(plan))
  }

  private func row(
    _ stage: StageSum, _ place: Int, _ y: Double, _ scale: ChartScale, _ canvas: inout SVGCanvas
  ) {
    let baseline = y + Self.height - 3
    canvas.text(Self.left - 8, baseline, "stage \(place)", "tick", anchor: "end")
    var share = 0.0
    for cause in BubbleCause.allCases where stage.bubble[cause] > 0 {
      let part = stage.share(cause)
      let (from, to) = (scale.place(share), scale.place(share + part))
      for style in cause.styles {
        canvas.rectangle(
          from, y, to - from, Self.height, style,
          title: style.hasPrefix("seg") ? "\(cause.name) \(FixedPoint.percent(part))" : nil)
      }
      share += part
    }
    canvas.text(
      scale.place(share) + 6, baseline, FixedPoint.percent(share), "value halo")
    if let worst = stage.worst {
      canvas.text(
        Self.width - 2, baseline, "▲ \(FixedPoint.text(worst.ratio, decimals: 2)) ×", "flag",
        anchor: "end")
    }
  }

  /// The picture in words.
  private func words(_ plan: PlanStages) -> String {
    plan.stages.enumerated().map { place, stage in
      let parts = BubbleCause.allCases.filter { stage.bubble[$0] > 0 }.map {
        "\($0.name) \(FixedPoint.percent(stage.share($0)))"
      }
      let sum = parts.isEmpty ? "" : " = " + parts.joined(separator: " + ")
      let flag = stage.worst == nil ? "" : ", a straggler"
      return "stage \(place): \(FixedPoint.percent(stage.bubbleShare))\(sum)\(flag)"
    }.joined(separator: ". ") + "."
  }
}

extension PlanStages {
  /// The scheduler, and the model where there are several.
  var title: String { model.map { "\(scheduler), \($0)" } ?? scheduler }

  /// `4 stages of 2 GPUs, 3 replicas`.
  var cut: String {
    func counted(_ count: Int, _ noun: String) -> String {
      "\(FixedPoint.grouped(Int64(count))) \(noun)" + (count == 1 ? "" : "s")
    }
    return "\(counted(stages.count, "stage")) of \(counted(Int(tensor), "GPU")), "
      + counted(replicas, "replica")
  }
}

extension BubbleCause {
  /// The classes of what is painted for it, the colour first.
  fileprivate var styles: [String] {
    let color = "seg b-\(name)"
    switch self {
    case .hop: return [color, "over h-communication"]
    case .empty: return [color, "over h-queuing"]
    default: return [color]
    }
  }
}
