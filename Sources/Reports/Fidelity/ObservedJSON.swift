public import Calibration

/// What `simpp fidelity --observed --json` prints: one object, its keys in a fixed order.
public enum ObservedJSON {
  /// The object as text.
  public static func text(
    _ benchmark: ObservedBenchmark, _ errors: LatencyErrors, _ explanation: Explanation?
  ) -> String {
    let document = JSONValue.object([
      ("file", .text(benchmark.file)), ("requests", .integer(Int64(errors.count))),
      ("failed", .integer(Int64(benchmark.failed))),
      ("unanswered", .integer(Int64(errors.unanswered))), ("error", .number(errors.distance)),
      ("quantiles", .array(errors.lines.map(line))),
      ("coefficients", explanation.map { .array($0.candidates.map(candidate)) } ?? .null),
    ])
    return document.text() + "\n"
  }

  private static func line(_ line: LatencyErrors.Line) -> JSONValue {
    .object([
      ("metric", .text(line.metric)), ("quantile", .text(line.quantile)),
      ("measuredSeconds", .number(line.measured)), ("simulatedSeconds", .number(line.simulated)),
      ("error", .number(line.relativeError)),
    ])
  }

  private static func candidate(_ candidate: Explanation.Candidate) -> JSONValue {
    .object([
      ("name", .text(candidate.coefficient.name)), ("unit", .text(candidate.coefficient.unit)),
      ("now", .number(candidate.now)), ("best", .number(candidate.best)),
      ("least", .number(candidate.coefficient.range.lowerBound)),
      ("most", .number(candidate.coefficient.range.upperBound)),
      ("error", .number(candidate.distance)),
      ("set", candidate.coefficient.setting(candidate.best).map { .text($0) } ?? .null),
    ])
  }
}
