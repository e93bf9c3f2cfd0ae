/// A link or a flow's own limit, with the fair share below which it does not bind.
struct Level: Sendable {
  var bytesPerSecond: Double
  var node: Int32

  @inline(__always)
  static func < (left: Level, right: Level) -> Bool {
    if left.bytesPerSecond != right.bytesPerSecond {
      return left.bytesPerSecond < right.bytesPerSecond
    }
    return left.node < right.node
  }
}

/// The levels of one filling, lowest first and equal ones by node; keeps its storage.
struct LevelHeap: Sendable {
  private var levels: [Level] = []

  var lowest: Level? { levels.first }

  mutating func removeAll() { levels.removeAll(keepingCapacity: true) }

  /// Adds without order; `order()` must follow before anything is taken.
  mutating func append(_ level: Level) { levels.append(level) }

  mutating func order() {
    var position = levels.count / 2
    while position > 0 {
      position -= 1
      sink(from: position)
    }
  }

  mutating func removeLowest() {
    let last = levels.removeLast()
    if !levels.isEmpty { replaceLowest(with: last) }
  }

  mutating func replaceLowest(with level: Level) {
    levels[0] = level
    sink(from: 0)
  }

  private mutating func sink(from start: Int) {
    let moving = levels[start]
    var hole = start
    while true {
      var child = 2 * hole + 1
      guard child < levels.count else { break }
      if child + 1 < levels.count && levels[child + 1] < levels[child] { child += 1 }
      guard levels[child] < moving else { break }
      levels[hole] = levels[child]
      hole = child
    }
    levels[hole] = moving
  }
}
