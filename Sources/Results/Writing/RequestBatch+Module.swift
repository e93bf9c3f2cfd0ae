import GRDBSQLite
import Serving

/// The virtual table; SQLite knows it by its first member.
private struct BatchTable {
  var base = sqlite3_vtab()
  let batch: UnsafePointer<RequestBatch>
}

/// A place in the table; SQLite knows it by its first member.
private struct BatchCursor {
  var base = sqlite3_vtab_cursor()
  let batch: UnsafePointer<RequestBatch>
  var place = 0

  static func at(
    _ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?
  ) -> UnsafeMutablePointer<BatchCursor> {
    guard let cursor else { preconditionFailure("SQLite hands over the cursor that it was given") }
    return UnsafeMutableRawPointer(cursor).assumingMemoryBound(to: BatchCursor.self)
  }
}

extension RequestBatch {
  /// What SQLite calls to read a batch from beginning to end.
  ///
  /// Without `xCreate` the table is there at once, of the module's name; `pAux` is the batch. SQLite
  /// lets go of a table when it next prepares a statement, so this stays as long as the process.
  nonisolated(unsafe) static let module: UnsafePointer<sqlite3_module> = {
    let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
    module.initialize(to: callbacks)
    return UnsafePointer(module)
  }()

  private static var callbacks: sqlite3_module {
    var module = sqlite3_module()
    module.xConnect = { database, batch, _, _, table, _ in
      guard let table, let batch else { return SQLITE_INTERNAL }
      // Values go by their place, so the names are of no consequence.
      let columns = (0..<RequestBatch.columns).map { "c\($0)" }.joined(separator: ", ")
      let code = sqlite3_declare_vtab(database, "CREATE TABLE request (\(columns))")
      guard code == SQLITE_OK else { return code }
      let made = UnsafeMutablePointer<BatchTable>.allocate(capacity: 1)
      made.initialize(
        to: BatchTable(batch: UnsafePointer(batch.assumingMemoryBound(to: RequestBatch.self))))
      table.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab.self)
      return SQLITE_OK
    }
    module.xDisconnect = { table in
      UnsafeMutableRawPointer(table)?.assumingMemoryBound(to: BatchTable.self).deallocate()
      return SQLITE_OK
    }
    module.xBestIndex = { _, _ in SQLITE_OK }
    module.xOpen = { table, cursor in
      guard let table, let cursor else { return SQLITE_INTERNAL }
      let batch = UnsafeRawPointer(table).assumingMemoryBound(to: BatchTable.self).pointee.batch
      let made = UnsafeMutablePointer<BatchCursor>.allocate(capacity: 1)
      made.initialize(to: BatchCursor(batch: batch))
      cursor.pointee = UnsafeMutableRawPointer(made)
        .assumingMemoryBound(to: sqlite3_vtab_cursor.self)
      return SQLITE_OK
    }
    module.xClose = { cursor in
      BatchCursor.at(cursor).deallocate()
      return SQLITE_OK
    }
    module.xFilter = { cursor, _, _, _, _ in
      BatchCursor.at(cursor).pointee.place = 0
      return SQLITE_OK
    }
    module.xNext = { cursor in
      BatchCursor.at(cursor).pointee.place += 1
      return SQLITE_OK
    }
    module.xEof = { cursor in
      let cursor = BatchCursor.at(cursor)
      return cursor.pointee.place < cursor.pointee.batch.pointee.readable ? 0 : 1
    }
    module.xColumn = { cursor, context, column in
      let cursor = BatchCursor.at(cursor)
      let batch = cursor.pointee.batch
      guard let row = batch.pointee.row(cursor.pointee.place) else { return SQLITE_INTERNAL }
      RequestBatch.put(Int(column), of: row, in: batch, to: context)
      return SQLITE_OK
    }
    module.xRowid = { cursor, number in
      number?.pointee = Int64(BatchCursor.at(cursor).pointee.place)
      return SQLITE_OK
    }
    return module
  }
}
