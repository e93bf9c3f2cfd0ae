public import ArgumentParser
import Reports
public import Scenarios
import Workload

/// The arguments by which a command gets a trace.
struct TraceOptions: ParsableArguments {
  @Argument(help: "The trace.", completion: .file())
  var file: String

  @Option(help: "The trace's format. Default: told by the file's first bytes.")
  var format: TraceFormat?

  @OptionGroup(title: "PART OF A TRACE") var part: SliceOptions

  /// The trace, with its format found out.
  func input() throws -> TraceInput {
    TraceInput(
      path: file, format: try format ?? TraceFile.format(ofFileAt: file), slice: part.slice)
  }
}

extension TraceFormat: ExpressibleByArgument {}

/// A trace that can be read from its beginning as often as one likes.
struct TraceInput {
  var path: String
  var format: TraceFormat
  var slice = TraceSlice()

  /// Hands every row that is asked for to a body, in order of arrival.
  ///
  /// - Returns: What the file says beside its rows.
  @discardableResult
  func readRequests(
    showing verb: String, _ body: (ArrivingRequest, PrefixBlocks) throws -> Void
  ) throws -> TraceFacts {
    let progress = RowProgress(verb)
    defer { progress.clear() }
    if !slice.isWhole {
      var trace = try checked()
      while let row = try trace.next() {
        progress.advance()
        try body(
          row.request, PrefixBlocks(tokensPerBlock: trace.tokensPerBlock, hashes: row.blocks))
      }
      return facts(trace.hasTimes, trace.skippedRows, trace.isEstimated)
    }
    var reader = try TraceFile.open(path: path, format: format)
    while let row = try reader.next() {
      progress.advance()
      try body(
        row.request, PrefixBlocks(tokensPerBlock: reader.tokensPerBlock, hashes: row.blocks))
    }
    return facts(reader.hasTimes, reader.skippedRows, reader.isEstimated)
  }

  /// The rows that are asked for, after a check of the whole trace.
  func checked() throws -> SlicedTrace {
    let progress = CheckProgress(isQuiet: false)
    defer { progress.clear() }
    return try SlicedTrace(path: path, format: format, slice: slice) { progress.update($0) }
  }

  private func facts(_ hasTimes: Bool, _ skippedRows: Int, _ isEstimated: Bool) -> TraceFacts {
    TraceFacts(
      fileName: baseName(path), format: format.rawValue, hasTimes: hasTimes,
      skippedRows: skippedRows, isEstimated: isEstimated)
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
