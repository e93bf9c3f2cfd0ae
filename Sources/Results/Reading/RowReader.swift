import GRDB
import GRDBSQLite
import Serving

/// Reads the columns of a query's rows from the first on, and refuses values that do not fit.
///
/// A file may have been changed by anyone, so no value is trusted: what does not fit throws.
struct RowReader {
  let table: ResultsTable
  private let path: String
  private let statement: Statement
  private let handle: OpaquePointer
  private var column: Int32 = 0

  init(
    _ db: Database, _ table: ResultsTable, path: String, sql: String,
    arguments: StatementArguments = StatementArguments()
  ) throws {
    self.table = table
    self.path = path
    statement = try db.makeStatement(sql: sql)
    try statement.setArguments(arguments)
    handle = statement.sqliteStatement
  }

  /// All columns of a table's rows of one run, in the order of their key.
  init(_ db: Database, _ table: ResultsTable, path: String, run: Int64) throws {
    try self.init(
      db, table, path: path,
      sql: """
        SELECT * FROM \(table.rawValue) WHERE \(table.runColumn) = ? ORDER BY \(table.ordering)
        """, arguments: [run])
  }

  /// Goes to the next row; false after the last.
  mutating func next() throws -> Bool {
    column = 0
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    default:
      let connection = sqlite3_db_handle(handle)
      throw DatabaseError(
        resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
        message: String(cString: sqlite3_errmsg(connection)))
    }
  }

  mutating func skip() { column += 1 }

  mutating func optionalInt64() throws -> Int64? {
    defer { column += 1 }
    switch sqlite3_column_type(handle, column) {
    case SQLITE_NULL: return nil
    case SQLITE_INTEGER: return sqlite3_column_int64(handle, column)
    default: throw misfit("a whole number")
    }
  }

  mutating func int64() throws -> Int64 {
    guard let value = try optionalInt64() else { throw misfit("a whole number", back: 1) }
    return value
  }

  mutating func int32() throws -> Int32 {
    guard let value = Int32(exactly: try int64()) else { throw misfit("a 32-bit number", back: 1) }
    return value
  }

  mutating func flag() throws -> Bool {
    switch try int64() {
    case 0: false
    case 1: true
    default: throw misfit("0 or 1", back: 1)
    }
  }

  mutating func optionalReal() throws -> Double? {
    defer { column += 1 }
    switch sqlite3_column_type(handle, column) {
    case SQLITE_NULL: return nil
    case SQLITE_INTEGER, SQLITE_FLOAT: return sqlite3_column_double(handle, column)
    default: throw misfit("a number")
    }
  }

  mutating func real() throws -> Double {
    guard let value = try optionalReal() else { throw misfit("a number", back: 1) }
    return value
  }

  mutating func optionalText() throws -> String? {
    defer { column += 1 }
    switch sqlite3_column_type(handle, column) {
    case SQLITE_NULL: return nil
    case SQLITE_TEXT:
      let bytes = UnsafeBufferPointer(
        start: sqlite3_column_text(handle, column), count: Int(sqlite3_column_bytes(handle, column))
      )
      return String(decoding: bytes, as: UTF8.self)
    default: throw misfit("a text")
    }
  }

  mutating func text() throws -> String {
    guard let value = try optionalText() else { throw misfit("a text", back: 1) }
    return value
  }

  mutating func blob() throws -> [UInt8] {
    defer { column += 1 }
    guard sqlite3_column_type(handle, column) == SQLITE_BLOB else { throw misfit("bytes") }
    let start = sqlite3_column_blob(handle, column)
    return Array(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// Bubbles by cause, nil where an older file did not keep them.
  mutating func bubbles() throws -> BubbleParts? {
    var parts = BubbleParts()
    var isKept = true
    for cause in BubbleCause.allCases {
      if let value = try optionalInt64() { parts[cause] = value } else { isKept = false }
    }
    return isKept ? parts : nil
  }

  /// What was found in prefix caches, without what tiers gave; nil where there are none, or an older
  /// file does not say.
  mutating func prefixCache() throws -> PrefixCacheSummary? {
    let (lookups, hits) = (try optionalInt64(), try optionalInt64())
    let (prompts, cached) = (try optionalInt64(), try optionalInt64())
    skip()
    guard let lookups, let hits, let prompts, let cached else { return nil }
    var cache = PrefixCacheSummary()
    cache.lookups = lookups
    cache.hits = hits
    cache.promptTokens = prompts
    cache.cachedTokens = cached
    return cache
  }

  /// Where weights came from; nil where they can only come from one place, or an older file does not say.
  mutating func weights() throws -> WeightSources? {
    var weights = WeightSources()
    var isKept = true
    for tier in WeightTier.allCases {
      let (lookups, hits) = (try optionalInt64(), try optionalInt64())
      guard let bytes = try optionalInt64(), let lookups, let hits else {
        isKept = false
        continue
      }
      weights[tier].lookups = lookups
      weights[tier].hits = hits
      weights[tier].bytes = bytes
    }
    return isKept ? weights : nil
  }

  /// What a tier gave and took, from its name on.
  mutating func tier() throws -> TierSummary {
    var tier = TierSummary(name: try text())
    tier.fetches = try int64()
    tier.tokens = try int64()
    tier.bytesIn = try int64()
    tier.bytesOut = try int64()
    return tier
  }

  /// One of a list of words, by what it stands for.
  mutating func word<Value>(of words: [String: Value]) throws -> Value {
    guard let value = words[try text()] else { throw misfit("one of the words in use", back: 1) }
    return value
  }

  /// Indices as `3,4,7`.
  mutating func list() throws -> [Int32] {
    try text().split(separator: ",").map {
      guard let number = Int32($0) else { throw misfit("indices with commas", back: 1) }
      return number
    }
  }

  /// What is thrown for a value that does not fit.
  func misfit(_ expected: String, back: Int32 = 0) -> ResultsError {
    let place = column - back
    let name = sqlite3_column_name(handle, place).map { String(cString: $0) } ?? "\(place)"
    let value = sqlite3_column_text(handle, place).map { String(cString: $0) } ?? "NULL"
    return ResultsError(
      .badContent, path: path, found: "'\(value.prefix(40))' in \(table.rawValue).\(name)",
      expected: expected)
  }
}
