import Testing

@testable import EventKernel

@Suite("Distribution")
struct DistributionTests {
  @Test("The gamma quantile has a relative error below 1e-13, from cv 10 to cv 1e-4")
  func gammaQuantile() {
    for (shape, p, value) in ReferenceTables.gammaQuantile {
      let error = abs(UnitGamma(shape: shape).quantile(p) - value)
      #expect(error <= 1e-13 * value, "shape \(shape), p \(p)")
    }
  }

  @Test("The lognormal quantile has a relative error below 1e-14")
  func lognormalQuantile() {
    for (mean, cv, p, value) in ReferenceTables.lognormalQuantile {
      let error = abs(Distribution.lognormal(mean: mean, cv: cv).quantile(p) - value)
      #expect(error <= 1e-14 * value, "mean \(mean), cv \(cv), p \(p)")
    }
  }

  @Test("Quantiles reach the ends of each distribution")
  func quantileEnds() {
    #expect(Distribution.constant(3).quantile(0) == 3)
    #expect(Distribution.constant(3).quantile(1) == 3)
    #expect(Distribution.uniform(low: 2, high: 6).quantile(0) == 2)
    #expect(Distribution.uniform(low: 2, high: 6).quantile(0.25) == 3)
    #expect(Distribution.uniform(low: 2, high: 6).quantile(1) == 6)
    #expect(Distribution.exponential(mean: 2).quantile(0) == 0)
    #expect(Distribution.exponential(mean: 2).quantile(0.5) == 2 * 0.6931471805599453)
    #expect(Distribution.exponential(mean: 2).quantile(1) == .infinity)
    #expect(Distribution.lognormal(mean: 2, cv: 1).quantile(0) == 0)
    #expect(Distribution.lognormal(mean: 2, cv: 1).quantile(1) == .infinity)
    #expect(Distribution.gamma(mean: 2, cv: 1).quantile(0) == 0)
    #expect(Distribution.gamma(mean: 2, cv: 1).quantile(1) == .infinity)
  }

  @Test("Without spread, lognormal and gamma are constant")
  func noSpread() {
    let stream = RandomStream(seed: 3, name: "none")
    for distribution in [Distribution.lognormal(mean: 7, cv: 0), .gamma(mean: 7, cv: 0)] {
      for index in 0..<20 as Range<UInt64> {
        #expect(distribution.sample(stream, at: index) == 7)
        let residual = distribution.sampleResidual(stream, at: index)
        #expect(residual == Distribution.constant(7).sampleResidual(stream, at: index))
      }
      #expect(distribution.quantile(0.3) == 7)
      #expect(distribution.quantile(1) == 7)
      #expect(distribution.variance == 0)
    }
  }

  @Test("Mean and variance are those of the parameters")
  func moments() {
    #expect(Distribution.constant(3).mean == 3)
    #expect(Distribution.constant(3).variance == 0)
    #expect(Distribution.uniform(low: 2, high: 8).mean == 5)
    #expect(Distribution.uniform(low: 2, high: 8).variance == 3)
    #expect(Distribution.exponential(mean: 3).variance == 9)
    #expect(Distribution.lognormal(mean: 4, cv: 0.5).variance == 4)
    #expect(Distribution.gamma(mean: 4, cv: 0.5).mean == 4)
    #expect(Distribution.gamma(mean: 4, cv: 0.5).variance == 4)
  }

  @Test("Weibull: the shape belongs to the cv, mean and variance follow from both")
  func weibullShape() {
    // Shape 1 is the exponential distribution, shape ½ has cv² = Γ(5)/Γ(3)² − 1 = 5, and the
    // Rayleigh distribution of shape 2 has cv² = 4/π − 1.
    let known = [(1.0, 1.0), (5.squareRoot(), 0.5), ((4 / Double.pi - 1).squareRoot(), 2.0)]
    for (cv, shape) in known {
      guard case .weibull(let found, _) = Distribution.weibull(mean: 3, cv: cv) else { return }
      #expect(abs(found - shape) < 1e-12 * shape, "cv \(cv)")
    }
    for cv in [0.001, 0.01, 0.2, 1, 3, 20, 100] {
      let distribution = Distribution.weibull(mean: 3, cv: cv)
      #expect(abs(distribution.mean - 3) < 1e-11, "cv \(cv)")
      let variance = distribution.variance
      #expect(abs(variance - 9 * cv * cv) < 1e-6 * 9 * cv * cv, "cv \(cv)")
    }
    let median = Distribution.weibull(shape: 2, scale: 5).quantile(0.5)
    #expect(abs(median - 5 * DeterministicMath.pow(0.6931471805599453, 0.5)) < 1e-14)
  }

  @Test("Residuals of a table fall into each value by its share of the time")
  func tableResiduals() {
    let table = Distribution.table(ValueTable(values: [1, 3], weights: [3, 1]))
    let stream = RandomStream(seed: 13, name: "residuals")
    let values = (0..<40_000).map { table.sampleResidual(stream, at: UInt64($0)) }
    // Of 6 units of time 3 lie in each; a residual above 1 lies in two thirds of the longer ones.
    let above = Double(values.filter { $0 > 1 }.count)
    #expect(abs(above - 40_000 / 3) / (40_000.0 * 2 / 9).squareRoot() < 4)
    #expect(values.allSatisfy { $0 > 0 && $0 < 3 })
  }

  @Test("Samples are free of order, and streams of each other")
  func counterBased() {
    let stream = RandomStream(seed: 5, name: "order")
    let distribution = Distribution.gamma(mean: 1, cv: 2)
    let forward = (0..<100).map { distribution.sample(stream, at: UInt64($0)) }
    let backward = (0..<100).reversed().map { distribution.sample(stream, at: UInt64($0)) }
    #expect(forward == backward.reversed())
    let other = RandomStream(seed: 5, name: "other")
    #expect(forward != (0..<100).map { distribution.sample(other, at: UInt64($0)) })
  }

  static let cases: [Distribution] = [
    .uniform(low: 0, high: 2), .uniform(low: 3, high: 4), .exponential(mean: 0.25),
    .lognormal(mean: 900, cv: 1.2), .lognormal(mean: 1, cv: 0.1), .gamma(mean: 2, cv: 0.3),
    .gamma(mean: 0.25, cv: 1), .gamma(mean: 1, cv: 1.5), .gamma(mean: 1, cv: 4),
    .gamma(mean: 1, cv: 10), .weibull(mean: 2, cv: 0.4), .weibull(mean: 0.1, cv: 2.5),
    .quantiles(QuantileCurve(shares: [0, 0.3, 0.9, 1], values: [1, 4, 6, 90])),
  ]
  static let draws = 40_000

  @Test("Samples follow their distribution", arguments: cases)
  func samplesFollow(distribution: Distribution) {
    let stream = RandomStream(seed: 11, name: "samples")
    let values = (0..<Self.draws).map { distribution.sample(stream, at: UInt64($0)) }
    let error = (distribution.variance / Double(Self.draws)).squareRoot()
    let z = (values.reduce(0, +) / Double(Self.draws) - distribution.mean) / error
    #expect(abs(z) < 4)
    #expect(kolmogorovSmirnov(values, distribution.cumulative) < 1.95)
  }

  @Test("Residuals follow the equilibrium distribution", arguments: cases + [.constant(3)])
  func residualsFollow(distribution: Distribution) {
    let stream = RandomStream(seed: 13, name: "residuals")
    let values = (0..<Self.draws).map { distribution.sampleResidual(stream, at: UInt64($0)) }
    #expect(kolmogorovSmirnov(values, distribution.equilibriumCumulative) < 1.95)
  }

  @Test("The mean residual is half the mean square over the mean", arguments: cases)
  func residualMean(distribution: Distribution) {
    let stream = RandomStream(seed: 17, name: "residuals")
    let count = Double(Self.draws)
    let values = (0..<Self.draws).map { distribution.sampleResidual(stream, at: UInt64($0)) }
    let mean = values.reduce(0, +) / count
    let spread = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
    let square = distribution.variance + distribution.mean * distribution.mean
    let z = (mean - square / (2 * distribution.mean)) / (spread / count).squareRoot()
    #expect(abs(z) < 4)
  }

  /// √n times the largest distance between the sample's and the true distribution function; above
  /// 1.95 in one of a thousand runs (Kolmogorov).
  private func kolmogorovSmirnov(_ values: [Double], _ cumulative: (Double) -> Double) -> Double {
    let count = Double(values.count)
    var distance = 0.0
    for (rank, value) in values.sorted().enumerated() {
      let share = cumulative(value)
      distance = max(distance, share - Double(rank) / count, Double(rank + 1) / count - share)
    }
    return distance * count.squareRoot()
  }
}

extension Distribution {
  /// The share of values of at most x.
  fileprivate func cumulative(_ x: Double) -> Double {
    switch self {
    case .constant(let value):
      return x < value ? 0 : 1
    case .uniform(let low, let high):
      return min(max((x - low) / (high - low), 0), 1)
    case .exponential(let mean):
      return 1 - DeterministicMath.exp(-x / mean)
    case .lognormal(let mean, let cv):
      return Self.lognormalCumulative(x, Lognormal(mean: mean, cv: cv), shift: 0)
    case .gamma(let mean, let cv):
      return Self.gammaCumulative(x / (mean * cv * cv), shape: 1 / (cv * cv))
    case .weibull(let shape, let scale):
      return 1 - DeterministicMath.exp(-DeterministicMath.pow(x / scale, shape))
    case .table(let table):
      return zip(table.values.indices, table.values).reduce(0) {
        $1.1 <= x ? $0 + table.shares[$1.0] : $0
      }
    case .quantiles(let curve):
      // By bisection of the quantile function, which the curve is.
      var (low, high) = (0.0, 1.0)
      for _ in 0..<60 {
        let middle = 0.5 * (low + high)
        if curve.quantile(middle) <= x { low = middle } else { high = middle }
      }
      return low
    }
  }

  /// The share of residuals of at most x: (x·(1 − F(x)) + ∫₀ˣ t dF(t))/mean.
  fileprivate func equilibriumCumulative(_ x: Double) -> Double {
    let survivors = x * (1 - cumulative(x)) / mean
    switch self {
    case .constant(let value):
      return min(x / value, 1)
    case .uniform(let low, let high):
      let top = min(max(x, low), high)
      return survivors + (top - low) * (top + low) / (2 * (high - low)) / mean
    case .exponential:
      return cumulative(x)
    case .lognormal(let mean, let cv):
      return survivors + Self.lognormalCumulative(x, Lognormal(mean: mean, cv: cv), shift: 1)
    case .gamma(let mean, let cv):
      let shape = 1 / (cv * cv)
      return survivors + Self.gammaCumulative(x / (mean * cv * cv), shape: shape + 1)
    case .weibull(let shape, let scale):
      // ∫₀ˣ exp(−(t/s)^k) dt / mean is the gamma distribution function of shape 1/k at (x/s)^k.
      return Self.gammaCumulative(DeterministicMath.pow(x / scale, shape), shape: 1 / shape)
    case .table(let table):
      return survivors
        + zip(table.values.indices, table.values).reduce(0) {
          $1.1 <= x ? $0 + table.shares[$1.0] * $1.1 : $0
        } / mean
    case .quantiles(let curve):
      // ∫₀ˣ t dF(t) over each piece, on which t is uniform.
      return survivors
        + (1..<curve.shares.count).reduce(0) { sum, upper in
          let (low, high) = (curve.values[upper - 1], curve.values[upper])
          let top = min(max(x, low), high)
          let width = curve.shares[upper] - curve.shares[upper - 1]
          return sum + width * (top - low) * (top + low) / (2 * (high - low))
        } / mean
    }
  }

  private static func gammaCumulative(_ x: Double, shape: Double) -> Double {
    // Some draws of a tiny shape underflow; they are the share below the smallest double.
    let logX = x > 0 ? DeterministicMath.log(x) : -745
    return DeterministicMath.exp(UnitGamma(shape: shape).lowerTail(logX: logX).logProbability)
  }

  /// The normal distribution function by the incomplete gamma function of shape ½.
  private static func lognormalCumulative(
    _ x: Double, _ lognormal: Lognormal, shift: Double
  ) -> Double {
    let z = DeterministicMath.log(x / lognormal.median) / lognormal.spread
    let shifted = z - shift * lognormal.spread
    let inside = gammaCumulative(shifted * shifted / 2, shape: 0.5) / 2
    return shifted < 0 ? 0.5 - inside : 0.5 + inside
  }
}
