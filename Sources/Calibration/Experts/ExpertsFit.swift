import EventKernel
public import Hardware

/// Fits the law of mixture-of-experts layers to measurements.
public enum ExpertsFit {
  /// Rows that a fit needs: some for each of its numbers.
  public static let fewestRows = 32

  /// What a fit found.
  public struct Result<Law: OperatorLaw>: Sendable {
    /// The law.
    public var law: Law
    /// Half the width of each coefficient's 95 % interval.
    public var halfWidths: [Double]
    /// Rows that the fit saw.
    public var rows: Int
  }

  /// Where fits begin: an H100's figures, rounded.
  public static let start = ExpertsLaw(
    floorNanoseconds: 20_000, expertParallelNanoseconds: 8_000, streamingShare: 0.8,
    computingShare: 0.6, permuteRatio: 3, rereadShare: 0.2, tileNanoseconds: 1_000,
    level2Ratio: 2)

  /// Fits the law of 16-bit weights.
  ///
  /// - Parameters:
  ///   - measurements: rows of 16-bit weights; rows held out (see `HeldOut`) must be left out by the
  ///     caller.
  ///   - device: the GPU's datasheet.
  /// - Returns: the law whose residuals log(predicted / measured) are smallest, nil below
  ///   `fewestRows`.
  public static func fit(
    _ measurements: [ExpertsMeasurement], device: DeviceLimits
  ) -> Result<ExpertsLaw>? {
    guard measurements.count >= fewestRows else { return nil }
    var law = start
    let work = measurements.map { prepared($0, device) }
    let fit = LeastSquares.fit(
      start: law.values, bounds: ExpertsLaw.coefficients.map(\.bounds), loss: .robust(scale: 0.1)
    ) { values in
      law.values = values
      return residuals(measurements, work, law)
    }
    law.values = fit.values
    return Result(law: law, halfWidths: fit.halfWidths, rows: measurements.count)
  }

  /// Fits what FP8 weights change.
  ///
  /// - Parameters:
  ///   - measurements: rows of FP8 weights.
  ///   - law: the law of 16-bit weights on the same GPU.
  ///   - device: the GPU's datasheet.
  /// - Returns: the changes, nil below `fewestRows`.
  public static func fitFP8(
    _ measurements: [ExpertsMeasurement], beside law: ExpertsLaw, device: DeviceLimits
  ) -> Result<ExpertsFP8Law>? {
    guard measurements.count >= fewestRows else { return nil }
    var changes = ExpertsFP8Law(
      quantiseNanoseconds: 5_000, streamingShare: 0.7, computingShare: 0.4)
    let work = measurements.map { prepared($0, device) }
    let fit = LeastSquares.fit(
      start: changes.values, bounds: ExpertsFP8Law.coefficients.map(\.bounds),
      loss: .robust(scale: 0.1)
    ) { values in
      changes.values = values
      return residuals(measurements, work, law.changed(by: changes))
    }
    changes.values = fit.values
    return Result(law: changes, halfWidths: fit.halfWidths, rows: measurements.count)
  }

  /// The predicted time of a row as a table repeats it, with weights that stay in the cache.
  public static func predicted(
    _ measurement: ExpertsMeasurement, _ law: ExpertsLaw, _ device: DeviceLimits
  ) -> Double {
    law.nanoseconds(prepared(measurement, device))
  }

  private static func prepared(
    _ measurement: ExpertsMeasurement, _ device: DeviceLimits
  ) -> ExpertsWork {
    ExpertsWork(
      tokens: measurement.tokens, shape: measurement.layer, routing: measurement.routing,
      device: device, isCold: false)
  }

  private static func residuals(
    _ measurements: [ExpertsMeasurement], _ work: [ExpertsWork], _ law: ExpertsLaw
  ) -> [Double] {
    zip(measurements, work).map { row, work in
      DeterministicMath.log(law.nanoseconds(work) / row.nanoseconds)
    }
  }
}
