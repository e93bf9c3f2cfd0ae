public import EventKernel

/// How the step times of a stage are spread, in buckets 1/32 wide.
///
/// Bucket 0 holds what is below 1,024 ns; above, a bucket holds the times that share their highest six
/// bits; the last one also holds everything from 2³⁶ ns, 69 s, on.
public struct StepHistogram: Sendable, Hashable {
  /// A bucket in use.
  public struct Bucket: Sendable, Hashable {
    /// Its number.
    public var number: Int32
    /// Steps in it.
    public var count: Int64

    /// Describes a bucket.
    public init(number: Int32, count: Int64) {
      self.number = number
      self.count = count
    }
  }

  /// The used buckets in ascending order.
  public let buckets: [Bucket]

  /// A histogram of used buckets in ascending order.
  public init(buckets: [Bucket] = []) { self.buckets = buckets }

  /// Steps counted.
  public var count: Int64 { buckets.reduce(0) { $0 + $1.count } }

  /// Buckets that there are.
  public static var bucketCount: Int { 833 }

  /// The bucket of a time in nanoseconds.
  @inline(__always)
  public static func bucket(of time: Nanoseconds) -> Int {
    if time < 1 << 10 { return 0 }
    // The highest set bit is bit 63 − leading zeros; the shift leaves six bits, 32 ..< 64.
    let shift = 58 &- time.leadingZeroBitCount
    return min(bucketCount - 1, shift &* 32 &+ Int(time &>> Int64(shift)) &- 191)
  }

  /// The least time of a bucket, in nanoseconds.
  public static func lowerBound(of bucket: Int) -> Nanoseconds {
    if bucket == 0 { return 0 }
    return Int64((bucket - 1) % 32 + 32) << Int64((bucket - 1) / 32 + 5)
  }

  /// The middle of the bucket of a nearest rank, ceil(q · n), in nanoseconds: at most 1/64 off from
  /// 1,024 ns on; nil without steps.
  public func quantile(_ share: Double) -> Nanoseconds? {
    let all = count
    let rank = min(all, max(1, Int64((share * Double(all)).rounded(.up))))
    var seen: Int64 = 0
    for bucket in buckets {
      seen += bucket.count
      if seen >= rank { return Self.middle(of: Int(bucket.number)) }
    }
    return nil
  }

  private static func middle(of bucket: Int) -> Nanoseconds {
    (lowerBound(of: bucket) + lowerBound(of: bucket + 1)) / 2
  }
}

/// The counts of all stages at work, each in a stretch of its own; stretches are used again.
struct StepTimeCounts: Sendable {
  private(set) var counts: [UInt32] = []
  private var free: [Int32] = []

  /// Where a new stage counts.
  mutating func begin() -> Int32 {
    if let start = free.popLast() { return start }
    counts.append(contentsOf: repeatElement(0, count: StepHistogram.bucketCount))
    return Int32(counts.count - StepHistogram.bucketCount)
  }

  /// Counts a step.
  @inline(__always)
  mutating func add(_ total: Nanoseconds, at start: Int32) {
    counts[Int(start) + StepHistogram.bucket(of: total)] += 1
  }

  /// What a stage has counted; its stretch is another's from now on.
  mutating func end(at start: Int32) -> StepHistogram {
    var buckets: [StepHistogram.Bucket] = []
    for bucket in 0..<StepHistogram.bucketCount where counts[Int(start) + bucket] > 0 {
      buckets.append(
        StepHistogram.Bucket(number: Int32(bucket), count: Int64(counts[Int(start) + bucket])))
      counts[Int(start) + bucket] = 0
    }
    free.append(start)
    return StepHistogram(buckets: buckets)
  }

  /// Lends the counts to a tight loop.
  mutating func withCounts<Result>(_ body: (UnsafeMutablePointer<UInt32>?) -> Result) -> Result {
    counts.withUnsafeMutableBufferPointer { body($0.baseAddress) }
  }
}
