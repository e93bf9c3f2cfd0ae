import EventKernel

/// The rows of a trace that become requests, in order of arrival: sliced, spread, sampled, repeated
/// and paced.
struct SelectedRows {
  private let path: String
  private let format: TraceFormat
  private let selection: TraceSelection
  private let extent: TraceExtent
  private let draws: RandomStream
  private var reader: any TraceReader
  private var lap: Int64 = 0
  /// Rows of the slice taken in this lap.
  private var taken: Int64 = 0
  /// Rows of one instant, spread already, of which `given` have been given.
  private var group: [TraceRow] = []
  private var given = 0
  /// The first row behind the group.
  private var pending: TraceRow?
  /// Rows of the slice that were read in this lap, for its limit.
  private var readInLap: Int64 = 0

  /// Opens the trace.
  init(
    path: String, format: TraceFormat, selection: TraceSelection, extent: TraceExtent,
    draws: RandomStream
  ) throws(TraceFault) {
    self.path = path
    self.format = format
    self.selection = selection
    self.extent = extent
    self.draws = draws
    reader = try TraceFile.open(path: path, format: format)
  }

  /// Tokens of one of the rows' blocks, 0 when the format has none.
  var tokensPerBlock: Int32 { reader.tokensPerBlock }

  /// The next row, nil after the last lap's last; its arrival counts from the run's beginning.
  mutating func next() throws(TraceFault) -> TraceRow? {
    while true {
      guard var row = try nextSpread() else {
        guard extent.selected > 0, lap + 1 < selection.laps ?? .max else { return nil }
        lap += 1
        taken = 0
        reader = try TraceFile.open(path: path, format: format)
        continue
      }
      if !isSampled(row) { continue }
      row.arrival = arrival(of: row)
      if lap > 0 { tellApart(&row) }
      return row
    }
  }

  /// The run's time of a row.
  private func arrival(of row: TraceRow) -> Nanoseconds {
    let (before, overflow) = lap.multipliedReportingOverflow(by: extent.lap(of: selection))
    let offset = row.arrival - selection.start
    guard !overflow, before < Nanoseconds.max - offset else { return .max }
    return selection.arrival(before + offset)
  }

  /// A later lap's conversations and prompts are others than those of the laps before.
  private func tellApart(_ row: inout TraceRow) {
    if row.session >= 0 {
      row.session = (row.session &+ lap &* (extent.greatestSession &+ 1)) & .max
    }
    let salt = BlockHash.chained(0, UInt64(bitPattern: lap))
    for index in row.blocks.indices {
      row.blocks[index] = BlockHash.chained(salt, row.blocks[index])
    }
  }

  /// Whether a row is kept; the rows of a conversation are kept together.
  private func isSampled(_ row: TraceRow) -> Bool {
    if selection.sample >= 1 { return true }
    let index = row.session >= 0 ? UInt64(row.session) : UInt64(taken)
    return draws.uniform(at: index, lane: UInt64(lap)) < selection.sample
  }

  /// The next row of the slice, spread; nil at the end of the lap.
  private mutating func nextSpread() throws(TraceFault) -> TraceRow? {
    if selection.spread == 0 {
      guard let row = try nextOfSlice() else { return nil }
      taken += 1
      return row
    }
    if given == group.count { try gather() }
    guard given < group.count else { return nil }
    given += 1
    taken += 1
    return group[given - 1]
  }

  /// Gathers the rows of the next instant and spreads them evenly over the time to spread, or to the
  /// next instant where that comes earlier.
  private mutating func gather() throws(TraceFault) {
    group.removeAll(keepingCapacity: true)
    given = 0
    guard let first = try takePending() else { return }
    group.append(first)
    while let row = try nextOfSlice() {
      if row.arrival != first.arrival {
        pending = row
        break
      }
      group.append(row)
    }
    var step = selection.spread
    if let pending { step = min(step, pending.arrival - first.arrival) }
    for index in group.indices {
      let share = Int128(step) * Int128(index) / Int128(group.count)
      group[index].arrival += Nanoseconds(share)
    }
  }

  private mutating func takePending() throws(TraceFault) -> TraceRow? {
    guard let row = pending else { return try nextOfSlice() }
    pending = nil
    return row
  }

  /// The next row of the slice, as it stands in the trace.
  private mutating func nextOfSlice() throws(TraceFault) -> TraceRow? {
    if readInLap == selection.limit ?? .max { return endLap() }
    while let row = try reader.next() {
      if row.arrival < selection.start { continue }
      if !selection.contains(row.arrival) { return endLap() }
      readInLap += 1
      return row
    }
    return endLap()
  }

  private mutating func endLap() -> TraceRow? {
    // Only an opened reader brings more.
    reader = EndedTrace(tokensPerBlock: reader.tokensPerBlock)
    readInLap = 0
    return nil
  }
}

/// A trace of which everything has been read.
private struct EndedTrace: TraceReader {
  let tokensPerBlock: Int32
  let position = TextPosition(line: 1, column: 1)

  mutating func next() throws(TraceFault) -> TraceRow? { nil }
}
