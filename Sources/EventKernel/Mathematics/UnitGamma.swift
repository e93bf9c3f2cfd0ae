/// The gamma distribution of scale 1: its two tails, in logarithms, and its quantile.
struct UnitGamma {
  let shape: Double
  /// log Γ(shape + 1).
  private let logGammaAbove: Double

  /// A shape above zero.
  init(shape: Double) {
    self.shape = shape
    logGammaAbove = DeterministicMath.logGamma(shape + 1)
  }

  /// The quantile of a probability strictly between 0 and 1; zero where it underflows.
  func quantile(_ p: Double) -> Double {
    if shape >= Self.expansionShape { return expandedQuantile(p) }
    return DeterministicMath.exp(p <= 0.99 ? lowerLogQuantile(p) : upperLogQuantile(p))
  }

  /// A tail at a point: log of its probability, and log of x·density(x), its slope in log x.
  struct Tail {
    let logProbability: Double
    let logSlope: Double
  }

  /// The probability of a value of at most x.
  func lowerTail(logX y: Double) -> Tail {
    let x = DeterministicMath.exp(y)
    let peak = logPeak(x, logX: y)
    let logProbability =
      x < shape + 1
      ? peak + DeterministicMath.log(series(x))
      : DeterministicMath.logOnePlus(-DeterministicMath.exp(peak) * shape * fraction(x))
    return Tail(logProbability: logProbability, logSlope: peak + DeterministicMath.log(shape))
  }

  /// The probability of a value above x.
  func upperTail(logX y: Double) -> Tail {
    let x = DeterministicMath.exp(y)
    let peak = logPeak(x, logX: y)
    let logProbability =
      x < shape + 1
      ? DeterministicMath.logOnePlus(-DeterministicMath.exp(peak) * series(x))
      : peak + DeterministicMath.log(shape * fraction(x))
    return Tail(logProbability: logProbability, logSlope: peak + DeterministicMath.log(shape))
  }
}

extension UnitGamma {
  /// log(xᵃ·e⁻ˣ/Γ(a + 1)), without cancellation for large shapes.
  private func logPeak(_ x: Double, logX y: Double) -> Double {
    if shape < 16 { return shape * y - x - logGammaAbove }
    let excess = x / shape - 1
    let logRatio =
      excess.magnitude < 0.5
      ? DeterministicMath.logOnePlus(excess) : y - DeterministicMath.log(shape)
    let twoPi = 6.283185307179586
    return shape * (logRatio - excess) - 0.5 * DeterministicMath.log(twoPi * shape)
      - DeterministicMath.stirlingRest(shape)
  }

  /// Σ xⁿ/((a + 1)·…·(a + n)), n from 0 (DLMF 8.7.1); for x < a + 1.
  private func series(_ x: Double) -> Double {
    var term = 1.0
    var sum = 1.0
    var divisor = shape
    while term > sum * 0x1p-56 {
      divisor += 1
      term *= x / divisor
      sum += term
    }
    return sum
  }

  /// Γ(a, x)/(xᵃ·e⁻ˣ) by its continued fraction (DLMF 8.9.2), from the front (Lentz); for
  /// x ≥ a + 1.
  private func fraction(_ x: Double) -> Double {
    var denominator = x + 1 - shape
    var front = 1 / 0x1p-900
    var back = 1 / denominator
    var value = back
    var index = 1.0
    while true {
      let numerator = index * (shape - index)
      denominator += 2
      back = 1 / nonzero(numerator * back + denominator)
      front = nonzero(denominator + numerator / front)
      let factor = front * back
      value *= factor
      if (factor - 1).magnitude < 0x1p-52 { return value }
      index += 1
    }
  }

  private func nonzero(_ value: Double) -> Double {
    value.magnitude < 0x1p-900 ? 0x1p-900 : value
  }
}

extension UnitGamma {
  /// From this shape on the Cornish–Fisher expansion serves.
  private static let expansionShape = 1e6

  /// Cornish–Fisher expansion to the order 1/a (Abramowitz and Stegun 26.2.49); its relative error
  /// is below 2e-11 at p = 1e-300 and 1e-13 at p = 1e-16.
  private func expandedQuantile(_ p: Double) -> Double {
    let z = DeterministicMath.normalQuantile(p)
    let square = z * z
    let root = shape.squareRoot()
    return shape + root * z + (square - 1) / 3 + z * (square - 7) / (36 * root)
      - ((3 * square + 7) * square - 16) / (810 * shape)
  }

  /// log x at the lower tail p, by Newton's method on log P as a function of log x.
  ///
  /// Both log P and log Q are concave in log x, so the method converges from any start.
  private func lowerLogQuantile(_ p: Double) -> Double {
    let target = DeterministicMath.log(p)
    var y = logStart(p) ?? (target + logGammaAbove) / shape
    for _ in 0..<100 {
      let tail = lowerTail(logX: y)
      let inverseSlope = DeterministicMath.exp(tail.logProbability - tail.logSlope)
      let step = bounded((target - tail.logProbability) * inverseSlope)
      y += step
      if step.magnitude < 1e-9 { break }
    }
    return y
  }

  /// log x at the upper tail 1 − p, by Newton's method on log Q as a function of log x.
  private func upperLogQuantile(_ p: Double) -> Double {
    let target = DeterministicMath.log(1 - p)
    let logGamma = logGammaAbove - DeterministicMath.log(shape)
    var y = logStart(p) ?? DeterministicMath.log(max(0.05, -target - logGamma))
    for _ in 0..<100 {
      let tail = upperTail(logX: y)
      let inverseSlope = DeterministicMath.exp(tail.logProbability - tail.logSlope)
      let step = bounded((tail.logProbability - target) * inverseSlope)
      y += step
      if step.magnitude < 1e-9 { break }
    }
    return y
  }

  /// The logarithm of Wilson and Hilferty's quantile (1931), where it is of use.
  private func logStart(_ p: Double) -> Double? {
    if shape < 1 { return nil }
    let ninth = 1 / (9 * shape)
    let root = 1 - ninth + DeterministicMath.normalQuantile(p) * ninth.squareRoot()
    return root < 0.2 ? nil : DeterministicMath.log(shape * root * root * root)
  }

  /// A Newton step, limited: where a tail is flat the tangent says nothing.
  private func bounded(_ step: Double) -> Double {
    min(max(step, -2), 2)
  }
}
