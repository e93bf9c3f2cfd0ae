extension Distribution {
  /// The draw of that index: the quantile of the stream's uniform number in lane 0, but for gamma,
  /// which rejects and takes further lanes.
  public func sample(_ stream: RandomStream, at index: UInt64) -> Double {
    switch self {
    case .constant, .uniform, .exponential, .lognormal, .weibull, .table, .quantiles:
      return quantile(stream.uniform(at: index))
    case .gamma(let mean, let cv):
      let shape = 1 / (cv * cv)
      if shape == .infinity { return mean }
      return Self.unitGamma(shape: shape, stream, at: index) * (mean / shape)
    }
  }

  /// What is left, at a random instant, of the interval that covers it, in a renewal process that
  /// has run for ever: a uniform share of an interval drawn with a weight of its length.
  ///
  /// It uses the same numbers of the stream as `sample`: give it an index of its own.
  public func sampleResidual(_ stream: RandomStream, at index: UInt64) -> Double {
    let share = stream.uniform(at: index, lane: Self.shareLane)
    switch self {
    case .constant(let value):
      return share * value
    case .uniform(let low, let high):
      let square = low * low + stream.uniform(at: index) * (high - low) * (high + low)
      return share * square.squareRoot()
    case .exponential:
      return sample(stream, at: index)
    case .lognormal(let mean, let cv):
      // Weighting by length moves the logarithm's mean up by its variance.
      let lognormal = Lognormal(mean: mean, cv: cv)
      let z = DeterministicMath.normalQuantile(stream.uniform(at: index))
      return share * lognormal.value(atNormal: z + lognormal.spread)
    case .gamma(let mean, let cv):
      // Weighting by length adds one to the shape.
      let shape = 1 / (cv * cv)
      if shape == .infinity { return share * mean }
      return share * Self.unitGamma(shape: shape + 1, stream, at: index) * (mean / shape)
    case .weibull(let shape, let scale):
      // Weighting by length makes a gamma variable of shape 1 + 1/k of the exponential one.
      let power = Self.unitGamma(shape: 1 + 1 / shape, stream, at: index)
      return share * scale * DeterministicMath.pow(power, 1 / shape)
    case .table(let table):
      return share * table.weightedByValue(stream.uniform(at: index))
    case .quantiles(let curve):
      return share * curve.weightedByValue(stream.uniform(at: index))
    }
  }

  private static let shareLane = UInt64.max

  /// A gamma variable of scale 1: Marsaglia and Tsang, "A simple method for generating gamma
  /// variables", ACM TOMS 26 (2000), with their power of a uniform number below shape 1.
  ///
  /// Attempt k takes lanes 2k + 1 and 2k + 2, the power lane 0.
  private static func unitGamma(
    shape: Double, _ stream: RandomStream, at index: UInt64
  ) -> Double {
    precondition(shape > 0, "a gamma distribution needs a coefficient of variation")
    if shape < 1 {
      let power = DeterministicMath.pow(stream.uniform(at: index), 1 / shape)
      return power * unitGamma(shape: shape + 1, stream, at: index)
    }
    let d = shape - 1.0 / 3
    let c = 1 / (9 * d).squareRoot()
    var lane: UInt64 = 1
    while true {
      let z = DeterministicMath.normalQuantile(stream.uniform(at: index, lane: lane))
      let u = stream.uniform(at: index, lane: lane + 1)
      let root = 1 + c * z
      let cube = root * root * root
      if root > 0,
        DeterministicMath.log(u) < 0.5 * z * z + d * (1 - cube + DeterministicMath.log(cube))
      {
        return d * cube
      }
      lane += 2
    }
  }
}
