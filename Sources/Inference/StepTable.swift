/// A table indexed by a small count, continued beyond its end by a straight line.
@frozen
@usableFromInline
struct StepTable: Sendable, Hashable {
  /// Where the table starts in the shared storage.
  @usableFromInline var start: Int
  /// The last count with an entry.
  @usableFromInline let last: Int
  /// What each count beyond the last adds.
  @usableFromInline let slope: Int64

  /// The entry of `count`.
  @inlinable
  @inline(__always)
  func value(_ count: Int, in storage: ContiguousArray<Int64>) -> Int64 {
    if count <= last { return storage[start + count] }
    return storage[start + last] + Int64(count - last) * slope
  }

  @usableFromInline
  init(start: Int, last: Int, slope: Int64) {
    self.start = start
    self.last = last
    self.slope = slope
  }
}

extension ContiguousArray<Int64> {
  /// Appends a table of counts 0 to `last`, at least 1, from a function that never falls and that is
  /// costly: asked at 16 counts an octave, straight lines between, the larger value where it falls.
  mutating func appendSampledTable(upTo last: Int, _ entry: (Int) -> Int64) -> StepTable {
    var knots: [(count: Int, value: Int64)] = []
    var highest: Int64 = 0
    func add(_ count: Int) {
      highest = Swift.max(highest, entry(count))
      knots.append((count, highest))
    }
    var knot = 0
    while StepRows.count(atKnot: knot, 4) < Swift.max(1, last) {
      add(StepRows.count(atKnot: knot, 4))
      knot += 1
    }
    add(StepRows.count(atKnot: knot, 4))
    var place = 0
    return appendTable(upTo: last) { count in
      // The slope beyond the table asks far outside.
      if count > knots[knots.count - 1].count { return Swift.max(highest, entry(count)) }
      if knots[place].count > count { place = 0 }
      while place + 2 < knots.count, knots[place + 1].count <= count { place += 1 }
      let (before, after) = (knots[place], knots[place + 1])
      let share = Int64(count - before.count)
      return before.value
        + (after.value - before.value) / Int64(after.count - before.count) * share
    }
  }

  /// Appends a table of counts 0 to `last`, at least 1, from a function of the count.
  mutating func appendTable(upTo last: Int, _ entry: (Int) -> Int64) -> StepTable {
    let start = count
    let last = Swift.max(1, last)
    for index in 0...last { append(entry(index)) }
    // Beyond the table the slope is the steeper of its own last chord and the one far out: a step
    // that still streams weights at the table's end, as with many experts, computes later on.
    let reach = Swift.min(last, 64)
    let rise = self[start + last] - self[start + last - reach]
    let far = 8 * last
    let farRise = entry(2 * far) - entry(far)
    let slope = Swift.max(rise / Int64(reach), farRise / Int64(far))
    return StepTable(start: start, last: last, slope: Swift.max(0, slope))
  }
}
