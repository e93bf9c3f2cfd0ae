import GRDB
import GRDBSQLite
import Serving

/// A text kept where SQLite can read it while it is bound, so that no row copies it.
struct PooledText {
  var start: UnsafePointer<CChar>
  var length: Int32
}

/// The few texts that millions of rows repeat; they live as long as the pool.
final class TextPool {
  private var kept: [UnsafeMutablePointer<CChar>] = []

  deinit { for text in kept { text.deallocate() } }

  func keep(_ text: String) -> PooledText {
    let bytes = text.utf8CString
    let start = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    for (place, byte) in bytes.enumerated() { start[place] = byte }
    kept.append(start)
    return PooledText(start: start, length: Int32(bytes.count - 1))
  }
}

/// Inserts rows into one table, binding values from the first column on.
///
/// It binds through SQLite's own statement: for a million rows of 24 columns that takes 2.0 s of
/// CPU, GRDB's argument arrays 6.8 s.
///
/// A statement keeps its values from row to row, so that only those that change are bound: half of a
/// request's columns are zero or the same as the last one's.
struct RowWriter {
  private let statement: Statement
  private let handle: OpaquePointer
  private var column: Int32 = 0
  private var worst: Int32 = SQLITE_OK
  /// What each column has at present.
  private var present: [Value]

  private struct Value {
    enum Kind: UInt8 {
      case unknown, null, number, text
    }

    var kind: Kind
    /// The number, or where the text lies.
    var bits: Int64 = 0
  }

  init(_ db: Database, _ table: ResultsTable) throws {
    let count = try db.columns(in: table.rawValue).count
    let marks = Array(repeating: "?", count: count).joined(separator: ", ")
    statement = try db.cachedStatement(sql: "INSERT INTO \(table.rawValue) VALUES (\(marks))")
    handle = statement.sqliteStatement
    present = Array(repeating: Value(kind: .unknown), count: count)
  }

  /// Goes on to the next column; whether it has another value at present.
  private mutating func advance(to kind: Value.Kind, _ bits: Int64 = 0) -> Bool {
    let old = present[Int(column)]
    present[Int(column)] = Value(kind: kind, bits: bits)
    column += 1
    return old.kind != kind || old.bits != bits || kind == .unknown
  }

  mutating func bind(_ number: Int64) {
    if advance(to: .number, number) { worst |= sqlite3_bind_int64(handle, column, number) }
  }

  mutating func bind(_ parts: LatencyParts) {
    bind(parts.allocationWait)
    bind(parts.coldStart)
    bind(parts.queue)
    bind(parts.pipelineWait)
    bind(parts.compute)
    bind(parts.commTensor)
    bind(parts.commPipeline)
    bind(parts.commExpert)
    bind(parts.commKV)
    bind(parts.preemption)
    bind(parts.host)
  }

  mutating func bind(_ parts: BubbleParts?) {
    for cause in BubbleCause.allCases { bind(parts?[cause]) }
  }

  /// What was found in prefix caches, without what tiers gave; nil where there are none.
  mutating func bind(_ cache: PrefixCacheSummary?) {
    bind(cache?.lookups)
    bind(cache?.hits)
    bind(cache?.promptTokens)
    bind(cache?.cachedTokens)
    bind(cache?.hitRate)
  }

  /// Where weights came from; nil where they can only come from one place.
  mutating func bind(_ weights: WeightSources?) {
    for tier in WeightTier.allCases {
      bind(weights?[tier].lookups)
      bind(weights?[tier].hits)
      bind(weights?[tier].bytes)
    }
  }

  mutating func bind(_ tier: TierSummary, level: Int) {
    bind(Int64(level))
    bind(tier.name)
    bind(tier.fetches)
    bind(tier.tokens)
    bind(tier.bytesIn)
    bind(tier.bytesOut)
  }

  mutating func bind(_ number: Int64?) {
    if let number { bind(number) } else { bindNull() }
  }

  mutating func bind(_ number: Int32) { bind(Int64(number)) }

  mutating func bind(_ number: Double?) {
    guard let number else { return bindNull() }
    _ = advance(to: .unknown)
    worst |= sqlite3_bind_double(handle, column, number)
  }

  mutating func bindNull() {
    if advance(to: .null) { worst |= sqlite3_bind_null(handle, column) }
  }

  /// Binds without a copy: the pool must outlive the row.
  mutating func bind(_ text: PooledText?) {
    guard let text else { return bindNull() }
    if advance(to: .text, Int64(Int(bitPattern: text.start))) {
      worst |= sqlite3_bind_text(handle, column, text.start, text.length, nil)
    }
  }

  /// Binds a text that SQLite copies.
  mutating func bind(_ text: String?) {
    guard let text else { return bindNull() }
    _ = advance(to: .unknown)
    worst |= sqlite3_bind_text(handle, column, text, Int32(text.utf8.count), Self.copies)
  }

  /// Binds bytes that SQLite copies.
  mutating func bind(_ bytes: [UInt8]) {
    _ = advance(to: .unknown)
    worst |= bytes.withUnsafeBytes {
      sqlite3_bind_blob(handle, column, $0.baseAddress, Int32($0.count), Self.copies)
    }
  }

  /// Inserts the row and starts the next.
  mutating func insert() throws {
    let code = worst == SQLITE_OK ? sqlite3_step(handle) : worst
    guard code == SQLITE_DONE else {
      let connection = sqlite3_db_handle(handle)
      let fault = DatabaseError(
        resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
        message: String(cString: sqlite3_errmsg(connection)))
      sqlite3_reset(handle)
      throw fault
    }
    sqlite3_reset(handle)
    column = 0
  }

  private static var copies: sqlite3_destructor_type {
    unsafeBitCast(-1, to: sqlite3_destructor_type.self)
  }
}
