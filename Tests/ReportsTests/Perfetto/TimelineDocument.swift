import EventKernel
import Foundation
import Reports
import Serving
import Support

/// One event of a timeline, as a JSON reader sees it.
struct TimelineEvent {
  var phase = ""
  var time: Nanoseconds = 0
  var duration: Nanoseconds = 0
  var process: Int?
  var thread: Int?
  var identifier: Int?
  var category = ""
  var name = ""
  var bindingPoint = ""
  var numbers: [String: Int64] = [:]
  var texts: [String: String] = [:]

  var end: Nanoseconds { time + duration }

  init?(_ value: Any) {
    guard let members = value as? [String: Any], let phase = members["ph"] as? String else {
      return nil
    }
    self.phase = phase
    time = Self.nanoseconds(members["ts"])
    duration = Self.nanoseconds(members["dur"])
    process = members["pid"] as? Int
    thread = members["tid"] as? Int
    identifier = members["id"] as? Int
    category = members["cat"] as? String ?? ""
    name = members["name"] as? String ?? ""
    bindingPoint = members["bp"] as? String ?? ""
    for (key, value) in members["args"] as? [String: Any] ?? [:] {
      if let text = value as? String {
        texts[key] = text
      } else if let number = value as? NSNumber {
        numbers[key] = number.int64Value
      }
    }
  }

  private static func nanoseconds(_ value: Any?) -> Nanoseconds {
    (value as? NSNumber).map { Nanoseconds(($0.doubleValue * 1_000).rounded()) } ?? 0
  }
}

/// A slice of a track, however it was written.
struct TimelineSlice {
  var name: String
  var category: String
  var from: Nanoseconds
  var to: Nanoseconds
  var depth: Int
  var numbers: [String: Int64]

  var duration: Nanoseconds { to - from }
}

/// A track as its names tell it.
struct TimelineTrack: Hashable {
  var process: String
  var name: String
}

/// A timeline read back, and everything in it that the format does not allow.
struct TimelineDocument {
  private(set) var events: [TimelineEvent] = []
  private(set) var faults: [String] = []
  private(set) var slices: [TimelineTrack: [TimelineSlice]] = [:]
  private(set) var processNames: [Int: String] = [:]
  private(set) var threadNames: [Int: TimelineTrack] = [:]

  init(_ bytes: [UInt8]) {
    let parsed = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
    guard let parsed, let values = parsed["traceEvents"] as? [Any] else {
      faults = ["no JSON object with a list of traceEvents"]
      return
    }
    expect(parsed["displayTimeUnit"] as? String == "ns", "displayTimeUnit is not ns")
    events = values.compactMap(TimelineEvent.init)
    expect(events.count == values.count, "something that is no event")
    checkTimes(bytes)
    readNames()
    readSlices()
    checkArrows()
    checkAsynchronous()
    checkCounters()
  }

  mutating func expect(_ holds: Bool, _ sentence: @autoclosure () -> String) {
    if !holds, faults.count < 20 { faults.append(sentence()) }
  }

  /// Microseconds, whole or with three digits, and nothing negative.
  private mutating func checkTimes(_ bytes: [UInt8]) {
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      for key in ["\"ts\":", "\"dur\":"] {
        guard let found = line.firstRange(of: Array(key.utf8)) else { continue }
        let number = line[found.upperBound...].prefix { $0 != 0x2c && $0 != 0x7d }
        let parts = number.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isRight =
          (parts.count == 1 || parts.count == 2 && parts[1].count == 3 && parts[1] != [48, 48, 48])
          && parts.allSatisfy { !$0.isEmpty && $0.allSatisfy { (48...57).contains($0) } }
        expect(isRight, String(decoding: line, as: UTF8.self))
      }
    }
  }

  /// Every process and track is named once, before anything happens on it.
  private mutating func readNames() {
    for event in events {
      guard let process = event.process else {
        expect(false, "\(event.phase) without pid")
        continue
      }
      if event.phase == "M" {
        readName(event, process)
        continue
      }
      expect("XBEsfbeC".contains(event.phase), "phase \(event.phase)")
      expect(processNames[process] != nil, "process \(process) has no name")
      if let thread = event.thread {
        expect(
          threadNames[thread]?.process == processNames[process], "track \(thread) has no name")
      } else {
        expect(event.phase == "C", "\(event.phase) without tid")
      }
      expect(event.phase == "E" || !event.name.isEmpty, "\(event.phase) without name")
      expect("EC".contains(event.phase) || !event.category.isEmpty, "\(event.name) without cat")
    }
    expect(Set(processNames.values).count == processNames.count, "two processes of one name")
    expect(Set(threadNames.values).count == threadNames.count, "two tracks of one name")
    expect(
      Set(processNames.keys).isDisjoint(with: threadNames.keys), "a track numbered as a process")
  }

  private mutating func readName(_ event: TimelineEvent, _ process: Int) {
    switch (event.name, event.texts["name"], event.thread) {
    case ("process_name", let name?, nil):
      expect(processNames[process] == nil, "process \(process) is named twice")
      processNames[process] = name
    case ("thread_name", let name?, let thread?):
      expect(threadNames[thread] == nil, "track \(thread) is named twice")
      threadNames[thread] = TimelineTrack(process: processNames[process] ?? "", name: name)
    case ("process_sort_index", nil, nil), ("thread_sort_index", nil, _?):
      expect(event.numbers["sort_index"] != nil, "no sort_index")
    default: expect(false, "metadata \(event.name)")
    }
  }

  /// Slices of a track lie side by side or within each other.
  ///
  /// Readers order events by time and leave those of one time in the file's order.
  private mutating func readSlices() {
    let chosen = events.filter { "XBE".contains($0.phase) }
    let ordered = chosen.enumerated().sorted {
      ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
    }
    var open: [Int: [(slice: TimelineSlice, isBegun: Bool)]] = [:]
    for event in ordered.map(\.element) {
      guard let thread = event.thread, let track = threadNames[thread] else { continue }
      var stack = open[thread] ?? []
      while let last = stack.last, !last.isBegun, last.slice.to <= event.time { stack.removeLast() }
      if event.phase == "E" {
        guard let last = stack.popLast(), last.isBegun else {
          expect(false, "\(track): nothing to end at \(event.time)")
          continue
        }
        var slice = last.slice
        slice.to = event.time
        slices[track, default: []].append(slice)
      } else {
        let isBegun = event.phase == "B"
        let slice = TimelineSlice(
          name: event.name, category: event.category, from: event.time,
          to: isBegun ? .max : event.end, depth: stack.count, numbers: event.numbers)
        let fits = stack.allSatisfy { $0.slice.to >= slice.to }
        expect(fits || isBegun, "\(track): \(slice.name) at \(slice.from) overlaps")
        stack.append((slice, isBegun))
        if !isBegun { slices[track, default: []].append(slice) }
      }
      open[thread] = stack
    }
    for (thread, stack) in open {
      expect(!stack.contains { $0.isBegun }, "track \(thread) has a slice that never ends")
    }
  }

  /// Each arrow has two ends in order of time, each within a slice: the last nanosecond of a step,
  /// and the first of another.
  private mutating func checkArrows() {
    var ends: [Int: [TimelineEvent]] = [:]
    var steps: [TimelineTrack: [Nanoseconds: TimelineSlice]] = [:]
    for (track, slices) in slices {
      for slice in slices where slice.category == "step" {
        steps[track, default: [:]][slice.from] = slice
        steps[track, default: [:]][slice.to - 1] = slice
      }
    }
    func step(_ event: TimelineEvent) -> TimelineSlice? {
      event.thread.flatMap { threadNames[$0] }.flatMap { steps[$0]?[event.time] }
    }
    for event in events where "sf".contains(event.phase) {
      expect(event.phase == "s" || event.bindingPoint == "e", "an arrow without bp")
      ends[event.identifier ?? -1, default: []].append(event)
    }
    for (identifier, pair) in ends {
      guard pair.count == 2, pair[0].phase == "s", pair[1].phase == "f" else {
        expect(false, "arrow \(identifier) has not two ends")
        continue
      }
      expect(pair[0].time < pair[1].time, "arrow \(identifier) goes back in time")
      expect(
        pair[0].name == pair[1].name && pair[0].category == pair[1].category,
        "arrow \(identifier) has two names")
      guard let from = step(pair[0]), let to = step(pair[1]) else {
        expect(false, "arrow \(identifier) does not join two steps")
        continue
      }
      expect(
        from.to == pair[0].time + 1 && to.from == pair[1].time,
        "arrow \(identifier) does not lead from an end to a begin")
      expect(
        from.numbers["microbatch"] == to.numbers["microbatch"],
        "arrow \(identifier) joins two micro-batches")
    }
  }

  /// What begins under an identifier ends under it, the innermost first.
  private mutating func checkAsynchronous() {
    var open: [Int: [TimelineEvent]] = [:]
    for event in events where "be".contains(event.phase) {
      let key = event.identifier ?? -1
      if event.phase == "b" {
        if let outer = open[key]?.last { expect(outer.time <= event.time, "\(key) goes back") }
        open[key, default: []].append(event)
      } else {
        let begin = open[key]?.popLast()
        expect(
          begin.map { $0.name == event.name && $0.time <= event.time } ?? false,
          "\(event.name) of \(key) ends at \(event.time)")
      }
    }
    expect(open.values.allSatisfy(\.isEmpty), "an asynchronous slice that never ends")
  }

  /// Counters are numbers from 0, one value an instant, and change when they are written.
  private mutating func checkCounters() {
    var last: [String: TimelineEvent] = [:]
    for event in events where event.phase == "C" {
      let key = "\(event.process ?? -1) \(event.name)"
      expect(!event.numbers.isEmpty && event.texts.isEmpty, "counter \(key) without numbers")
      expect(event.numbers.values.allSatisfy { $0 >= 0 }, "counter \(key) below 0")
      if let before = last[key] {
        expect(before.time < event.time, "counter \(key) has two values at \(event.time)")
        expect(before.numbers != event.numbers, "counter \(key) does not change")
      }
      last[key] = event
    }
  }
}

extension Outcome {
  /// What the writer makes of the run.
  func timeline(_ scenario: Scenario, chunks: ((Int) -> Void)? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    let writer = PerfettoWriter(producer: "test") {
      chunks?($0.count)
      bytes += $0
    }
    writer.begin(scenario, scheduler: 0, replication: 0)
    var told = 0
    for (place, event) in events.enumerated() {
      while told < bubbles.count, bubbles[told].place <= place {
        writer.tell(bubbles[told].bubble)
        told += 1
      }
      writer.log(event)
    }
    writer.finish()
    return bytes
  }
}
