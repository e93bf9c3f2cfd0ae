import EventKernel

/// A turn that an answer has caused.
struct DueTurn {
  /// When it arrives, in nanoseconds.
  var arrival: Nanoseconds
  var session: Int64
  var turn: Int32
  /// Tokens of the conversation so far.
  var contextTokens: Int32

  /// By arrival; at one instant the session with the lower number goes first.
  func precedes(_ other: DueTurn) -> Bool {
    (arrival, session) < (other.arrival, other.session)
  }
}

/// The turns to come, the earliest first: a binary heap.
struct DueTurns {
  private var heap: [DueTurn] = []

  /// The earliest turn.
  var first: DueTurn? { heap.first }

  mutating func insert(_ turn: DueTurn) {
    heap.append(turn)
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard heap[child].precedes(heap[parent]) else { return }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  mutating func removeFirst() {
    heap.swapAt(0, heap.count - 1)
    heap.removeLast()
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if heap[child].precedes(heap[least]) { least = child }
      }
      if least == parent { return }
      heap.swapAt(least, parent)
      parent = least
    }
  }
}
