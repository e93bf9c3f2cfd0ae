/// Small numbers by 64-bit hashes: open addressing with linear probing; no order is ever read from it.
struct HashTable: Sendable {
  private var keys: [UInt64]
  /// What each place holds; -1 when it is empty.
  private var values: [Int32]
  private(set) var count = 0
  /// Bits of a mixed hash that are not its home.
  private var shift: UInt64

  init() {
    keys = Array(repeating: 0, count: 16)
    values = Array(repeating: -1, count: 16)
    shift = 60
  }

  /// The number of a hash; -1 when it has none.
  func find(_ key: UInt64) -> Int32 { values[place(of: key)] }

  /// Gives a hash a number that is not negative.
  mutating func insert(_ key: UInt64, _ value: Int32) {
    if 2 * (count + 1) > keys.count { double() }
    let place = place(of: key)
    if values[place] < 0 { count += 1 }
    keys[place] = key
    values[place] = value
  }

  /// Forgets a hash that it has.
  mutating func remove(_ key: UInt64) {
    var hole = place(of: key)
    precondition(values[hole] >= 0, "only what is there can be removed")
    count -= 1
    // Whoever was pushed on by the one that leaves moves back, so that no probe ends too early.
    var next = following(hole)
    while values[next] >= 0 {
      let home = home(of: keys[next])
      if distance(from: home, to: hole) <= distance(from: home, to: next) {
        keys[hole] = keys[next]
        values[hole] = values[next]
        hole = next
      }
      next = following(next)
    }
    values[hole] = -1
  }

  /// Where a hash is, or the empty place at which the search for it ends.
  private func place(of key: UInt64) -> Int {
    var place = home(of: key)
    while values[place] >= 0, keys[place] != key { place = following(place) }
    return place
  }

  /// Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4): hashes may be small numbers.
  private func home(of key: UInt64) -> Int {
    Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) &>> shift)
  }

  private func following(_ place: Int) -> Int { (place + 1) & (keys.count - 1) }

  private func distance(from start: Int, to place: Int) -> Int {
    (place - start) & (keys.count - 1)
  }

  private mutating func double() {
    let (oldKeys, oldValues) = (keys, values)
    keys = Array(repeating: 0, count: 2 * oldKeys.count)
    values = Array(repeating: -1, count: 2 * oldKeys.count)
    shift -= 1
    for (key, value) in zip(oldKeys, oldValues) where value >= 0 {
      let place = place(of: key)
      keys[place] = key
      values[place] = value
    }
  }
}
