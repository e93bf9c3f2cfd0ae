import EventKernel

/// The law of independent gaps that fits a trace best, as a scenario can name it.
public enum GapLaw: Sendable, Hashable {
  /// Exponential gaps: Poisson arrivals.
  case poisson
  /// Gamma gaps of a coefficient of variation.
  case gamma(cv: Double)
  /// Weibull gaps of a shape; below 1 they are burstier than Poisson arrivals.
  case weibull(shape: Double)

  /// The law of the greatest likelihood; one with a shape must earn it (Akaike's criterion).
  ///
  /// Gaps of 0 count as half a nanosecond: the densities know no value of their own for them.
  public init(likeliestFor gaps: ValueCounts) {
    self = .poisson
    guard gaps.count > 1, gaps.mean > 0 else { return }
    let sample = GapSample(gaps)
    let gamma = Self.best { sample.gammaLikelihood(shape: $0) }
    let weibull = Self.best { sample.weibullLikelihood(shape: $0) }
    // An exponential law has a mean log-density of −1 in units of the mean.
    let best = max(gamma.likelihood, weibull.likelihood)
    guard (best + 1) * Double(gaps.count) > 1 else { return }
    self =
      gamma.likelihood >= weibull.likelihood
      ? .gamma(cv: 1 / gamma.shape.squareRoot()) : .weibull(shape: weibull.shape)
  }

  /// A gap of mean 1.
  func gap(_ stream: RandomStream, at index: UInt64) -> Double {
    switch self {
    case .poisson: return Distribution.exponential(mean: 1).sample(stream, at: index)
    case .gamma(let cv): return Distribution.gamma(mean: 1, cv: cv).sample(stream, at: index)
    case .weibull(let shape):
      let exponential = Distribution.exponential(mean: 1).sample(stream, at: index)
      let mean = DeterministicMath.exp(DeterministicMath.logGamma(1 + 1 / shape))
      return DeterministicMath.pow(exponential, 1 / shape) / mean
    }
  }

  /// The shape of the greatest likelihood, by golden sections of the shape's logarithm.
  private static func best(
    _ likelihood: (Double) -> Double
  ) -> (shape: Double, likelihood: Double) {
    func value(_ logShape: Double) -> Double { likelihood(DeterministicMath.exp(logShape)) }
    // Shapes from 0.05, coefficients of variation up to 4.5 of gamma and 500 of Weibull laws.
    var (low, high) = (-3.0, 9.0)
    let golden = 0.6180339887498949
    var (left, right) = (high - golden * (high - low), low + golden * (high - low))
    var (atLeft, atRight) = (value(left), value(right))
    while high - low > 1e-6 {
      if atLeft > atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - golden * (high - low)
        atLeft = value(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + golden * (high - low)
        atRight = value(right)
      }
    }
    let middle = (low + high) / 2
    return (DeterministicMath.exp(middle), value(middle))
  }
}

/// Gaps in units of their mean.
private struct GapSample {
  private let logs: [(log: Double, share: Double)]
  private let meanLog: Double

  init(_ gaps: ValueCounts) {
    logs = gaps.values.map { gap, count in
      (DeterministicMath.log(max(0.5, Double(gap)) / gaps.mean), Double(count) / Double(gaps.count))
    }
    meanLog = logs.reduce(0) { $0 + $1.log * $1.share }
  }

  /// The mean log-density of a gamma law of mean 1.
  func gammaLikelihood(shape: Double) -> Double {
    shape * DeterministicMath.log(shape) - DeterministicMath.logGamma(shape)
      + (shape - 1) * meanLog - shape
  }

  /// The mean log-density of the Weibull law of that shape with the likeliest scale.
  func weibullLikelihood(shape: Double) -> Double {
    let power = logs.reduce(0) { $0 + DeterministicMath.exp(shape * $1.log) * $1.share }
    guard power.isFinite else { return -.infinity }
    return DeterministicMath.log(shape) - DeterministicMath.log(power) + (shape - 1) * meanLog - 1
  }
}
