import GRDB
import GRDBSQLite

extension ResultsStore {
  /// Writes a table or view as text, a piece at a time, in the order of its key.
  ///
  /// - Parameters:
  ///   - table: Which one.
  ///   - run: Only this run's rows; nil: every run's.
  ///   - format: CSV or JSON.
  ///   - sink: Takes the next piece of text, UTF-8; what it throws ends the export.
  /// - Throws: A file that cannot be read, and whatever the sink throws, unchanged.
  public func export(
    _ table: ResultsTable, ofRun run: Int64? = nil, as format: ExportFormat,
    to sink: ([UInt8]) throws -> Void
  ) throws {
    try exporting(run) { db in
      var output = Output()
      try write(table, run, format, db, to: &output, sink)
      if format == .json { output.bytes.append(10) }
      try output.flush(sink)
    }
  }

  /// Writes every table and view as one JSON object with an array for each.
  ///
  /// - Parameters:
  ///   - run: Only this run's rows; nil: every run's.
  ///   - sink: Takes the next piece of text, UTF-8; what it throws ends the export.
  /// - Throws: A file that cannot be read, and whatever the sink throws, unchanged.
  public func exportAll(ofRun run: Int64? = nil, to sink: ([UInt8]) throws -> Void) throws {
    try exporting(run) { db in
      var output = Output()
      for (place, table) in ResultsTable.allCases.enumerated() {
        output.bytes.append(contentsOf: "\(place == 0 ? "{" : ",\n")\"\(table.rawValue)\":".utf8)
        try write(table, run, .json, db, to: &output, sink)
      }
      output.bytes.append(contentsOf: "}\n".utf8)
      try output.flush(sink)
    }
  }

  /// Text on its way out, handed over in pieces of about this size.
  private struct Output {
    static let pieceBytes = 1 << 16
    var bytes: [UInt8] = []

    mutating func flush(_ sink: ([UInt8]) throws -> Void) throws {
      if !bytes.isEmpty { try sink(bytes) }
      bytes.removeAll(keepingCapacity: true)
    }
  }

  /// One transaction, so that all tables show the same runs; errors of the sink pass as they are.
  private func exporting(_ run: Int64?, _ body: (Database) throws -> Void) throws {
    do {
      try queue.read { db in
        if let run { _ = try self.run(run, db) }
        try body(db)
      }
    } catch let fault as DatabaseError {
      throw ResultsError(fault, path: path, opening: .unreadable)
    }
  }

  private func write(
    _ table: ResultsTable, _ run: Int64?, _ format: ExportFormat, _ db: Database,
    to output: inout Output, _ sink: ([UInt8]) throws -> Void
  ) throws {
    let statement = try db.makeStatement(
      sql: """
        SELECT * FROM \(table.rawValue)
        \(run == nil ? "" : "WHERE \(table.runColumn) = ?") ORDER BY \(table.ordering)
        """)
    if let run { try statement.setArguments([run]) }
    var rows = RowFormat(format, columns: statement.columnNames)
    rows.begin(&output.bytes)
    let handle = statement.sqliteStatement
    while true {
      let code = sqlite3_step(handle)
      if code == SQLITE_DONE { break }
      guard code == SQLITE_ROW else {
        throw DatabaseError(
          resultCode: ResultCode(rawValue: code),
          message: String(cString: sqlite3_errmsg(sqlite3_db_handle(handle))))
      }
      rows.append(handle, to: &output.bytes)
      if output.bytes.count >= Output.pieceBytes { try output.flush(sink) }
    }
    rows.end(&output.bytes)
  }
}
