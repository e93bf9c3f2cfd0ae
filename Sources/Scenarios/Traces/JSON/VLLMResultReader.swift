import EventKernel

/// Reads the result of a vLLM benchmark that was saved in detail: one object in which every request
/// has its place in the lists `input_lens`, `output_lens` and, of newer versions, `start_times`.
///
/// The lists stand one behind the other, so the file is read at several places at once. Requests
/// with 0 output tokens failed and are left out.
struct VLLMResultReader: TraceReader {
  private let inputs: JSONStream
  private let outputs: JSONStream
  private let starts: JSONStream?
  private let allowsUnsorted: Bool
  private(set) var position = TextPosition(line: 1, column: 1)
  private(set) var skippedRows = 0
  private var isFirst = true
  private var isDone = false
  private var beginning: Nanoseconds?
  private var lastArrival: Nanoseconds = 0

  /// Finds the lists.
  init(path: String, allowsUnsorted: Bool) throws(TraceFault) {
    guard let inputs = try Self.list("input_lens", path),
      let outputs = try Self.list("output_lens", path)
    else {
      throw TraceFault(
        fileName: path.split(separator: "/").last.map(String.init) ?? path, position: nil,
        problem: "found no lists \"input_lens\" and \"output_lens\", needs a vLLM benchmark's "
          + "result saved with --save-detailed")
    }
    self.inputs = inputs
    self.outputs = outputs
    starts = try Self.list("start_times", path)
    self.allowsUnsorted = allowsUnsorted
  }

  private static func list(_ key: StaticString, _ path: String) throws(TraceFault) -> JSONStream? {
    let stream = JSONStream(try ByteStream(path: path))
    return try stream.enter(key) ? stream : nil
  }

  let tokensPerBlock: Int32 = 0
  var hasTimes: Bool { starts != nil }

  mutating func next() throws(TraceFault) -> TraceRow? {
    while !isDone {
      // Where one list cannot be followed further the others mean nothing.
      isDone = true
      let isMore = try inputs.hasNext(isFirst: isFirst)
      let lists = [("output_lens", outputs), ("start_times", starts)]
      for case (let name, let list?) in lists {
        guard try list.hasNext(isFirst: isFirst) == isMore else {
          throw TraceFault(
            fileName: inputs.fileName, position: nil,
            problem: "found lists of different lengths, input_lens and \(name), "
              + "needs an entry of each for every request")
        }
      }
      if !isMore { return nil }
      isFirst = false
      if let row = try row() { return row }
      skippedRows += 1
    }
    return nil
  }

  private mutating func row() throws(TraceFault) -> TraceRow? {
    let inputItem = try inputs.value()
    position = inputItem.position
    let input = try read(inputItem) { cursor throws(JSONCursor.Fault) in
      try cursor.length(of: "input", atLeast: 0)
    }
    let output = try read(outputs.value()) { cursor throws(JSONCursor.Fault) in
      try cursor.length(of: "output", atLeast: 0)
    }
    var arrival: Nanoseconds = 0
    var startPosition = position
    if let starts {
      let item = try starts.value()
      startPosition = item.position
      let start = try read(item) { cursor throws(JSONCursor.Fault) in
        // A clock's seconds since some instant, perhaps since 1970.
        try cursor.clock()
      }
      if beginning == nil { beginning = start }
      arrival = start - (beginning ?? start)
    }
    isDone = false
    if let needed = tooFar(arrival) {
      throw TraceFault(
        fileName: inputs.fileName, position: startPosition,
        problem: "found time \(secondsText(arrival)) s since the first request, \(needed)")
    }
    if !allowsUnsorted, arrival < lastArrival {
      throw TraceFault(
        fileName: inputs.fileName, position: startPosition,
        problem: "found time \(secondsText(arrival)) s after \(secondsText(lastArrival)) s since "
          + "the first request, needs times that never decrease; "
          + "\"simpp trace convert --sort\" sorts them")
    }
    lastArrival = arrival
    if input == 0 || output == 0 { return nil }
    return TraceRow(arrival: arrival, promptTokens: input, outputTokens: output)
  }

  private mutating func read<Value>(
    _ item: (bytes: UnsafeBufferPointer<UInt8>, position: TextPosition),
    _ parse: (inout JSONCursor) throws(JSONCursor.Fault) -> Value
  ) throws(TraceFault) -> Value {
    do throws(JSONCursor.Fault) {
      var cursor = JSONCursor(item.bytes)
      let value = try parse(&cursor)
      try cursor.end()
      return value
    } catch {
      throw TraceFault(
        fileName: inputs.fileName, position: item.position, problem: error.problem)
    }
  }
}
