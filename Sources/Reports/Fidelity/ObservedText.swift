public import Calibration

/// What `simpp fidelity --observed` prints.
public struct ObservedText: Sendable {
  private let benchmark: ObservedBenchmark
  private let errors: LatencyErrors
  private let explanation: Explanation?

  /// Prepares the text.
  ///
  /// - Parameters:
  ///   - benchmark: what was measured.
  ///   - errors: the replay beside it.
  ///   - explanation: which coefficients would explain the difference; nil where it was not asked for.
  public init(
    _ benchmark: ObservedBenchmark, _ errors: LatencyErrors, _ explanation: Explanation?
  ) {
    self.benchmark = benchmark
    self.errors = errors
    self.explanation = explanation
  }

  /// The text, each line ended.
  public func text(_ style: TextStyle = TextStyle()) -> String {
    var blocks = [heading(style), quantiles(style)]
    if let explanation { blocks += [candidates(explanation, style), verdict(explanation, style)] }
    return blocks.map { lines in lines.map { style.plain($0) + "\n" }.joined() }
      .joined(separator: "\n")
  }

  private func heading(_ style: TextStyle) -> [String] {
    var text = "\(errors.count) requests of \(benchmark.file), \(sending)."
    if benchmark.failed > 0 { text += " \(benchmark.failed) failed and are left out." }
    if errors.unanswered > 0 {
      text += " \(errors.unanswered) are not answered in the simulation and are left out."
    }
    return WrappedText.lines(text, width: style.width)
  }

  private var sending: String {
    switch benchmark.sending {
    case .atTimes: "sent again at their times"
    case .inTurns(let clients): "sent again with \(clients) in flight at most"
    case .atOnce: "all sent at once"
    case .atRate(let rate):
      "sent at \(FixedPoint.three(rate)) a second, at times drawn anew since the file has none"
    }
  }

  private func quantiles(_ style: TextStyle) -> [String] {
    var table = TextTable()
    table.add(["", "measured", "simulated", "error in %"])
    for line in errors.lines {
      table.add([
        "\(line.metric) \(line.quantile)", TimeUnit.text(line.measured),
        TimeUnit.text(line.simulated), FixedPoint.text(line.relativeError * 100, decimals: 1),
      ])
    }
    return table.lines(width: style.width)
  }

  private func candidates(_ explanation: Explanation, _ style: TextStyle) -> [String] {
    var table = TextTable()
    table.add(["One coefficient changed at a time", "is", "would be", "within", "error in %"])
    table.add(["  none", "", "", "", FixedPoint.text(explanation.distance * 100, decimals: 1)])
    for candidate in explanation.candidates {
      let (coefficient, range) = (candidate.coefficient, candidate.coefficient.range)
      table.add([
        "  " + coefficient.name, Self.value(candidate.now, coefficient),
        Self.value(candidate.best, coefficient),
        "\(FixedPoint.three(range.lowerBound))–\(FixedPoint.three(range.upperBound))",
        FixedPoint.text(candidate.distance * 100, decimals: 1),
      ])
    }
    return table.lines(width: style.width)
  }

  private func verdict(_ explanation: Explanation, _ style: TextStyle) -> [String] {
    guard let best = explanation.candidates.first else {
      return WrappedText.lines(
        "The scenario gives step times itself: there is no coefficient that could explain them.",
        width: style.width)
    }
    guard best.distance < 0.9 * explanation.distance else {
      return WrappedText.lines(
        "No single coefficient brings the replay much nearer: look at the scenario's batching, KV "
          + "room and parallelism, and at how requests were sent.", width: style.width)
    }
    let value = Self.value(best.best, best.coefficient)
    var text =
      "Nearest with \(best.coefficient.name) of \(value): the error falls from "
      + "\(FixedPoint.text(explanation.distance * 100, decimals: 1)) to "
      + "\(FixedPoint.text(best.distance * 100, decimals: 1)) %."
    if let setting = best.coefficient.setting(best.best) { text += " Try --set \(setting)" }
    return WrappedText.lines(text, width: style.width)
      + WrappedText.lines(
        "The error is the mean size of log(simulated / measured) over all lines above.",
        width: style.width)
  }

  private static func value(_ value: Double, _ coefficient: CostCoefficient) -> String {
    FixedPoint.three(value) + (coefficient.unit == "times" ? " ×" : " " + coefficient.unit)
  }
}
