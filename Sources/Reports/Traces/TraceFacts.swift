/// What a trace's file says beside its requests.
public struct TraceFacts: Sendable, Hashable {
  /// The file's base name.
  public var fileName: String
  /// The format's name.
  public var format: String
  /// Whether its rows say when requests arrive.
  public var hasTimes: Bool
  /// Rows left out because they are no requests.
  public var skippedRows: Int
  /// Whether lengths are estimated from texts.
  public var isEstimated: Bool

  /// Creates the facts.
  public init(
    fileName: String, format: String, hasTimes: Bool = true, skippedRows: Int = 0,
    isEstimated: Bool = false
  ) {
    self.fileName = fileName
    self.format = format
    self.hasTimes = hasTimes
    self.skippedRows = skippedRows
    self.isEstimated = isEstimated
  }
}

/// The quantiles that a trace is described by, in thousandths.
enum TraceQuantiles {
  static let all: [(name: String, permille: Int64)] = [
    ("p1", 10), ("p10", 100), ("p50", 500), ("p90", 900), ("p99", 990), ("max", 1_000),
  ]
}

extension SpanText {
  /// A round length of time without decimals that say nothing: `1 s`, `100 ms`, `10 min`.
  static func round(nanoseconds: Int64) -> String {
    let units: [(Int64, String)] = [(1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "µs")]
    if nanoseconds < 60_000_000_000 {
      for (size, name) in units where nanoseconds % size == 0 {
        return FixedPoint.grouped(nanoseconds / size) + " " + name
      }
    }
    return text(nanoseconds: nanoseconds)
  }
}
