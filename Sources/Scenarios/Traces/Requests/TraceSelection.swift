import EventKernel

/// Which rows of a trace become requests, and at what pace.
struct TraceSelection: Sendable, Hashable {
  /// Rows from this instant of the trace on, in nanoseconds; it becomes the run's beginning.
  var start: Nanoseconds = 0
  /// For so long, in nanoseconds of the trace; nil: to its end.
  var length: Nanoseconds?
  /// Most rows of the slice, its first ones; nil: all.
  var limit: Int64?
  /// The share of the rows that is kept, conversations as a whole.
  var sample = 1.0
  /// How many times as fast as the trace requests come.
  var rateScale = 1.0
  /// Over how long requests of one instant are spread, in nanoseconds; 0: they come together.
  var spread: Nanoseconds = 0
  /// How often the slice is repeated; nil: without end.
  var laps: Int64? = 1

  /// Whether an instant of the trace lies in the slice.
  func contains(_ arrival: Nanoseconds) -> Bool {
    arrival >= start && arrival - start < length ?? .max
  }

  /// When a request arrives that stands so long after the slice's beginning, laps included.
  func arrival(_ offset: Nanoseconds) -> Nanoseconds {
    Self.paced(offset, rateScale: rateScale)
  }

  /// An offset from the beginning when requests come so many times as fast; `max` when it is beyond
  /// all times.
  static func paced(_ offset: Nanoseconds, rateScale: Double) -> Nanoseconds {
    if rateScale == 1 { return offset }
    let scaled = Double(offset) / rateScale
    // Beyond 292 years an Int64 of nanoseconds ends; such an arrival never comes.
    return scaled < 9e18 ? Nanoseconds(scaled.rounded()) : .max
  }

  /// Most rows of one instant that can be spread, because they are held together for that.
  static let mostSpread = 1_000_000
}

/// What a trace's slice is like as a whole: what a run must know before its first row.
struct TraceExtent: Sendable, Hashable {
  /// Rows of the whole trace.
  var rows: Int64 = 0
  /// Rows of the slice, before sampling.
  var selected: Int64 = 0
  /// Of the slice, in nanoseconds of the trace.
  var firstArrival: Nanoseconds = 0
  /// Of the slice, in nanoseconds of the trace.
  var lastArrival: Nanoseconds = 0
  /// The greatest number of a conversation; -1 without any.
  var greatestSession: Int64 = -1
  /// The most rows of the slice at one instant.
  var mostTogether: Int64 = 0
  private var together: Int64 = 0

  /// Takes note of a row of the slice.
  mutating func add(_ row: TraceRow) {
    together = selected > 0 && row.arrival == lastArrival ? together + 1 : 1
    mostTogether = max(mostTogether, together)
    if selected == 0 { firstArrival = row.arrival }
    lastArrival = row.arrival
    greatestSession = max(greatestSession, row.session)
    selected += 1
  }

  /// From one lap of the slice to the next, in nanoseconds of the trace: its length where that is
  /// given; else to its last request and by the mean gap further.
  func lap(of selection: TraceSelection) -> Nanoseconds {
    if let length = selection.length { return length }
    let gap = selected > 1 ? (lastArrival - firstArrival) / (selected - 1) : 1_000_000_000
    return lastArrival - selection.start + max(1, gap)
  }

  /// When the last request of all laps arrives, in nanoseconds of the run; nil without an end.
  func end(of selection: TraceSelection) -> Nanoseconds? {
    guard let laps = selection.laps else { return nil }
    let (before, overflow) = (laps - 1).multipliedReportingOverflow(by: lap(of: selection))
    let last = lastArrival - selection.start + (selection.spread > 0 ? selection.spread - 1 : 0)
    guard !overflow, before < Nanoseconds.max - last else { return .max }
    return selection.arrival(before + last)
  }
}
