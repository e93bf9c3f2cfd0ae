/// A queue of small integers over one array that only grows; both ends in constant time.
struct RingQueue: Sendable {
  private var storage: [Int32] = []
  private var head = 0
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  /// The element at the front; nil when empty.
  var first: Int32? { count == 0 ? nil : storage[head] }

  mutating func append(_ element: Int32) {
    if count == storage.count { grow() }
    storage[(head + count) & (storage.count - 1)] = element
    count += 1
  }

  mutating func prepend(_ element: Int32) {
    if count == storage.count { grow() }
    head = (head - 1) & (storage.count - 1)
    storage[head] = element
    count += 1
  }

  mutating func popFirst() -> Int32? {
    guard count > 0 else { return nil }
    let element = storage[head]
    head = (head + 1) & (storage.count - 1)
    count -= 1
    return element
  }

  /// The front goes to the back.
  mutating func rotate() {
    if let element = popFirst() { append(element) }
  }

  /// The element at a position from the front.
  subscript(position: Int) -> Int32 {
    precondition(position < count)
    return storage[(head + position) & (storage.count - 1)]
  }

  /// Capacities are powers of two, so that positions wrap by a mask.
  private mutating func grow() {
    var larger: [Int32] = []
    larger.reserveCapacity(max(8, storage.count * 2))
    for position in 0..<count { larger.append(self[position]) }
    larger.append(contentsOf: repeatElement(0, count: max(8, storage.count * 2) - count))
    storage = larger
    head = 0
  }
}
