import EventKernel
public import Hardware

/// Fits of attention's laws to measured kernels.
///
/// Residuals are log(predicted / measured), robustly weighted, so that a fit minimises the mean
/// relative error. Lengths below those of language models count 0.3: they set the floors.
public enum AttentionFit {
  /// A law with what the fit says about it.
  public struct Result<Law: OperatorLaw>: Sendable, Hashable {
    /// The law with the fitted coefficients.
    public var law: Law
    /// The fit, its parameters in the order of the law's coefficients.
    public var fit: LeastSquares.Fit
  }

  /// Measurements that a fit needs at least, of each law.
  public static let fewestMeasurements = 24

  /// Fits the law of decoding; whether kernels pack groups of heads is decided by the better fit.
  ///
  /// - Parameters:
  ///   - measurements: decodes over repeated, hence cached, keys and values; others are left out.
  ///   - limits: the device's datasheet.
  ///   - file: the table's base name, for the fault.
  /// - Returns: the law and its fit.
  /// - Throws: `TableFault` for too few measurements.
  public static func decode(
    _ measurements: [AttentionMeasurement], limits: DeviceLimits, file: String
  ) throws(TableFault) -> Result<DecodeAttentionLaw> {
    let rows = try enough(measurements.filter { $0.phase == .decode }, .decode, file)
    // A kernel packs or does not: the number stays where it starts. Where memory is no limit at the
    // start, its efficiency has no slope and stays too, so that two of them are tried.
    var best: Result<DecodeAttentionLaw>?
    for packsGroups in [false, true] {
      for memoryEfficiency in [0.85, 0.6] {
        let start = DecodeAttentionLaw(
          floor: 10_000, combine: 2_000, token: packsGroups ? 8 : 20,
          memoryEfficiency: memoryEfficiency, intake: packsGroups ? 40 : 20, dispatch: 30,
          overlap: 0.7, packsGroups: packsGroups)
        let result = fitted(start, holding: [\.packsGroups], rows) {
          $0.nanoseconds($1, limits: limits)
        }
        if result.fit.loss < best?.fit.loss ?? .infinity { best = result }
      }
    }
    guard let best else { preconditionFailure("four fits, none with a finite loss") }
    return best
  }

  /// Fits the law of prefills.
  ///
  /// - Parameters:
  ///   - measurements: prefills, with or without cached prefixes; others are left out.
  ///   - limits: the device's datasheet.
  ///   - file: the table's base name, for the fault.
  /// - Returns: the law and its fit.
  /// - Throws: `TableFault` for too few measurements.
  public static func prefill(
    _ measurements: [AttentionMeasurement], limits: DeviceLimits, file: String
  ) throws(TableFault) -> Result<PrefillAttentionLaw> {
    let rows = try enough(measurements.filter { $0.phase == .prefill }, .prefill, file)
    let start = PrefillAttentionLaw(
      floor: 10_000, efficiency: 0.6, block: 8, trafficEfficiency: 0.6, intake: 20,
      throttle: 0.1)
    return fitted(start, holding: [], rows) { $0.nanoseconds($1, limits: limits) }
  }

  private static func enough(
    _ rows: [AttentionMeasurement], _ phase: AttentionMeasurement.Phase, _ file: String
  ) throws(TableFault) -> [AttentionMeasurement] {
    guard rows.count >= fewestMeasurements else {
      throw TableFault(
        file: file, line: nil, found: "\(rows.count) measurements of \(phase.rawValue) attention",
        needed: "\(fewestMeasurements) at least, over several batches and lengths")
    }
    return rows
  }

  private static func fitted<Law: OperatorLaw>(
    _ start: Law, holding held: [PartialKeyPath<Law>], _ rows: [AttentionMeasurement],
    predict: (Law, AttentionMeasurement) -> Double
  ) -> Result<Law> {
    let bounds = Law.coefficients.map { coefficient in
      let value = start[keyPath: coefficient.keyPath]
      return held.contains(coefficient.keyPath as PartialKeyPath<Law>)
        ? value...value : coefficient.bounds
    }
    let fit = LeastSquares.fit(start: start.values, bounds: bounds) { values in
      var law = start
      law.values = values
      return rows.map { row in
        let weight = row.isServingSize ? 1 : 0.3
        return weight * DeterministicMath.log(predict(law, row) / row.nanoseconds)
      }
    }
    var law = start
    law.values = fit.values
    return Result(law: law, fit: fit)
  }
}

extension DecodeAttentionLaw {
  /// What the law says for a measured decode, whose kernel is repeated over the same cache.
  public func nanoseconds(_ row: AttentionMeasurement, limits: DeviceLimits) -> Double {
    nanoseconds(
      row.heads, sequences: row.sequences, contextTokens: row.sequences * row.cachedTokens,
      keyValues: .cached, limits: limits)
  }
}

extension PrefillAttentionLaw {
  /// What the law says for a measured prefill.
  public func nanoseconds(_ row: AttentionMeasurement, limits: DeviceLimits) -> Double {
    nanoseconds(row.heads, work: row.work, limits: limits)
  }
}
