import Hardware

/// Fits one section of a profile after the other.
struct SectionFits {
  let start: PredictedDevice
  let samples: CalibrationSamples
  let holdOut: ProfileCalibration.HoldOut
  let progress: (String) -> Void
  private(set) var laws: OperatorLaws
  private(set) var sections: [CalibratedSection] = []

  private var limits: DeviceLimits { start.limits }

  init(
    start: PredictedDevice, samples: CalibrationSamples, holdOut: ProfileCalibration.HoldOut,
    progress: @escaping (String) -> Void
  ) {
    self.start = start
    self.samples = samples
    self.holdOut = holdOut
    self.progress = progress
    laws = start.laws
  }

  mutating func fitAll() throws(TableFault) {
    try fitProducts()
    try fitPasses()
    try fitAttention()
    try fitExperts()
  }

  private mutating func fitProducts() throws(TableFault) {
    let kernels = start.laws.gemm.kernels
    if let rows = try enough(samples.gemm, "16-bit products", GEMMFit.fewestSamples, "gemm") {
      let result = try GEMMFit.library(
        rows.all, kernels: kernels, limits: limits, file: rows.name)
      laws.gemm = note(result.law, result.fit.halfWidths, rows, "gemm", [.gemm]) { !$0.isFP8 }
    }
    guard laws.gemmFP8 != nil,
      let rows = try enough(samples.gemmFP8, "8-bit products", GEMMFit.fewestSamples, "gemmFP8")
    else { return }
    let result = try GEMMFit.scaled(rows.all, kernels: kernels, limits: limits, file: rows.name)
    laws.gemmFP8 = note(result.law, result.fit.halfWidths, rows, "gemmFP8", [.gemm]) { $0.isFP8 }
  }

  private mutating func fitPasses() throws(TableFault) {
    guard
      let rows = try enough(
        samples.elementwise, "elementwise kernels", GEMMFit.fewestSamples, "elementwise")
    else { return }
    let result = try GEMMFit.elementwise(rows.all, limits: limits, file: rows.name)
    laws.elementwise = note(
      result.law, result.fit.halfWidths, rows, "elementwise", [.elementwise])
  }

  private mutating func fitAttention() throws(TableFault) {
    let fewest = AttentionFit.fewestMeasurements
    if let rows = try enough(samples.prefillAttention, "prompts", fewest, "prefillAttention") {
      let result = try AttentionFit.prefill(rows.all, limits: limits, file: rows.name)
      laws.prefillAttention = note(
        result.law, result.fit.halfWidths, rows, "prefillAttention", [.prefillAttention])
    }
    if let rows = try enough(samples.decodeAttention, "decodes", fewest, "decodeAttention") {
      let result = try AttentionFit.decode(rows.all, limits: limits, file: rows.name)
      laws.decodeAttention = note(
        result.law, result.fit.halfWidths, rows, "decodeAttention", [.decodeAttention])
    }
  }

  private mutating func fitExperts() throws(TableFault) {
    let fewest = ExpertsFit.fewestRows
    if let rows = try enough(samples.experts, "layers of 16-bit experts", fewest, "experts"),
      let result = ExpertsFit.fit(rows.all, device: limits)
    {
      laws.experts = note(result.law, result.halfWidths, rows, "experts", [.experts]) { !$0.isFP8 }
    }
    guard laws.expertsFP8 != nil,
      let rows = try enough(samples.expertsFP8, "layers of FP8 experts", fewest, "expertsFP8"),
      let result = ExpertsFit.fitFP8(rows.all, beside: laws.experts, device: limits)
    else { return }
    laws.expertsFP8 = note(result.law, result.halfWidths, rows, "expertsFP8", [.experts]) {
      $0.isFP8
    }
  }

  /// The rows if there are enough of them, nil if there are none at all.
  private func enough<Row: Measurement>(
    _ rows: CalibrationSamples.Rows<Row>, _ what: String, _ fewest: Int, _ section: String
  ) throws(TableFault) -> CalibrationSamples.Rows<Row>? {
    guard !rows.files.isEmpty else { return nil }
    guard rows.all.count >= fewest else {
      let half = holdOut == .half ? " in the half of the shapes that is fitted" : ""
      let hint = holdOut == .half ? ", or --hold-out none, which fits all shapes" : ""
      throw TableFault(
        file: rows.name, line: nil, found: "\(rows.all.count) \(what)\(half)",
        needed: "at least \(fewest), of several shapes and sizes" + hint)
    }
    progress(section)
    return rows
  }

  /// Keeps a fitted law with its intervals.
  ///
  /// - Returns: the law with its numbers as they are written, six significant digits.
  private mutating func note<Law: OperatorLaw, Row: MeasuredSizes>(
    _ law: Law, _ halfWidths: [Double], _ rows: CalibrationSamples.Rows<Row>, _ section: String,
    _ operators: [MeasuredOperator],
    _ filter: @escaping @Sendable (FidelityRow) -> Bool = { _ in true }
  ) -> Law {
    var law = law
    law.values = law.values.map { $0.roundedToSixDigits }
    let known = OperatorLaws.coefficients.filter { $0.section == section }
    var coefficients: [CalibratedSection.FittedCoefficient] = []
    for (index, coefficient) in known.enumerated() {
      let (value, width) = (law.values[index], halfWidths[index])
      let bounds = coefficient.bounds
      var (low, high) = (bounds.lowerBound, bounds.upperBound)
      if width.isFinite { (low, high) = (max(low, value - width), min(high, value + width)) }
      // A choice between two kernels has no interval.
      if coefficient.unit == "count", bounds == 0...1 { (low, high) = (value, value) }
      coefficients.append(
        CalibratedSection.FittedCoefficient(
          name: coefficient.name, unit: coefficient.unit, meaning: coefficient.meaning,
          start: coefficient.value(start.laws) ?? value, value: value,
          range: min(low.roundedToSixDigits, value)...max(high.roundedToSixDigits, value)))
    }
    sections.append(
      CalibratedSection(
        name: section, files: rows.files, fittedRows: rows.all.count, coefficients: coefficients,
        coverage: rows.coverage(of: section), operators: operators, isIncluded: filter))
    return law
  }
}

extension CalibrationSamples.Rows {
  /// The files by their base names.
  var name: String { files.joined(separator: ", ") }
}

extension CalibrationSamples.Rows where Row: MeasuredSizes {
  /// The smallest and largest of each size.
  fileprivate func coverage(of section: String) -> [ProfileCoverage] {
    guard let first = all.first else { return [] }
    return first.sizes.indices.map { index in
      let values = all.map { $0.sizes[index].value }
      return ProfileCoverage(
        section: section, size: first.sizes[index].name,
        range: (values.min() ?? 0)...(values.max() ?? 0))
    }
  }
}

/// A measurement whose sizes bound what its law was fitted to.
private protocol MeasuredSizes: Measurement {
  /// The sizes by the names that profiles give them.
  var sizes: [(name: String, value: Int)] { get }
}

extension GEMMMeasurement: MeasuredSizes {
  fileprivate var sizes: [(name: String, value: Int)] {
    [("rows", rows), ("outputs", outputs), ("inputs", inputs)]
  }
}

extension ElementwiseMeasurement: MeasuredSizes {
  fileprivate var sizes: [(name: String, value: Int)] { [("rows", rows), ("width", width)] }
}

extension AttentionMeasurement: MeasuredSizes {
  fileprivate var sizes: [(name: String, value: Int)] {
    phase == .prefill
      ? [("tokens", newTokens), ("sequences", sequences)]
      : [("sequences", sequences), ("context", cachedTokens)]
  }
}

extension ExpertsMeasurement: MeasuredSizes {
  fileprivate var sizes: [(name: String, value: Int)] { [("tokens", tokens)] }
}

extension FidelityRow {
  /// Whether it is computed in 8 bits.
  fileprivate var isFP8: Bool { variant.hasPrefix("fp8") }
}

extension Double {
  /// With six significant digits.
  fileprivate var roundedToSixDigits: Double {
    guard self != 0, isFinite else { return self }
    var scale = 1.0
    while (magnitude * scale) < 99_999.95 { scale *= 10 }
    if scale > 1 { return (self * scale).rounded() / scale }
    while (magnitude / scale) >= 999_999.5 { scale *= 10 }
    return (self / scale).rounded() * scale
  }
}
