import Foundation
import GRDB

/// Runs SQL on a file behind the store's back.
func execute(_ sql: String, on path: String) throws {
  let queue = try DatabaseQueue(path: path)
  try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
  try queue.close()
}

/// The one number that a query gives, nil for NULL.
func number(_ sql: String, in path: String) throws -> Double? {
  try withRow(sql, path) { $0.flatMap { Double.fromDatabaseValue($0[0]) } }
}

/// The one text that a query gives, nil for NULL.
func text(_ sql: String, in path: String) throws -> String? {
  try withRow(sql, path) { $0.flatMap { String.fromDatabaseValue($0[0]) } }
}

private func withRow<Value>(
  _ sql: String, _ path: String, _ body: ([DatabaseValue]?) -> Value
) throws -> Value {
  var configuration = Configuration()
  configuration.readonly = true
  let queue = try DatabaseQueue(path: path, configuration: configuration)
  return try queue.read { db in
    body(try Row.fetchOne(db, sql: sql).map { Array($0.databaseValues) })
  }
}
