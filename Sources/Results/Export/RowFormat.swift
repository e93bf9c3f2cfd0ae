import GRDBSQLite

/// How a table leaves the file.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// RFC 4180: a line of column names, then a line per row, each ended by CR LF; NULL is an empty
  /// field and an empty text is `""`.
  case csv
  /// An array of objects, one per row and line.
  case json
}

/// Turns rows of a statement into text; bytes as hexadecimal digits, numbers as short as they can
/// be read back.
struct RowFormat {
  private let format: ExportFormat
  private let keys: [[UInt8]]
  private let header: [UInt8]
  private var isFirst = true

  init(_ format: ExportFormat, columns: [String]) {
    self.format = format
    var header: [UInt8] = []
    var keys: [[UInt8]] = []
    for (place, column) in columns.enumerated() {
      switch format {
      case .csv:
        if place > 0 { header.append(UInt8(ascii: ",")) }
        header.append(contentsOf: column.utf8)
      case .json:
        let before = place > 0 ? "," : "{"
        keys.append(Array("\(before)\"\(column)\":".utf8))
      }
    }
    header.append(contentsOf: (format == .csv ? "\r\n" : "[").utf8)
    self.header = header
    self.keys = keys
  }

  func begin(_ output: inout [UInt8]) { output.append(contentsOf: header) }

  func end(_ output: inout [UInt8]) {
    if format == .json { output.append(contentsOf: (isFirst ? "]" : "\n]").utf8) }
  }

  mutating func append(_ row: OpaquePointer, to output: inout [UInt8]) {
    let count = sqlite3_column_count(row)
    if format == .json { output.append(contentsOf: (isFirst ? "\n" : ",\n").utf8) }
    isFirst = false
    for column in 0..<count {
      switch format {
      case .csv: if column > 0 { output.append(UInt8(ascii: ",")) }
      case .json: output.append(contentsOf: keys[Int(column)])
      }
      appendValue(row, column, to: &output)
    }
    output.append(contentsOf: (format == .csv ? "\r\n" : "}").utf8)
  }

  private func appendValue(_ row: OpaquePointer, _ column: Int32, to output: inout [UInt8]) {
    switch sqlite3_column_type(row, column) {
    case SQLITE_INTEGER:
      output.append(contentsOf: String(sqlite3_column_int64(row, column)).utf8)
    case SQLITE_FLOAT:
      let number = sqlite3_column_double(row, column)
      if number.isFinite {
        output.append(contentsOf: number.description.utf8)
      } else {
        appendNull(to: &output)
      }
    case SQLITE_TEXT:
      let bytes = UnsafeBufferPointer(
        start: sqlite3_column_text(row, column), count: Int(sqlite3_column_bytes(row, column)))
      appendText(bytes, to: &output)
    case SQLITE_BLOB:
      let bytes = UnsafeRawBufferPointer(
        start: sqlite3_column_blob(row, column), count: Int(sqlite3_column_bytes(row, column)))
      if format == .json { output.append(UInt8(ascii: "\"")) }
      for byte in bytes { appendHexadecimal(byte, to: &output) }
      if format == .json { output.append(UInt8(ascii: "\"")) }
    default: appendNull(to: &output)
    }
  }

  private func appendNull(to output: inout [UInt8]) {
    if format == .json { output.append(contentsOf: "null".utf8) }
  }

  private func appendText(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    switch format {
    case .csv: appendField(text, to: &output)
    case .json: appendString(text, to: &output)
    }
  }

  /// Quotes when the field would otherwise end early or read as NULL.
  private func appendField(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    let needsQuotes =
      text.isEmpty
      || text.contains { $0 == quote || $0 == UInt8(ascii: ",") || $0 == 10 || $0 == 13 }
    guard needsQuotes else {
      output.append(contentsOf: text)
      return
    }
    output.append(quote)
    for byte in text {
      if byte == quote { output.append(quote) }
      output.append(byte)
    }
    output.append(quote)
  }

  private func appendString(_ text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        output.append(UInt8(ascii: "\\"))
        output.append(byte)
      case 0..<0x20:
        output.append(contentsOf: "\\u00".utf8)
        appendHexadecimal(byte, to: &output)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private func appendHexadecimal(_ byte: UInt8, to output: inout [UInt8]) {
    for digit in [byte >> 4, byte & 15] {
      output.append(digit < 10 ? 48 + digit : 87 + digit)
    }
  }
}
