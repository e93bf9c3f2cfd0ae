/// Work by sequences and the KV tokens of each.
///
/// For some numbers of sequences a curve over the mean context, straight lines between both; with one
/// row a curve over tokens.
///
/// Counts below 2^k stand alone, above them each octave has 2^k knots at equal distances: so a knot is
/// found by shifts, and lines between knots need no division.
@frozen
@usableFromInline
struct StepRows: Sendable, Hashable {
  /// Where the rows start in the shared storage.
  @usableFromInline var start: Int
  /// Rows, and knots of each; no rows stand for no work.
  @usableFromInline let rows: Int
  @usableFromInline let knots: Int

  @usableFromInline
  init(start: Int, rows: Int, knots: Int) {
    self.start = start
    self.rows = rows
    self.knots = knots
  }

  /// Nothing, whatever the counts.
  @usableFromInline
  static var none: StepRows {
    @inlinable get { StepRows(start: 0, rows: 0, knots: 0) }
  }

  /// Knots per octave of tokens, and of sequences, as powers of two.
  @inlinable static var tokenShift: Int { 3 }
  @inlinable static var sequenceShift: Int { 2 }

  /// The knot at or before a count.
  @inlinable
  @inline(__always)
  static func knot(before count: Int, _ shift: Int) -> Int {
    guard count >> shift > 0 else { return count }
    let gap = gapShift(of: count, shift)
    return (gap << shift) + count >> gap
  }

  /// The binary digits of the distance between the knots around a count.
  @inlinable
  @inline(__always)
  static func gapShift(of count: Int, _ shift: Int) -> Int {
    max(0, Int.bitWidth - 1 - count.leadingZeroBitCount - shift)
  }

  /// The count at a knot.
  @inlinable
  @inline(__always)
  static func count(atKnot knot: Int, _ shift: Int) -> Int {
    let gap = max(0, (knot >> shift) - 1)
    return (knot - gap << shift) << gap
  }

  /// The straight line in all sequences' tokens around a place; for a curve `sequences` is 1.
  @inlinable
  @inline(__always)
  func line(sequences: Int, tokens: Int, in storage: ContiguousArray<Int64>) -> StepLine {
    guard rows > 0 else { return .none }
    let row = min(Self.knot(before: sequences, Self.sequenceShift), max(0, rows - 2))
    let mean = sequences > 1 ? tokens / sequences : tokens
    let knot = min(Self.knot(before: mean, Self.tokenShift), knots - 2)
    let before = Self.count(atKnot: knot, Self.tokenShift)
    let gap = Self.gapShift(of: before, Self.tokenShift)
    let place = start + row * knots + knot
    var (first, last) = (storage[place], storage[place + 1])
    if rows > 1 {
      let least = Self.count(atKnot: row, Self.sequenceShift)
      let share = Int64(sequences - least)
      let shift = Self.gapShift(of: least, Self.sequenceShift)
      // Divided first: products of whole rows could pass 64 bits.
      first += ((storage[place + knots] - first) >> shift) * share
      last += ((storage[place + knots + 1] - last) >> shift) * share
    }
    let count = max(1, sequences)
    var slope = (last - first) >> gap
    if count > 1 { slope /= Int64(count) }
    let limit = knot + 2 < knots ? (before + 1 << gap) * count : Int.max
    return StepLine(base: first - Int64(before * count) * slope, slope: slope, limit: limit)
  }
}

/// A straight line of work over tokens, true up to a limit.
@frozen
@usableFromInline
struct StepLine: Sendable, Hashable {
  @usableFromInline let base: Int64
  @usableFromInline let slope: Int64
  /// The first count of tokens that needs another line.
  @usableFromInline let limit: Int

  @usableFromInline
  init(base: Int64, slope: Int64, limit: Int) {
    self.base = base
    self.slope = slope
    self.limit = limit
  }

  /// No work.
  @usableFromInline
  static var none: StepLine {
    @inlinable get { StepLine(base: 0, slope: 0, limit: .max) }
  }

  /// The line's value.
  @inlinable
  @inline(__always)
  func value(_ tokens: Int) -> Int64 { base + Int64(tokens) * slope }
}

extension ContiguousArray<Int64> {
  /// Appends rows over 0 to `sequences` sequences and 0 to `context` KV tokens of each from a function
  /// of the sequences and all their tokens that never falls; where rounding makes it fall the larger
  /// value stands.
  mutating func appendRows(
    sequences: Int, context: Int, _ entry: (_ sequences: Int, _ tokens: Int) -> Int64
  ) -> StepRows {
    let start = count
    let rows = StepRows.knot(before: Swift.max(1, sequences - 1), StepRows.sequenceShift) + 2
    let knots = StepRows.knot(before: Swift.max(1, context - 1), StepRows.tokenShift) + 2
    reserveCapacity(start + rows * knots)
    for row in 0..<rows {
      let sequences = StepRows.count(atKnot: row, StepRows.sequenceShift)
      var highest: Int64 = 0
      for knot in 0..<knots {
        highest = Swift.max(
          highest,
          entry(sequences, sequences * StepRows.count(atKnot: knot, StepRows.tokenShift)))
        append(highest)
      }
    }
    return StepRows(start: start, rows: rows, knots: knots)
  }

  /// Appends one row: a curve over 0 to `tokens`.
  mutating func appendCurve(upTo tokens: Int, _ entry: (Int) -> Int64) -> StepRows {
    let start = count
    let knots = StepRows.knot(before: Swift.max(1, tokens - 1), StepRows.tokenShift) + 2
    var highest: Int64 = 0
    for knot in 0..<knots {
      highest = Swift.max(highest, entry(StepRows.count(atKnot: knot, StepRows.tokenShift)))
      append(highest)
    }
    return StepRows(start: start, rows: 1, knots: knots)
  }
}
