extension DeterministicMath {
  /// The sine of an angle given in turns (1 is the whole circle); absolute error about 1e-15 plus
  /// what the angle itself has lost.
  ///
  /// Turns fold into an eighth without rounding, so no multiple of π is ever subtracted.
  public static func sine(turns: Double) -> Double {
    precondition(turns.isFinite, "an angle must be finite")
    var angle = turns - turns.rounded(.down)
    let isNegative = angle >= 0.5
    if isNegative { angle -= 0.5 }
    if angle > 0.25 { angle = 0.5 - angle }
    let value = angle <= 0.125 ? eighthSine(angle) : eighthCosine(0.25 - angle)
    return isNegative ? -value : value
  }

  /// The cosine of an angle given in turns; as accurate as `sine`.
  public static func cosine(turns: Double) -> Double {
    precondition(turns.isFinite, "an angle must be finite")
    return sine(turns: turns - turns.rounded(.down) + 0.25)
  }

  private static let twoPi = 6.283185307179586

  /// Taylor's series up to x¹⁷, from 0 to an eighth of a turn: the first term left out is 1e-19.
  private static func eighthSine(_ turns: Double) -> Double {
    let x = twoPi * turns
    return x * polynomial(sineCoefficients, at: x * x)
  }

  /// Taylor's series up to x¹⁸.
  private static func eighthCosine(_ turns: Double) -> Double {
    let x = twoPi * turns
    return polynomial(cosineCoefficients, at: x * x)
  }

  /// (−1)ᵏ/(2k + 1)!.
  private static let sineCoefficients: [Double] = [
    1, -1.0 / 6, 1.0 / 120, -1.0 / 5_040, 1.0 / 362_880, -1.0 / 39_916_800,
    1.0 / 6_227_020_800, -1.0 / 1_307_674_368_000, 1.0 / 355_687_428_096_000,
  ]

  /// (−1)ᵏ/(2k)!.
  private static let cosineCoefficients: [Double] = [
    1, -1.0 / 2, 1.0 / 24, -1.0 / 720, 1.0 / 40_320, -1.0 / 3_628_800, 1.0 / 479_001_600,
    -1.0 / 87_178_291_200, 1.0 / 20_922_789_888_000, -1.0 / 6_402_373_705_728_000,
  ]
}
