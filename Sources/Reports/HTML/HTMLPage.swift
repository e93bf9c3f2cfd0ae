import Serving

/// One self-contained page about a comparison: no scripts, nothing to fetch, light and dark.
public enum HTMLPage {
  /// The page.
  ///
  /// - Parameters:
  ///   - comparison: The runs.
  ///   - baseline: The scheduler that the verdict compares the winner with.
  ///   - stages: What the stages of the schedulers' replicas did, plan by plan.
  /// - Returns: HTML, ended by a line feed.
  public static func text(
    _ comparison: Comparison, baseline: String? = nil, stages: [PlanStages] = []
  ) -> String {
    let name = Markup.escaped(comparison.context.scenario)
    let head =
      "<meta charset=\"utf-8\">\n"
      + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      + "<meta name=\"generator\" content=\"simpp \(Markup.escaped(comparison.context.version))\">\n"
      + "<title>\(name)</title>\n<style>\n\(PageStyle.sheet)\n</style>\n"
    let sections = [
      opening(comparison), verdict(Verdict(comparison, baseline: baseline)),
      PageTables(comparison: comparison).markup(), charts(comparison),
      bubbles(comparison, stages), PageTables(comparison: comparison).prefixes(), glossary(),
      provenance(comparison),
    ]
    return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n\(head)</head>\n<body>\n"
      + PageStyle.patterns + "<main>\n" + sections.joined() + "</main>\n</body>\n</html>\n"
  }

  // MARK: - Words

  private static func opening(_ comparison: Comparison) -> String {
    let header = ComparisonHeader(comparison: comparison)
    let names = comparison.schedulers.map(\.name)
    let question =
      names.count > 1
      ? "Which of \(Wording.list(names)) serves these requests better, and why? Each met "
        + shared(comparison.context)
        + " and the same demands of other tenants; they differ in how a "
        + "replica is cut over GPUs and how it is run."
      : "Where does the time of these requests go under \(names.first ?? "no scheduler")?"
    let notes = [
      header.states, header.missed, header.backgroundWaits, comparison.stragglers,
      comparison.prefixCaches,
    ].compactMap { $0 }
    return Markup.element("h1", "", Markup.escaped(comparison.context.scenario)) + "\n"
      + Markup.paragraph(question)
      + Markup.paragraph(header.setting + ".", "class=\"soft\"")
      + notes.map { Markup.paragraph($0, "class=\"soft\"") }.joined()
  }

  /// What all schedulers of a comparison have in common.
  private static func shared(_ context: ReportContext) -> String {
    context.answersCauseRequests
      ? "the same starts of sessions and clients, the same turns, lengths and think times (when "
        + "later turns arrive depends on the answers)"
      : "the same arrivals, the same prompt and output lengths"
  }

  private static func verdict(_ verdict: Verdict) -> String {
    let sentences = verdict.sentences.map { Markup.paragraph($0) }.joined()
    return Markup.element("section", "class=\"verdict\" aria-label=\"Verdict\"", "\n" + sentences)
      + "\n"
  }

  private static func glossary() -> String {
    let labels = LatencyComponent.allCases.flatMap { component in
      StackedChart.order.filter { $0.component == component }.map {
        ($0.name, "\($0.component.rawValue): \($0.meaning)")
      }
    }
    return Markup.element("h2", "", "What the words mean") + "\n"
      + definitions(Glossary.figures.map { ($0.term, $0.meaning) } + labels)
  }

  private static func provenance(_ comparison: Comparison) -> String {
    let context = comparison.context
    let header = ComparisonHeader(comparison: comparison)
    var facts = [
      ("scenario", context.scenario), ("scenario digest", context.scenarioDigest),
      ("simpp", context.version), ("random streams", header.seeds),
    ]
    for scheduler in comparison.schedulers {
      facts.append(
        ("digest of \(scheduler.name)", scheduler.runs.map(\.digest).joined(separator: ", ")))
    }
    return Markup.element("h2", "", "Where this comes from") + "\n" + definitions(facts)
      + Markup.paragraph(
        "The same scenario, seed and version give the same digests on every machine.",
        "class=\"soft\"")
  }

  private static func definitions(_ pairs: [(String, String)]) -> String {
    let items = pairs.map { term, meaning in
      Markup.element("dt", "", Markup.escaped(term))
        + Markup.element("dd", "", Markup.escaped(meaning))
    }
    return Markup.element("dl", "", "\n" + items.joined(separator: "\n") + "\n") + "\n"
  }

  /// Why stages idled, where some did.
  private static func bubbles(_ comparison: Comparison, _ stages: [PlanStages]) -> String {
    let table = PageTables(comparison: comparison).bubbles()
    if table.isEmpty { return "" }
    let panels = StagePanels(plans: stages)
    let causes = BubbleCause.allCases.map { ($0.name, $0.meaning) }
    return Markup.element("h2", "", "Why stages idled") + "\n"
      + Markup.paragraph(
        "Stages idle while their replica has work, as a share of their time with work.",
        "class=\"soft\"")
      + table + panels.markup() + PageTables.stages(stages, causes: panels.causes)
      + definitions(causes)
  }

  // MARK: - Charts

  private static func charts(_ comparison: Comparison) -> String {
    let mean = StackedChart(
      comparison: comparison, figures: \.decomposition, id: "mean",
      title: "Mean end-to-end time by part, each scheduler")
    let tail = StackedChart(
      comparison: comparison, figures: \.tailDecomposition, id: "tail",
      title: "End-to-end time by part in the tail, each scheduler")
    let firstToken = QuantileChart(
      comparison: comparison, id: "ttft",
      title: "Median and 99th percentile of the time to first token, each scheduler")
    let labels = StackedChart.order.filter {
      mean.labels.contains($0) || tail.labels.contains($0)
    }
    return Markup.element("h2", "", "Where the time goes") + "\n"
      + Markup.paragraph("Mean end-to-end time of completed requests.", "class=\"soft\"")
      + legend(labels) + mean.markup()
      + PageTables(comparison: comparison).parts(mean)
      + Markup.element("h2", "", "Where the slowest requests lose it") + "\n"
      + Markup.paragraph(
        "Completed requests at or above the 99th percentile of end-to-end time.", "class=\"soft\"")
      + legend(labels) + tail.markup()
      + Markup.element("h2", "", "Time to first token") + "\n"
      + Markup.paragraph("Logarithmic scale: each step is ten times as long.", "class=\"soft\"")
      + firstToken.markup()
  }

  private static func legend(_ labels: [LatencyLabel]) -> String {
    let items = labels.map { label in
      var swatch = "<svg viewBox=\"0 0 14 14\" aria-hidden=\"true\">"
      swatch += "<rect width=\"14\" height=\"14\" class=\"seg c-\(label.name)\"/>"
      if label.component != .compute {
        swatch += "<rect width=\"14\" height=\"14\" class=\"h-\(label.component.rawValue)\"/>"
      }
      return Markup.element(
        "li", "", swatch + "</svg>\(label.name) <small>\(label.component.rawValue)</small>")
    }
    return Markup.element("ul", "class=\"legend\"", "\n" + items.joined(separator: "\n") + "\n")
      + "\n"
  }
}
