import GRDB
import GRDBSQLite
import Serving

/// Requests in memory as SQLite reads them: a virtual table, of which one `INSERT … SELECT` takes
/// thousands of rows.
///
/// A statement for each row would open table `request` and search it from its root each time; this
/// one keeps its place at the table's end, which takes two thirds of the time.
final class RequestTable {
  private static let name = "request_in_memory"

  private let database: Database
  private let batch: UnsafeMutablePointer<RequestBatch>
  private var statement: Statement?

  /// Makes the table of a connection and prepares its use.
  ///
  /// - Parameters:
  ///   - db: The connection, in a transaction.
  ///   - run: The run's id.
  ///   - names: What the requests' numbers mean.
  ///   - pool: Keeps their texts; it must outlive the table.
  /// - Throws: What SQLite says against it.
  init(_ db: Database, run: Int64, names: RunNames, pool: TextPool) throws {
    database = db
    batch = .allocate(capacity: 1)
    batch.initialize(to: RequestBatch(run: run, names: names, pool: pool))
    let code = sqlite3_create_module_v2(
      db.sqliteConnection, Self.name, RequestBatch.module, batch, nil)
    guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    statement = try db.makeStatement(sql: "INSERT INTO request SELECT * FROM \(Self.name)")
  }

  deinit {
    statement = nil
    sqlite3_create_module_v2(database.sqliteConnection, Self.name, nil, nil, nil)
    batch.pointee.deallocate()
    batch.deallocate()
  }

  /// Takes a request, and inserts earlier ones when it must.
  func append(_ request: RequestRecord) throws {
    while !batch.pointee.append(request) {
      batch.pointee.offer(before: request)
      try statement?.execute()
    }
  }

  /// Inserts the requests that are left in memory.
  func finish() throws {
    batch.pointee.offerAll()
    try statement?.execute()
  }
}
