import EventKernel
public import Hardware

/// Fits the laws of matrix products and of elementwise kernels.
///
/// A fit sees the measurements of serving sizes, if there are any, and at most `mostSamples` of them,
/// taken evenly in the order of (outputs, inputs, rows). Residuals are log(predicted / measured),
/// robust. Rows held out (see `HeldOut`) the caller leaves out.
public enum GEMMFit {
  /// What a fit found.
  public struct Result<Law: OperatorLaw>: Sendable, Hashable {
    /// The law with the coefficients found.
    public var law: Law
    /// The coefficients with their intervals.
    public var fit: LeastSquares.Fit
    /// How many measurements it saw.
    public var samples: Int
  }

  /// The fewest rows that determine ten coefficients.
  public static let fewestSamples = 40

  /// Fits the law of 16-bit products, weight-only formats included.
  ///
  /// - Throws: `TableFault` for fewer than `fewestSamples` of such products.
  public static func library(
    _ measurements: [GEMMMeasurement], kernels: GEMMKernels, limits: DeviceLimits, file: String,
    mostSamples: Int = 1_000
  ) throws(TableFault) -> Result<GEMMLaw> {
    let products = measurements.filter { $0.arithmetic != .eightBits }
    let samples = try sampled(products, file, mostSamples, inOrder: precedes)
    // Computing and streaming overlap fully or half: the valleys of two starts differ.
    let starts = [2.0, 4].map { ridge in
      GEMMLaw(
        kernels: kernels,
        values: [3_000, 0.95, 0.8, 150, 50, 0.6, ridge, 2_000, 2_000, 0.1])
    }
    return best(starts, samples) { law, sample in law.nanoseconds(sample, limits: limits) }
  }

  /// Fits the law of 8-bit products.
  ///
  /// - Throws: `TableFault` for fewer than `fewestSamples` of such products.
  public static func scaled(
    _ measurements: [GEMMMeasurement], kernels: GEMMKernels, limits: DeviceLimits, file: String,
    mostSamples: Int = 1_000
  ) throws(TableFault) -> Result<ScaledGEMMLaw> {
    let products = measurements.filter { $0.arithmetic == .eightBits }
    let samples = try sampled(products, file, mostSamples, inOrder: precedes)
    let start = ScaledGEMMLaw(
      kernels: kernels, values: [4_500, 0.95, 0.75, 110, 50, 0.6, 2_000, 7, 0.8, 0.1])
    return best([start], samples) { law, sample in law.nanoseconds(sample, limits: limits) }
  }

  /// Fits the law of elementwise kernels.
  ///
  /// - Throws: `TableFault` for fewer than `fewestSamples` kernels.
  public static func elementwise(
    _ measurements: [ElementwiseMeasurement], limits: DeviceLimits, file: String,
    mostSamples: Int = 1_000
  ) throws(TableFault) -> Result<ElementwiseLaw> {
    let samples = try sampled(measurements, file, mostSamples) { first, second in
      (first.kernel.rawValue, first.width, first.rows, first.line)
        < (second.kernel.rawValue, second.width, second.rows, second.line)
    }
    let start = ElementwiseLaw(values: [2_000, 0.5, 0.3, 40])
    return best([start], samples) { law, sample in
      law.nanoseconds(sample.kernel, rows: sample.rows, width: sample.width, limits: limits)
    }
  }

  private static func precedes(_ first: GEMMMeasurement, _ second: GEMMMeasurement) -> Bool {
    (first.outputs, first.inputs, first.rows, first.line)
      < (second.outputs, second.inputs, second.rows, second.line)
  }

  /// The rows that a fit sees.
  private static func sampled<Row: Measurement>(
    _ rows: [Row], _ file: String, _ most: Int, inOrder: (Row, Row) -> Bool
  ) throws(TableFault) -> [Row] {
    let serving = rows.filter(\.isServingSize)
    let all = (serving.isEmpty ? rows : serving).sorted(by: inOrder)
    guard all.count >= fewestSamples else {
      throw TableFault(
        file: file, line: nil, found: "\(all.count) rows",
        needed: "\(fewestSamples) at least, of several shapes and numbers of rows")
    }
    guard all.count > most else { return all }
    return (0..<most).map { all[$0 * all.count / most] }
  }

  /// The best fit from several starts.
  private static func best<Law: OperatorLaw, Row: Measurement>(
    _ starts: [Law], _ samples: [Row], predicted: (Law, Row) -> Double
  ) -> Result<Law> {
    let measured = samples.map { DeterministicMath.log($0.nanoseconds) }
    var found: Result<Law>?
    for start in starts {
      var law = start
      let fit = LeastSquares.fit(
        start: start.values, bounds: Law.coefficients.map(\.bounds), loss: .robust(scale: 0.1)
      ) { values in
        law.values = values
        return zip(samples, measured).map { DeterministicMath.log(predicted(law, $0)) - $1 }
      }
      law.values = fit.values
      if found.map({ fit.loss < $0.fit.loss }) ?? true {
        found = Result(law: law, fit: fit, samples: samples.count)
      }
    }
    guard let found else { preconditionFailure("at least one start") }
    return found
  }
}

extension GEMMLaw {
  /// The prediction for a measured product.
  public func nanoseconds(_ product: GEMMMeasurement, limits: DeviceLimits) -> Double {
    var bytes = 2.0
    if case .sixteenBits(let bytesPerWeight) = product.arithmetic { bytes = bytesPerWeight }
    return nanoseconds(
      rows: product.rows, outputs: product.outputs, inputs: product.inputs, bytesPerWeight: bytes,
      limits: limits, weights: product.residence)
  }
}

extension ScaledGEMMLaw {
  /// The prediction for a measured product.
  public func nanoseconds(_ product: GEMMMeasurement, limits: DeviceLimits) -> Double {
    nanoseconds(
      rows: product.rows, outputs: product.outputs, inputs: product.inputs, limits: limits,
      weights: product.residence)
  }
}
