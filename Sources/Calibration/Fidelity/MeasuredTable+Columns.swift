extension MeasuredTable {
  /// A table of the header alone, which stands for its only row as well.
  ///
  /// - Throws: `TableFault` for a text without lines, and for columns of one name.
  init(headerOf text: String, file: String) throws(TableFault) {
    for bytes in text.utf8.split(separator: 10) {
      let line = Substring(bytes)
      guard line.first != "#", !line.allSatisfy(\.isWhitespace) else { continue }
      self = try MeasuredTable("\(line)\n\(line)", file: file)
      return
    }
    self = try MeasuredTable("", file: file)
  }

  /// The table with the columns that its collector wrote under other names called as they are here.
  ///
  /// aiconfigurator's own files say `gemm_dtype`, `latency` (in milliseconds), `message_size` (in
  /// elements of two bytes) and so on.
  func withKnownColumns() -> MeasuredTable {
    let names = [
      ("gemm_dtype", "dtype"), ("moe_dtype", "dtype"), ("nccl_dtype", "dtype"),
      ("allreduce_dtype", "dtype"), ("kernel_source", "kernel"), ("latency", "latency_ms"),
      ("message_size", "message_elements"),
    ]
    let isRaw = has(["framework", "latency"])
    guard isRaw else { return self }
    var table = self
    for (other, known) in names where !table.columns.contains(known) {
      if let place = table.columns.firstIndex(of: other) { table.columns[place] = known }
    }
    if let elements = table.columns.firstIndex(of: "message_elements"),
      !table.columns.contains("message_bytes")
    {
      table.columns.append("message_bytes")
      for index in table.rows.indices {
        // Left empty where there is no such number: the check of sizes then names the line.
        let bytes = Int(table.rows[index].values[elements]).flatMap { count in
          let (bytes, isTooLarge) = count.multipliedReportingOverflow(by: 2)
          return isTooLarge ? nil : bytes
        }
        table.rows[index].values.append(Substring(bytes.map { "\($0)" } ?? ""))
      }
    }
    return table
  }

  /// Takes out the rows whose value in a column says that no law is meant for them.
  ///
  /// - Parameters:
  ///   - column: the column; a table without it keeps its rows.
  ///   - reason: why a value is left out, nil for one that stays.
  /// - Returns: the reason of each row taken out.
  mutating func takeOut(
    _ column: String, _ reason: (Substring) -> String?
  ) -> [String] {
    guard let place = columns.firstIndex(of: column) else { return [] }
    var reasons: [String] = []
    var kept: [Row] = []
    for row in rows {
      if let reason = reason(row.values[place]) {
        reasons.append(reason)
      } else {
        kept.append(row)
      }
    }
    rows = kept
    return reasons
  }
}
