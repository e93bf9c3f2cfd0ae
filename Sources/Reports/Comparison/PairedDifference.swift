/// The mean of paired differences and its 95 % confidence interval.
///
/// Replications of equal number share arrivals, lengths and background demands, so their
/// differences vary less than the figures themselves (common random numbers). What is paired are a
/// run's own figures, never requests by their number: where answers cause requests, equal numbers
/// mean nothing.
public struct PairedDifference: Sendable, Hashable {
  /// Pairs counted.
  public let count: Int
  /// Mean of first − second.
  public let mean: Double
  /// Lower end of the interval; nil with fewer than two pairs.
  public let lower: Double?
  /// Upper end of the interval; nil with fewer than two pairs.
  public let upper: Double?

  /// Student's interval over the differences; nil without any.
  public init?(_ differences: [Double]) {
    guard let first = differences.first else { return nil }
    count = differences.count
    let number = Double(count)
    // Equal differences keep their exact value and have no spread.
    let isConstant = differences.allSatisfy { $0 == first }
    let mean = isConstant ? first : differences.reduce(0, +) / number
    self.mean = mean
    guard count > 1 else {
      lower = nil
      upper = nil
      return
    }
    let squares = isConstant ? 0 : differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / (number - 1)).squareRoot()
    let half = StudentDistribution.quantile975(degreesOfFreedom: count - 1) * deviation
    lower = mean - half / number.squareRoot()
    upper = mean + half / number.squareRoot()
  }

  /// Whether 0 lies outside the interval; nil with fewer than two pairs.
  public var excludesZero: Bool? {
    guard let lower, let upper else { return nil }
    return lower > 0 || upper < 0
  }
}

/// Critical values of Student's t distribution.
enum StudentDistribution {
  /// The 0.975 quantiles for 1…30 degrees of freedom.
  ///
  /// NIST/SEMATECH e-Handbook of Statistical Methods, section 1.3.6.7.2.
  private static let upTo30: [Double] = [
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
    2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
    2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
  ]
  /// The same for larger ones of the same table.
  private static let beyond30: [(degrees: Int, quantile: Double)] = [
    (40, 2.021), (50, 2.009), (60, 2.000), (80, 1.990), (100, 1.984),
  ]

  /// The 0.975 quantile; between two entries the lower degrees of freedom count, so that an
  /// interval is never too narrow.
  static func quantile975(degreesOfFreedom: Int) -> Double {
    if degreesOfFreedom <= 30 { return upTo30[max(1, degreesOfFreedom) - 1] }
    return beyond30.last { $0.degrees <= degreesOfFreedom }?.quantile ?? upTo30[29]
  }
}
