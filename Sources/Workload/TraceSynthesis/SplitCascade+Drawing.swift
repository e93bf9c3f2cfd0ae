import EventKernel

/// Draws the positions of a cascade's arrivals in ascending order, one at a time.
struct CascadeDraw {
  /// A cell whose arrivals are still to be spread.
  private struct Pending {
    var level: Int
    var cell: Int64
    var count: Int64
  }

  private let cascade: SplitCascade
  private let streams: [Streams]
  private let places: RandomStream
  private var nextSegment = 0
  private var stack: [Pending] = []
  /// Positions of one finest cell, the next one last.
  private var ready: [Int64] = []

  /// The random streams of one level; draws are numbered by cell.
  private struct Streams {
    var count: RandomStream
    var left: RandomStream
    var right: RandomStream

    init(seed: UInt64, name: String) {
      count = RandomStream(seed: seed, name: name + "/count")
      left = RandomStream(seed: seed, name: name + "/left")
      right = RandomStream(seed: seed, name: name + "/right")
    }
  }

  init(_ cascade: SplitCascade, seed: UInt64, name: String) {
    self.cascade = cascade
    streams = cascade.levels.indices.map { Streams(seed: seed, name: "\(name)/level/\($0)") }
    places = RandomStream(seed: seed, name: name + "/place")
  }

  /// The next position, nil after the last.
  mutating func next() -> Int64? {
    while ready.isEmpty {
      guard let cell = stack.popLast() else {
        guard nextSegment < cascade.segments.count else { return nil }
        stack.append(
          Pending(level: 0, cell: Int64(nextSegment), count: cascade.segments[nextSegment]))
        nextSegment += 1
        continue
      }
      if cell.count > 0 { spread(cell) }
    }
    return ready.popLast()
  }

  private mutating func spread(_ pending: Pending) {
    let cells = Int64(cascade.segments.count) << Int64(pending.level)
    let low = SplitCascade.start(ofCell: pending.cell, of: cells, positions: cascade.positions)
    let high = SplitCascade.start(
      ofCell: pending.cell + 1, of: cells, positions: cascade.positions)
    guard pending.level < cascade.levels.count, high - low > 1 else {
      let width = Double(max(1, high - low))
      ready = (0..<UInt64(pending.count)).map { lane in
        low + Int64(width * places.uniform(at: UInt64(pending.cell), lane: lane))
      }
      ready.sort(by: >)
      return
    }
    let left = leftCount(pending)
    let level = pending.level + 1
    stack.append(
      Pending(level: level, cell: 2 * pending.cell + 1, count: pending.count - left))
    stack.append(Pending(level: level, cell: 2 * pending.cell, count: left))
  }

  private func leftCount(_ pending: Pending) -> Int64 {
    let share = SplitCascade.leftShare(
      level: pending.level, cell: pending.cell, segments: cascade.segments.count,
      positions: cascade.positions)
    if share <= 0 || share >= 1 { return share <= 0 ? 0 : pending.count }
    let law = cascade.levels[pending.level]
    let streams = streams[pending.level]
    let cell = UInt64(pending.cell)
    let uniform = streams.count.uniform(at: cell)
    if pending.count == 1 { return uniform < share ? 1 : 0 }
    if law.correlation <= 0, streams.left.uniform(at: cell) < law.evenness {
      let mean = Double(pending.count) * share
      return Int64(mean + streams.right.uniform(at: cell))
    }
    return binomial(pending.count, leftProbability(share, law, streams, cell), uniform)
  }

  /// The probability with which each arrival of a cell goes left: a beta variable, as the quotient
  /// of two gamma variables.
  private func leftProbability(
    _ share: Double, _ law: SplitCascade.Level, _ streams: Streams, _ cell: UInt64
  ) -> Double {
    if law.correlation <= 1e-9 { return share }
    let total = 1 / law.correlation - 1
    if total < 1e-6 { return streams.left.uniform(at: cell) < share ? 1 : 0 }
    let left = Self.unitGamma(shape: total * share, streams.left, cell)
    let right = Self.unitGamma(shape: total * (1 - share), streams.right, cell)
    // Small shapes underflow: then all go one way.
    if left + right <= 0 { return streams.left.uniform(at: cell, lane: 1 << 32) < share ? 1 : 0 }
    return left / (left + right)
  }

  private static func unitGamma(shape: Double, _ stream: RandomStream, _ index: UInt64) -> Double {
    Distribution.gamma(mean: shape, cv: 1 / shape.squareRoot()).sample(stream, at: index)
  }
}

/// The binomial number of n trials of probability p at a uniform number: by summing probabilities
/// where few are expected, else by the normal approximation.
func binomial(_ n: Int64, _ p: Double, _ uniform: Double) -> Int64 {
  if p <= 0 || p >= 1 { return p <= 0 ? 0 : n }
  if p > 0.5 { return n - binomial(n, 1 - p, 1 - uniform) }
  let mean = Double(n) * p
  guard mean < 30 else {
    let deviation = (mean * (1 - p)).squareRoot() * DeterministicMath.normalQuantile(uniform)
    return min(n, max(0, Int64((mean + deviation + 0.5).rounded(.down))))
  }
  var probability = DeterministicMath.exp(Double(n) * DeterministicMath.logOnePlus(-p))
  var total = probability
  var count: Int64 = 0
  while total < uniform, count < n {
    probability *= Double(n - count) / Double(count + 1) * (p / (1 - p))
    count += 1
    total += probability
    // What rounding has left of the tail.
    if probability < 1e-18, Double(count) > mean { break }
  }
  return count
}
