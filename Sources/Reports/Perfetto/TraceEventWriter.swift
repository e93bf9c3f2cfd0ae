import EventKernel

/// A row of slices: a thread of a process in the words of the format.
struct Track {
  let process: Int64
  let thread: Int64
}

/// What a slice says beside its name and time.
enum TraceArgument {
  case integer(Int64)
  case text(String)
}

/// Bytes of the Trace Event Format (Google's "Trace Event Format" document, the JSON object form),
/// handed on in pieces of 64 KB.
///
/// Times are microseconds, so nanoseconds stand behind the point: 12.345. Every event has its time
/// before its name, so that readers that look for the time alone meet no escaped text. Numbers of
/// processes and tracks come from one counter: no track has the number of a process, which readers
/// would take for its main thread, and none is used twice, also where several runs share a file.
struct TraceEventWriter {
  /// Bytes written so far.
  private(set) var byteCount: Int64 = 0
  private var bytes: [UInt8] = []
  private let write: ([UInt8]) -> Void
  private var isFirst = true
  private var lastNumber: Int64 = 0
  private var lastIdentifier: Int64 = 0

  init(producer: String, write: @escaping ([UInt8]) -> Void) {
    self.write = write
    bytes.reserveCapacity(1 << 16 + 1 << 12)
    append("{\"displayTimeUnit\":\"ns\",\"otherData\":{\"producer\":")
    append(quoting: producer)
    append("},\"traceEvents\":[")
  }

  /// Ends the document and hands on what is left.
  mutating func finish() {
    append("\n]}\n")
    flush()
  }

  // MARK: Processes and tracks

  /// A new process; processes are shown in the order of their numbers.
  mutating func process(_ name: String) -> Int64 {
    lastNumber += 1
    let process = lastNumber
    for isName in [true, false] {
      open("M")
      append(",\"pid\":")
      append(process)
      metadata(isName ? "process_name" : "process_sort_index", isName ? name : nil, process)
    }
    return process
  }

  /// A new track of a process; tracks are shown in the order of their numbers.
  mutating func track(_ name: String, in process: Int64) -> Track {
    lastNumber += 1
    let track = Track(process: process, thread: lastNumber)
    for isName in [true, false] {
      open("M")
      place(track)
      metadata(isName ? "thread_name" : "thread_sort_index", isName ? name : nil, track.thread)
    }
    return track
  }

  private mutating func metadata(_ key: StaticString, _ name: String?, _ order: Int64) {
    append(",\"name\":\"")
    append(key)
    if let name {
      append("\",\"args\":{\"name\":")
      append(quoting: name)
    } else {
      append("\",\"args\":{\"sort_index\":")
      append(order)
    }
    append("}}")
  }

  // MARK: Slices

  /// A slice whose end is known.
  mutating func slice(
    on track: Track, _ name: String, _ category: StaticString, from: Nanoseconds, to: Nanoseconds,
    _ arguments: KeyValuePairs<StaticString, TraceArgument> = [:]
  ) {
    open("X", at: from)
    append(",\"dur\":")
    append(time: to - from)
    place(track)
    close(name, category, arguments)
  }

  /// Begins a slice that later ones on its track lie within, until `endSlice`.
  mutating func beginSlice(
    on track: Track, _ name: String, _ category: StaticString, at time: Nanoseconds,
    _ arguments: KeyValuePairs<StaticString, TraceArgument> = [:]
  ) {
    open("B", at: time)
    place(track)
    close(name, category, arguments)
  }

  /// Ends the innermost slice that was begun on a track.
  mutating func endSlice(on track: Track, at time: Nanoseconds) {
    open("E", at: time)
    place(track)
    append("}")
  }

  /// An arrow from the slice that encloses a time on a track to one on another.
  mutating func arrow(
    _ name: String, from: Track, at departure: Nanoseconds, to: Track, at arrival: Nanoseconds
  ) {
    let identifier = identifier()
    for isStart in [true, false] {
      open(isStart ? "s" : "f", at: isStart ? departure : arrival)
      place(isStart ? from : to)
      append(",\"id\":")
      append(identifier)
      // An arrow's end binds to the slice around it, not to the next one.
      if !isStart { append(",\"bp\":\"e\"") }
      close(name, "hop", [:])
    }
  }

  // MARK: Slices that belong to no track's order

  /// A number that ties the parts of one asynchronous slice, or the ends of one arrow, together.
  mutating func identifier() -> Int64 {
    lastIdentifier += 1
    return lastIdentifier
  }

  /// Begins an asynchronous slice; those of one identifier nest.
  mutating func beginAsynchronous(
    _ identifier: Int64, on track: Track, _ name: String, at time: Nanoseconds,
    _ arguments: KeyValuePairs<StaticString, TraceArgument> = [:]
  ) {
    open("b", at: time)
    place(track)
    append(",\"id\":")
    append(identifier)
    close(name, "request", arguments)
  }

  /// Ends the innermost asynchronous slice of an identifier.
  mutating func endAsynchronous(
    _ identifier: Int64, on track: Track, _ name: String, at time: Nanoseconds
  ) {
    open("e", at: time)
    place(track)
    append(",\"id\":")
    append(identifier)
    close(name, "request", [:])
  }

  /// Values of a counter of a process from a time on.
  mutating func counter(
    _ name: String, of process: Int64, at time: Nanoseconds,
    _ values: KeyValuePairs<StaticString, TraceArgument>
  ) {
    open("C", at: time)
    append(",\"pid\":")
    append(process)
    append(",\"name\":")
    append(quoting: name)
    append(arguments: values)
    append("}")
  }

  // MARK: Pieces of an event

  private mutating func open(_ phase: StaticString, at time: Nanoseconds? = nil) {
    if bytes.count >= 1 << 16 { flush() }
    append(isFirst ? "\n{\"ph\":\"" : ",\n{\"ph\":\"")
    isFirst = false
    append(phase)
    append("\"")
    guard let time else { return }
    append(",\"ts\":")
    append(time: time)
  }

  private mutating func place(_ track: Track) {
    append(",\"pid\":")
    append(track.process)
    append(",\"tid\":")
    append(track.thread)
  }

  private mutating func close(
    _ name: String, _ category: StaticString,
    _ arguments: KeyValuePairs<StaticString, TraceArgument>
  ) {
    append(",\"cat\":\"")
    append(category)
    append("\",\"name\":")
    append(quoting: name)
    if !arguments.isEmpty { append(arguments: arguments) }
    append("}")
  }

  private mutating func append(arguments: KeyValuePairs<StaticString, TraceArgument>) {
    append(",\"args\":{")
    for (position, (key, value)) in arguments.enumerated() {
      append(position == 0 ? "\"" : ",\"")
      append(key)
      append("\":")
      switch value {
      case .integer(let value): append(value)
      case .text(let value): append(quoting: value)
      }
    }
    append("}")
  }

  /// Microseconds, exactly: whole, or with three digits behind the point.
  private mutating func append(time: Nanoseconds) {
    append(time / 1_000)
    let rest = UInt8(time % 1_000 / 10)
    guard time % 1_000 != 0 else { return }
    let zero = UInt8(ascii: "0")
    bytes.append(UInt8(ascii: "."))
    bytes.append(zero + rest / 10)
    bytes.append(zero + rest % 10)
    bytes.append(zero + UInt8(time % 10))
  }

  private mutating func append(_ value: Int64) {
    bytes.append(contentsOf: String(value).utf8)
  }

  private mutating func append(_ text: StaticString) {
    text.withUTF8Buffer { bytes.append(contentsOf: $0) }
  }

  /// A string literal; some readers know no escape by number, so control characters become spaces.
  private mutating func append(quoting text: String) {
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"):
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(byte)
      case ..<0x20, 0x7f: bytes.append(UInt8(ascii: " "))
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  private mutating func flush() {
    byteCount += Int64(bytes.count)
    write(bytes)
    bytes.removeAll(keepingCapacity: true)
  }
}
