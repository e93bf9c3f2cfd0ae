import EventKernel
import Testing
import Workload

/// What the streams of one test were told.
private final class Notes: @unchecked Sendable {
  // One test uses it, from one thread.
  var ended: [String] = []
}

/// Requests at given instants; each answer causes one more, a second later, until `answers` are
/// used up.
private struct Script: RequestSource {
  var name: String
  var arrivals: [Nanoseconds]
  var answers = 0
  var fault: StreamFault?
  var notes = Notes()

  func open(seed: UInt64) -> any RequestStream { Stream(script: self) }

  struct Stream: RequestStream {
    var script: Script
    var count: UInt64 = 0

    var nextArrival: Nanoseconds? { script.arrivals.first }
    var fault: StreamFault? { script.arrivals.isEmpty ? script.fault : nil }
    var prefixBlocks: PrefixBlocks { PrefixBlocks(tokensPerBlock: 16, hashes: [count]) }

    mutating func next() -> ArrivingRequest? {
      guard let arrival = nextArrival else { return nil }
      script.arrivals.removeFirst()
      count += 1
      return ArrivingRequest(arrival: arrival, workload: 99, promptTokens: 1, outputTokens: 1)
    }

    mutating func ended(
      _ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds
    ) {
      script.notes.ended.append("\(script.name) \(request.arrival) \(isCompleted) \(now)")
      guard script.answers > 0 else { return }
      script.answers -= 1
      script.arrivals.append(now + 1_000_000_000)
      script.arrivals.sort()
    }
  }
}

extension RequestStream {
  /// Every request left, as (workload, arrival).
  fileprivate mutating func rest() -> [[Int64]] {
    var requests: [[Int64]] = []
    while let request = next() { requests.append([Int64(request.workload), request.arrival]) }
    return requests
  }
}

@Suite("Requests of several workloads merged")
struct MergedRequestsTests {
  @Test("Requests come by arrival, at one instant by the workloads' order, each with its workload")
  func order() {
    let merged = MergedRequests([
      Script(name: "a", arrivals: [5, 7, 7]), Script(name: "b", arrivals: []),
      Script(name: "c", arrivals: [1, 5, 7]),
    ])
    var stream = merged.open(seed: 1)
    #expect(stream.nextArrival == 1)
    #expect(stream.rest() == [[2, 1], [0, 5], [2, 5], [0, 7], [0, 7], [2, 7]])
    #expect(stream.nextArrival == nil)
    #expect(stream.next() == nil)
  }

  @Test("What an answer causes in one workload comes between the others' requests")
  func answers() throws {
    let notes = Notes()
    let merged = MergedRequests([
      Script(name: "a", arrivals: [4_000_000_000], notes: notes),
      Script(name: "b", arrivals: [1_000_000_000], answers: 1, notes: notes),
    ])
    var stream = merged.open(seed: 1)
    let drawn = stream.next()
    let first = try #require(drawn)
    #expect(stream.nextArrival == 4_000_000_000)
    stream.ended(first, isCompleted: true, at: 2_000_000_000)
    #expect(stream.nextArrival == 3_000_000_000)
    #expect(stream.rest() == [[1, 3_000_000_000], [0, 4_000_000_000]])
    #expect(notes.ended == ["b 1000000000 true 2000000000"])
  }

  @Test("The blocks are those of the stream that gave the last request")
  func blocks() {
    let merged = MergedRequests([
      Script(name: "a", arrivals: [1, 2]), Script(name: "b", arrivals: [3]),
    ])
    var stream = merged.open(seed: 1)
    #expect(stream.prefixBlocks == .unknown)
    var seen: [UInt64] = []
    while stream.next() != nil { seen += stream.prefixBlocks.hashes }
    #expect(seen == [1, 2, 1])
  }

  @Test("The first workload's fault is told, once its stream has ended")
  func faults() {
    let merged = MergedRequests([
      Script(name: "a", arrivals: [1]), Script(name: "b", arrivals: [2], fault: StreamFault("b")),
      Script(name: "c", arrivals: [3], fault: StreamFault("c")),
    ])
    var stream = merged.open(seed: 1)
    #expect(stream.fault == nil)
    _ = stream.rest()
    #expect(stream.fault == StreamFault("b"))
  }
}
