import EventKernel
public import Workload

/// A fit of a trace as a scenario's `workloads`, for `simpp trace synthesize --spec`.
public enum WorkloadText {
  /// A JSON object to paste from, with a comment that says how close it comes.
  ///
  /// - Parameters:
  ///   - fit: The arrivals in a scenario's keys.
  ///   - statistics: What the trace is like.
  ///   - fileName: The trace's base name.
  /// - Returns: The text, ended by a line feed; valid as the `workloads` of a scenario.
  public static func text(
    _ fit: ArrivalSpecification, _ statistics: TraceStatistics, fileName: String
  ) -> String {
    var lines = comment(fit, statistics, fileName).flatMap {
      WrappedText.lines($0, width: 97, indent: "  ").map { "// " + $0 }
    }
    let name = fileName.split(separator: ".").first.map(String.init) ?? fileName
    lines += ["{", "  \"workloads\": [", "    {", "      \"name\": \(JSONValue.quoted(name)),"]
    lines += arrivals(fit)
    lines.append("      \"prompt\": \(lengths(statistics.prompt)),")
    lines.append("      \"output\": \(lengths(statistics.output))")
    lines += ["    }", "  ]", "}"]
    return lines.map { $0 + "\n" }.joined()
  }

  private static func comment(
    _ fit: ArrivalSpecification, _ statistics: TraceStatistics, _ fileName: String
  ) -> [String] {
    let windows = zip(statistics.windows, fit.dispersions).map { window, drawn in
      "\(SpanText.round(nanoseconds: window.window)) "
        + "\(window.dispersion.map(FixedPoint.three) ?? "-") and "
        + (drawn.map(FixedPoint.three) ?? "-")
    }
    var lines = [
      "Fitted to \(fileName). Gaps drawn so are \(FixedPoint.three(fit.gapDistance)) from the "
        + "trace's (Kolmogorov and Smirnov); dispersion of the counts, trace and drawn: "
        + windows.joined(separator: ", ") + ".",
      "Not in it: conversations, shared prefixes and the correlation of prompt and output, "
        + "\(statistics.pairs.rank.map { FixedPoint.text($0, decimals: 2) } ?? "none") of ranks.",
    ]
    if let last = fit.segments.last {
      let seconds = Double(last.start + last.duration) / 1e9
      lines.append(
        "The rate over time is the trace's: the scenario's duration must reach "
          + "\(FixedPoint.text(seconds.rounded(.up), decimals: 0)) s.")
    }
    return lines
  }

  private static func arrivals(_ fit: ArrivalSpecification) -> [String] {
    let process = process(fit)
    guard !fit.segments.isEmpty else { return ["      \"arrivals\": \(process),"] }
    let spikes = fit.segments.map { segment in
      "          { \"at\": \(time(segment.start)), \"duration\": \(time(segment.duration)), "
        + "\"factor\": \(number(segment.factor)) }"
    }
    return ["      \"arrivals\": {", "        \"process\": \"spikes\","]
      + ["        \"base\": \(process),", "        \"spikes\": ["]
      + [spikes.joined(separator: ",\n"), "        ]", "      },"]
  }

  private static func process(_ fit: ArrivalSpecification) -> String {
    let rate = number(fit.rate)
    switch fit.process {
    case .gaps(.poisson): return "{ \"process\": \"poisson\", \"rate\": \(rate) }"
    case .gaps(.gamma(let cv)):
      return "{ \"process\": \"gamma\", \"rate\": \(rate), \"cv\": \(number(cv)) }"
    case .gaps(.weibull(let shape)):
      return "{ \"process\": \"weibull\", \"rate\": \(rate), \"shape\": \(number(shape)) }"
    case .onOff(let rate, let onSeconds, let offSeconds):
      return "{ \"process\": \"on-off\", \"states\": ["
        + "{ \"rate\": \(number(rate)), \"sojourn\": \(sojourn(onSeconds)) }, "
        + "{ \"rate\": 0, \"sojourn\": \(sojourn(offSeconds)) }] }"
    }
  }

  /// Straight lines between these shares of the lengths, in thousandths.
  private static let shares: [Int64] = [
    0, 10, 50, 100, 200, 300, 400, 500, 600, 700, 800, 900, 950, 990, 999, 1_000,
  ]

  private static func lengths(_ counts: ValueCounts) -> String {
    let pairs = shares.map { share -> String in
      let value = share == 0 ? counts.minimum : counts.quantile(permille: share)
      return "[\(number(Double(share) / 1_000)), \(max(1, value))]"
    }
    return "{ \"distribution\": \"empirical\",\n        \"quantiles\": ["
      + pairs.prefix(8).joined(separator: ", ") + ",\n          "
      + pairs.dropFirst(8).joined(separator: ", ") + "] }"
  }

  /// At least a millisecond, as scenarios want it.
  private static func sojourn(_ seconds: Double) -> String {
    time(max(1, Int64((seconds * 1e3).rounded())) * 1_000_000)
  }

  /// A time as scenarios write it, exact.
  private static func time(_ nanoseconds: Int64) -> String {
    for (size, unit) in [(1_000_000_000, "s"), (1_000_000, "ms")]
    where nanoseconds % Int64(size) == 0 {
      return "\"\(nanoseconds / Int64(size))\(unit)\""
    }
    return "\"\(nanoseconds)ns\""
  }

  /// Four significant digits or so, whole numbers without a point.
  private static func number(_ value: Double) -> String {
    var scale = 1_000.0
    while value > 0, value * scale < 1_000, scale < 1e9 { scale *= 10 }
    let text = ((value * scale).rounded() / scale).description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
