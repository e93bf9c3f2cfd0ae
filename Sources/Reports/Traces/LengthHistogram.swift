import Workload

/// How many lengths lie between two powers of two.
struct LengthHistogram {
  /// One bar.
  struct Bar {
    /// The least length, in tokens.
    var from: Int64
    /// The length below which the bar ends.
    var below: Int64
    var requests: Int64
  }

  let bars: [Bar]
  private let total: Int64

  /// From the first octave with a length to the last.
  init(_ lengths: ValueCounts) {
    total = lengths.count
    var bars: [Bar] = []
    for (value, count) in lengths.values {
      while bars.last.map({ value >= $0.below }) ?? true {
        let from = bars.last?.below ?? Self.octave(of: value)
        bars.append(Bar(from: from, below: max(1, from * 2), requests: 0))
      }
      bars[bars.count - 1].requests += count
    }
    self.bars = bars
  }

  /// The greatest power of two up to a length; 0 for 0.
  private static func octave(of length: Int64) -> Int64 {
    length <= 0 ? 0 : 1 << Int64(63 - length.leadingZeroBitCount)
  }

  /// A line for each bar.
  func lines(style: TextStyle) -> [String] {
    let widest = bars.map(\.requests).max() ?? 0
    let names = bars.map { FixedPoint.grouped($0.from) }
    let width = names.map(\.count).max() ?? 0
    return zip(bars, names).map { bar, name in
      let share = Double(bar.requests) / Double(max(1, total))
      // Something is never shown as nothing.
      let cells = bar.requests == 0 ? 0 : max(1, Int(bar.requests * 40 / max(1, widest)))
      let bars = String(repeating: style.usesUnicode ? "█" : "#", count: cells)
      return "  from " + name.rightAligned(to: width) + "  "
        + FixedPoint.percent(share).rightAligned(to: 8) + (cells > 0 ? "  " + bars : "")
    }
  }
}
