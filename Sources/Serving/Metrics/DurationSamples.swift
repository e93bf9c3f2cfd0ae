import EventKernel

/// Durations of one metric: all of them up to a million, a histogram beyond.
///
/// The change depends on the number of values alone, so a run's quantiles are the same whatever is
/// recorded of it; up to the limit they are exact.
struct DurationSamples: Sendable {
  static let exactLimit = 1 << 20

  private(set) var count: Int64 = 0
  private(set) var sum: Int64 = 0
  private(set) var maximum: Nanoseconds = 0
  private var values: [Nanoseconds] = []
  private var isSorted = true
  private var overflow = LatencyHistogram()

  mutating func add(_ value: Nanoseconds) {
    count += 1
    sum += value
    maximum = max(maximum, value)
    if values.count < Self.exactLimit, overflow.count == 0 {
      // An array that doubles by itself would pass the limit by far.
      if values.count == values.capacity {
        values.reserveCapacity(min(Self.exactLimit, 2 * max(8, values.count)))
      }
      values.append(value)
      isSorted = false
      return
    }
    foldValues()
    overflow.add(value)
  }

  mutating func add(_ other: DurationSamples) {
    if count == 0 {
      // One workload is all workloads; a copy would double a long run's memory.
      self = other
      return
    }
    count += other.count
    sum += other.sum
    maximum = max(maximum, other.maximum)
    if overflow.count == 0, other.overflow.count == 0,
      values.count + other.values.count <= Self.exactLimit
    {
      values.append(contentsOf: other.values)
      isSorted = false
      return
    }
    foldValues()
    overflow.add(other.histogram)
  }

  private mutating func foldValues() {
    for value in values { overflow.add(value) }
    values = []
  }

  /// The values as a histogram.
  var histogram: LatencyHistogram {
    var histogram = overflow
    for value in values { histogram.add(value) }
    return histogram
  }

  /// Makes `value(atRank:)` cheap; called once, when all values are in.
  mutating func sort() {
    if !isSorted { values.sort() }
    isSorted = true
  }

  /// The value at a nearest rank from 1; `sort` first.
  func value(atRank rank: Int64) -> Nanoseconds {
    values.isEmpty ? overflow.value(atRank: rank) : values[Int(min(rank, count)) - 1]
  }
}

/// The parts of each completed request beside its end-to-end time, to split the tail.
///
/// Exact up to 131,072 requests; beyond that, sums by histogram bucket, so that the band's edge is
/// known to 0.1 %.
struct TailLedger: Sendable {
  static let exactLimit = 1 << 17

  private var rows: [(time: Nanoseconds, parts: LatencyParts)] = []
  private var bucketSums: [LatencyParts] = []
  private var bucketCounts: [Int64] = []

  mutating func add(_ time: Nanoseconds, _ parts: LatencyParts) {
    if rows.count < Self.exactLimit, bucketCounts.isEmpty {
      rows.append((time, parts))
      return
    }
    fold()
    addToBucket(time, parts, count: 1)
  }

  mutating func add(_ other: TailLedger) {
    if rows.isEmpty, bucketCounts.isEmpty {
      self = other
      return
    }
    if bucketCounts.isEmpty, other.bucketCounts.isEmpty,
      rows.count + other.rows.count <= Self.exactLimit
    {
      rows.append(contentsOf: other.rows)
      return
    }
    fold()
    for row in other.rows { addToBucket(row.time, row.parts, count: 1) }
    for bucket in other.bucketCounts.indices where other.bucketCounts[bucket] > 0 {
      addToBucket(
        LatencyHistogram.lowerBound(of: bucket), other.bucketSums[bucket],
        count: other.bucketCounts[bucket])
    }
  }

  private mutating func fold() {
    for row in rows { addToBucket(row.time, row.parts, count: 1) }
    rows = []
  }

  private mutating func addToBucket(_ time: Nanoseconds, _ parts: LatencyParts, count: Int64) {
    let bucket = LatencyHistogram.bucket(of: time)
    let missing = bucket + 1 - bucketCounts.count
    if missing > 0 {
      bucketCounts.append(contentsOf: repeatElement(0, count: missing))
      bucketSums.append(contentsOf: repeatElement(LatencyParts(), count: missing))
    }
    bucketCounts[bucket] += count
    bucketSums[bucket] += parts
  }

  /// The sums over the requests at or above a time.
  func summary(atOrAbove time: Nanoseconds) -> DecompositionSummary {
    var summary = DecompositionSummary()
    for row in rows where row.time >= time {
      summary.count += 1
      summary.sums += row.parts
    }
    let first = LatencyHistogram.bucket(of: time)
    for bucket in bucketCounts.indices where bucket >= first {
      summary.count += bucketCounts[bucket]
      summary.sums += bucketSums[bucket]
    }
    return summary
  }
}
