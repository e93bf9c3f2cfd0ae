import EventKernel
import Scenarios

/// The rows of a trace in order of arrival, from whatever they are read.
protocol TraceRows {
  /// The next row, nil after the last.
  mutating func next() throws -> TraceRow?
  /// Tokens of one of the rows' blocks, 0 when there are none.
  var tokensPerBlock: Int32 { get }
  /// Whether rows say when their requests arrived.
  var hasTimes: Bool { get }
  /// Rows left out so far because they are no requests.
  var skippedRows: Int { get }
  /// Whether lengths are estimated from texts.
  var isEstimated: Bool { get }
}

extension SlicedTrace: TraceRows {}

/// A file's rows as they are, in one pass.
struct WholeFile: TraceRows {
  private var reader: any TraceReader

  init(path: String, format: TraceFormat) throws {
    reader = try TraceFile.open(path: path, format: format)
  }

  var tokensPerBlock: Int32 { reader.tokensPerBlock }
  var hasTimes: Bool { reader.hasTimes }
  var skippedRows: Int { reader.skippedRows }
  var isEstimated: Bool { reader.isEstimated }

  mutating func next() throws -> TraceRow? { try reader.next() }
}

/// Requests drawn from a folder of ServeGen client data, always with the same random numbers.
///
/// Clients of whose lengths there is no file are left out.
struct ServeGenRows: TraceRows {
  let tokensPerBlock: Int32 = 0
  let hasTimes = true
  let skippedRows = 0
  let isEstimated = false
  /// The clients that are left out.
  let withoutLengths: [Int]
  private let folderName: String
  private let slice: TraceSlice
  private var reader: ServeGenReader
  private var taken: Int64 = 0

  init(folder: String, slice: TraceSlice) throws {
    let data = try ServeGenData(folder: folder)
    folderName = data.name
    withoutLengths = data.clientsWithoutLengths
    reader = try ServeGenReader(asTrace: data, from: slice.start)
    self.slice = slice
  }

  mutating func next() throws -> TraceRow? {
    guard taken < slice.limit ?? .max else { return nil }
    while var row = reader.next() {
      if row.arrival < slice.start { continue }
      if let end = slice.end, row.arrival >= end { return nil }
      taken += 1
      row.arrival = try slice.arrival(row.arrival - slice.start, ofFile: folderName)
      return row
    }
    return nil
  }

  /// Draws what is asked for once, so that a request that comes too late is told before anything is
  /// written; only those that are slowed down can.
  func check() throws {
    guard slice.rateScale < 1 else { return }
    var rows = self
    while try rows.next() != nil {}
  }

  /// Whether it can give what a slice asks for: everything but samples, spreading and repeating.
  static func canGive(_ slice: TraceSlice) -> Bool {
    slice.sample == 1 && slice.spread == 0 && slice.laps == 1
  }
}
