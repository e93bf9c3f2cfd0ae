/// An unevaluated sum of two doubles, about 106 bits, from IEEE add and multiply only.
///
/// The error-free sums and products are those of Dekker (1971) and Knuth.
struct DoubleDouble {
  var high: Double
  var low: Double

  init(_ high: Double, _ low: Double = 0) {
    self.high = high
    self.low = low
  }

  /// The exact sum of two doubles of any size.
  init(sum left: Double, _ right: Double) {
    high = left + right
    let part = high - left
    low = (left - (high - part)) + (right - part)
  }

  /// The exact sum of two doubles, the larger first.
  init(larger: Double, smaller: Double) {
    high = larger + smaller
    low = smaller - (high - larger)
  }

  /// The exact product of two doubles below 2⁹⁷⁰ in magnitude, barring underflow.
  init(product left: Double, _ right: Double) {
    let leftTop = Self.upperHalf(left)
    let leftRest = left - leftTop
    let rightTop = Self.upperHalf(right)
    let rightRest = right - rightTop
    high = left * right
    low =
      ((leftTop * rightTop - high) + leftTop * rightRest + leftRest * rightTop)
      + leftRest * rightRest
  }

  /// The quotient of a double and a double-double.
  init(_ dividend: Double, dividedBy divisor: DoubleDouble) {
    let quotient = dividend / divisor.high
    let product = DoubleDouble(product: quotient, divisor.high)
    let rest = ((dividend - product.high) - product.low) - quotient * divisor.low
    self.init(larger: quotient, smaller: rest / divisor.high)
  }

  static func + (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let sum = DoubleDouble(sum: left.high, right.high)
    return DoubleDouble(larger: sum.high, smaller: sum.low + (left.low + right.low))
  }

  static func * (left: DoubleDouble, right: DoubleDouble) -> DoubleDouble {
    let product = DoubleDouble(product: left.high, right.high)
    return DoubleDouble(
      larger: product.high,
      smaller: product.low + (left.high * right.low + left.low * right.high))
  }

  /// The 26 leading bits, so that products of halves are exact.
  private static func upperHalf(_ value: Double) -> Double {
    let scaled = 0x1p27 * value + value
    return scaled - (scaled - value)
  }
}
