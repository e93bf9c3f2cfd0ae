/// Contiguous layers for each stage such that the slowest stage is as fast as can be.
///
/// Exact dynamic programming: one pass finds the least possible time of the slowest stage, a second
/// one, among all partitions that reach it, the one nearest to the even partition (by the sum of
/// squared differences; of equal ones the one with fewer layers on later stages).
struct LayerPartition {
  /// A stage that cannot be, because it does not fit or was not measured.
  static let impossible = Int64.max

  let layers: Int
  let stages: Int
  /// Whether more layers never make a stage faster, nor possible.
  let isMonotone: Bool

  /// What a stage of a range of layers takes, in nanoseconds.
  typealias Price = (Range<Int>) -> Int64

  /// Layers of each stage; nil where no partition is possible.
  func balanced(_ price: Price) -> [Int]? {
    guard stages > 0, stages <= layers else { return nil }
    let even = evenPartition(of: layers, stages: stages)
    let bound = slowest(of: even, price)
    guard let least = slowest(within: bound, price) else { return nil }
    return nearest(to: even, within: least, price)
  }

  /// The time of a partition's slowest stage, in nanoseconds.
  func slowest(of partition: [Int], _ price: Price) -> Int64 {
    var first = 0
    var slowest: Int64 = 0
    for count in partition {
      slowest = max(slowest, price(first..<first + count))
      first += count
    }
    return slowest
  }

  /// The least time of the slowest stage, in nanoseconds; nil where every partition is impossible.
  private func slowest(within bound: Int64, _ price: Price) -> Int64? {
    // best[i]: the first stages over the first i layers.
    var best = [Int64](repeating: Self.impossible, count: layers + 1)
    best[0] = 0
    for stage in 1...stages {
      var next = [Int64](repeating: Self.impossible, count: layers + 1)
      forEachRange(ofStage: stage, within: bound, price) { range, time in
        let before = best[range.lowerBound]
        if before == Self.impossible { return }
        next[range.upperBound] = min(next[range.upperBound], max(before, time))
      }
      best = next
    }
    return best[layers] == Self.impossible ? nil : best[layers]
  }

  /// The partition nearest to another one whose stages all take at most `limit` nanoseconds.
  private func nearest(to even: [Int], within limit: Int64, _ price: Price) -> [Int]? {
    var best = [Int](repeating: .max, count: layers + 1)
    best[0] = 0
    var lengths: [[Int32]] = []
    for stage in 1...stages {
      var next = [Int](repeating: .max, count: layers + 1)
      var chosen = [Int32](repeating: 0, count: layers + 1)
      forEachRange(ofStage: stage, within: limit, price) { range, _ in
        let before = best[range.lowerBound]
        if before == .max { return }
        let difference = range.count - even[stage - 1]
        let distance = before + difference * difference
        if distance < next[range.upperBound] {
          next[range.upperBound] = distance
          chosen[range.upperBound] = Int32(range.count)
        }
      }
      best = next
      lengths.append(chosen)
    }
    if best[layers] == .max { return nil }
    var partition = [Int](repeating: 0, count: stages)
    var end = layers
    for stage in stride(from: stages - 1, through: 0, by: -1) {
      partition[stage] = Int(lengths[stage][end])
      end -= partition[stage]
    }
    return partition
  }

  /// Every range that the stage with this number, counted from 1, can hold in at most `limit`
  /// nanoseconds, the shortest first.
  private func forEachRange(
    ofStage stage: Int, within limit: Int64, _ price: Price,
    _ body: (Range<Int>, Int64) -> Void
  ) {
    for end in stage...layers - (stages - stage) {
      if stage == stages, end < layers { continue }
      for start in stride(from: end - 1, through: stage - 1, by: -1) {
        if stage == 1, start > 0 { continue }
        let time = price(start..<end)
        if time > limit || time == Self.impossible {
          if isMonotone, stage > 1 { break }
          continue
        }
        body(start..<end, time)
      }
    }
  }
}
