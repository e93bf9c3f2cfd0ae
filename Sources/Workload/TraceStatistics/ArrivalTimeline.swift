public import EventKernel

/// Arrivals over time in equal cells, which grow when the time outgrows them.
public struct ArrivalTimeline: Sendable, Hashable {
  /// A cell's length, in nanoseconds.
  public private(set) var cell: Nanoseconds = widths[0]
  /// Arrivals of each cell, from the first arrival on.
  public private(set) var counts: [Int64] = []
  private var step = 0

  /// Cells that are held at most.
  static let capacity = 4_096
  private static let second: Nanoseconds = 1_000_000_000

  /// Lengths that people read well, each a multiple of the one before.
  private static let widths: [Nanoseconds] =
    [1, 2, 10, 20, 100, 200].map { $0 * second / 1_000 }
    + [1, 2, 10, 20, 60, 120, 600, 1_200, 3_600, 7_200, 43_200, 86_400, 864_000].map { $0 * second }

  /// Lengths of shown cells.
  private static let shownWidths: [Nanoseconds] =
    [1, 2, 5, 10, 20, 50, 100, 200, 500].map { $0 * second / 1_000 }
    + [
      1, 2, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800,
      21_600, 43_200, 86_400, 172_800, 432_000, 864_000,
    ].map { $0 * second }

  /// No arrivals yet.
  public init() {}

  /// Counts an arrival, in nanoseconds since the first one.
  mutating func add(_ time: Nanoseconds) {
    while time / cell >= Int64(Self.capacity) { widen() }
    let index = Int(time / cell)
    while counts.count <= index { counts.append(0) }
    counts[index] += 1
  }

  private mutating func widen() {
    step += 1
    let next = step < Self.widths.count ? Self.widths[step] : cell * 2
    counts = Self.merged(counts, by: Int(next / cell))
    cell = next
  }

  private static func merged(_ counts: [Int64], by factor: Int) -> [Int64] {
    stride(from: 0, to: counts.count, by: factor).map { start in
      counts[start..<min(start + factor, counts.count)].reduce(0, +)
    }
  }

  /// The same in at most that many cells of a round length; the last cell may be cut short.
  public func shown(cells: Int) -> ArrivalTimeline {
    let span = cell * Int64(counts.count)
    let fits = { (width: Nanoseconds) in
      width % self.cell == 0 && (span + width - 1) / width <= Int64(cells)
    }
    var width = Self.shownWidths.first(where: fits) ?? cell
    while !fits(width) { width += cell }
    var timeline = self
    timeline.counts = Self.merged(counts, by: Int(width / cell))
    timeline.cell = width
    return timeline
  }
}
