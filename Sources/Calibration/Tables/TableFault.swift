/// Why a table of measurements cannot be used: where, what was found, what would be right.
public struct TableFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The file's base name.
  public var file: String
  /// The line, counted from 1; nil where the table as a whole is at fault.
  public var line: Int?
  /// The column's name, if one value is at fault.
  public var column: String?
  /// What was found.
  public var found: String
  /// What would be right.
  public var needed: String

  /// Creates a fault.
  public init(file: String, line: Int?, column: String? = nil, found: String, needed: String) {
    self.file = file
    self.line = line
    self.column = column
    self.found = found
    self.needed = needed
  }

  /// `gemm.csv:3: latency_ms: found -1, needs a time above 0`.
  public var description: String {
    let place = line.map { "\(file):\($0): " } ?? "\(file): "
    return place + (column.map { $0 + ": " } ?? "") + "found \(found), needs \(needed)"
  }
}
