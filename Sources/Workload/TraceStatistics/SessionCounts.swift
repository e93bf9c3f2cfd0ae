import EventKernel

/// The conversations of a trace: how many turns they have, and how far apart these are.
public struct SessionCounts: Sendable {
  /// Sessions followed at most; later ones are not counted.
  public static let limit = 1 << 20

  /// Requests that belong to a session.
  public private(set) var requests: Int64 = 0
  /// From one request of a session to its next, in nanoseconds, the answer's time included.
  public private(set) var gaps = ValueCounts.times
  /// Whether there were more sessions than are followed.
  public private(set) var isCutShort = false
  private var states: [Int64: State] = [:]

  private struct State: Sendable {
    var turns: Int64
    var last: Nanoseconds
  }

  /// No sessions yet.
  public init() {}

  mutating func add(_ request: ArrivingRequest) {
    guard request.session >= 0 else { return }
    requests += 1
    if let state = states[request.session] {
      gaps.add(max(0, request.arrival - state.last))
      states[request.session] = State(turns: state.turns + 1, last: request.arrival)
    } else if states.count < Self.limit {
      states[request.session] = State(turns: 1, last: request.arrival)
    } else {
      isCutShort = true
    }
  }

  /// Sessions seen.
  public var count: Int64 { Int64(states.count) }

  /// How many requests the sessions have.
  public var turns: ValueCounts {
    var turns = ValueCounts.lengths
    // Sorted, because a dictionary's order differs from process to process.
    for state in states.values.map(\.turns).sorted() { turns.add(state) }
    return turns
  }
}
