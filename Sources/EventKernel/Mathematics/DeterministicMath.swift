/// Elementary functions from IEEE add, multiply, divide and square root alone, so that every
/// machine computes the same bits; C libraries differ, and so do fused multiply-adds.
public enum DeterministicMath {
  /// The natural logarithm; −∞ at zero, not a number below.
  public static func log(_ x: Double) -> Double {
    guard x > 0, x < .infinity else {
      if x == 0 { return -.infinity }
      return x > 0 ? x : .nan
    }
    let result = logarithm(x)
    return result.high + result.low
  }

  /// The natural logarithm of 1 + x, accurate for small x too; −∞ at −1, not a number below.
  public static func logOnePlus(_ x: Double) -> Double {
    guard x > -1, x < .infinity else {
      if x == -1 { return -.infinity }
      return x > 0 ? x : .nan
    }
    let sum = DoubleDouble(sum: 1, x)
    let result = logarithm(sum.high)
    return result.high + (result.low + sum.low / sum.high)
  }

  /// The exponential function; infinite above 709.78, zero below −745.13.
  public static func exp(_ x: Double) -> Double {
    x.isNaN ? x : exponential(DoubleDouble(x))
  }

  /// x to the power y, with the special cases of IEEE 754 `pow`.
  public static func pow(_ x: Double, _ y: Double) -> Double {
    if x == 1 || y == 0 { return 1 }
    if x.isNaN || y.isNaN { return .nan }
    let negative = x.sign == .minus && isOddInteger(y)
    if x == 0 || x.isInfinite {
      let magnitude = (x == 0) == (y < 0) ? Double.infinity : 0
      return negative ? -magnitude : magnitude
    }
    if y.isInfinite {
      if x == -1 { return 1 }
      return (x.magnitude > 1) == (y > 0) ? .infinity : 0
    }
    if x < 0 && !isInteger(y) { return .nan }
    let magnitude = power(x.magnitude, y)
    return negative ? -magnitude : magnitude
  }

  /// x to the power y for a positive, finite x and a finite y.
  private static func power(_ x: Double, _ y: Double) -> Double {
    let logarithm = logarithm(x)
    let exponent = logarithm.high * y
    if exponent > 710 { return .infinity }
    if exponent < -746 { return 0 }
    // Below this the result is 1 to the last bit, and the exact product could underflow.
    if exponent.magnitude < 0x1p-60 { return 1 }
    return exponential(logarithm * DoubleDouble(y))
  }

  private static func isInteger(_ y: Double) -> Bool {
    y.magnitude >= 0x1p53 || Double(Int64(y)) == y
  }

  private static func isOddInteger(_ y: Double) -> Bool {
    y.magnitude < 0x1p53 && Double(Int64(y)) == y && Int64(y) & 1 == 1
  }
}

extension DeterministicMath {
  /// The leading 42 bits of log 2: a multiple of it by an exponent is exact.
  private static let logTwoHigh = 0x1.62e42fefa38p-1
  /// The rest of log 2, to about 95 bits.
  private static let logTwoLow = 0x1.ef35793c7673p-45
  private static let oneThird = DoubleDouble(0.3333333333333333, 1.850371707708594e-17)
  private static let oneFifth = DoubleDouble(0.2, -1.1102230246251566e-17)

  /// 1/7, 1/9, … 1/27.
  private static let inverseOddNumbers: [Double] = [
    1.0 / 7, 1.0 / 9, 1.0 / 11, 1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21, 1.0 / 23,
    1.0 / 25, 1.0 / 27,
  ]

  /// log x for a positive, finite x, to about 65 bits.
  ///
  /// x = 2ᵏ·m with m in [√½, √2], and log m = 2·artanh s = 2·(s + s³/3 + s⁵/5 + …) with
  /// s = (m − 1)/(m + 1), |s| < 0.172. The first terms are summed in double-double.
  static func logarithm(_ x: Double) -> DoubleDouble {
    var exponent = x.exponent
    var significand = x.significand
    if significand > 0x1.6a09e667f3bcdp0 {
      significand *= 0.5
      exponent += 1
    }
    let s = DoubleDouble(significand - 1, dividedBy: DoubleDouble(sum: significand, 1))
    let square = s * s
    let z = square.high
    let tail = polynomial(inverseOddNumbers, at: z)
    let series = oneThird + square * (oneFifth + DoubleDouble(z * tail))
    let half = s + s * (square * series)
    let multiple = Double(exponent)
    return DoubleDouble(multiple * logTwoHigh)
      + DoubleDouble(2 * half.high, 2 * half.low + multiple * logTwoLow)
  }

  /// 1/3!, 1/4!, … 1/16!.
  private static let inverseFactorials: [Double] = [
    1.0 / 6, 1.0 / 24, 1.0 / 120, 1.0 / 720, 1.0 / 5040, 1.0 / 40320, 1.0 / 362_880,
    1.0 / 3_628_800, 1.0 / 39_916_800, 1.0 / 479_001_600, 1.0 / 6_227_020_800,
    1.0 / 87_178_291_200, 1.0 / 1_307_674_368_000, 1.0 / 20_922_789_888_000,
  ]

  /// exp x for any x but a not-a-number.
  ///
  /// x = n·log 2 + r with |r| ≤ ½·log 2; the series of exp r is summed in double-double up to r².
  static func exponential(_ x: DoubleDouble) -> Double {
    if x.high > 709.79 { return .infinity }
    if x.high < -745.14 { return 0 }
    let scaled = x.high * 1.4426950408889634
    let n = Int(scaled + (scaled < 0 ? -0.5 : 0.5))
    let multiple = Double(n)
    let rest = DoubleDouble(sum: x.high - multiple * logTwoHigh, x.low - multiple * logTwoLow)
    let r = rest.high
    let square = DoubleDouble(product: r, r)
    let cubic = r * square.high * polynomial(inverseFactorials, at: r)
    let linear = DoubleDouble(larger: 1, smaller: r)
    let quadratic = DoubleDouble(larger: linear.high, smaller: square.high * 0.5)
    let low =
      linear.low + quadratic.low + (square.low * 0.5 + (rest.low + r * rest.low) + cubic)
    return scale(quadratic.high + low, byPowerOfTwo: n)
  }

  /// The polynomial with these coefficients, the constant one first.
  static func polynomial(_ coefficients: [Double], at x: Double) -> Double {
    var value = 0.0
    for coefficient in coefficients.reversed() { value = value * x + coefficient }
    return value
  }

  /// value·2ⁿ for a value near 1, rounded once.
  private static func scale(_ value: Double, byPowerOfTwo n: Int) -> Double {
    if n > 1023 { return value * 2 * powerOfTwo(n - 1) }
    if n < -1021 { return value * powerOfTwo(n + 200) * 0x1p-200 }
    return value * powerOfTwo(n)
  }

  private static func powerOfTwo(_ n: Int) -> Double {
    Double(bitPattern: UInt64(1023 + n) << 52)
  }
}
