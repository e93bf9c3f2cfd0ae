extension DeterministicMath {
  /// The logarithm of the gamma function for x > 0; absolute error about 1e-15 below 3.
  ///
  /// Stirling's series (DLMF 5.11.1) from 16 on; below, Γ(x) = Γ(x + n)/(x·(x + 1)·…·(x + n − 1)).
  /// Large terms cancel below, so they are summed in double-double.
  public static func logGamma(_ x: Double) -> Double {
    precondition(x > 0 && x < .infinity, "logGamma is defined here for positive numbers")
    var shift = 0.0
    var product = DoubleDouble(1)
    while x + shift < 16 {
      product = product * DoubleDouble(sum: x, shift)
      shift += 1
    }
    let shifted = DoubleDouble(sum: x, shift)
    let difference =
      (shifted + DoubleDouble(-0.5)) * logarithm(shifted)
      + DoubleDouble(-shifted.high, -shifted.low)
    let divisor = logarithm(product)
    let main = difference + DoubleDouble(-divisor.high, -divisor.low)
    let halfLogTwoPi = 0.9189385332046728
    return main.high + (main.low + halfLogTwoPi + stirlingRest(shifted.high))
  }

  private static func logarithm(_ x: DoubleDouble) -> DoubleDouble {
    let result = logarithm(x.high)
    return DoubleDouble(larger: result.high, smaller: result.low + x.low / x.high)
  }

  /// What Stirling's formula lacks: log Γ(x) − (x − ½)·log x + x − ½·log 2π, for x ≥ 16.
  static func stirlingRest(_ x: Double) -> Double {
    let inverse = 1 / x
    return inverse * polynomial(stirlingCoefficients, at: inverse * inverse)
  }

  /// B₂ₖ/(2k·(2k − 1)) for k = 1 … 7.
  private static let stirlingCoefficients: [Double] = [
    1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360_360, 1.0 / 156,
  ]
}
