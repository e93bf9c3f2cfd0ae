public import Workload

/// What `simpp trace stats --json` prints: one object, its keys in a fixed order.
public enum TraceStatisticsJSON {
  /// The object, indented, ended by a line feed.
  ///
  /// - Parameters:
  ///   - statistics: The figures.
  ///   - facts: What the file says beside them.
  /// - Returns: JSON; a figure that does not exist is null.
  public static func text(_ statistics: TraceStatistics, of facts: TraceFacts) -> String {
    let hasTimes = facts.hasTimes
    let document = JSONValue.object([
      ("file", .text(facts.fileName)),
      ("format", .text(facts.format)),
      ("requests", .integer(statistics.requests)),
      ("skippedRows", .integer(Int64(facts.skippedRows))),
      ("lengthsAreEstimated", .flag(facts.isEstimated)),
      ("arrivals", hasTimes ? arrivals(statistics) : .null),
      ("promptTokens", lengths(statistics.prompt)),
      ("outputTokens", lengths(statistics.output)),
      ("outputPerPrompt", ratio(statistics)),
      (
        "correlation",
        .object([
          ("linear", .optional(statistics.pairs.linear)),
          ("rank", .optional(statistics.pairs.rank)),
        ])
      ),
      ("sessions", statistics.sessions.count > 0 ? sessions(statistics.sessions) : .null),
      ("prefix", statistics.prefix.requests > 0 ? prefix(statistics.prefix) : .null),
    ])
    return document.text() + "\n"
  }

  private static func arrivals(_ statistics: TraceStatistics) -> JSONValue {
    let shown = statistics.timeline.shown(cells: 72)
    return .object([
      ("firstSeconds", .number(Double(statistics.firstArrival) / 1e9)),
      ("spanSeconds", .number(Double(statistics.span) / 1e9)),
      ("requestsPerSecond", .optional(statistics.requestsPerSecond)),
      ("gapSeconds", times(statistics.gaps)),
      ("sameInstant", .integer(statistics.sameInstant)),
      ("repeated", .integer(statistics.repeated)),
      (
        "windows",
        .array(
          statistics.windows.map { window in
            .object([
              ("seconds", .number(Double(window.window) / 1e9)),
              ("wholeWindows", .integer(window.wholeWindows)),
              ("peakRequests", .integer(window.greatest)),
              ("peakToMean", .optional(window.peakToMean)),
              ("dispersion", .optional(window.dispersion)),
            ])
          })
      ),
      (
        "timeline",
        .object([
          ("cellSeconds", .number(Double(shown.cell) / 1e9)),
          ("requests", .array(shown.counts.map { .integer($0) })),
        ])
      ),
    ])
  }

  private static func lengths(_ counts: ValueCounts) -> JSONValue {
    let quantiles = TraceQuantiles.all.map { name, permille in
      (name, JSONValue.integer(counts.quantile(permille: permille)))
    }
    let bars = LengthHistogram(counts).bars.map { bar in
      JSONValue.object([
        ("from", .integer(bar.from)), ("below", .integer(bar.below)),
        ("requests", .integer(bar.requests)),
      ])
    }
    let head: [(String, JSONValue)] = [
      ("total", .integer(counts.sum)), ("mean", .number(counts.mean)), ("cv", .number(counts.cv)),
      ("min", .integer(counts.minimum)),
    ]
    return .object(head + quantiles + [("histogram", .array(bars))])
  }

  private static func times(_ counts: ValueCounts) -> JSONValue {
    let quantiles = TraceQuantiles.all.map { name, permille in
      (name, JSONValue.number(Double(counts.quantile(permille: permille)) / 1e9))
    }
    return .object(
      [("mean", JSONValue.number(counts.mean / 1e9)), ("cv", .number(counts.cv))] + quantiles)
  }

  private static func ratio(_ statistics: TraceStatistics) -> JSONValue {
    let quantiles = TraceQuantiles.all.map { name, permille in
      let millionths = statistics.ratioMillionths.quantile(permille: permille)
      return (name, JSONValue.number(Double(millionths) / 1e6))
    }
    let total = Double(max(1, statistics.prompt.sum))
    return .object(
      [
        ("ofTotals", JSONValue.number(Double(statistics.output.sum) / total)),
        ("mean", .number(statistics.ratioMillionths.mean / 1e6)),
      ] + quantiles)
  }

  private static func sessions(_ sessions: SessionCounts) -> JSONValue {
    let turns = sessions.turns
    return .object([
      ("count", .integer(sessions.count)),
      ("requests", .integer(sessions.requests)),
      (
        "turns",
        .object([
          ("mean", .number(turns.mean)), ("p50", .integer(turns.quantile(permille: 500))),
          ("p90", .integer(turns.quantile(permille: 900))), ("max", .integer(turns.maximum)),
        ])
      ),
      ("turnGapSeconds", sessions.gaps.count > 0 ? times(sessions.gaps) : .null),
      ("isCutShort", .flag(sessions.isCutShort)),
    ])
  }

  private static func prefix(_ prefix: PrefixCounts) -> JSONValue {
    .object([
      ("tokensPerBlock", .integer(Int64(prefix.tokensPerBlock))),
      ("requests", .integer(prefix.requests)),
      ("requestsWithHit", .integer(prefix.requestsWithHit)),
      ("blocks", .integer(prefix.blocks)),
      ("uniqueBlocks", .integer(prefix.uniqueBlocks)),
      ("promptTokens", .integer(prefix.promptTokens)),
      ("cachedTokens", .integer(prefix.cachedTokens)),
      ("cachedShare", .optional(prefix.cachedShare)),
      ("isCutShort", .flag(prefix.isCutShort)),
    ])
  }
}
