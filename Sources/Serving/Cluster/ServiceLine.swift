/// What orders a request among those who wait.
struct QueueTicket: Sendable {
  var place = QueuePlace(rank: 0, time: 0)
  /// Its number in order of arrival.
  var number: Int64 = 0
  var tenant: Int32 = 0
  /// Its class, where classes matter; 0 is the highest.
  var priorityClass: Int32 = 0
}

/// Those who wait, by small numbers, and who of them goes first.
struct ServiceLine: Sendable {
  let order: QueueOrder
  /// In order of arrival.
  private var ring = RingQueue()
  /// By places, or one for each tenant.
  private var heaps: [TicketHeap] = []
  private(set) var count = 0

  init(_ order: QueueOrder = .arrival) { self.order = order }

  var isEmpty: Bool { count == 0 }

  /// Who is next; nil when nobody waits.
  ///
  /// - Parameter counters: Of the tenants, where they decide.
  /// - Returns: The element.
  @inline(__always)
  func first(_ counters: [Int64]) -> Int32? {
    if order == .arrival { return ring.first }
    return nextHeap(counters).flatMap { heaps[$0].first }
  }

  /// Who is next in each part that may be next.
  var heads: [Int32] {
    if order == .arrival { return ring.first.map { [$0] } ?? [] }
    return heaps.compactMap(\.first)
  }

  /// Whether more than one may be next, by counters.
  var hasChoice: Bool { order == .tenant && heaps.count { !$0.isEmpty } > 1 }

  /// Everybody, in the order in which they go if nobody joins; tenant after tenant; for checks.
  var all: [Int32] {
    order == .arrival ? (0..<count).map { ring[$0] } : heaps.flatMap(\.sorted)
  }

  /// Joins behind those with its place.
  mutating func append(_ element: Int32, _ ticket: QueueTicket) {
    if order == .arrival { ring.append(element) } else { insert(element, ticket) }
    count += 1
  }

  /// Joins in front, where order is that of arrival; else at its place.
  mutating func prepend(_ element: Int32, _ ticket: QueueTicket) {
    if order == .arrival { ring.prepend(element) } else { insert(element, ticket) }
    count += 1
  }

  /// Who was next leaves; told by name, because counters may have moved since.
  mutating func removeFirst(_ element: Int32) {
    if order == .arrival {
      _ = ring.popFirst()
    } else {
      let heap = order == .place ? 0 : heaps.firstIndex { $0.first == element }
      guard let heap else { preconditionFailure("who leaves was first of its tenant") }
      heaps[heap].removeFirst()
    }
    count -= 1
  }

  private mutating func insert(_ element: Int32, _ ticket: QueueTicket) {
    let heap = order == .tenant ? Int(ticket.tenant) : 0
    while heaps.count <= heap { heaps.append(TicketHeap()) }
    heaps[heap].insert(element, ticket)
  }

  private func nextHeap(_ counters: [Int64]) -> Int? {
    if order == .place { return heaps.first?.isEmpty == false ? 0 : nil }
    var best: Int?
    for tenant in heaps.indices where !heaps[tenant].isEmpty {
      if best.map({ counters[tenant] < counters[$0] }) ?? true { best = tenant }
    }
    return best
  }
}

/// Elements by place, equal ones by number: a binary heap.
private struct TicketHeap: Sendable {
  private struct Entry: Sendable {
    var place: QueuePlace
    var number: Int64
    var element: Int32

    @inline(__always)
    func precedes(_ other: Entry) -> Bool {
      place < other.place || place == other.place && number < other.number
    }
  }

  private var entries: [Entry] = []

  var isEmpty: Bool { entries.isEmpty }
  var first: Int32? { entries.first?.element }
  var sorted: [Int32] { entries.sorted { $0.precedes($1) }.map(\.element) }

  mutating func insert(_ element: Int32, _ ticket: QueueTicket) {
    let entry = Entry(place: ticket.place, number: ticket.number, element: element)
    entries.append(entry)
    var hole = entries.count - 1
    while hole > 0, entry.precedes(entries[(hole - 1) / 2]) {
      entries[hole] = entries[(hole - 1) / 2]
      hole = (hole - 1) / 2
    }
    entries[hole] = entry
  }

  mutating func removeFirst() {
    guard let entry = entries.popLast(), !entries.isEmpty else { return }
    var hole = 0
    while 2 * hole + 1 < entries.count {
      var child = 2 * hole + 1
      if child + 1 < entries.count, entries[child + 1].precedes(entries[child]) { child += 1 }
      guard entries[child].precedes(entry) else { break }
      entries[hole] = entries[child]
      hole = child
    }
    entries[hole] = entry
  }
}
