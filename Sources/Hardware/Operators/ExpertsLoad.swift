import EventKernel

/// What a batch asks of the GPU whose experts have most to do.
struct ExpertsLoad {
  /// Classes of experts at most, by load.
  static let mostClasses = 16

  /// Experts that get a token at all.
  private(set) var touched: Double
  /// Experts in each class.
  private(set) var expertsPerClass: Double
  /// Rows of an expert, class by class.
  private(set) var rows: [Double]
  /// How many classes there are.
  private(set) var classes: Int
  /// Rows of all its experts.
  private(set) var totalRows: Double

  /// Spreads `tokens` over the experts.
  init(tokens: Double, shape: ExpertsShape, routing: ExpertsRouting) {
    let pairs = tokens * Double(shape.expertsPerToken)
    let perGPU = pairs / Double(max(1, shape.expertParallel))
    let local = Double(shape.localExperts)
    classes = min(shape.localExperts, Self.mostClasses)
    rows = [Double](repeating: 0, count: classes)
    expertsPerClass = local / Double(classes)
    touched = 0
    totalRows = 0
    switch routing {
    case .balanced:
      totalRows = max(1, perGPU)
      touched = min(local, totalRows)
      classes = 1
      expertsPerClass = touched
      rows[0] = totalRows / touched
    case .uniform:
      spreadUniformly(tokens: tokens, pairs: pairs, shape: shape)
    case .powerLaw(let exponent):
      spread(PowerLaw(exponent: exponent, tokens: tokens, pairs: pairs, shape: shape), tokens)
      // A token's experts are different ones.
      let own = Double(shape.expertsPerToken) / Double(max(1, shape.expertParallel))
      let most = min(local, Double(shape.expertsPerToken))
      let fewest = own + largestOfNormal(shape.expertParallel) * own.squareRoot()
      touched = max(touched, min(most, max(1, fewest)))
    }
  }

  /// Binomial loads: their normal approximation at the middles of equal classes.
  private mutating func spreadUniformly(tokens: Double, pairs: Double, shape: ExpertsShape) {
    let experts = Double(shape.experts)
    let local = Double(shape.localExperts)
    let chance = min(1, Double(shape.expertsPerToken) / experts)
    let mean = pairs / experts
    let deviation = (mean * (1 - chance)).squareRoot()
    let busiest = largestOfNormal(shape.expertParallel)
    totalRows = max(1, min(pairs, local * mean + busiest * (local.squareRoot() * deviation)))
    let average = totalRows / local
    for index in 0..<classes {
      let quantile = normalQuantile((Double(index) + 0.5) / Double(classes))
      rows[index] = max(0, min(tokens, average + quantile * deviation))
    }
    let missed = DeterministicMath.pow(1 - chance, tokens)
    touched = max(1, min(local * (1 - missed), totalRows))
  }

  private mutating func spread(_ law: PowerLaw, _ tokens: Double) {
    var sum = 0.0
    for index in 0..<classes {
      rows[index] = law.quantile((Double(index) + 0.5) / Double(classes))
      sum += rows[index]
    }
    let scale = law.busiestRows / (sum * expertsPerClass)
    for index in 0..<classes { rows[index] *= scale }
    // An expert gets a token once; what is above goes to the others.
    for _ in 0..<2 { shareOverflow(above: tokens) }
    for index in 0..<classes {
      rows[index] = min(rows[index], tokens)
      totalRows += expertsPerClass * rows[index]
      touched += expertsPerClass * Self.shareTouched(rows[index])
    }
    touched = max(1, touched)
  }

  private mutating func shareOverflow(above most: Double) {
    var overflow = 0.0
    var free = 0.0
    for index in 0..<classes {
      if rows[index] < most { free += rows[index] } else { overflow += rows[index] - most }
    }
    guard overflow > 0, free > 0 else { return }
    for index in 0..<classes {
      rows[index] = rows[index] < most ? rows[index] * (1 + overflow / free) : most
    }
  }

  /// The share of experts touched where each has `rows` rows in the mean: whole rows, rounded.
  static func shareTouched(_ rows: Double) -> Double {
    rows >= 1 ? 1 : min(1, max(0, 2 * rows - 0.5))
  }
}

/// Popularities with the density x^−exponent, and the rows of the busiest GPU.
private struct PowerLaw {
  private let power: Double
  private let lowest: Double
  private let span: Double
  /// Rows of the GPU whose experts get most.
  private(set) var busiestRows: Double

  init(exponent: Double, tokens: Double, pairs: Double, shape: ExpertsShape) {
    let experts = Double(shape.experts)
    let (low, high) = pairs > experts ? (1, max(0.8 * tokens, 1.000_1)) : (0.01, 2.0)
    // At 1 the law is a logarithm; next to it the difference does not show.
    let slope = abs(exponent - 1) < 1e-3 ? 1e-3 : exponent - 1
    power = -slope
    lowest = DeterministicMath.pow(low, power)
    span = DeterministicMath.pow(high, power) - lowest
    busiestRows = 0
    let local = Double(shape.localExperts)
    var rows = local * pairs / experts
    if shape.expertParallel > 1 {
      rows *= excess(shape, local, low: low, high: high)
      rows = min(rows, pairs, local * tokens)
    }
    busiestRows = max(1, rows)
  }

  func quantile(_ share: Double) -> Double {
    DeterministicMath.pow(lowest + span * share, 1 / power)
  }

  /// The mean of x^order.
  private func moment(_ order: Double, low: Double, high: Double) -> Double {
    let sum = order + power
    let area =
      abs(sum) < 1e-9
      ? DeterministicMath.log(high / low)
      : (DeterministicMath.pow(high, sum) - DeterministicMath.pow(low, sum)) / sum
    return area * power / span
  }

  /// The rows of the busiest GPU over those of the mean one.
  ///
  /// The sum of several experts is taken for log-normal, with the sum's mean and variance, and the
  /// largest of `expertParallel` such sums at its expected place; it is at least what the most popular
  /// expert brings. Within 10 % of 60 draws each for 8 to 256 experts on 2 to 256 GPUs.
  private func excess(
    _ shape: ExpertsShape, _ local: Double, low: Double, high: Double
  ) -> Double {
    let experts = Double(shape.experts)
    let mean = moment(1, low: low, high: high)
    let variation = max(0, moment(2, low: low, high: high) / (mean * mean) - 1)
    let top = min(quantile((experts - 0.375) / (experts + 0.25)) / mean, 0.9 * experts)
    if local <= 1 { return top }
    let square = DeterministicMath.log(1 + variation / local)
    let place = largestOfNormal(shape.expertParallel)
    let drawn = DeterministicMath.exp(place * square.squareRoot() - square / 2)
    let one = (top + (local - 1) * (experts - top) / max(1, experts - 1)) / local
    return max(one, min(drawn, top))
  }
}

/// The expected largest of `count` standard normal draws, by Blom's approximation.
private func largestOfNormal(_ count: Int) -> Double {
  count <= 1 ? 0 : normalQuantile((Double(count) - 0.375) / (Double(count) + 0.25))
}

/// The standard normal quantile within 0.01 (Tukey's lambda approximation).
private func normalQuantile(_ share: Double) -> Double {
  4.91 * (DeterministicMath.pow(share, 0.14) - DeterministicMath.pow(1 - share, 0.14))
}
