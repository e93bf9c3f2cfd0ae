import ArgumentParser
import Scenarios

/// `simpp trace convert`: any trace as simpp's own CSV.
struct TraceConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Writes a trace as simpp's own CSV: times exact to the nanosecond, blocks kept.",
    discussion: """
      The trace is read twice, first to check it, so that a broken row leaves no half output; nothing \
      but --sort holds more than a row. The CSV has the columns arrival_s, prompt_tokens, \
      output_tokens; session and turn where the trace has conversations; and, where it has prefix \
      blocks, blocks_N with N tokens a block. Converting it again gives the same bytes.

        simpp trace convert AzureLLMInferenceTrace_conv.csv conv.csv
        simpp trace convert --sort log.csv sorted.csv
        simpp trace convert kimi.jsonl busy.csv --from 10m --to 20m --rate-scale 2
        simpp trace convert kimi.jsonl - | head
      """)

  @OptionGroup var trace: TraceOptions

  @Argument(
    help: "The CSV to write, - for standard output.", completion: .file(extensions: ["csv"]))
  var output: String

  @Flag(
    help: ArgumentHelp(
      "Puts the requests in order of arrival, those of one instant as they stand; takes "
        + "\(SortedTrace.limit / 1_000_000) million requests, in memory."))
  var sort = false

  func validate() throws {
    if sort, !trace.part.slice.isWhole {
      throw ValidationError("--sort takes whole traces: sort first, then take a part")
    }
  }

  func run() throws {
    try reportingFailures {
      let input = try trace.input()
      let rows = sort ? try sorted(input) : try streamed(input)
      if output != "-" { Terminal.say("wrote \(baseName(output)): \(rows) requests") }
    }
  }

  /// Checks the trace, then writes row after row.
  private func streamed(_ input: TraceInput) throws -> Int64 {
    try input.noteMissingLengths()
    var rows = try input.rows(isChecked: true)
    try check(hasTimes: rows.hasTimes)
    let file = try TraceOutput(
      path: output, sparing: [trace.file],
      csv: TraceCSV(
        hasSessions: (rows as? SlicedTrace)?.hasSessions ?? false,
        tokensPerBlock: rows.tokensPerBlock))
    let progress = RowProgress("wrote")
    defer { progress.clear() }
    while let row = try rows.next() {
      progress.advance()
      try file.append(row)
    }
    try file.finish()
    return file.rows
  }

  /// Reads the whole trace, then writes it in order.
  private func sorted(_ input: TraceInput) throws -> Int64 {
    guard input.format != .servegen else {
      throw ValidationError("--sort takes files: what is drawn from a folder is in order")
    }
    var reader = try TraceFile.open(path: input.path, format: input.format, allowsUnsorted: true)
    var sorted = SortedTrace(fileName: baseName(input.path))
    let progress = RowProgress("read")
    defer { progress.clear() }
    while let row = try reader.next() {
      progress.advance()
      try sorted.add(row)
    }
    try check(hasTimes: reader.hasTimes)
    let rows = try sorted.finish()
    let file = try TraceOutput(
      path: output, sparing: [trace.file],
      csv: TraceCSV(
        hasSessions: rows.contains { $0.session >= 0 }, tokensPerBlock: reader.tokensPerBlock))
    for row in rows { try file.append(row) }
    try file.finish()
    return file.rows
  }

  private func check(hasTimes: Bool) throws {
    guard !hasTimes else { return }
    throw TraceFault(
      fileName: baseName(trace.file), position: nil,
      problem: "has lengths but no arrival times, and the CSV needs both")
  }
}

/// A trace's rows, held to be put in order.
private struct SortedTrace {
  /// Requests held at most.
  static let limit = 20_000_000

  private let fileName: String
  private var rows: [TraceRow] = []

  init(fileName: String) { self.fileName = fileName }

  mutating func add(_ row: TraceRow) throws {
    guard rows.count < Self.limit else {
      throw TraceFault(
        fileName: fileName, position: nil,
        problem: "has more than \(Self.limit) requests, more than --sort takes: cut it into parts")
    }
    rows.append(row)
  }

  /// The rows by arrival, those of one instant as they stood; a trace that would begin before its
  /// first instant is moved to begin there.
  func finish() throws -> [TraceRow] {
    guard !rows.isEmpty else {
      throw TraceFault(
        fileName: fileName, position: nil, problem: "found no request, needs at least one")
    }
    // The standard library's sort is stable, which it does not promise.
    let order = rows.indices.sorted { (rows[$0].arrival, $0) < (rows[$1].arrival, $1) }
    let start = min(0, order.first.map { rows[$0].arrival } ?? 0)
    if let last = order.last {
      _ = try TraceSlice().arrival(rows[last].arrival - start, ofFile: fileName)
    }
    return order.map { index in
      var row = rows[index]
      row.arrival -= start
      return row
    }
  }
}
