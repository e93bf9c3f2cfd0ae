import EventKernel
import Workload

/// The requests of one workload, drawn from ServeGen client data.
struct ServeGenRequests: RequestSource {
  /// The workload's name; it names the draws.
  var name: String
  var data: ServeGenData
  /// Lengths of clients that have none.
  var fallback: RequestLengths?
  /// The time of the data that is the run's beginning, in nanoseconds.
  var start: Nanoseconds = 0
  /// For so long, in nanoseconds of the data; nil: to its end.
  var length: Nanoseconds?
  /// The share of the requests that is kept.
  var sample = 1.0
  /// How many times as fast as in the data requests come.
  var rateScale = 1.0
  /// Arrivals at or after this instant are not sent, in nanoseconds.
  var duration: Nanoseconds
  /// Whether requests say which client sent them.
  var namesClients = false

  func open(seed: UInt64) -> any RequestStream { ServeGenStream(self, seed: seed) }
}

/// Rows of the data's slice, sampled and paced, one known ahead.
private struct ServeGenStream: RequestStream {
  private(set) var nextArrival: Nanoseconds?
  private let source: ServeGenRequests
  private let draws: RandomStream
  private var reader: ServeGenReader?
  private var row: TraceRow?
  /// Who sends it, -1 where that is not asked.
  private var client: Int64 = -1
  private var read: UInt64 = 0
  private(set) var fault: StreamFault?

  init(_ source: ServeGenRequests, seed: UInt64) {
    self.source = source
    draws = RandomStream(seed: seed, name: "workload/" + source.name + "/sample")
    do throws(TraceFault) {
      reader = try ServeGenReader(
        source.data, seed: seed, name: source.name, fallback: source.fallback,
        from: source.start)
    } catch {
      fault = StreamFault(error.description)
    }
    advance()
  }

  mutating func next() -> ArrivingRequest? {
    guard let row, let arrival = nextArrival else { return nil }
    let client = client
    advance()
    return ArrivingRequest(
      arrival: arrival, workload: 0, promptTokens: row.promptTokens,
      outputTokens: row.outputTokens, session: client)
  }

  /// Moves to the next row that is kept and arrives before the end.
  private mutating func advance() {
    nextArrival = nil
    while let next = reader?.next() {
      let offset = next.arrival - source.start
      if offset < 0 { continue }
      if offset >= source.length ?? .max { break }
      read += 1
      if source.sample < 1, draws.uniform(at: read) >= source.sample { continue }
      let arrival = TraceSelection.paced(offset, rateScale: source.rateScale)
      guard arrival < source.duration else { break }
      nextArrival = arrival
      row = next
      client = source.namesClients ? Int64(reader?.client ?? -1) : -1
      return
    }
    reader = nil
  }
}
