public import EventKernel
public import Workload

/// Draws requests from ServeGen client data, in order of arrival over all clients.
///
/// In each window a client sends exactly as many requests as were counted (rate · length). Their gaps
/// are drawn from the window's family and shape, and stretched so that they fill the window; the
/// fitted scale is not used, because it does not keep the rate. Lengths are drawn from the window's
/// distributions, prompt and output separately, as the data give them. Memory grows with the number
/// of windows, not of requests.
public struct ServeGenReader: TraceReader {
  private var streams: [ServeGenClientStream]
  /// When each client's next request arrives, in nanoseconds; `max` when it has no more.
  private var arrivals: [Nanoseconds]
  /// The row at which the window of the last request begins.
  public private(set) var position = TextPosition(line: 1, column: 1)
  /// The number of the client who sent the last request; -1 before the first.
  private(set) var client = -1
  /// The clients' prompts have no known content.
  public let tokensPerBlock: Int32 = 0

  /// Creates a reader from the first request on.
  ///
  /// - Parameters:
  ///   - data: The clients.
  ///   - seed: The seed of every draw.
  ///   - name: A name that tells these draws from those of other readers.
  ///   - fallback: Lengths of clients and windows that have none.
  ///   - start: Windows that end at or before this time of the data are left out, in nanoseconds.
  /// - Throws: A fault when a client has requests without lengths and there is no fallback.
  public init(
    _ data: ServeGenData, seed: UInt64, name: String, fallback: RequestLengths? = nil,
    from start: Nanoseconds = 0
  ) throws(TraceFault) {
    let first = data.extent.lowerBound
    streams = []
    for client in data.clients {
      if fallback == nil { try Self.checkLengths(of: client) }
      streams.append(
        ServeGenClientStream(
          client, origin: first, from: start, stream: "servegen/\(name)/\(client.number)",
          seed: seed, fallback: fallback))
    }
    arrivals = streams.map { $0.next ?? .max }
  }

  /// The requests that a folder stands for where it is read as a trace: always drawn with the same
  /// random numbers, clients of whose lengths there is no file left out.
  ///
  /// - Parameters:
  ///   - data: The clients.
  ///   - start: Windows that end at or before this time of the data are left out, in nanoseconds.
  /// - Throws: A fault when no client has lengths, or one lacks them for some of its requests.
  public init(asTrace data: ServeGenData, from start: Nanoseconds = 0) throws(TraceFault) {
    try self.init(data.withoutClientsWithoutLengths(), seed: 1, name: "trace", from: start)
  }

  /// The next request, nil after the last.
  public mutating func next() -> TraceRow? {
    var earliest = -1
    var best = Nanoseconds.max
    for (index, arrival) in arrivals.enumerated() where arrival < best {
      earliest = index
      best = arrival
    }
    guard earliest >= 0 else { return nil }
    position = TextPosition(line: streams[earliest].line, column: 1)
    client = streams[earliest].number
    let row = streams[earliest].take()
    arrivals[earliest] = streams[earliest].next ?? .max
    return row
  }

  private static func checkLengths(of client: ServeGenData.Client) throws(TraceFault) {
    let remedy = "or \"prompt\" and \"output\" for clients without lengths"
    guard let lengths = client.lengths else {
      throw TraceFault(
        fileName: client.fileName, position: nil,
        problem: "found no \(client.lengthsFileName) beside it, needs the client's lengths, "
          + remedy)
    }
    for window in client.windows where window.count > 0 {
      let covering = lengths.last { $0.start <= window.start }
      if covering?.prompt != nil, covering?.output != nil { continue }
      throw TraceFault(
        fileName: client.lengthsFileName, position: covering?.position,
        problem: "found no lengths for the \(window.count) requests of line \(window.line) of "
          + "\(client.fileName), needs them, \(remedy)")
    }
  }
}

/// One client's requests, window by window.
struct ServeGenClientStream {
  /// When the next request arrives, in nanoseconds; nil when there is none.
  private(set) var next: Nanoseconds?
  private let client: ServeGenData.Client
  private let origin: Nanoseconds
  private let gaps: RandomStream
  private let prompts: RandomStream
  private let outputs: RandomStream
  private let fallback: RequestLengths?
  /// The window of the next request, and how many of its requests came before.
  private var window = -1
  private var taken: Int64 = 0
  /// Sums of the window's gaps: up to the next request, and all of them.
  private var sum = 0.0
  private var total = 0.0
  /// Which window of lengths holds for the next request; -1 before the first.
  private var lengths = -1

  init(
    _ client: ServeGenData.Client, origin: Nanoseconds, from start: Nanoseconds, stream: String,
    seed: UInt64, fallback: RequestLengths?
  ) {
    self.client = client
    self.origin = origin
    self.fallback = fallback
    gaps = RandomStream(seed: seed, name: stream + "/arrivals")
    prompts = RandomStream(seed: seed, name: stream + "/prompt")
    outputs = RandomStream(seed: seed, name: stream + "/output")
    // Windows draw by their own numbers, so those before the start need not be drawn.
    window = (client.windows.firstIndex { $0.end - origin > start } ?? client.windows.count) - 1
    enterNextWindow()
  }

  /// The line of the window of the next request.
  var line: Int { client.windows[min(max(window, 0), client.windows.count - 1)].line }

  /// The client's number.
  var number: Int { client.number }

  /// The next request; there must be one.
  mutating func take() -> TraceRow {
    let number = Self.number(window, taken)
    let drawn = lengths(at: number)
    let row = TraceRow(
      arrival: next ?? 0, promptTokens: drawn.promptTokens, outputTokens: drawn.outputTokens)
    taken += 1
    if taken < client.windows[window].count { findNext() } else { enterNextWindow() }
    return row
  }

  /// The number of a request's draws: its window and its place there.
  private static func number(_ window: Int, _ place: Int64) -> UInt64 {
    UInt64(window) << 40 | UInt64(place)
  }

  /// Goes to the next window with requests, and sums up its gaps: one before each request and one
  /// after the last.
  private mutating func enterNextWindow() {
    window += 1
    while window < client.windows.count, client.windows[window].count == 0 { window += 1 }
    guard window < client.windows.count else {
      next = nil
      return
    }
    taken = 0
    sum = 0
    total = 0
    for place in 0...client.windows[window].count { total += gap(place) }
    let entered = client.windows[window].start
    while let following = client.lengths?.dropFirst(lengths + 1).first, following.start <= entered {
      lengths += 1
    }
    findNext()
  }

  private func gap(_ place: Int64) -> Double {
    client.windows[window].gaps.sample(gaps, at: Self.number(window, place))
  }

  private mutating func findNext() {
    sum += gap(taken)
    let current = client.windows[window]
    // Gaps may all be too small for a double; then the requests come at the window's start.
    let share = total > 0 ? sum / total : 0
    next =
      current.start - origin
      + nanoseconds(fromSeconds: share * (Double(current.end - current.start) / 1e9))
  }

  private func lengths(at number: UInt64) -> LengthRows.Row {
    if lengths >= 0, let window = client.lengths?[lengths], let prompt = window.prompt,
      let output = window.output
    {
      return LengthRows.Row(
        promptTokens: Int32(prompt.quantile(prompts.uniform(at: number))),
        outputTokens: Int32(output.quantile(outputs.uniform(at: number))))
    }
    return fallback?.sample(prompts, outputs, at: number)
      ?? LengthRows.Row(promptTokens: 1, outputTokens: 1)
  }
}
