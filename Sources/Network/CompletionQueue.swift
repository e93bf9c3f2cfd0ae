import EventKernel

/// The running flows by completion time and then by start; an indexed heap that keeps its storage.
struct CompletionQueue: Sendable {
  private struct Entry: Sendable {
    var time: Nanoseconds
    var order: Int64
    var flow: Int32

    @inline(__always)
    static func < (left: Entry, right: Entry) -> Bool {
      left.time != right.time ? left.time < right.time : left.order < right.order
    }
  }

  private var entries: [Entry] = []
  private var positions: [Int32] = []

  /// The earliest completion and its flow.
  var first: (time: Nanoseconds, flow: Int32)? {
    entries.first.map { ($0.time, $0.flow) }
  }

  mutating func insert(_ flow: Int32, order: Int64, time: Nanoseconds) {
    while positions.count <= Int(flow) { positions.append(-1) }
    let entry = Entry(time: time, order: order, flow: flow)
    entries.append(entry)
    rise(entry, from: entries.count - 1)
  }

  mutating func update(_ flow: Int32, time: Nanoseconds) {
    let position = Int(positions[Int(flow)])
    var entry = entries[position]
    if entry.time == time { return }
    let isEarlier = time < entry.time
    entry.time = time
    if isEarlier {
      rise(entry, from: position)
    } else {
      sink(entry, from: position)
    }
  }

  mutating func remove(_ flow: Int32) {
    let position = Int(positions[Int(flow)])
    let last = entries.removeLast()
    guard position < entries.count else { return }
    if last < entries[position] {
      rise(last, from: position)
    } else {
      sink(last, from: position)
    }
  }

  private mutating func rise(_ entry: Entry, from start: Int) {
    var hole = start
    while hole > 0 {
      let parent = (hole - 1) / 2
      guard entry < entries[parent] else { break }
      place(entries[parent], at: hole)
      hole = parent
    }
    place(entry, at: hole)
  }

  private mutating func sink(_ entry: Entry, from start: Int) {
    var hole = start
    while true {
      var child = 2 * hole + 1
      guard child < entries.count else { break }
      if child + 1 < entries.count && entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entry else { break }
      place(entries[child], at: hole)
      hole = child
    }
    place(entry, at: hole)
  }

  @inline(__always)
  private mutating func place(_ entry: Entry, at position: Int) {
    entries[position] = entry
    positions[Int(entry.flow)] = Int32(truncatingIfNeeded: position)
  }
}
