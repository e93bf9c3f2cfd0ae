extension Distribution {
  /// The Weibull distribution of a mean above zero and a coefficient of variation from 0.001 on.
  ///
  /// Its cv² is Γ(1 + 2/k)/Γ(1 + 1/k)² − 1, which falls with the shape k: bisection finds k, the
  /// mean then gives the scale, mean/Γ(1 + 1/k).
  public static func weibull(mean: Double, cv: Double) -> Distribution {
    precondition(cv >= 0.001, "a Weibull distribution needs a coefficient of variation")
    let wanted = DeterministicMath.logOnePlus(cv * cv)
    // Γ(1 + 2/k)/Γ(1 + 1/k)² is 1.4e22 at k = 1/40, and 1 + 1.6e-8 at k = 10,000.
    var low = 0.025
    var high = 10_000.0
    while true {
      let middle = (low * high).squareRoot()
      guard middle > low, middle < high else { break }
      if logSquareRatio(shape: middle) > wanted { low = middle } else { high = middle }
    }
    return .weibull(shape: low, mean: mean)
  }

  /// The Weibull distribution of a shape and a mean, both above zero.
  public static func weibull(shape: Double, mean: Double) -> Distribution {
    .weibull(shape: shape, scale: mean * DeterministicMath.exp(-gammaAtMean(shape)))
  }

  /// log(1 + cv²) of a Weibull distribution.
  private static func logSquareRatio(shape: Double) -> Double {
    DeterministicMath.logGamma(1 + 2 / shape) - 2 * gammaAtMean(shape)
  }

  /// The logarithm of mean/scale.
  static func gammaAtMean(_ shape: Double) -> Double {
    DeterministicMath.logGamma(1 + 1 / shape)
  }

  /// The variance of a Weibull distribution.
  static func weibullVariance(shape: Double, scale: Double) -> Double {
    let mean = DeterministicMath.exp(gammaAtMean(shape))
    let square = DeterministicMath.exp(DeterministicMath.logGamma(1 + 2 / shape))
    return scale * scale * (square - mean * mean)
  }
}
