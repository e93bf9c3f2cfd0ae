internal import GRDB

/// A results file: every run is in it whole or not at all, also after a crash.
///
/// The file is a SQLite database with a rollback journal, not a write-ahead log: at rest it is one
/// file that can be copied, and it can be read where nothing may be written. A writer killed in the
/// middle of a transaction leaves a journal beside it that the next open plays back.
///
/// Runs of one file may be committed from several threads and processes; each waits its turn.
public final class ResultsStore: Sendable {
  /// What the file is opened for.
  public enum Access: Sendable, CaseIterable {
    /// Reading: the file must exist and is not modified (but for undoing what a crash left).
    case reading
    /// Writing into a file that must exist.
    case updating
    /// Writing; a missing or empty file becomes an empty results file.
    case creating
  }

  /// Path of the file.
  public let path: String
  /// What it was opened for.
  public let access: Access
  let queue: DatabaseQueue

  /// Opens a results file; an older one is carried forward, anything else is refused.
  ///
  /// Spools left by crashed runs are removed on the way; those of living processes are not touched.
  ///
  /// - Parameters:
  ///   - path: Path of the file.
  ///   - access: What it is opened for.
  /// - Throws: A file that is missing, protected, newer, or no results file.
  public convenience init(path: String, access: Access = .creating) throws(ResultsError) {
    try self.init(path: path, access: access, schema: .current)
  }

  init(path: String, access: Access, schema: Schema) throws(ResultsError) {
    self.path = path
    self.access = access
    do {
      queue = try Self.open(path, access, schema)
    } catch {
      let opening = access == .creating ? ResultsError.Kind.cannotCreate : .unreadable
      throw ResultsError(error, path: path, opening: opening)
    }
    SpoolFile.removeOrphans(beside: path)
  }

  /// Reads in one transaction.
  func read<Value>(_ body: (Database) throws -> Value) throws(ResultsError) -> Value {
    do {
      return try queue.read(body)
    } catch {
      throw ResultsError(error, path: path, opening: .unreadable)
    }
  }

  /// Writes in one transaction, which is undone as a whole when the body throws.
  func write<Value>(_ body: (Database) throws -> Value) throws(ResultsError) -> Value {
    guard access != .reading else { throw openedForReading }
    do {
      var value: Value?
      try queue.inTransaction(.immediate) { db in
        value = try body(db)
        return .commit
      }
      guard let value else { preconditionFailure("a committed transaction has its value") }
      return value
    } catch {
      throw ResultsError(error, path: path, opening: .cannotCreate)
    }
  }
  /// What is thrown when something would write although the file was opened for reading.
  var openedForReading: ResultsError {
    ResultsError(.cannotCreate, path: path, found: "opened for reading only")
  }
}
