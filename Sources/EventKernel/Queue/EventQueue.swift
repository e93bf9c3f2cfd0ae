/// The pending events of a run, leaving in order of (time, payload), payloads as unsigned numbers.
///
/// A monotone radix heap behind a small binary heap. The front heap holds every event up to the
/// horizon; a later one waits in the bucket of the highest bit in which its time differs from
/// `base`, so the lowest filled bucket follows the front. When the front is empty, a small bucket
/// moves into it whole; a large one moves `base` to its first event and spreads over lower
/// buckets. Front and buckets keep their capacity, so a queue that has seen its peak stops
/// allocating.
@frozen
public struct EventQueue: Sendable {
  /// One pending event.
  @frozen
  @usableFromInline
  struct Entry: Sendable {
    @usableFromInline var time: Nanoseconds
    @usableFromInline var payload: UInt64

    @inlinable
    init(time: Nanoseconds, payload: UInt64) {
      self.time = time
      self.payload = payload
    }

    @inlinable
    static func < (left: Entry, right: Entry) -> Bool {
      left.time < right.time || (left.time == right.time && left.payload < right.payload)
    }
  }

  /// The events up to `horizon`: a binary heap.
  @usableFromInline var front: [Entry] = []
  /// Bucket b holds times beyond `horizon` whose highest bit different from `base` is bit b.
  @usableFromInline var buckets: [[Entry]]
  /// Bit b is set when bucket b is not empty.
  @usableFromInline var filled: UInt64 = 0
  /// The time the buckets are counted from; never beyond `horizon`.
  @usableFromInline var base: Nanoseconds = 0
  /// The last time that belongs to the front.
  @usableFromInline var horizon: Nanoseconds = 0
  /// The time of the last event popped.
  @usableFromInline var now: Nanoseconds = 0
  @usableFromInline var pending = 0

  /// A bucket up to this size moves to the front whole: measured, 4 to 64 differ by a quarter.
  @usableFromInline static var smallBucket: Int { @inlinable get { 16 } }
  /// A larger front gives what it can back to the buckets.
  @usableFromInline static var largeFront: Int { @inlinable get { 64 } }

  /// An empty queue at time zero.
  public init() {
    buckets = Array(repeating: [], count: 63)
  }

  /// The number of pending events.
  @inlinable public var count: Int { pending }

  /// Whether no event is pending.
  @inlinable public var isEmpty: Bool { pending == 0 }

  /// Adds an event, which may not lie before the last event popped.
  @inlinable
  public mutating func push(_ payload: UInt64, at time: Nanoseconds) {
    precondition(time >= now, "an event lies before the present")
    pending += 1
    let entry = Entry(time: time, payload: payload)
    if time > horizon {
      file(entry)
      return
    }
    insert(entry)
    if front.count > Self.largeFront && horizon > base { drawHorizonIn() }
  }

  /// Removes and returns the next event.
  @inlinable
  public mutating func pop() -> (time: Nanoseconds, payload: UInt64)? {
    if pending == 0 { return nil }
    if front.isEmpty { refillFront() }
    pending -= 1
    let entry = removeFirst()
    now = entry.time
    return (entry.time, entry.payload)
  }

  /// The time of the next event, which stays.
  ///
  /// Events between the last one popped and it may still be pushed.
  @inlinable
  public mutating func nextTime() -> Nanoseconds? {
    if pending == 0 { return nil }
    if front.isEmpty { refillFront() }
    return front[0].time
  }
}

extension EventQueue {
  /// Puts an event beyond the horizon into its bucket.
  @inlinable
  mutating func file(_ entry: Entry) {
    let difference = UInt64(bitPattern: entry.time ^ base)
    let bucket = 63 - difference.leadingZeroBitCount
    buckets[bucket].append(entry)
    filled |= 1 << UInt64(bucket)
  }

  /// Fills the empty front from the lowest bucket and moves the horizon on.
  @inlinable
  mutating func refillFront() {
    let bucket = filled.trailingZeroBitCount
    filled &= ~(1 << UInt64(bucket))
    if buckets[bucket].count > Self.smallBucket {
      spread(bucket)
      return
    }
    horizon = base | (Nanoseconds.max >> Nanoseconds(62 - bucket))
    for position in 0..<buckets[bucket].count { insert(buckets[bucket][position]) }
    buckets[bucket].removeAll(keepingCapacity: true)
  }

  /// Moves `base` to the bucket's first event, and what is later to lower buckets.
  @inlinable
  mutating func spread(_ bucket: Int) {
    var moving: [Entry] = []
    swap(&moving, &buckets[bucket])
    var first = Nanoseconds.max
    for entry in moving where entry.time < first { first = entry.time }
    base = first
    horizon = first
    for entry in moving {
      if entry.time == first { insert(entry) } else { file(entry) }
    }
    moving.removeAll(keepingCapacity: true)
    swap(&moving, &buckets[bucket])
  }

  /// Moves the horizon back to the first event, and what lies beyond it to the buckets, so that a
  /// burst of near events does not turn the front into one large heap.
  ///
  /// `base` only advances, within the range that the front covers, so other buckets stay right: a
  /// horizon beyond `base` means that the front has been empty since an event at `base` left.
  @inline(never)
  @usableFromInline
  mutating func drawHorizonIn() {
    base = front[0].time
    horizon = base
    var kept = 0
    for position in 0..<front.count {
      let entry = front[position]
      if entry.time > horizon {
        file(entry)
      } else {
        rise(entry, from: kept)
        kept += 1
      }
    }
    front.removeLast(front.count - kept)
  }

  /// Adds an entry to the heap.
  @inlinable
  mutating func insert(_ entry: Entry) {
    front.append(entry)
    rise(entry, from: front.count - 1)
  }

  /// Puts an entry at the free position or above, where the heap wants it.
  @inlinable
  mutating func rise(_ entry: Entry, from start: Int) {
    var position = start
    while position > 0 {
      let parent = (position - 1) / 2
      let above = front[parent]
      if !(entry < above) { break }
      front[position] = above
      position = parent
    }
    front[position] = entry
  }

  /// Takes the first entry off the heap.
  @inlinable
  mutating func removeFirst() -> Entry {
    let last = front.removeLast()
    let count = front.count
    if count == 0 { return last }
    let first = front[0]
    var position = 0
    while true {
      var child = 2 * position + 1
      if child >= count { break }
      if child + 1 < count { child += front[child + 1] < front[child] ? 1 : 0 }
      let below = front[child]
      if !(below < last) { break }
      front[position] = below
      position = child
    }
    front[position] = last
    return first
  }
}
