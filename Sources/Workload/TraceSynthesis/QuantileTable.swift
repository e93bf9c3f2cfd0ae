import EventKernel

/// A distribution as a table of its quantiles, with the mean of each part kept exactly.
///
/// The values are cut into some 260 parts by rank, finer at the ends. Within a part from `low` to
/// `high` a draw is low + (high − low)·uᵏ, with k such that the part's mean is the original's; so
/// the mean is right even where a few values carry most of it.
public struct QuantileTable: Sendable, Hashable {
  /// The parts, ascending.
  private struct Part: Sendable, Hashable {
    /// The share of values up to its end.
    var end: Double
    var low: Double
    var high: Double
    var exponent: Double
  }

  private var parts: [Part] = []

  /// The table of counted values; of no values it gives 0.
  public init(_ counts: ValueCounts) {
    guard counts.count > 0 else { return }
    let total = Double(counts.count)
    let ends = Self.ends(values: total)
    var part = Part(end: ends[0], low: 0, high: 0, exponent: 1)
    var (weight, sum, seen) = (0.0, 0.0, 0.0)
    for (value, count) in counts.values {
      var left = Double(count)
      while left > 0 {
        if weight == 0 { part.low = Double(value) }
        let room = part.end * total - seen
        let taken = parts.count + 1 == ends.count ? left : min(left, room)
        left -= taken
        seen += taken
        weight += taken
        sum += taken * Double(value)
        part.high = Double(value)
        if seen >= part.end * total, parts.count + 1 < ends.count {
          close(&part, mean: sum / weight, next: ends[parts.count + 1])
          (weight, sum) = (0, 0)
        }
      }
    }
    if weight > 0 { close(&part, mean: sum / weight, next: 1) }
    parts[parts.count - 1].end = 1
  }

  /// The shares of values at which parts end: at most one part for each value.
  private static func ends(values: Double) -> [Double] {
    let middle = (1...255).map { Double($0) / 256 }
    let tails = [1.0 / 4_096, 1.0 / 2_048, 1.0 / 1_024, 1.0 / 512]
    let all = tails + middle + tails.reversed().map { 1 - $0 }
    // With few values the parts would lie between two of them.
    return all.filter { $0 * values >= 1 && (1 - $0) * values >= 1 } + [1]
  }

  private mutating func close(_ part: inout Part, mean: Double, next: Double) {
    if part.high > part.low, mean > part.low {
      part.exponent = (part.high - mean) / (mean - part.low)
    }
    parts.append(part)
    part = Part(end: next, low: 0, high: 0, exponent: 1)
  }

  /// The value that a share of u of all values, strictly between 0 and 1, does not exceed.
  public func value(at u: Double) -> Double {
    guard let index = partIndex({ $0.end >= u }) else { return 0 }
    let part = parts[index]
    if part.high == part.low { return part.low }
    let start = index == 0 ? 0 : parts[index - 1].end
    let inside = min(1, max(0, (u - start) / (part.end - start)))
    let power = part.exponent == 1 ? inside : DeterministicMath.pow(inside, part.exponent)
    return part.low + (part.high - part.low) * power
  }

  /// The value of a draw, rounded half up.
  func draw(_ stream: RandomStream, at index: UInt64) -> Int64 {
    Int64(value(at: stream.uniform(at: index)) + 0.5)
  }

  /// The share of values below a value, those equal to it counted half.
  func rank(of value: Double) -> Double {
    guard let first = partIndex({ $0.high >= value }) else { return 1 }
    let start = first == 0 ? 0 : parts[first - 1].end
    let part = parts[first]
    if value < part.low { return start }
    if part.high > part.low, value < part.high {
      return start + (part.end - start) * (value - part.low) / (part.high - part.low)
    }
    // Equal parts in a row hold one value that occurs often.
    var last = first
    while last + 1 < parts.count, parts[last + 1].low <= value { last += 1 }
    let begin = part.high > part.low ? part.end : start
    return (begin + (parts[last].high <= value ? parts[last].end : parts[max(last - 1, 0)].end)) / 2
  }

  /// The first part of which something holds that holds of all later ones too.
  private func partIndex(_ holds: (Part) -> Bool) -> Int? {
    var (low, high) = (0, parts.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(parts[middle]) { high = middle } else { low = middle + 1 }
    }
    return low < parts.count ? low : nil
  }
}
