/// Shares of a whole, and the item that a number from 0 to 1 falls on (inversion by table).
public struct ShareTable: Sendable, Hashable {
  /// The share of all items up to each one; the last is exactly 1.
  public let sums: [Double]

  /// Creates a table from weights that are finite, not negative, and above zero together.
  public init(weights: [Double]) {
    var total = 0.0
    var sums = weights.map { weight in
      precondition(weight >= 0 && weight < .infinity, "a weight must be finite and not negative")
      total += weight
      return total
    }
    precondition(total > 0 && total < .infinity, "some weight must be above zero")
    for index in sums.indices { sums[index] /= total }
    // Items after the last one with a weight share its sum, so that none of them is ever found.
    self.sums = sums
  }

  /// The share of one item.
  public subscript(index: Int) -> Double { index == 0 ? sums[0] : sums[index] - sums[index - 1] }

  /// The first item whose sum is not below `p`, a number above 0 and at most 1.
  public func index(at p: Double) -> Int {
    var low = 0
    var high = sums.count - 1
    while low < high {
      let middle = (low + high) / 2
      if sums[middle] < p { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// A distribution over a list of values.
public struct ValueTable: Sendable, Hashable {
  /// The values, ascending.
  public let values: [Double]
  /// The share of each value.
  public let shares: ShareTable

  /// Creates a distribution from values, at least one, and their weights.
  public init(values: [Double], weights: [Double]) {
    precondition(values.count == weights.count, "every value needs a weight")
    let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    self.values = order.map { values[$0] }
    shares = ShareTable(weights: order.map { weights[$0] })
  }

  /// Zipf's law on whole numbers: the share of k is k^−exponent over the sum of all.
  public static func zipf(exponent: Double, in range: ClosedRange<Int>) -> ValueTable {
    precondition(range.lowerBound >= 1, "Zipf's law starts at 1")
    let values = range.map(Double.init)
    return ValueTable(
      values: values, weights: values.map { DeterministicMath.pow($0, -exponent) })
  }

  /// The value that a share p of all draws does not exceed.
  public func quantile(_ p: Double) -> Double { values[shares.index(at: p)] }

  /// The mean of a function of the value.
  func mean(of function: (Double) -> Double) -> Double {
    values.indices.reduce(0) { $0 + shares[$1] * function(values[$1]) }
  }

  /// A value drawn with a weight of its share and its size, by a number from 0 to 1.
  func weightedByValue(_ p: Double) -> Double {
    var left = p * mean { $0 }
    for index in values.indices {
      left -= shares[index] * values[index]
      if left <= 0 { return values[index] }
    }
    return values[values.count - 1]
  }
}

/// A distribution by some of its quantiles, straight lines between them.
public struct QuantileCurve: Sendable, Hashable {
  /// Shares of all draws, ascending from 0 to 1.
  public let shares: [Double]
  /// The value that each share does not exceed; never falling.
  public let values: [Double]

  /// Creates a curve from at least two points, the first at share 0, the last at share 1.
  public init(shares: [Double], values: [Double]) {
    precondition(
      shares.count == values.count && shares.first == 0 && shares.last == 1,
      "a quantile curve goes from share 0 to share 1")
    self.shares = shares
    self.values = values
  }

  /// The value that a share p of all draws does not exceed.
  public func quantile(_ p: Double) -> Double {
    let upper = max(1, shares.firstIndex { $0 >= p } ?? shares.count - 1)
    let width = shares[upper] - shares[upper - 1]
    if width == 0 { return values[upper] }
    let fraction = (p - shares[upper - 1]) / width
    return values[upper - 1] + fraction * (values[upper] - values[upper - 1])
  }

  /// The sum over the pieces of share · a function of the piece's two ends.
  func sum(_ function: (Double, Double) -> Double) -> Double {
    (1..<shares.count).reduce(0) {
      $0 + (shares[$1] - shares[$1 - 1]) * function(values[$1 - 1], values[$1])
    }
  }

  /// A value drawn with a weight of its size: a piece by its part of the mean, then as `uniform`.
  func weightedByValue(_ p: Double) -> Double {
    var left = p * sum { 0.5 * ($0 + $1) }
    for upper in 1..<shares.count {
      let (low, high) = (values[upper - 1], values[upper])
      let part = (shares[upper] - shares[upper - 1]) * 0.5 * (low + high)
      if left <= part, part > 0 {
        return (low * low + left / part * (high - low) * (high + low)).squareRoot()
      }
      left -= part
    }
    return values[values.count - 1]
  }
}
