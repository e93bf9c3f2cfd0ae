import EventKernel
import JSON
import Workload

extension ScenarioDecoding {
  /// The distributions by the word that scenarios use.
  enum Shape: String, CaseIterable {
    case constant, uniform, exponential, lognormal, gamma, weibull
  }

  /// Reads one figure of a distribution, in the unit of its values.
  typealias Figure = (ObjectReader, String) -> Double?

  /// A distribution of seconds, written with units; no figure may be below `least`
  /// and no draw above `longestSeconds`.
  func timeDistribution(
    _ key: String, of parent: ObjectReader, least: Nanoseconds, longestSeconds: Double
  ) -> Distribution? {
    guard let reader = parent.object(key) else { return nil }
    let distribution = distribution(reader) { reader, key in
      reader.time(key, in: least...Limit.time).map { Double($0) / 1e9 }
    }
    reader.finish()
    parent.keep(key, .object(reader.canonical))
    guard let distribution else { return nil }
    if distribution.longestDraw > longestSeconds {
      parent.fault(
        key,
        .unfit(
          found: "draws of up to \(readable(distribution.longestDraw.rounded())) s",
          needed: "a mean and a cv that keep them below \(readable(longestSeconds)) s"))
    }
    return distribution
  }

  private func distribution(_ reader: ObjectReader, figure: Figure) -> Distribution? {
    guard let shape: Shape = reader.choice("distribution", kind: "a distribution") else {
      reader.skipAll()
      return nil
    }
    return distribution(of: shape, reader, figure: figure)
  }

  /// The distribution of a shape, by its figures.
  func distribution(of shape: Shape, _ reader: ObjectReader, figure: Figure) -> Distribution? {
    switch shape {
    case .constant:
      return figure(reader, "value").map(Distribution.constant)
    case .uniform:
      let low = figure(reader, "low")
      let high = figure(reader, "high")
      guard let low, let high else { return nil }
      if low > high, let least = reader.value("low"), let most = reader.value("high") {
        reader.fault(
          "low", .unfit(found: least.node.found, needed: "at most high, \(most.node.found)"))
      }
      return .uniform(low: low, high: high)
    case .exponential:
      return figure(reader, "mean").map(Distribution.exponential)
    case .lognormal, .gamma:
      let mean = figure(reader, "mean")
      let cv = reader.number("cv", in: .from(0, to: Limit.cv))
      guard let mean, let cv else { return nil }
      return shape == .gamma ? .gamma(mean: mean, cv: cv) : .lognormal(mean: mean, cv: cv)
    case .weibull:
      let mean = figure(reader, "mean")
      guard let spread = weibullSpread(reader), let mean else { return nil }
      return spread.distribution(mean: mean)
    }
  }

  /// The spread of a Weibull distribution, by its cv or its shape.
  enum WeibullSpread {
    case cv(Double)
    case shape(Double)

    func distribution(mean: Double) -> Distribution {
      switch self {
      case .cv(let cv): .weibull(mean: mean, cv: cv)
      case .shape(let shape): .weibull(shape: shape, mean: mean)
      }
    }
  }

  /// `shape` if it is there, else `cv`.
  func weibullSpread(_ reader: ObjectReader) -> WeibullSpread? {
    if reader.has("shape") {
      return reader.number("shape", in: .from(0.05, to: 1_000)).map(WeibullSpread.shape)
    }
    return reader.number("cv", in: .from(0.001, to: Limit.cv)).map(WeibullSpread.cv)
  }
}

extension Distribution {
  /// More than any draw, length-weighted ones included: streams give multiples of 2⁻⁵³, so that a
  /// normal variable stays below 8.3 and an exponential one below 38.
  var longestDraw: Double {
    switch self {
    case .constant(let value): value
    case .uniform(_, let high): high
    case .exponential(let mean): 38 * mean
    case .lognormal(let mean, let cv):
      // At z standard deviations: mean · exp(−s²/2 + s·z), and length-weighting adds s to z.
      Self.lognormalBound(mean: mean, cv: cv)
    case .gamma(let mean, let cv): mean * (2 + 100 * cv * cv)
    case .weibull(let shape, let scale):
      // A length-weighted one is a power of a gamma variable of shape 1 + 1/k, bounded as above.
      scale * DeterministicMath.pow(2 * (1 + 1 / shape) + 100, 1 / shape)
    case .table(let table): table.values.last ?? 0
    case .quantiles(let curve): curve.values.last ?? 0
    }
  }

  private static func lognormalBound(mean: Double, cv: Double) -> Double {
    let variance = DeterministicMath.logOnePlus(cv * cv)
    let spread = variance.squareRoot()
    return mean * DeterministicMath.exp(8.3 * spread + 0.5 * variance)
  }
}
