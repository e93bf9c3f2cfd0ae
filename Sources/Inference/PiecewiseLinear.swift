/// Straight lines between points: flat before the first, the last line continued beyond the last.
struct PiecewiseLinear {
  /// Where the points lie, ascending.
  let x: [Double]
  /// Their values.
  let y: [Double]

  /// The value at a place; 0 without points.
  func value(at place: Double) -> Double {
    guard let firstX = x.first, let firstY = y.first else { return 0 }
    guard place > firstX, x.count > 1 else { return firstY }
    var upper = 1
    while upper < x.count - 1, x[upper] < place { upper += 1 }
    let slope = (y[upper] - y[upper - 1]) / (x[upper] - x[upper - 1])
    // Beyond the last point a falling line would reach below zero.
    if place > x[upper] { return y[upper] + max(0, slope) * (place - x[upper]) }
    return y[upper - 1] + slope * (place - x[upper - 1])
  }
}
