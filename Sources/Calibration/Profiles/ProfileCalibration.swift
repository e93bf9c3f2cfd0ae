import Hardware

/// Fits the laws of a GPU to tables of measurements, section by section of its profile.
public struct ProfileCalibration: Sendable {
  /// Which rows a fit does not see.
  public enum HoldOut: String, Sendable, Hashable, CaseIterable {
    /// Half of the shapes (see `HeldOut`); they tell how well the fit predicts.
    case half
    /// None: every row is fitted, and nothing tells how well the fit predicts other shapes.
    case none
  }

  /// What a table is said to measure.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// Matrix products; of layers the elementwise kernels as well.
    case gemm
    /// Attention of prompts and of decoding.
    case attention
    /// Layers of experts.
    case experts
    /// All-reduce and other collectives inside a node.
    case allreduce

    /// What such a table has, in words.
    var columns: String {
      switch self {
      case .gemm: "a GEMM table, such as dtype, m, n, k, time_us"
      case .attention:
        "an attention table, such as phase, heads, key_value_heads, head_dimension, "
          + "key_value_bytes, sequences, new_tokens, cached_tokens, time_us"
      case .experts:
        "a table of experts, such as " + ExpertsTable.columns.joined(separator: ", ")
          + ", latency_ms"
      case .allreduce: "a table of collectives, such as operation, ranks, bytes, time_us"
      }
    }

    /// Whether a table is of this kind.
    func holds(_ table: OperatorTable) -> Bool {
      switch (self, table) {
      case (.gemm, .gemm), (.gemm, .layers), (.attention, .attention), (.experts, .experts),
        (.allreduce, .collectives):
        true
      default: false
      }
    }
  }

  private let start: PredictedDevice
  private let holdOut: HoldOut
  private var tables: [(name: String, kind: OperatorTable, table: MeasuredTable)] = []
  private var collectives: [(name: String, rows: [CollectiveMeasurement])] = []
  private var samples = CalibrationSamples()

  /// Begins a calibration.
  ///
  /// - Parameters:
  ///   - start: the GPU with the laws that hold where no table says otherwise.
  ///   - holdOut: which rows a fit does not see.
  public init(start: PredictedDevice, holdOut: HoldOut) {
    self.start = start
    self.holdOut = holdOut
  }

  /// Adds a table.
  ///
  /// - Throws: `TableFault` for one that cannot be read, or is not of this kind.
  public mutating func add(_ text: String, file: String, as kind: Kind) throws(TableFault) {
    if kind == .allreduce {
      collectives.append((file, try CollectiveRows.measurements(text, file: file)))
      return
    }
    let table = try MeasuredTable(text, file: file).withKnownColumns()
    guard let found = OperatorTable(table), kind.holds(found) else {
      throw TableFault(
        file: file, line: 1, found: "the columns " + table.columns.joined(separator: ", "),
        needed: "those of \(kind.columns)")
    }
    try samples.add(table, found)
    tables.append((file, found, table))
  }

  /// Fits every section that has rows.
  ///
  /// - Parameter progress: is called with the section that is being fitted.
  /// - Returns: the laws with what the fits say about them.
  /// - Throws: `TableFault` for fewer rows than a fit needs.
  public func fitted(
    progress: @escaping (String) -> Void = { _ in }
  ) throws(TableFault) -> CalibratedProfile {
    var fits = SectionFits(
      start: start, samples: samples.seen(holdOut), holdOut: holdOut, progress: progress)
    try fits.fitAll()
    let fittedCollectives = try CollectiveCalibration(
      start: start.specification, files: collectives, holdOut: holdOut, progress: progress
    ).fitted()
    let result = PredictedDevice(start.specification, laws: fits.laws)
    var before: [FidelityTable] = []
    var after: [FidelityTable] = []
    for (name, kind, table) in tables {
      before.append(try compared(name, kind, table, on: start))
      after.append(try compared(name, kind, table, on: result))
    }
    return CalibratedProfile(
      gpu: start.specification.name, holdOut: holdOut, laws: fits.laws,
      sections: fits.sections.map { section in
        var section = section
        section.before = section.rows(of: before)
        section.after = section.rows(of: after)
        return section
      } + (fittedCollectives.map { [$0.section] } ?? []),
      collectives: fittedCollectives?.tables)
  }

  private func compared(
    _ name: String, _ kind: OperatorTable, _ table: MeasuredTable, on device: PredictedDevice
  ) throws(TableFault) -> FidelityTable {
    var (rows, leftOut) = try kind.rows(table, on: device)
    if holdOut == .none {
      for index in rows.indices { rows[index].comparison.isHeldOut = false }
    }
    return FidelityTable(
      name: name, source: kind.source(table), gpu: device.specification.name, rows: rows,
      leftOut: LeftOutRows.counted(leftOut))
  }
}

/// Measurements by the law that they are fitted to.
struct CalibrationSamples: Sendable {
  /// Rows of one kind and the files that they are from.
  struct Rows<Row: Measurement>: Sendable {
    var all: [Row] = []
    var files: [String] = []

    mutating func add(_ rows: [Row], _ file: String) {
      guard !rows.isEmpty else { return }
      all += rows
      if !files.contains(file) { files.append(file) }
    }

    /// The rows that a fit may see.
    func seen(_ holdOut: ProfileCalibration.HoldOut) -> Rows {
      guard holdOut == .half else { return self }
      return Rows(all: all.filter { !HeldOut.contains($0.shape) }, files: files)
    }
  }

  var gemm = Rows<GEMMMeasurement>()
  var gemmFP8 = Rows<GEMMMeasurement>()
  var elementwise = Rows<ElementwiseMeasurement>()
  var prefillAttention = Rows<AttentionMeasurement>()
  var decodeAttention = Rows<AttentionMeasurement>()
  var experts = Rows<ExpertsMeasurement>()
  var expertsFP8 = Rows<ExpertsMeasurement>()

  mutating func add(_ table: MeasuredTable, _ kind: OperatorTable) throws(TableFault) {
    let file = table.file
    switch kind {
    case .collectives:
      // Fitted by themselves: see CollectiveCalibration.
      return
    case .gemm, .layers:
      let rows = try GEMMTable(table).measurements
      gemm.add(rows.filter { $0.arithmetic != .eightBits }, file)
      gemmFP8.add(rows.filter { $0.arithmetic == .eightBits }, file)
      if kind == .layers { elementwise.add(try ElementwiseTable(table).measurements, file) }
    case .attention:
      let rows = try AttentionTable(kind.withLaws(table).table).measurements
      prefillAttention.add(rows.filter { $0.phase == .prefill }, file)
      decodeAttention.add(rows.filter { $0.phase == .decode }, file)
    case .experts:
      let rows = try ExpertsTable.measurements(kind.withLaws(table).table)
      experts.add(rows.filter { !$0.layer.computesInFP8 }, file)
      expertsFP8.add(rows.filter { $0.layer.computesInFP8 }, file)
    }
  }

  func seen(_ holdOut: ProfileCalibration.HoldOut) -> CalibrationSamples {
    var seen = self
    seen.gemm = gemm.seen(holdOut)
    seen.gemmFP8 = gemmFP8.seen(holdOut)
    seen.elementwise = elementwise.seen(holdOut)
    seen.prefillAttention = prefillAttention.seen(holdOut)
    seen.decodeAttention = decodeAttention.seen(holdOut)
    seen.experts = experts.seen(holdOut)
    seen.expertsFP8 = expertsFP8.seen(holdOut)
    return seen
  }
}
