import GRDBSQLite
import Glibc
import Results
import Serving

/// A database through SQLite's C interface alone.
final class RawDatabase {
  private var connection: OpaquePointer?

  init(_ path: String) throws {
    // One thread uses it, so no call need lock it.
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX
    try check(sqlite3_open_v2(path, &connection, flags, nil))
  }

  deinit { sqlite3_close(connection) }

  func execute(_ sql: String) throws { try check(sqlite3_exec(connection, sql, nil, nil, nil)) }

  /// The statements that make an empty table like one of this database, and its page size.
  func definition(ofTable table: String) throws -> String {
    "PRAGMA page_size = \(try text("PRAGMA page_size"));"
      + (try text("SELECT group_concat(sql, ';') FROM sqlite_master WHERE tbl_name = '\(table)'"))
  }

  private func text(_ sql: String) throws -> String {
    let statement = try prepare(sql)
    defer { sqlite3_finalize(statement) }
    guard sqlite3_step(statement) == SQLITE_ROW, let text = sqlite3_column_text(statement, 0)
    else { return "" }
    return String(cString: text)
  }

  private func prepare(_ sql: String) throws -> OpaquePointer? {
    var statement: OpaquePointer?
    try check(sqlite3_prepare_v2(connection, sql, -1, &statement, nil))
    return statement
  }

  private func check(_ code: Int32) throws {
    if code != SQLITE_OK, code != SQLITE_DONE {
      throw Failure(text: String(cString: sqlite3_errmsg(connection)))
    }
  }

  /// Inserts rows into table `request`.
  func insert(_ rows: [RequestRecord], _ names: RunNames) throws {
    let labels = names.workloads.flatMap {
      [RawText($0.name), RawText($0.tenant), RawText($0.priority)]
    }
    let models = names.models.map(RawText.init)
    let statuses = RequestStatus.allCases.map { RawText($0.name) }
    let reasons = RequestReason.allCases.map { RawText($0.text) }
    defer { for text in labels + models + statuses + reasons { free(text.start) } }
    let marks = Array(repeating: "?", count: 41).joined(separator: ",")
    let statement = try prepare("INSERT INTO request VALUES (\(marks))")
    defer { sqlite3_finalize(statement) }
    for row in rows {
      let label = 3 * Int(row.workload)
      sqlite3_bind_int64(statement, 1, 1)
      sqlite3_bind_int64(statement, 2, row.requestID)
      bind(statement, 3, labels[label])
      bind(statement, 4, labels[label + 1])
      bind(statement, 5, row.session < 0 ? nil : row.session)
      bind(statement, 6, models[Int(row.model)])
      bind(statement, 7, labels[label + 2])
      sqlite3_bind_int64(statement, 8, row.arrival)
      bind(statement, 9, row.firstToken)
      bind(statement, 10, row.finish)
      sqlite3_bind_int64(statement, 11, row.end)
      sqlite3_bind_int64(statement, 12, Int64(row.promptTokens))
      sqlite3_bind_int64(statement, 13, Int64(row.cachedTokens))
      sqlite3_bind_int64(statement, 14, Int64(row.outputTokens))
      bind(statement, 15, statuses[Int(row.status.rawValue)])
      if row.reason == .none {
        sqlite3_bind_null(statement, 16)
      } else {
        bind(statement, 16, reasons[Int(row.reason.rawValue)])
      }
      sqlite3_bind_int64(statement, 17, Int64(row.attempts))
      bind(statement, 18, row.replicaID < 0 ? nil : Int64(row.replicaID))
      bind(statement, 19, row.parts)
      bind(statement, 30, row.firstTokenParts)
      sqlite3_bind_int64(statement, 41, row.batchInterference)
      try check(sqlite3_step(statement))
      sqlite3_reset(statement)
    }
  }

  private func bind(_ statement: OpaquePointer?, _ column: Int32, _ number: Int64?) {
    if let number {
      sqlite3_bind_int64(statement, column, number)
    } else {
      sqlite3_bind_null(statement, column)
    }
  }

  private func bind(_ statement: OpaquePointer?, _ column: Int32, _ text: RawText) {
    sqlite3_bind_text(statement, column, text.start, text.length, nil)
  }

  private func bind(_ statement: OpaquePointer?, _ first: Int32, _ parts: LatencyParts) {
    sqlite3_bind_int64(statement, first, parts.allocationWait)
    sqlite3_bind_int64(statement, first + 1, parts.coldStart)
    sqlite3_bind_int64(statement, first + 2, parts.queue)
    sqlite3_bind_int64(statement, first + 3, parts.pipelineWait)
    sqlite3_bind_int64(statement, first + 4, parts.compute)
    sqlite3_bind_int64(statement, first + 5, parts.commTensor)
    sqlite3_bind_int64(statement, first + 6, parts.commPipeline)
    sqlite3_bind_int64(statement, first + 7, parts.commExpert)
    sqlite3_bind_int64(statement, first + 8, parts.commKV)
    sqlite3_bind_int64(statement, first + 9, parts.preemption)
    sqlite3_bind_int64(statement, first + 10, parts.host)
  }
}

/// A text that SQLite reads where it lies.
private struct RawText {
  var start: UnsafeMutablePointer<CChar>?
  var length: Int32

  init(_ text: String) {
    start = text.withCString { strdup($0) }
    length = Int32(text.utf8.count)
  }
}
