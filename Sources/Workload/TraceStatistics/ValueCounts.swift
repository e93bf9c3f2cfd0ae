/// How often each value of a quantity occurred: exact for small values, to a stated precision above.
///
/// Values below 2 to the power of `significantBits` are counted one by one; above, values that share
/// their highest `significantBits` bits are counted together. So memory grows with the spread of the
/// values and not with their number.
public struct ValueCounts: Sendable {
  /// The bits that tell two values apart.
  public let significantBits: Int
  /// Values counted.
  public private(set) var count: Int64 = 0
  /// Their sum.
  public private(set) var sum: Int64 = 0
  /// The least value; 0 without values.
  public private(set) var minimum: Int64 = 0
  /// The greatest value; 0 without values.
  public private(set) var maximum: Int64 = 0
  /// Counts by bucket, in pages; a page without counts is empty.
  private var pages: [[Int64]] = []
  /// Σ (value − the first value) and its squares: equal values have a variance of exactly 0.
  private var first: Int64 = 0
  private var shiftedSum = 0.0
  private var shiftedSquares = 0.0

  private static let pageBits = 9

  /// Lengths in tokens, exact up to a million.
  public static var lengths: ValueCounts { ValueCounts(significantBits: 20) }

  /// Times in nanoseconds, to 0.003 %.
  public static var times: ValueCounts { ValueCounts(significantBits: 16) }

  /// No values yet.
  public init(significantBits: Int) {
    precondition(2...30 ~= significantBits)
    self.significantBits = significantBits
  }

  /// Counts a value of at least 0.
  public mutating func add(_ value: Int64) {
    if count == 0 {
      first = value
      minimum = value
      maximum = value
    }
    count += 1
    sum &+= value
    minimum = min(minimum, value)
    maximum = max(maximum, value)
    let shifted = Double(value - first)
    shiftedSum += shifted
    shiftedSquares += shifted * shifted
    let bucket = bucket(of: value)
    let page = bucket >> Self.pageBits
    while pages.count <= page { pages.append([]) }
    if pages[page].isEmpty { pages[page] = Array(repeating: 0, count: 1 << Self.pageBits) }
    pages[page][bucket & (1 << Self.pageBits - 1)] += 1
  }

  /// The mean; 0 without values.
  public var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

  /// The variance of the values as they are (divided by their number); 0 without values.
  public var variance: Double {
    guard count > 0 else { return 0 }
    let mean = shiftedSum / Double(count)
    return max(0, shiftedSquares / Double(count) - mean * mean)
  }

  /// The standard deviation over the mean; 0 where the mean is 0.
  public var cv: Double { mean > 0 ? variance.squareRoot() / mean : 0 }

  /// The value at the nearest rank of a quantile in thousandths: rank ⌈q·n⌉; 0 without values.
  public func quantile(permille: Int64) -> Int64 {
    value(atRank: (count * permille + 999) / 1_000)
  }

  /// The value at a rank from 1: its bucket's least value, held within the extremes.
  public func value(atRank rank: Int64) -> Int64 {
    var seen: Int64 = 0
    for (value, times) in self.values {
      seen += times
      if seen >= rank { return value }
    }
    return maximum
  }

  /// Values from `low` on and below `high`, as far as the buckets tell them apart.
  public func count(from low: Int64, below high: Int64) -> Int64 {
    var total: Int64 = 0
    for (value, times) in self.values where value >= low && value < high { total += times }
    return total
  }

  /// Every bucket's least value and its count, ascending, empty buckets left out.
  public var values: some Sequence<(value: Int64, count: Int64)> {
    pages.indices.lazy.filter { !self.pages[$0].isEmpty }.flatMap { page in
      self.pages[page].indices.lazy.filter { self.pages[page][$0] > 0 }.map { index in
        let bucket = page << Self.pageBits + index
        let value = min(max(self.lowerBound(of: bucket), self.minimum), self.maximum)
        return (value: value, count: self.pages[page][index])
      }
    }
  }

  /// Pages of counters held, each of 512.
  var pagesInUse: Int { pages.count { !$0.isEmpty } }

  private func bucket(of value: Int64) -> Int {
    if value < 1 << Int64(significantBits) { return Int(max(0, value)) }
    let shift = 64 - significantBits - value.leadingZeroBitCount
    return shift << (significantBits - 1) + Int(value >> Int64(shift))
  }

  private func lowerBound(of bucket: Int) -> Int64 {
    if bucket < 1 << significantBits { return Int64(bucket) }
    let shift = bucket >> (significantBits - 1) - 1
    return Int64(bucket - shift << (significantBits - 1)) << Int64(shift)
  }
}

/// How far two distributions are from each other.
public struct DistributionDistance: Sendable, Hashable {
  /// The greatest difference of the shares of values up to any bound (Kolmogorov and Smirnov).
  public var kolmogorovSmirnov = 0.0
  /// The mean distance by which values must be moved to make one into the other (Wasserstein-1).
  public var wasserstein = 0.0

  /// The distance between counts of the same precision; nil when one has no values.
  public init?(_ left: ValueCounts, _ right: ValueCounts) {
    precondition(left.significantBits == right.significantBits)
    guard left.count > 0, right.count > 0 else { return nil }
    var leftValues = left.values.makeIterator()
    var rightValues = right.values.makeIterator()
    var (nextLeft, nextRight) = (leftValues.next(), rightValues.next())
    var (seenLeft, seenRight): (Int64, Int64) = (0, 0)
    var last = min(left.minimum, right.minimum)
    while nextLeft != nil || nextRight != nil {
      let value = min(nextLeft?.value ?? .max, nextRight?.value ?? .max)
      let difference =
        Double(seenLeft) / Double(left.count) - Double(seenRight) / Double(right.count)
      wasserstein += difference.magnitude * Double(value - last)
      if let found = nextLeft, found.value == value {
        seenLeft += found.count
        nextLeft = leftValues.next()
      }
      if let found = nextRight, found.value == value {
        seenRight += found.count
        nextRight = rightValues.next()
      }
      let now = Double(seenLeft) / Double(left.count) - Double(seenRight) / Double(right.count)
      kolmogorovSmirnov = max(kolmogorovSmirnov, now.magnitude)
      last = value
    }
  }
}
