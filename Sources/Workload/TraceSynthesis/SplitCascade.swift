import EventKernel

/// How a number of arrivals is spread over positions in a row (instants of time, or batches): by
/// halving again and again.
///
/// The row is cut into segments with known counts, and each segment into halves, quarters and so on.
/// At each level one figure says how unevenly a count is split, so the variance of counts is met at
/// every scale. Riedi, Crouse, Ribeiro and Baraniuk, "A multifractal wavelet model with application
/// to network traffic", IEEE Transactions on Information Theory 45 (1999), with counts in the place
/// of rates: of n arrivals the left half gets a beta-binomial number.
struct SplitCascade: Sendable, Hashable {
  /// How one level splits.
  struct Level: Sendable, Hashable {
    /// The correlation of two arrivals' sides, from 0 (each goes its own way) to 1 (all together).
    ///
    /// The variance of the left count of n is n·p·(1 − p)·(1 + (n − 1)·correlation).
    var correlation = 0.0
    /// The share of splits that are as even as whole numbers allow; only where correlation is 0.
    var evenness = 0.0
  }

  /// Positions in the row.
  var positions: Int64
  /// Arrivals of each segment.
  var segments: [Int64]
  /// The levels, from halves of segments on.
  var levels: [Level]

  /// Arrivals of the row.
  var arrivals: Int64 { segments.reduce(0, +) }

  /// The first position of a cell when the row is cut into so many cells.
  static func start(ofCell cell: Int64, of cells: Int64, positions: Int64) -> Int64 {
    let product = UInt64(cell).multipliedFullWidth(by: UInt64(positions))
    let (quotient, rest) = UInt64(cells).dividingFullWidth(product)
    return Int64(quotient) + (rest > 0 ? 1 : 0)
  }

  /// The cell of a position when the row is cut into so many cells.
  static func cell(of position: Int64, of cells: Int64, positions: Int64) -> Int64 {
    let product = UInt64(position).multipliedFullWidth(by: UInt64(cells))
    return Int64(UInt64(positions).dividingFullWidth(product).quotient)
  }
}

/// Learns a cascade from ascending positions, one after the other.
struct SplitCascadeFitter {
  private let positions: Int64
  private var segments: [Int64]
  private var levels: [LevelSums]

  /// What one level has shown so far.
  private struct LevelSums {
    var parent: Int64 = -1
    var left: Int64 = 0
    var count: Int64 = 0
    var excess = 0.0
    var pairs = 0.0
    var missing = 0.0
    var possible = 0.0
  }

  /// - Parameters:
  ///   - positions: Positions in the row, at least 1.
  ///   - arrivals: How many there will be.
  init(positions: Int64, arrivals: Int64) {
    self.positions = positions
    // A segment's count is kept as it is, so a segment must stand for many arrivals.
    let segmentCount = max(1, min(32, positions, arrivals / 64))
    segments = Array(repeating: 0, count: Int(segmentCount))
    var levelCount = 0
    // Down to a thousandth of the mean distance of arrivals, as far as there are positions.
    let finest = min(Double(positions), Double(max(1, arrivals)) * 1_024)
    while Double(segmentCount << Int64(levelCount + 1)) <= finest, levelCount < 24 {
      levelCount += 1
    }
    levels = Array(repeating: LevelSums(), count: levelCount)
  }

  mutating func add(_ position: Int64) {
    let finest = Int64(segments.count) << Int64(levels.count)
    let cell = SplitCascade.cell(of: position, of: finest, positions: positions)
    segments[Int(cell >> Int64(levels.count))] += 1
    for level in levels.indices {
      let child = cell >> Int64(levels.count - level - 1)
      if levels[level].parent != child >> 1 {
        close(level)
        levels[level].parent = child >> 1
        levels[level].left = 0
        levels[level].count = 0
      }
      levels[level].count += 1
      if child & 1 == 0 { levels[level].left += 1 }
    }
  }

  /// Takes note of how the present cell of a level has been split.
  private mutating func close(_ level: Int) {
    guard levels[level].count > 0 else { return }
    let share = SplitCascade.leftShare(
      level: level, cell: levels[level].parent, segments: segments.count, positions: positions)
    guard share > 0, share < 1 else { return }
    let count = Double(levels[level].count)
    let deviation = Double(levels[level].left) - count * share
    let binomial = count * share * (1 - share)
    levels[level].excess += deviation * deviation / (share * (1 - share)) - count
    levels[level].pairs += count * (count - 1)
    let fraction = count * share - (count * share).rounded(.down)
    levels[level].missing += binomial - deviation * deviation
    levels[level].possible += binomial - fraction * (1 - fraction)
  }

  /// The cascade, when all positions are in.
  mutating func finish() -> SplitCascade {
    for level in levels.indices { close(level) }
    return SplitCascade(
      positions: positions, segments: segments,
      levels: levels.map { sums in
        let correlation = sums.pairs > 0 ? sums.excess / sums.pairs : 0
        let evenness = sums.possible > 0 ? sums.missing / sums.possible : 0
        return SplitCascade.Level(
          correlation: min(1, max(0, correlation)), evenness: min(1, max(0, evenness)))
      })
  }
}

extension SplitCascade {
  /// The share of a cell's positions that lie in its left half.
  static func leftShare(level: Int, cell: Int64, segments: Int, positions: Int64) -> Double {
    let cells = Int64(segments) << Int64(level)
    let low = start(ofCell: cell, of: cells, positions: positions)
    let middle = start(ofCell: 2 * cell + 1, of: 2 * cells, positions: positions)
    let high = start(ofCell: cell + 1, of: cells, positions: positions)
    return high > low ? Double(middle - low) / Double(high - low) : 0
  }
}
