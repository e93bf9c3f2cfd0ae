extension DeterministicMath {
  /// The standard normal quantile of a probability in [0, 1]; infinite at the ends.
  ///
  /// Relative error below 1e-15 for every p a double can hold. Rational functions interpolate
  /// the quantile at Chebyshev nodes: in (p − ½)² for |p − ½| ≤ 0.425, else in √(−log p).
  public static func normalQuantile(_ p: Double) -> Double {
    guard p > 0, p < 1 else {
      if p == 0 { return -.infinity }
      return p == 1 ? .infinity : .nan
    }
    let offset = p - 0.5
    if offset.magnitude <= 0.425 {
      let t = 0.180625 - offset * offset
      return offset * ratio(NormalQuantile.centre, at: t)
    }
    let radius = (-log(offset < 0 ? p : 1 - p)).squareRoot()
    let magnitude =
      radius <= 5
      ? ratio(NormalQuantile.nearTail, at: radius - 1.6)
      : ratio(NormalQuantile.farTail, at: radius - 5)
    return offset < 0 ? -magnitude : magnitude
  }

  private static func ratio(_ function: NormalQuantile.Rational, at x: Double) -> Double {
    polynomial(function.numerator, at: x) / polynomial(function.denominator, at: x)
  }
}

/// Rational approximations of the normal quantile: solutions, at 60 digits in mpmath, of the
/// linear system P(x) = f(x)·Q(x) at the Chebyshev nodes of each interval.
private enum NormalQuantile {
  struct Rational: Sendable {
    let numerator: [Double]
    let denominator: [Double]
  }

  /// quantile/(p − ½) in 0.180625 − (p − ½)², from 0 to 0.180625.
  static let centre = Rational(
    numerator: [
      3.387132872796367, 168.7695859059428, 3383.9305070235127, 35097.59362354282,
      201853.53648477246, 642549.1592490167, 1070696.0909198807, 823211.500234892,
      222542.29888923568, 9337.31868254127,
    ],
    denominator: [
      1.0, 52.831937249429, 1135.7701222515911, 12818.244715578627,
      81857.5377525994, 297827.2025479828, 592776.8233874465, 586386.2572520972,
      237397.53921448093, 24659.993400567433,
    ])

  /// −quantile in √(−log p) − 1.6, from 0 to 3.4.
  static let nearTail = Rational(
    numerator: [
      1.4234371107496835, 4.658671152911319, 5.895441930593747, 3.867306448959962,
      1.4607583582995678, 0.3281996025557107, 0.04265573683356803, 0.0028477028904769918,
      7.021355815515727e-05,
    ],
    denominator: [
      1.0, 2.073096479855932, 1.7409835549495896, 0.7681616354872175,
      0.19254621603461666, 0.02720737081022722, 0.0019346295319642268, 4.964417089088834e-05,
      3.604856526953905e-11,
    ])

  /// −quantile in √(−log p) − 5, from 0 to 22.4.
  static let farTail = Rational(
    numerator: [
      6.657904643501103, 7.058385390641123, 3.1779700138298312, 0.7934011937904618,
      0.12026811303369739, 0.011397359369391876, 0.0006709286081668693, 2.364208228719544e-05,
      4.627395385568033e-07, 4.36747739678396e-09, 1.4331920601699185e-11,
    ],
    denominator: [
      1.0, 0.8393370605392682, 0.2932903646619527, 0.0552854816759873,
      0.0060954333975265255, 0.0003994020309048693, 1.5166662304295769e-05, 3.120574240990489e-07,
      3.037612937600213e-09, 1.0134184584266634e-11, 1.4504035216973633e-20,
    ])
}
