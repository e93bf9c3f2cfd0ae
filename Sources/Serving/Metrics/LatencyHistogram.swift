public import EventKernel

/// A sparse histogram of durations with a relative width of 1/1024 per bucket.
///
/// Values below 2048 ns have a bucket each; above, a bucket holds the values that share their
/// highest 11 bits. So a quantile is known to within 0.1 %, in memory that grows with the spread of
/// the values and not with their number.
public struct LatencyHistogram: Sendable, Hashable {
  /// Values counted.
  public private(set) var count: Int64 = 0
  /// Their sum, in nanoseconds.
  public private(set) var sum: Int64 = 0
  /// The greatest value, in nanoseconds; 0 without values.
  public private(set) var maximum: Nanoseconds = 0
  /// Counts by bucket, from bucket 0 to the highest used.
  private var counts: [Int64] = []

  /// An empty histogram.
  public init() {}

  /// The bucket of a value in nanoseconds, at least 0.
  @inline(__always)
  public static func bucket(of value: Nanoseconds) -> Int {
    if value < 2048 { return Int(value) }
    // The highest set bit is bit 63 − leading zeros; the shift leaves 11 bits, 1024 ..< 2048.
    let shift = 53 - value.leadingZeroBitCount
    return (shift << 10) + Int(value >> Int64(shift))
  }

  /// The least value of a bucket, in nanoseconds.
  public static func lowerBound(of bucket: Int) -> Nanoseconds {
    if bucket < 2048 { return Int64(bucket) }
    let shift = (bucket >> 10) - 1
    return Int64(bucket - (shift << 10)) << Int64(shift)
  }

  /// Counts a value, `times` times.
  public mutating func add(_ value: Nanoseconds, times: Int64 = 1) {
    let bucket = Self.bucket(of: value)
    reserve(bucket: bucket)
    counts[bucket] += times
    count += times
    sum += value * times
    if value > maximum { maximum = value }
  }

  /// Counts values, each of them `times` times.
  mutating func add(_ values: ArraySlice<Nanoseconds>, times: Int64) {
    let values = values.span
    var (total, greatest): (Nanoseconds, Nanoseconds) = (0, maximum)
    for index in values.indices {
      total += values[index]
      greatest = max(greatest, values[index])
    }
    reserve(bucket: Self.bucket(of: greatest))
    var buckets = counts.mutableSpan
    for index in values.indices { buckets[Self.bucket(of: values[index])] += times }
    count += times * Int64(values.count)
    sum += total * times
    maximum = greatest
  }

  /// Makes room for a bucket.
  private mutating func reserve(bucket: Int) {
    if bucket < counts.count { return }
    counts.append(contentsOf: repeatElement(0, count: bucket + 1 - counts.count))
  }

  /// Counts everything that another histogram counted.
  public mutating func add(_ other: LatencyHistogram) {
    if other.counts.count > counts.count {
      counts.append(contentsOf: repeatElement(0, count: other.counts.count - counts.count))
    }
    for index in other.counts.indices { counts[index] += other.counts[index] }
    count += other.count
    sum += other.sum
    maximum = max(maximum, other.maximum)
  }

  /// The value at a nearest rank from 1, to the bucket's lower bound, in nanoseconds; the last rank
  /// is exact.
  public func value(atRank rank: Int64) -> Nanoseconds {
    if rank >= count { return maximum }
    var seen: Int64 = 0
    for index in counts.indices {
      seen += counts[index]
      if seen >= rank { return Self.lowerBound(of: index) }
    }
    return maximum
  }

  /// The used buckets in ascending order: index and count.
  public var buckets: [(bucket: Int, count: Int64)] {
    counts.indices.filter { counts[$0] != 0 }.map { ($0, counts[$0]) }
  }

  /// Rebuilds a histogram from what was stored of it.
  public init(buckets: [(bucket: Int, count: Int64)], sum: Int64, maximum: Nanoseconds) {
    for (bucket, amount) in buckets {
      if bucket >= counts.count {
        counts.append(contentsOf: repeatElement(0, count: bucket + 1 - counts.count))
      }
      counts[bucket] += amount
      count += amount
    }
    self.sum = sum
    self.maximum = maximum
  }
}
