import EventKernel

/// Tracks that take turns, so that slices that overlap in time lie side by side.
///
/// Each track keeps its last slice until the next one begins or everything is closed, because the
/// run may end before the slice does.
struct Lanes {
  private struct Lane {
    let track: Track
    var slice: Slice?
  }

  /// A slice that is not written yet.
  struct Slice {
    var name: String
    var category: StaticString
    var from: Nanoseconds
    /// When it ends; `max` while nobody knows.
    var to: Nanoseconds
    var arguments: KeyValuePairs<StaticString, TraceArgument>
  }

  private let name: String
  private let process: Int64
  private var lanes: [Lane] = []

  init(_ name: String, in process: Int64) {
    self.name = name
    self.process = process
  }

  /// Puts a slice on the first track that is free at its begin; returns which one.
  mutating func begin(_ slice: Slice, _ out: inout TraceEventWriter) -> Int {
    if let free = lanes.firstIndex(where: { $0.slice.map { $0.to <= slice.from } ?? true }) {
      write(free, until: .max, &out)
      lanes[free].slice = slice
      return free
    }
    let number = lanes.count + 1
    let track = out.track(number == 1 ? name : "\(name) (\(number))", in: process)
    lanes.append(Lane(track: track, slice: slice))
    return lanes.count - 1
  }

  /// Learns when the slice on a track ends; that may be later than now.
  mutating func setEnd(_ lane: Int, at time: Nanoseconds) { lanes[lane].slice?.to = time }

  /// Ends the slice on a track.
  mutating func end(_ lane: Int, at time: Nanoseconds, _ out: inout TraceEventWriter) {
    write(lane, until: time, &out)
  }

  /// Ends every slice that goes on.
  mutating func close(at time: Nanoseconds, _ out: inout TraceEventWriter) {
    for lane in lanes.indices { write(lane, until: time, &out) }
  }

  private mutating func write(_ lane: Int, until time: Nanoseconds, _ out: inout TraceEventWriter) {
    guard let slice = lanes[lane].slice else { return }
    lanes[lane].slice = nil
    out.slice(
      on: lanes[lane].track, slice.name, slice.category, from: slice.from, to: min(slice.to, time),
      slice.arguments)
  }
}
