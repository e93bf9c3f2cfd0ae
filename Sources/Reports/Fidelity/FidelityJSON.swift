public import Calibration

/// What `simpp fidelity --json` prints: one object, its keys in a fixed order.
public enum FidelityJSON {
  /// The object as text.
  public static func text(_ report: FidelityReport) -> String {
    let document = JSONValue.object([
      ("rows", .integer(Int64(report.rowCount))),
      ("leftOutRows", .integer(Int64(report.leftOutCount))),
      ("tables", .array(report.tables.map(table))),
      ("skipped", .array(report.skipped.map { note($0.name, $0.reason) })),
      ("groups", .array(report.groups.map(group))),
      ("engines", .array(report.engines.map(EngineText.json))),
      ("targets", .array(report.verdicts.map(verdict))),
    ])
    return document.text() + "\n"
  }

  private static func note(_ name: String, _ reason: String) -> JSONValue {
    .object([("file", .text(name)), ("reason", .text(reason))])
  }

  private static func table(_ table: FidelityTable) -> JSONValue {
    .object([
      ("file", .text(table.name)), ("source", .text(table.source.rawValue)),
      ("gpu", .text(table.gpu)), ("rows", .integer(Int64(table.rows.count))),
      (
        "leftOut",
        .array(
          table.leftOut.map {
            .object([("reason", .text($0.reason)), ("rows", .integer(Int64($0.count)))])
          })
      ),
    ])
  }

  private static func group(_ group: FidelityGroup) -> JSONValue {
    .object([
      ("source", .text(group.key.source.rawValue)),
      ("operator", .text(group.key.operation.rawValue)), ("variant", .text(group.key.variant)),
      ("gpu", .text(group.key.gpu)),
      (
        "servingSizes",
        .object([
          ("heldOut", summary(group.summary(.heldOut))),
          ("fitted", summary(group.summary(.fitted))), ("all", summary(group.summary(.serving))),
          ("roofline", summary(group.roofline(.serving))),
        ])
      ),
      (
        "allSizes",
        .object([
          ("all", summary(group.summary(.all))), ("roofline", summary(group.roofline(.all))),
        ])
      ),
      (
        "sizeClasses",
        .array(
          group.classes.map {
            .object([("name", .text($0.name)), ("errors", summary($0.summary))])
          })
      ),
      ("worst", .array(group.worst(10).map(row))),
    ])
  }

  static func summary(_ summary: ErrorSummary?) -> JSONValue {
    guard let summary else { return .null }
    return .object([
      ("count", .integer(Int64(summary.count))), ("mape", .number(summary.mean)),
      ("median", .number(summary.median)), ("p95", .number(summary.p95)),
      ("bias", .number(summary.bias)),
    ])
  }

  private static func row(_ row: FidelityGroup.Row) -> JSONValue {
    let comparison = row.row.comparison
    return .object([
      ("file", .text(row.table)), ("line", .integer(Int64(comparison.line))),
      ("label", .text(comparison.label)), ("gpus", .integer(Int64(row.row.ranks))),
      ("heldOut", .flag(comparison.isHeldOut)),
      ("measuredNanoseconds", .number(comparison.measured)),
      ("predictedNanoseconds", .number(comparison.predicted)),
      ("rooflineNanoseconds", .number(row.row.roofline)),
    ])
  }

  private static func verdict(_ verdict: FidelityTarget.Verdict) -> JSONValue {
    .object([
      ("name", .text(verdict.target.name)), ("gpu", .text(verdict.target.gpu)),
      ("mape", .optional(verdict.summary?.mean)), ("atMost", .number(verdict.target.mean)),
      ("rows", .integer(Int64(verdict.summary?.count ?? 0))), ("missed", .flag(verdict.isMissed)),
    ])
  }
}
