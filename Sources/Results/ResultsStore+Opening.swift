internal import GRDB
internal import GRDBSQLite

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension ResultsStore {
  /// Opens and checks the file; a blank one becomes a results file when it may.
  static func open(
    _ path: String, _ access: Access, _ schema: Schema
  ) throws -> DatabaseQueue {
    try checkFile(path, access)
    let queue = try connect(path, readonly: access == .reading)
    switch try condition(of: queue, path, schema) {
    case .current: return queue
    case .blank where access != .creating:
      throw ResultsError(
        .badContent, path: path, found: "an empty database", expected: ourFile)
    case .blank:
      return try withoutWaiting(queue) { try carryForward(queue, path, access, schema) }
    case .older:
      return try carryForward(queue, path, access, schema)
    }
  }

  /// What a file turned out to be.
  private enum Condition {
    case blank, older, current
  }

  /// Refuses what is no file, no database, or missing.
  private static func checkFile(_ path: String, _ access: Access) throws {
    let fault = access == .creating ? ResultsError.Kind.cannotCreate : .unreadable
    var status = stat()
    guard stat(path, &status) == 0 else {
      if errno == ENOENT, access == .creating { return }
      throw ResultsError(fault, path: path, found: systemMessage())
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ResultsError(fault, path: path, found: "not a regular file", expected: ourFile)
    }
    if status.st_size == 0, access == .creating { return }
    let head = try firstBytes(of: path, fault)
    guard head.elementsEqual("SQLite format 3\0".utf8) else {
      let found = head.isEmpty ? "an empty file" : "not a SQLite database"
      throw ResultsError(.badContent, path: path, found: found, expected: ourFile)
    }
  }

  private static func firstBytes(of path: String, _ fault: ResultsError.Kind) throws -> [UInt8] {
    guard let file = fopen(path, "rb") else {
      throw ResultsError(fault, path: path, found: systemMessage())
    }
    defer { fclose(file) }
    var head = [UInt8](repeating: 0, count: 16)
    head.removeLast(head.count - fread(&head, 1, head.count, file))
    return head
  }

  private static func connect(_ path: String, readonly: Bool) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = readonly
    // Keys are checked by writing runs whole; checking them row by row would cost a look-up each.
    configuration.foreignKeysEnabled = false
    // A run of ten million requests holds the file for about a minute.
    configuration.busyMode = .timeout(600)
    guard readonly else {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      // SQLite opens a protected file for reading without a word; better now than after a run.
      let isProtected = queue.inDatabase { sqlite3_db_readonly($0.sqliteConnection, "main") == 1 }
      if isProtected {
        throw ResultsError(.cannotCreate, path: path, found: "write-protected")
      }
      return queue
    }
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      try queue.read { _ = try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_master") }
      return queue
    } catch let fault as DatabaseError where fault.resultCode == .SQLITE_READONLY {
      // A writer died in its transaction: only a writing connection may play its journal back.
      try connect(path, readonly: false).close()
      return try DatabaseQueue(path: path, configuration: configuration)
    }
  }

  private static func condition(
    of queue: DatabaseQueue, _ path: String, _ schema: Schema
  ) throws -> Condition {
    try queue.read { db in
      let application = try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0
      let version = try Int32.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
      // The migrator notes its steps in a table that it makes before the first of them: another process
      // may be there now, or have died there.
      if application == 0, version == 0, tables.allSatisfy({ $0 == "grdb_migrations" }) {
        return .blank
      }
      guard application == Schema.applicationID else {
        let names = tables.prefix(3).joined(separator: ", ") + (tables.count > 3 ? ", …" : "")
        let found = tables.isEmpty ? "no tables" : "tables \(names)"
        throw ResultsError(
          .badContent, path: path,
          found: "a database of another program (application id \(application), \(found))",
          expected: ourFile)
      }
      guard version <= schema.version else {
        throw ResultsError(
          .badContent, path: path, found: "schema version \(version), of a newer simpp",
          expected: "version \(schema.version) or older")
      }
      return version < schema.version ? .older : .current
    }
  }

  /// Does without waits for the disk, which take longer than a short run.
  ///
  /// A blank file has nothing to lose, and the first run's transaction puts all of it onto the disk; a
  /// killed process loses nothing either way.
  private static func withoutWaiting<Value>(
    _ queue: DatabaseQueue, _ body: () throws -> Value
  ) throws -> Value {
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = OFF") }
    let value = try body()
    try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
    return value
  }

  /// Migrates through a writing connection, and hands back one as it was asked for.
  private static func carryForward(
    _ queue: DatabaseQueue, _ path: String, _ access: Access, _ schema: Schema
  ) throws -> DatabaseQueue {
    let writer = access == .reading ? try connect(path, readonly: false) : queue
    do {
      // Only a file without pages takes it; for another it is void.
      try writer.writeWithoutTransaction {
        try $0.execute(sql: "PRAGMA page_size = \(Schema.pageBytes)")
      }
      try schema.migrate(writer)
    } catch {
      // Another process may have been first; then there is nothing left to do.
      guard try condition(of: writer, path, schema) == .current else { throw error }
    }
    guard access == .reading else { return writer }
    try writer.close()
    return queue
  }
}

/// What the C library says about its last failure.
func systemMessage(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }
