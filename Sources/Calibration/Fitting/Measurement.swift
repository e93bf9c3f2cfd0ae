/// One measured time of an operator, and what is predicted for it.
public protocol Measurement: Sendable {
  /// The line of its table, counted from 1.
  var line: Int { get }
  /// The measured time in nanoseconds.
  var nanoseconds: Double { get }
  /// The shape without its size axis, by which a fit's half is chosen: see `HeldOut`.
  var shape: String { get }
  /// The class of sizes in which errors are summed up, such as `17–256 rows`.
  var sizeClass: String { get }
  /// Whether sizes are those of large language models (n, k ≥ 512; decode over ≥ 256 tokens; prefill
  /// of ≥ 512).
  var isServingSize: Bool { get }
  /// The row in words, as a list of the worst names it.
  var label: String { get }
}

/// A prediction beside its measurement.
public struct Comparison: Sendable, Hashable {
  /// The line of the table, counted from 1.
  public var line: Int
  /// What was measured, in words.
  public var label: String
  /// The class of sizes.
  public var sizeClass: String
  /// Whether a fit did not see the row.
  public var isHeldOut: Bool
  /// Whether sizes are those of large language models.
  public var isServingSize: Bool
  /// The measured and the predicted time in nanoseconds.
  public var measured: Double
  /// The predicted time in nanoseconds.
  public var predicted: Double

  /// Compares.
  public init(_ measurement: some Measurement, predicted: Double) {
    line = measurement.line
    label = measurement.label
    sizeClass = measurement.sizeClass
    isHeldOut = HeldOut.contains(measurement.shape)
    isServingSize = measurement.isServingSize
    measured = measurement.nanoseconds
    self.predicted = predicted
  }

  /// (predicted − measured) / measured.
  public var relativeError: Double { (predicted - measured) / measured }
}

/// How far predictions are off.
public struct ErrorSummary: Sendable, Hashable {
  /// How many predictions.
  public var count: Int
  /// The mean of the sizes of relative errors (MAPE).
  public var mean: Double
  /// Their median.
  public var median: Double
  /// Their 95th percentile, nearest rank.
  public var p95: Double
  /// The mean relative error with its sign: above 0 predictions are too long.
  public var bias: Double

  /// Sums up; nil without comparisons.
  public init?(_ errors: [Double]) {
    guard !errors.isEmpty else { return nil }
    count = errors.count
    let sizes = errors.map(\.magnitude).sorted()
    mean = sizes.reduce(0, +) / Double(count)
    median = sizes[(count + 1) / 2 - 1]
    p95 = sizes[(count * 95 + 99) / 100 - 1]
    bias = errors.reduce(0, +) / Double(count)
  }
}
