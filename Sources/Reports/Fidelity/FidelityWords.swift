import Calibration

/// Words and figures that the text and the document of a fidelity report share.
enum FidelityWords {
  static let legend =
    "An error is (predicted − measured) / measured. Sums are of the errors' sizes (the mean is MAPE), "
    + "the bias is the mean with its sign: above 0 predictions are too long. Errors are those of "
    + "serving sizes (n and k from 512, decode contexts from 256, prompts from 512 tokens) but for "
    + "`all sizes`. `held out` are shapes that no fit saw, of tables that served no fit all of them; "
    + "`fit half` those that fits saw. `roofline` is the error of the plain datasheet on the same rows."

  /// How much is compared: `63 rows of 1 table compared, 2 rows and 0 files left out`.
  static func counts(_ report: FidelityReport) -> String {
    "\(counted(report.rowCount, "row")) of \(counted(report.tables.count, "table")) compared, "
      + "\(counted(report.leftOutCount, "row")) and \(counted(report.skipped.count, "file")) left out"
  }

  private static func counted(_ count: Int, _ noun: String) -> String {
    "\(FixedPoint.grouped(Int64(count))) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The operator and whose tables they are.
  static func title(_ group: FidelityGroup) -> String {
    "\(group.key.operation.rawValue) (\(source(group.key.source)))"
  }

  /// The format and the GPU.
  static func name(_ group: FidelityGroup) -> String { "\(group.key.variant), \(group.key.gpu)" }

  /// Everything that the rows have in common.
  static func fullName(_ group: FidelityGroup) -> String {
    "\(group.key.operation.rawValue) \(name(group)) (\(source(group.key.source)))"
  }

  static func source(_ source: TableSource) -> String {
    source == .own ? "own columns" : source.rawValue
  }

  /// Rows, held out, fit half, median, p95, bias, all sizes, roofline.
  static func figures(_ group: FidelityGroup, _ missing: String) -> [String] {
    let serving = group.summary(.serving)
    let cells: [Double?] = [
      group.summary(.heldOut)?.mean, group.summary(.fitted)?.mean, serving?.median, serving?.p95,
      serving?.bias, group.summary(.all)?.mean, group.roofline(.serving)?.mean,
    ]
    return [FixedPoint.grouped(Int64(serving?.count ?? 0))]
      + cells.map { $0.map(percent) ?? missing }
  }

  /// Rows, mean, median, p95, bias.
  static func figures(_ summary: ErrorSummary) -> [String] {
    [FixedPoint.grouped(Int64(summary.count))]
      + [summary.mean, summary.median, summary.p95, summary.bias].map(percent)
  }

  /// A share in per cent with one decimal, the unit left out.
  static func percent(_ share: Double) -> String { FixedPoint.text(share * 100, decimals: 1) }

  /// A row: where it stands, what it is, both times and the error.
  static func sentence(_ row: FidelityGroup.Row) -> String {
    let comparison = row.row.comparison
    let error = comparison.relativeError
    return "\(row.table):\(comparison.line): \(comparison.label): "
      + "\(TimeUnit.text(comparison.measured / 1e9)) measured, "
      + "\(TimeUnit.text(comparison.predicted / 1e9)) predicted "
      + "(\(error < 0 ? "" : "+")\(percent(error)) %)"
  }

  /// Files and rows that are not compared.
  static func leftOut(_ report: FidelityReport) -> [(name: String, reason: String)] {
    let rows = report.tables.flatMap { table in
      table.leftOut.map { note in
        (table.name, "\(counted(note.count, "row")), \(note.reason)")
      }
    }
    return rows + report.skipped.map { ($0.name, $0.reason) }
  }
}
