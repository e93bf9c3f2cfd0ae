public import EventKernel
import JSON

/// What a command asks of a trace's rows; a new one asks for all of them as they are.
public struct TraceSlice: Sendable, Hashable {
  /// Rows from this instant on, in nanoseconds; it becomes 0.
  public var start: Nanoseconds = 0
  /// Rows before this instant, in nanoseconds; nil: to the end.
  public var end: Nanoseconds?
  /// Most rows of the slice, its first ones; nil: all.
  public var limit: Int64?
  /// The share of the rows that is kept, conversations as a whole.
  public var sample = 1.0
  /// How many times as fast as the trace requests come.
  public var rateScale = 1.0
  /// Over how long requests of one instant are spread, in nanoseconds; 0: they come together.
  public var spread: Nanoseconds = 0
  /// How often the slice is repeated.
  public var laps: Int64 = 1

  /// All rows as they are.
  public init() {}

  /// Whether it asks for anything.
  public var isWhole: Bool { self == TraceSlice() }

  /// Whether it asks for something that a trace without times cannot give.
  var needsTimes: Bool { start != 0 || end != nil || rateScale != 1 || spread != 0 }

  /// When a request arrives that stands so long after the slice's beginning, in nanoseconds.
  ///
  /// - Throws: A fault when that is later than a trace may last.
  public func arrival(
    _ offset: Nanoseconds, ofFile fileName: String
  ) throws(TraceFault) -> Nanoseconds {
    let arrival = selection.arrival(offset)
    try check(arrival, ofFile: fileName)
    return arrival
  }

  /// Checks that a request does not come later than a trace may last.
  ///
  /// - Throws: A fault that names the options by which it comes so late.
  func check(_ arrival: Nanoseconds, ofFile fileName: String) throws(TraceFault) {
    if arrival <= Limit.time { return }
    var remedies: [String] = []
    if rateScale < 1 { remedies.append("a greater --rate-scale") }
    if laps > 1 { remedies.append("a smaller --loop") }
    remedies.append(isWhole ? "a shorter trace" : "an earlier --to")
    throw TraceFault(
      fileName: fileName, position: nil,
      problem: "found requests that would arrive later than \(shortTime(Limit.time)), needs "
        + remedies.joined(separator: " or "))
  }

  var selection: TraceSelection {
    TraceSelection(
      start: start, length: end.map { $0 - start }, limit: limit, sample: sample,
      rateScale: rateScale, spread: spread, laps: laps)
  }
}

/// The rows of a trace that a slice asks for, in order of arrival.
public struct SlicedTrace {
  /// Whether rows say when their requests arrived.
  public let hasTimes: Bool
  /// Whether rows belong to conversations.
  public let hasSessions: Bool
  /// Rows of the file left out because they are no requests.
  public let skippedRows: Int
  /// Whether lengths are estimated from texts.
  public let isEstimated: Bool
  private let content: FileContent?
  private let slice: TraceSlice
  private let fileName: String
  private var rows: SelectedRows

  /// Reads a trace to its end to check it, then opens it.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - format: Its format.
  ///   - slice: What is asked of its rows.
  ///   - progress: Is told how far the check has come.
  /// - Throws: The first fault of the trace, or that the slice is empty or impossible.
  public init(
    path: String, format: TraceFormat, slice: TraceSlice = TraceSlice(),
    progress: ((TraceProgress) -> Void)? = nil
  ) throws(TraceFault) {
    let selection = slice.selection
    let check = TraceCheck(path: path, format: format, selection: selection, progress: progress)
    if let fault = check.faults.first { throw fault }
    content = check.content
    fileName = check.content?.fileName ?? path
    self.slice = slice
    if let problem = Self.problem(check, slice) {
      throw TraceFault(fileName: fileName, position: nil, problem: problem)
    }
    if let last = check.extent.end(of: selection) { try slice.check(last, ofFile: fileName) }
    hasTimes = check.hasTimes
    hasSessions = check.extent.greatestSession >= 0
    skippedRows = check.skippedRows
    isEstimated = check.isEstimated
    // Which rows a sample keeps must not change from one command to the next.
    rows = try SelectedRows(
      path: path, format: format, selection: selection, extent: check.extent,
      draws: RandomStream(seed: 1, name: "trace/sample"))
  }

  private static func problem(_ check: TraceCheck, _ slice: TraceSlice) -> String? {
    if check.extent.rows == 0 { return "found no request, needs at least one" }
    if check.extent.selected == 0 { return "found no request in the slice, needs at least one" }
    if !check.hasTimes, slice.needsTimes {
      return "has lengths but no arrival times, and what is asked for needs both"
    }
    if slice.spread > 0, check.extent.mostTogether > TraceSelection.mostSpread {
      return "has \(grouped(check.extent.mostTogether)) requests at one time, at most "
        + "\(grouped(TraceSelection.mostSpread)) can be spread"
    }
    return nil
  }

  /// Tokens of one of the rows' blocks, 0 when the format has none.
  public var tokensPerBlock: Int32 { rows.tokensPerBlock }

  /// The next row, nil after the last.
  ///
  /// - Throws: A fault that the check did not see, because the file has changed since.
  public mutating func next() throws(TraceFault) -> TraceRow? {
    if let row = try rows.next() {
      try slice.check(row.arrival, ofFile: fileName)
      return row
    }
    if let change = content?.change { throw change }
    return nil
  }
}
