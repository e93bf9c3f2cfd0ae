/// A distribution of non-negative quantities, told by the figures people know: mean, spread, shape.
public enum Distribution: Sendable, Hashable {
  /// Always the same value.
  case constant(Double)
  /// Any value between two bounds, all alike.
  case uniform(low: Double, high: Double)
  /// The memoryless distribution.
  case exponential(mean: Double)
  /// The exponential of a normal variable; `cv` is the standard deviation over the mean.
  case lognormal(mean: Double, cv: Double)
  /// The gamma distribution of shape cv⁻²; `cv` is the standard deviation over the mean.
  case gamma(mean: Double, cv: Double)
  /// The Weibull distribution: scale · (an exponential variable)^(1/shape).
  case weibull(shape: Double, scale: Double)
  /// One of a list of values, by weights.
  case table(ValueTable)
  /// Straight lines between quantiles.
  case quantiles(QuantileCurve)

  /// The mean, in the unit of the values.
  public var mean: Double {
    switch self {
    case .constant(let value): value
    case .uniform(let low, let high): 0.5 * (low + high)
    case .exponential(let mean), .lognormal(let mean, _), .gamma(let mean, _): mean
    case .weibull(let shape, let scale): scale * DeterministicMath.exp(Self.gammaAtMean(shape))
    case .table(let table): table.mean { $0 }
    case .quantiles(let curve): curve.sum { 0.5 * ($0 + $1) }
    }
  }

  /// The variance, in the squared unit of the values.
  public var variance: Double {
    switch self {
    case .constant: 0
    case .uniform(let low, let high): (high - low) * (high - low) / 12
    case .exponential(let mean): mean * mean
    case .lognormal(let mean, let cv), .gamma(let mean, let cv): (mean * cv) * (mean * cv)
    case .weibull(let shape, let scale): Self.weibullVariance(shape: shape, scale: scale)
    case .table(let table): table.mean { ($0 - mean) * ($0 - mean) }
    case .quantiles(let curve): curve.sum { ($0 * $0 + $0 * $1 + $1 * $1) / 3 } - mean * mean
    }
  }

  /// The distribution of the value times a factor above zero; nil for lists of values and of
  /// quantiles.
  public func scaled(by factor: Double) -> Distribution? {
    switch self {
    case .constant(let value): .constant(value * factor)
    case .uniform(let low, let high): .uniform(low: low * factor, high: high * factor)
    case .exponential(let mean): .exponential(mean: mean * factor)
    case .lognormal(let mean, let cv): .lognormal(mean: mean * factor, cv: cv)
    case .gamma(let mean, let cv): .gamma(mean: mean * factor, cv: cv)
    case .weibull(let shape, let scale): .weibull(shape: shape, scale: scale * factor)
    case .table, .quantiles: nil
    }
  }

  /// The value that a share p of all draws, from 0 to 1, does not exceed.
  public func quantile(_ p: Double) -> Double {
    precondition(p >= 0 && p <= 1, "a quantile is asked for a probability from 0 to 1")
    switch self {
    case .constant(let value):
      return value
    case .uniform(let low, let high):
      return low + p * (high - low)
    case .exponential(let mean):
      return -mean * DeterministicMath.logOnePlus(-p)
    case .lognormal(let mean, let cv):
      return Lognormal(mean: mean, cv: cv).value(atNormal: DeterministicMath.normalQuantile(p))
    case .gamma(let mean, let cv):
      let shape = 1 / (cv * cv)
      if shape == .infinity { return mean }
      if p == 0 || p == 1 { return p == 0 ? 0 : .infinity }
      return UnitGamma(shape: shape).quantile(p) * (mean / shape)
    case .weibull(let shape, let scale):
      if p == 0 || p == 1 { return p == 0 ? 0 : .infinity }
      return scale * DeterministicMath.pow(-DeterministicMath.logOnePlus(-p), 1 / shape)
    case .table(let table):
      return table.quantile(p)
    case .quantiles(let curve):
      return curve.quantile(p)
    }
  }
}

/// A lognormal distribution by its median and the standard deviation of the logarithm.
struct Lognormal {
  let median: Double
  let spread: Double

  /// A mean above zero and a coefficient of variation of at least zero.
  init(mean: Double, cv: Double) {
    median = mean / (1 + cv * cv).squareRoot()
    spread = DeterministicMath.logOnePlus(cv * cv).squareRoot()
  }

  /// The value whose logarithm lies z standard deviations above its mean.
  func value(atNormal z: Double) -> Double {
    spread == 0 ? median : median * DeterministicMath.exp(spread * z)
  }
}
