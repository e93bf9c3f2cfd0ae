import JSON

/// A table of measurements as text: a header, and rows of values separated by commas.
public struct MeasuredTable: Sendable {
  /// The file's base name.
  public var file: String
  /// The columns of the header, in their order.
  public var columns: [String]
  /// The rows.
  public var rows: [Row]

  /// One row.
  public struct Row: Sendable {
    /// Where it stands, counted from 1.
    public var line: Int
    /// Its values, one for each column.
    public var values: [Substring]
  }

  /// Reads a table; empty lines and lines that begin with `#` are no rows.
  ///
  /// - Parameters:
  ///   - text: the table's text; the names of columns lose blanks around them.
  ///   - file: the file's base name, for faults.
  /// - Throws: `TableFault` for a table without header or rows, a column that stands twice, and a row
  ///   with other than one value for each column.
  public init(_ text: String, file: String) throws(TableFault) {
    self.file = file
    columns = []
    rows = []
    var number = 0
    // By bytes: as characters, a carriage return and a line feed are one.
    for bytes in text.utf8.split(separator: 10, omittingEmptySubsequences: false) {
      let line = Substring(bytes)
      number += 1
      let content = line.last == "\r" ? line.dropLast() : line
      if content.allSatisfy(\.isWhitespace) || content.first == "#" { continue }
      let values = content.split(separator: ",", omittingEmptySubsequences: false).map(trimmed)
      if columns.isEmpty {
        columns = values.map(String.init)
        if let column = Self.firstRepeated(columns) {
          throw TableFault(
            file: file, line: number, column: shortened(column),
            found: "a column of this name twice",
            needed: "each column once")
        }
      } else {
        guard values.count == columns.count else {
          throw TableFault(
            file: file, line: number, found: "\(values.count) values",
            needed: "\(columns.count), one for each column of the header")
        }
        rows.append(Row(line: number, values: values))
      }
    }
    guard !columns.isEmpty, !rows.isEmpty else {
      throw TableFault(
        file: file, line: nil, found: columns.isEmpty ? "no header" : "no rows",
        needed: "a line with the names of the columns, then a row for each measurement")
    }
  }

  private static func firstRepeated(_ names: [String]) -> String? {
    var seen: Set<String> = []
    return names.first { !seen.insert($0).inserted }
  }

  /// Whether the table has all of these columns.
  public func has(_ names: [String]) -> Bool { names.allSatisfy(columns.contains) }

  /// Where a column stands.
  ///
  /// - Throws: `TableFault` if there is no such column.
  public func place(of column: String) throws(TableFault) -> Int {
    if let place = columns.firstIndex(of: column) { return place }
    throw TableFault(
      file: file, line: 1, found: "the columns " + shortened(columns.joined(separator: ", ")),
      needed: "a column \(column)")
  }

  /// A value as a whole number in a range.
  public func whole(
    _ row: Row, _ place: Int, in range: ClosedRange<Int>
  ) throws(TableFault) -> Int {
    if let value = Int(row.values[place]), range.contains(value) { return value }
    // Tables written from data frames have whole numbers with a point.
    if let number = Double(row.values[place]), let value = Int(exactly: number),
      range.contains(value)
    {
      return value
    }
    throw fault(
      row, place,
      needed: "a whole number from \(grouped(range.lowerBound)) to \(grouped(range.upperBound))")
  }

  /// A time in nanoseconds from a column whose unit is `unit` nanoseconds long, such as 1e6 for
  /// milliseconds; zero and less is a fault.
  public func nanoseconds(_ row: Row, _ place: Int, unit: Double) throws(TableFault) -> Double {
    guard let value = Double(row.values[place]), value.isFinite, value > 0 else {
      throw fault(row, place, needed: "a time above 0")
    }
    let time = value * unit
    guard time >= 100, time <= 1e12 else {
      throw fault(
        row, place,
        needed: "a time from 100 ns to 1,000 s; is the column's unit what its name says?")
    }
    return time
  }

  /// A fault of one value.
  public func fault(_ row: Row, _ place: Int, needed: String) -> TableFault {
    TableFault(
      file: file, line: row.line, column: columns[place],
      found: row.values[place].isEmpty ? "nothing" : shortened(String(row.values[place])),
      needed: needed)
  }

  /// Refuses a measurement that stands twice.
  ///
  /// - Parameter keys: what identifies each row, in the order of `rows`.
  /// - Throws: `TableFault` at the second of two rows with one key.
  public func refuseRepeats(_ keys: [String]) throws(TableFault) {
    var lines: [String: Int] = [:]
    for (row, key) in zip(rows, keys) {
      if let first = lines.updateValue(row.line, forKey: key) {
        throw TableFault(
          file: file, line: row.line, found: "the measurement of line \(first) again",
          needed: "each shape once")
      }
    }
  }
}

/// A text without the blanks around it.
private func trimmed(_ text: Substring) -> Substring {
  var text = text
  while text.first?.isWhitespace == true { text.removeFirst() }
  while text.last?.isWhitespace == true { text.removeLast() }
  return text
}
