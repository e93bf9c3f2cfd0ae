public import Hardware

/// What a calibration found.
public struct CalibratedProfile: Sendable {
  /// The GPU.
  public var gpu: String
  /// Which rows fits did not see.
  public var holdOut: ProfileCalibration.HoldOut
  /// The laws: the fitted ones, and the others as they were.
  public var laws: OperatorLaws
  /// The sections fitted, in the order of a profile.
  public var sections: [CalibratedSection]
  /// The tables of collectives, nil where none were measured: a file of their own beside a profile.
  public var collectives: CollectiveTables?

  /// A profile with the fitted numbers in place of those of `start`, and with what was measured as the
  /// sizes that it covers.
  public func profile(from start: GPUProfile) -> GPUProfile {
    var profile = start
    for section in sections where !section.coefficients.isEmpty {
      let shapes = holdOut == .half ? "half of the shapes" : "all shapes"
      let source = "fitted to \(section.files.joined(separator: ", ")), \(shapes)"
      for coefficient in section.coefficients {
        profile.set(
          ProfileNumber(
            section: section.name, name: coefficient.name, value: coefficient.value,
            range: coefficient.range, unit: coefficient.unit, origin: .fitted, source: source))
      }
      profile.coverage.removeAll { $0.section == section.name }
      profile.coverage += section.coverage
    }
    return profile
  }

  /// A fit that is no better than the plain datasheet.
  public struct Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// The section.
    public var section: String
    /// The files that it was fitted to.
    public var files: [String]
    /// The mean error of the fit.
    public var fitted: Double
    /// The mean error of the plain datasheet.
    public var roofline: Double

    /// One line without a full stop.
    public var description: String {
      "\(files.joined(separator: ", ")): \(section): the fit predicts its rows with a mean error of "
        + "\(percent(fitted)), the plain datasheet with \(percent(roofline)): no profile is written; "
        + "are the GPU, the units and the columns those of the measurement?"
    }

    private func percent(_ share: Double) -> String {
      let tenths = Int((share * 1_000).rounded())
      return "\(tenths / 10).\(tenths % 10) %"
    }
  }

  /// The first section whose fit is no better than the plain datasheet, on the rows that it did not see
  /// if there are any.
  public var refusal: Refusal? {
    for section in sections {
      let part: FidelityGroup.Part = section.summary(.heldOut) == nil ? .all : .heldOut
      guard let own = section.summary(part), let plain = section.roofline(part),
        own.mean >= plain.mean
      else { continue }
      return Refusal(
        section: section.name, files: section.files, fitted: own.mean, roofline: plain.mean)
    }
    return nil
  }
}

/// A section of a profile with the fit of its law.
public struct CalibratedSection: Sendable {
  /// A coefficient before and after.
  public struct FittedCoefficient: Sendable, Hashable {
    /// Its name in the section.
    public var name: String
    /// The unit.
    public var unit: String
    /// What it stands for.
    public var meaning: String
    /// The value before.
    public var start: Double
    /// The fitted value.
    public var value: Double
    /// The 95 % interval, inside the law's bounds.
    public var range: ClosedRange<Double>
  }

  /// The section's name, such as `gemm`.
  public var name: String
  /// The base names of the files that it was fitted to.
  public var files: [String]
  /// Rows that the fit saw.
  public var fittedRows: Int
  /// The coefficients, in the order of a profile.
  public var coefficients: [FittedCoefficient]
  /// The sizes that were measured.
  public var coverage: [ProfileCoverage]
  /// The rows of all files as the law before predicted them.
  public var before = FidelityGroup.none
  /// The rows of all files as the fitted law predicts them.
  public var after = FidelityGroup.none
  let operators: [MeasuredOperator]
  let isIncluded: @Sendable (FidelityRow) -> Bool

  init(
    name: String, files: [String], fittedRows: Int, coefficients: [FittedCoefficient],
    coverage: [ProfileCoverage], operators: [MeasuredOperator],
    isIncluded: @escaping @Sendable (FidelityRow) -> Bool
  ) {
    self.name = name
    self.files = files
    self.fittedRows = fittedRows
    self.coefficients = coefficients
    self.coverage = coverage
    self.operators = operators
    self.isIncluded = isIncluded
  }

  /// The errors of the fitted law on a part of the rows.
  public func summary(_ part: FidelityGroup.Part) -> ErrorSummary? { after.summary(part) }

  /// The errors of the plain datasheet on a part of the rows.
  public func roofline(_ part: FidelityGroup.Part) -> ErrorSummary? { after.roofline(part) }

  /// The section's rows among those of tables.
  func rows(of tables: [FidelityTable]) -> FidelityGroup {
    var group = FidelityGroup.none
    for table in tables {
      group.rows += table.rows.filter { operators.contains($0.operation) && isIncluded($0) }
        .map { FidelityGroup.Row(table: table.name, row: $0) }
      group.key.gpu = table.gpu
      group.key.source = table.source
    }
    group.key.operation = operators[0]
    return group
  }
}

extension FidelityGroup {
  /// No rows.
  static let none = FidelityGroup(
    key: Key(source: .own, operation: .gemm, variant: "", gpu: ""), rows: [])
}
