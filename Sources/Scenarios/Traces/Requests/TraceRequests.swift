import EventKernel
import Workload

/// The requests of one workload as a trace tells them; opened anew for each run.
struct TraceRequests: RequestSource {
  /// The workload's name; it names the stream of the sample's draws.
  var name: String
  /// The trace, as it was when it was checked.
  var content: FileContent
  var format: TraceFormat
  var selection: TraceSelection
  var extent: TraceExtent
  /// Arrivals at or after this instant are not sent, in nanoseconds.
  var duration: Nanoseconds
  /// When requests arrive where the trace does not say, or is not to; nil: as the trace says.
  var times: (any RequestSource)?

  func open(seed: UInt64) -> any RequestStream {
    let rows = RecordedRows(self, seed: seed)
    guard let times else { return RecordedStream(rows, duration: duration) }
    return RetimedStream(rows, times: times.open(seed: seed))
  }
}

/// The rows of a trace, one known ahead, up to the first fault.
struct RecordedRows {
  private(set) var next: TraceRow?
  private let content: FileContent
  private var rows: SelectedRows?
  private var found: TraceFault?

  init(_ source: TraceRequests, seed: UInt64) {
    content = source.content
    let draws = RandomStream(seed: seed, name: "workload/" + source.name + "/trace")
    do throws(TraceFault) {
      rows = try SelectedRows(
        path: content.path, format: source.format, selection: source.selection,
        extent: source.extent, draws: draws)
    } catch {
      found = error
    }
    advance()
  }

  var tokensPerBlock: Int32 { rows?.tokensPerBlock ?? 0 }

  /// Goes on to the row after the one that was known.
  mutating func advance() {
    do throws(TraceFault) {
      next = try rows?.next()
    } catch {
      next = nil
      rows = nil
      found = error
    }
  }

  /// Why the rows ended early, or that they are no longer those that were checked.
  var fault: StreamFault? {
    (found ?? content.change).map { StreamFault($0.description, isContent: $0.kind == .content) }
  }
}

/// Requests at the times of the trace.
private struct RecordedStream: RequestStream {
  private var rows: RecordedRows
  private let duration: Nanoseconds
  private(set) var prefixBlocks = PrefixBlocks.unknown
  private var promptTokens: Int32 = 0

  init(_ rows: RecordedRows, duration: Nanoseconds) {
    self.rows = rows
    self.duration = duration
  }

  var contentBlocks: PrefixBlocks { prefixBlocks.whole(of: promptTokens) }

  var nextArrival: Nanoseconds? {
    guard let next = rows.next, next.arrival < duration else { return nil }
    return next.arrival
  }

  mutating func next() -> ArrivingRequest? {
    guard let row = rows.next, row.arrival < duration else { return nil }
    prefixBlocks = PrefixBlocks(tokensPerBlock: rows.tokensPerBlock, hashes: row.blocks)
    promptTokens = row.promptTokens
    rows.advance()
    return ArrivingRequest(row, arrival: row.arrival)
  }

  var fault: StreamFault? { rows.fault }
}

/// Requests with the lengths of the trace at the times of an arrival process; they end with either.
private struct RetimedStream: RequestStream {
  private var rows: RecordedRows
  private var times: any RequestStream
  private(set) var prefixBlocks = PrefixBlocks.unknown
  private var promptTokens: Int32 = 0

  init(_ rows: RecordedRows, times: any RequestStream) {
    self.rows = rows
    self.times = times
  }

  var contentBlocks: PrefixBlocks { prefixBlocks.whole(of: promptTokens) }

  var nextArrival: Nanoseconds? { rows.next == nil ? nil : times.nextArrival }

  mutating func next() -> ArrivingRequest? {
    guard let row = rows.next, let time = times.next() else { return nil }
    prefixBlocks = PrefixBlocks(tokensPerBlock: rows.tokensPerBlock, hashes: row.blocks)
    promptTokens = row.promptTokens
    rows.advance()
    var request = ArrivingRequest(row, arrival: time.arrival)
    if time.session >= 0 {
      // A closed loop knows its clients by this.
      request.session = time.session
      request.turn = time.turn
    }
    return request
  }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    times.ended(request, isCompleted: isCompleted, at: now)
  }

  var fault: StreamFault? { rows.fault ?? times.fault }
}

extension ArrivingRequest {
  /// The request of a row; its workload is whoever merges it.
  fileprivate init(_ row: TraceRow, arrival: Nanoseconds) {
    self.init(
      arrival: arrival, workload: 0, promptTokens: row.promptTokens,
      outputTokens: row.outputTokens, session: row.session, turn: row.turn)
  }
}
