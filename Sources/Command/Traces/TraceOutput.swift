import Scenarios

/// Where a command writes a trace: a file, or standard output for `-`.
final class TraceOutput {
  private let file: OutputFile?
  private let csv: TraceCSV
  private var buffer: [UInt8] = []
  private(set) var rows: Int64 = 0

  /// Opens the output and writes the header; `inputs` are files that must not be written over.
  init(path: String, sparing inputs: [String], csv: TraceCSV) throws {
    file = path == "-" ? nil : try OutputFile(path: path, sparing: inputs)
    self.csv = csv
    buffer.append(contentsOf: csv.header.utf8)
  }

  /// Writes a request's line.
  func append(_ row: TraceRow) throws {
    csv.append(row, to: &buffer)
    rows += 1
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Writes what is left and throws what went wrong on the way.
  func finish() throws {
    try flush()
    try file?.finish()
  }

  private func flush() throws {
    if let file {
      file.append(buffer)
      if let failure = file.failure { throw failure }
    } else {
      try Terminal.print(buffer)
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
