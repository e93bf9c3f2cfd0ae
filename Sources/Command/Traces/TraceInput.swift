public import ArgumentParser
import FoundationEssentials
import Reports
public import Scenarios
import Workload

/// The arguments by which a command gets a trace.
struct TraceOptions: ParsableArguments {
  @Argument(help: "The trace: a file, or a folder of ServeGen client data.", completion: .file())
  var file: String

  @Option(help: "The file's format. Default: told by its first bytes.")
  var format: TraceFormat?

  @OptionGroup(title: "PART OF A TRACE") var part: SliceOptions

  /// The trace, with its format found out.
  func input() throws -> TraceInput {
    let format = try foundFormat()
    guard format != .servegen || ServeGenRows.canGive(part.slice) else {
      throw ValidationError(
        "of a folder of ServeGen data --from, --to, --limit and --rate-scale can be taken")
    }
    return TraceInput(path: file, format: format, slice: part.slice)
  }

  /// The format: a folder's is `servegen`, a file's is the one given or told by its first bytes.
  private func foundFormat() throws -> TraceFormat {
    var isFolder = false
    guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder), isFolder
    else { return try format ?? TraceFile.format(ofFileAt: file) }
    if let format, format != .servegen {
      throw ValidationError(
        "--format \(format.rawValue) is a file's format, and \(baseName(file)) is a folder")
    }
    return .servegen
  }
}

extension TraceFormat: ExpressibleByArgument {}

/// A trace that can be read from its beginning as often as one likes.
struct TraceInput {
  var path: String
  var format: TraceFormat
  var slice = TraceSlice()

  /// The rows that are asked for; `isChecked`: the whole file has been read once to check it.
  func rows(isChecked: Bool) throws -> any TraceRows {
    if format == .servegen {
      let rows = try ServeGenRows(folder: path, slice: slice)
      if isChecked { try rows.check() }
      return rows
    }
    if slice.isWhole, !isChecked { return try WholeFile(path: path, format: format) }
    let progress = CheckProgress(isQuiet: false)
    defer { progress.clear() }
    return try SlicedTrace(path: path, format: format, slice: slice) { progress.update($0) }
  }

  /// Hands every row that is asked for to a body, in order of arrival.
  ///
  /// - Returns: What the file says beside its rows.
  @discardableResult
  func readRequests(
    showing verb: String, _ body: (ArrivingRequest, PrefixBlocks) throws -> Void
  ) throws -> TraceFacts {
    let progress = RowProgress(verb)
    defer { progress.clear() }
    var rows = try rows(isChecked: false)
    while let row = try rows.next() {
      progress.advance()
      try body(row.request, PrefixBlocks(tokensPerBlock: rows.tokensPerBlock, hashes: row.blocks))
    }
    return TraceFacts(
      fileName: baseName(path), format: format.rawValue, hasTimes: rows.hasTimes,
      skippedRows: rows.skippedRows, isEstimated: rows.isEstimated)
  }

  /// Says which clients of a folder are left out.
  func noteMissingLengths() throws {
    guard format == .servegen else { return }
    let clients = try ServeGenRows(folder: path, slice: slice).withoutLengths
    guard !clients.isEmpty else { return }
    let names = clients.map { "chunk-\($0)" }.joined(separator: ", ")
    Terminal.say("\(baseName(path)): left out, because their lengths are not there: \(names)")
  }

  /// A trace without requests has nothing to say.
  func checkNotEmpty(_ statistics: TraceStatistics) throws {
    guard statistics.requests == 0 else { return }
    throw TraceFault(
      fileName: baseName(path), position: nil, problem: "found no request, needs at least one")
  }
}

extension TraceRow {
  /// The row as a request of the first workload.
  var request: ArrivingRequest {
    ArrivingRequest(
      arrival: arrival, workload: 0, promptTokens: promptTokens, outputTokens: outputTokens,
      session: session, turn: turn)
  }

  /// A request as a row.
  init(_ request: ArrivingRequest, _ blocks: PrefixBlocks) {
    self.init(
      arrival: request.arrival, promptTokens: request.promptTokens,
      outputTokens: request.outputTokens, session: request.session, turn: request.turn,
      blocks: blocks.hashes)
  }
}
