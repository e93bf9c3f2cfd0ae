public import Workload

/// What `simpp trace stats` prints for people.
public enum TraceStatisticsText {
  /// The whole text, ended by a line feed.
  ///
  /// - Parameters:
  ///   - statistics: The figures.
  ///   - facts: What the file says beside them.
  ///   - style: How it is drawn.
  /// - Returns: Lines of at most 100 columns; the same bytes for the same trace.
  public static func text(
    _ statistics: TraceStatistics, of facts: TraceFacts, style: TextStyle = TextStyle()
  ) -> String {
    var blocks = [heading(statistics, facts)]
    if facts.hasTimes, statistics.span > 0 {
      blocks.append(rate(statistics, style))
      blocks.append(arrivals(statistics, style))
    }
    blocks.append(lengths(statistics, style))
    if statistics.sessions.count > 0 { blocks.append(sessions(statistics.sessions, style)) }
    if statistics.prefix.requests > 0 { blocks.append(prefix(statistics.prefix)) }
    for (title, counts) in [("Prompt", statistics.prompt), ("Output", statistics.output)] {
      blocks.append(
        [title + " lengths by powers of two (tokens)"] + LengthHistogram(counts).lines(style: style)
      )
    }
    let notes = notes(statistics, facts)
    if !notes.isEmpty { blocks.append(["Notes"] + notes.map { "  " + $0 }) }
    return blocks.map { $0.map { style.plain($0) + "\n" }.joined() }.joined(separator: "\n")
  }

  private static func heading(_ statistics: TraceStatistics, _ facts: TraceFacts) -> [String] {
    var line = FixedPoint.grouped(statistics.requests) + " requests"
    if !facts.hasTimes {
      line += ", lengths only: the trace has no arrival times"
    } else if let rate = statistics.requestsPerSecond {
      line += " in \(seconds(Double(statistics.span) / 1e9)), \(FixedPoint.three(rate)) per second"
    } else if statistics.requests > 1 {
      line += ", all at one instant"
    }
    return ["\(facts.fileName) (\(facts.format))", line]
  }

  private static func rate(_ statistics: TraceStatistics, _ style: TextStyle) -> [String] {
    let shown = statistics.timeline.shown(cells: 72)
    let peak = Double(shown.counts.max() ?? 0) / (Double(shown.cell) / 1e9)
    return [
      "Rate over time, a column for \(SpanText.round(nanoseconds: shown.cell)); the highest is "
        + "\(FixedPoint.three(peak)) per second",
      "  " + Sparkline.text(shown.counts, style: style),
    ]
  }

  private static func arrivals(_ statistics: TraceStatistics, _ style: TextStyle) -> [String] {
    let gaps = statistics.gaps
    let unit = TimeUnit(fitting: gaps.mean / 1e9)
    let figures = TraceQuantiles.all.map { name, permille in
      "\(name) \(unit.number(Double(gaps.quantile(permille: permille)) / 1e9))"
    }
    var lines = [
      "Arrivals",
      "  gaps (\(unit.rawValue)): mean \(unit.number(gaps.mean / 1e9)), "
        + "cv \(FixedPoint.three(gaps.cv)); " + figures.joined(separator: ", "),
    ]
    var table = TextTable()
    table.add(["  window", "mean", "peak", "peak/mean", "dispersion"])
    for window in statistics.windows {
      let seconds = Double(window.window) / 1e9
      let mean = (statistics.requestsPerSecond ?? 0) * seconds
      table.add([
        "  " + SpanText.round(nanoseconds: window.window), FixedPoint.three(mean),
        FixedPoint.grouped(window.greatest),
        window.peakToMean.map(FixedPoint.three) ?? style.missing,
        window.dispersion.map(FixedPoint.three) ?? style.missing,
      ])
    }
    lines += table.lines(width: style.width)
    lines.append("  dispersion: variance over mean of the counts; Poisson arrivals have 1")
    return lines
  }

  private static func lengths(_ statistics: TraceStatistics, _ style: TextStyle) -> [String] {
    var table = TextTable()
    table.add(["Lengths (tokens)", "mean", "cv"] + TraceQuantiles.all.map(\.name))
    for (name, counts) in [("prompt", statistics.prompt), ("output", statistics.output)] {
      table.add(
        ["  " + name, FixedPoint.text(counts.mean, decimals: 1), FixedPoint.three(counts.cv)]
          + TraceQuantiles.all.map { FixedPoint.grouped(counts.quantile(permille: $0.permille)) })
    }
    let ratios = statistics.ratioMillionths
    let ofTotals = Double(statistics.output.sum) / Double(max(1, statistics.prompt.sum))
    table.add(
      ["  output/prompt", FixedPoint.three(ratios.mean / 1e6), FixedPoint.three(ratios.cv)]
        + TraceQuantiles.all.map {
          FixedPoint.three(Double(ratios.quantile(permille: $0.permille)) / 1e6)
        })
    let correlation = [("linear", statistics.pairs.linear), ("of ranks", statistics.pairs.rank)]
      .map { name, value in "\(name) \(value.map(signed) ?? style.missing)" }
    return table.lines(width: style.width) + [
      "  output over prompt tokens, all together: \(FixedPoint.three(ofTotals))",
      "  correlation of prompt and output: " + correlation.joined(separator: ", "),
    ]
  }

  private static func sessions(_ sessions: SessionCounts, _ style: TextStyle) -> [String] {
    let turns = sessions.turns
    var lines = [
      "Sessions",
      "  \(FixedPoint.grouped(sessions.count)) with \(FixedPoint.grouped(sessions.requests)) "
        + "requests; turns: mean \(FixedPoint.three(turns.mean)), "
        + "p50 \(turns.quantile(permille: 500)), p90 \(turns.quantile(permille: 900)), "
        + "max \(FixedPoint.grouped(turns.maximum))",
    ]
    if sessions.gaps.count > 0 {
      let quantiles = [("p10", 100), ("p50", 500), ("p90", 900)].map { name, permille in
        "\(name) \(TimeUnit.text(nanoseconds: sessions.gaps.quantile(permille: Int64(permille))))"
      }
      lines.append(
        "  from one turn's arrival to the next one's: " + quantiles.joined(separator: ", "))
    }
    return lines
  }

  private static func prefix(_ prefix: PrefixCounts) -> [String] {
    [
      "Shared prefixes (blocks of \(FixedPoint.grouped(Int64(prefix.tokensPerBlock))) tokens)",
      "  a prefix cache that forgets nothing finds "
        + "\(FixedPoint.percent(prefix.cachedShare ?? 0)) of the prompt tokens",
      "  \(FixedPoint.grouped(prefix.requestsWithHit)) of \(FixedPoint.grouped(prefix.requests)) "
        + "requests share a first block with an earlier one",
      "  \(FixedPoint.grouped(prefix.uniqueBlocks)) different blocks among "
        + "\(FixedPoint.grouped(prefix.blocks))",
    ]
  }

  private static func notes(_ statistics: TraceStatistics, _ facts: TraceFacts) -> [String] {
    var notes: [String] = []
    if facts.skippedRows > 0 {
      notes.append(
        "\(FixedPoint.grouped(Int64(facts.skippedRows))) rows are no requests and were left out")
    }
    if facts.isEstimated {
      notes.append("lengths are estimated from the texts, not counted by a tokenizer")
    }
    if facts.hasTimes, statistics.sameInstant > 0 {
      notes.append(
        "\(FixedPoint.grouped(statistics.sameInstant)) requests arrive at the instant of the one "
          + "before")
    }
    if facts.hasTimes, statistics.repeated > 0 {
      notes.append(
        "\(FixedPoint.grouped(statistics.repeated)) of them repeat its lengths too")
    }
    if statistics.prefix.isCutShort {
      notes.append(
        "prefixes: the first \(FixedPoint.grouped(statistics.prefix.requests)) requests only; "
          + "their blocks fill the table of \(FixedPoint.grouped(Int64(PrefixCounts.limit)))")
    }
    if statistics.sessions.isCutShort {
      notes.append(
        "sessions: the first \(FixedPoint.grouped(Int64(SessionCounts.limit))) only")
    }
    return notes
  }

  /// Seconds with one decimal, from a minute on with minutes, hours and days behind.
  private static func seconds(_ seconds: Double) -> String {
    guard seconds >= 60 else { return TimeUnit.text(seconds) }
    let whole = Int64(seconds)
    let parts = [(whole / 86_400, "d"), (whole / 3_600 % 24, "h"), (whole / 60 % 60, "min")]
      .filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    return parts.joined(separator: " ") + " (\(FixedPoint.text(seconds, decimals: 1)) s)"
  }

  private static func signed(_ value: Double) -> String {
    FixedPoint.text(value, decimals: 2)
  }
}
