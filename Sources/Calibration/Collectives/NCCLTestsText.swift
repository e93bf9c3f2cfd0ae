import Hardware

/// What a program of nccl-tests prints: comments, a line that names the columns, a line per size.
struct NCCLTestsText {
  private let file: String
  private var rows: [(line: Int, words: [Substring])] = []
  private var columns: [Substring] = []
  private var devices = 0
  private var operation: CollectiveOperation?

  /// Whether a text is of nccl-tests: a comment names the columns size, count, type and time.
  static func isIt(_ text: String) -> Bool {
    text.split(separator: "\n").contains { isHeader(words(of: $0)) }
  }

  /// Sorts the lines of a text.
  init(_ text: String, file: String) {
    self.file = file
    var number = 0
    for bytes in text.utf8.split(separator: 10, omittingEmptySubsequences: false) {
      number += 1
      let words = Self.words(of: Substring(bytes))
      guard let first = words.first else { continue }
      if first.hasPrefix("#") {
        if Self.isHeader(words) { columns = Array(words.dropFirst()) }
        if words.count > 2, words[1] == "Rank", Int(words[2]) != nil { devices += 1 }
        for word in words where word.hasSuffix("_perf") {
          operation = CollectiveRows.operation(word.dropLast(5)) ?? operation
        }
      } else if Int(first) != nil {
        rows.append((number, words))
      }
    }
  }

  /// The rows: out of place, the first of the two times.
  func measurements(
    operation told: CollectiveOperation?, ranks: Int?
  ) throws(TableFault) -> [CollectiveMeasurement] {
    guard let done = operation ?? told else {
      throw TableFault(
        file: file, line: nil, found: "no name of the program",
        needed: "a file name with all_reduce, all_gather, reduce_scatter, alltoall or sendrecv")
    }
    let count = ranks ?? devices
    guard (2...CollectiveRows.mostRanks).contains(count) else {
      throw TableFault(
        file: file, line: nil, found: "\(count) lines # Rank",
        needed: "one for each of at least 2 GPUs")
    }
    guard let size = columns.firstIndex(of: "size"), let time = columns.firstIndex(of: "time")
    else {
      throw TableFault(
        file: file, line: nil, found: "no line with the names of the columns",
        needed: "# size count type … time algbw busbw")
    }
    guard !rows.isEmpty else {
      throw TableFault(
        file: file, line: nil, found: "no rows", needed: "a line for each size of a message")
    }
    var seen: [Int: Int] = [:]
    var measurements: [CollectiveMeasurement] = []
    for row in rows {
      guard row.words.count > max(size, time), let bytes = Int(row.words[size]), bytes > 0 else {
        throw fault(row, "size", size, needed: "a size above 0")
      }
      guard let microseconds = Double(row.words[time]), microseconds >= 0.1,
        microseconds <= 1e9
      else { throw fault(row, "time", time, needed: "a time from 0.1 µs to 1,000 s") }
      if let first = seen.updateValue(row.line, forKey: bytes) {
        throw TableFault(
          file: file, line: row.line, found: "the size of line \(first) again",
          needed: "each size once")
      }
      measurements.append(
        CollectiveMeasurement(
          line: row.line, operation: done, implementation: .nccl, ranks: count,
          bytes: Double(bytes), nanoseconds: microseconds * 1_000))
    }
    return measurements
  }

  private func fault(
    _ row: (line: Int, words: [Substring]), _ column: String, _ place: Int, needed: String
  ) -> TableFault {
    TableFault(
      file: file, line: row.line, column: column,
      found: place < row.words.count ? String(row.words[place]) : "\(row.words.count) values",
      needed: needed)
  }

  private static func isHeader(_ words: [Substring]) -> Bool {
    words.first == "#" && words.contains("size") && words.contains("count")
      && words.contains("time")
  }

  private static func words(of line: Substring) -> [Substring] {
    line.split { $0 == " " || $0 == "\t" || $0 == "\r" }
  }
}
