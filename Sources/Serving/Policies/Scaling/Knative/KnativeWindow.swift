import EventKernel

/// The average of a metric over the last buckets of time, as Knative's autoscaler keeps it.
///
/// Rule: `TimedFloat64Buckets` of knative/serving, pkg/autoscaler/aggregation/bucketing.go. Buckets that nobody
/// wrote count as 0 unless they lie before the first write or after the last one; a silence as long as the
/// window begins anew. Averages are cut off behind six digits.
struct KnativeWindow: Sendable {
  private var values: [Double]
  private var first: Int64 = 0
  private var last: Int64 = 0
  private var isWritten = false
  private var total = 0.0
  /// Buckets that are not 0; without any the total is 0 exactly, whatever roundings have left of it.
  private var filled = 0

  /// A window of so many buckets.
  init(buckets: Int) { values = Array(repeating: 0, count: max(1, buckets)) }

  private var length: Int64 { Int64(values.count) }

  /// Adds to a bucket, which is not before the last one written.
  mutating func record(_ value: Double, bucket: Int64) {
    if !isWritten || bucket - last >= length {
      for place in values.indices { values[place] = 0 }
      total = 0
      filled = 0
      first = bucket
      isWritten = true
    } else if bucket > last {
      for number in last + 1...bucket { clear(number) }
    }
    last = bucket
    let place = Int(bucket % length)
    if values[place] == 0, value != 0 { filled += 1 }
    values[place] += value
    total += value
  }

  private mutating func clear(_ number: Int64) {
    let place = Int(number % length)
    if values[place] != 0 { filled -= 1 }
    total = filled > 0 ? total - values[place] : 0
    values[place] = 0
  }

  /// Whether nothing has been written for longer than the window.
  func isEmpty(at bucket: Int64) -> Bool { !isWritten || bucket - last > length }

  /// The average as of a bucket.
  func average(at bucket: Int64) -> Double {
    guard isWritten, bucket - last < length else { return 0 }
    var (sum, left) = (total, filled)
    var count = min(last - first + 1, length)
    if bucket > last {
      for number in last + 1...bucket {
        let value = values[Int(number % length)]
        if value != 0 { left -= 1 }
        sum = left > 0 ? sum - value : 0
      }
      count = min(count, length - (bucket - last))
    }
    return (sum / Double(count) * 1e6).rounded(.down) / 1e6
  }
}

/// The greatest of what was recorded in a span of time, as Knative delays scaling down.
///
/// Rule: `TimeWindow` of knative/serving, pkg/autoscaler/aggregation/max.
struct KnativeMaximum: Sendable {
  private let length: Int64
  private var entries: [(index: Int64, value: Int)] = []

  /// Whether nothing greater than the last value is remembered.
  var isFlat: Bool { entries.count <= 1 }

  /// A span of so many ticks.
  init(ticks: Int64) { length = max(1, ticks) }

  /// Records the value of a tick and returns the greatest of the span that ends with it.
  mutating func record(_ value: Int, tick: Int64) -> Int {
    entries.removeAll { $0.value <= value && $0.index < tick || tick - $0.index >= length }
    var value = value
    if let last = entries.last, last.index == tick {
      value = max(value, entries.removeLast().value)
    }
    entries.append((tick, value))
    return entries[0].value
  }
}
