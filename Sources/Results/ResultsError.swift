internal import GRDB

/// What went wrong with a results file: which file, what was found, what would be right.
public struct ResultsError: Error, Sendable, Hashable {
  /// What kind of fault it is; the raw value is the command's exit status.
  public enum Kind: Int32, Sendable, CaseIterable {
    /// The file has no such run or request.
    case notInFile = 64
    /// The file is no results file of this version, or its rows contradict each other.
    case badContent = 65
    /// The file is missing or cannot be read.
    case unreadable = 66
    /// The file cannot be created or written.
    case cannotCreate = 73
    /// Reading or writing failed midway.
    case inputOutput = 74
  }

  /// What kind of fault it is.
  public var kind: Kind
  /// Base name of the file.
  public var file: String
  /// What was found.
  public var found: String
  /// What would be right; nil when `found` says it all.
  public var expected: String?

  /// Creates an error about a file.
  ///
  /// - Parameters:
  ///   - kind: What kind of fault it is.
  ///   - path: Path of the file; only its base name is kept.
  ///   - found: What was found.
  ///   - expected: What would be right.
  public init(_ kind: Kind, path: String, found: String, expected: String? = nil) {
    self.kind = kind
    self.file = baseName(of: path)
    self.found = found
    self.expected = expected
  }

  /// The exit status of the command: 64, 65, 66, 73 or 74.
  public var exitStatus: Int32 { kind.rawValue }
}

extension ResultsError: CustomStringConvertible {
  /// One line: file, what was found, what would be right.
  public var description: String {
    expected.map { "\(file): \(found); expected \($0)" } ?? "\(file): \(found)"
  }
}

extension ResultsError {
  /// What an error of the database library says about a file.
  ///
  /// - Parameters:
  ///   - error: The error as it was caught; a `ResultsError` stays what it is.
  ///   - path: Path of the file.
  ///   - opening: The kind of fault when the file could not be opened.
  init(_ error: any Error, path: String, opening: Kind) {
    if let own = error as? ResultsError {
      self = own
      return
    }
    guard let fault = error as? DatabaseError else {
      self.init(.inputOutput, path: path, found: "\(error)")
      return
    }
    let cause = fault.message ?? fault.resultCode.description
    switch fault.resultCode {
    case .SQLITE_NOTADB:
      self.init(.badContent, path: path, found: "not a SQLite database", expected: ourFile)
    case .SQLITE_CORRUPT:
      self.init(.badContent, path: path, found: "a damaged database (\(cause))")
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH:
      self.init(opening, path: path, found: "cannot be opened (\(cause))")
    case .SQLITE_READONLY:
      self.init(.cannotCreate, path: path, found: "cannot be written (\(cause))")
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self.init(
        .inputOutput, path: path, found: "in use by another process for too long (\(cause))")
    case .SQLITE_ERROR, .SQLITE_MISMATCH, .SQLITE_CONSTRAINT, .SQLITE_SCHEMA:
      self.init(.badContent, path: path, found: "a table that does not fit (\(cause))")
    default:
      self.init(.inputOutput, path: path, found: cause)
    }
  }
}

/// What we say we expected when a file is something else.
let ourFile = "a results file written by simpp"

/// The part of a path after its last slash.
func baseName(of path: String) -> String {
  path.split(separator: "/", omittingEmptySubsequences: true).last.map(String.init) ?? path
}
