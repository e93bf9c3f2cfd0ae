import Hardware

/// Compares predictions with tables of measurements, one file after the other.
public struct Fidelity: Sendable {
  /// A file of measurements.
  public struct File: Sendable {
    /// How the report names it.
    public var name: String
    /// Its path, in which the GPU may be named.
    public var path: String
    /// Its content.
    public var text: String
    /// Whether it was asked for by its name, rather than found in a folder.
    public var isNamed: Bool

    /// Creates a file.
    public init(name: String, path: String, text: String, isNamed: Bool) {
      self.name = name
      self.path = path
      self.text = text
      self.isNamed = isNamed
    }
  }

  /// What was compared so far.
  public internal(set) var report = FidelityReport(tables: [], skipped: [])
  private let gpu: String?
  private let device: @Sendable (String) -> PredictedDevice?

  /// Begins a report.
  ///
  /// - Parameters:
  ///   - gpu: the GPU of all tables; nil to find it in a column, a file's name or its folders.
  ///   - device: the device of a catalogue's name with its laws.
  public init(gpu: String?, device: @escaping @Sendable (String) -> PredictedDevice?) {
    self.gpu = gpu
    self.device = device
  }

  /// Notes a file that is not read.
  public mutating func skip(_ name: String, because reason: String) {
    report.skipped.append(FidelityReport.Skipped(name: name, reason: reason))
  }

  /// Compares a file's rows.
  ///
  /// - Throws: `TableFault` for a table that cannot be read, of a file asked for by its name also for
  ///   one that nobody knows and where no GPU is named.
  public mutating func add(_ file: File) throws(TableFault) {
    let base = String(file.name.split(separator: "/").last ?? "")
    if NCCLTestsText.isIt(file.text) { return try addNCCLTests(file, base) }
    guard file.name.hasSuffix(".csv") || file.isNamed else {
      return skip(file.name, because: "neither a table nor output of nccl-tests")
    }
    // By its header first: rows of what is no table of operators may have any form.
    let header = try MeasuredTable(headerOf: file.text, file: base).withKnownColumns()
    guard let kind = OperatorTable(header) else {
      if try addEngines(file, base, header) { return }
      if let reason = EngineTables.reason(header) { return skip(file.name, because: reason) }
      guard file.isNamed else { return skip(file.name, because: "no columns of a known table") }
      throw TableFault(
        file: base, line: 1, found: "the columns " + header.columns.joined(separator: ", "),
        needed: "those of a table in docs/calibration.md")
    }
    let table = try MeasuredTable(file.text, file: base).withKnownColumns()
    for part in table.byDevice(gpu: gpu, path: file.path) {
      guard let device = try known(part.gpu, file, base) else { return }
      var (rows, leftOut) = try kind.rows(part.table, on: device)
      mark(&rows, of: kind.source(table), base, on: device)
      report.tables.append(
        FidelityTable(
          name: file.name, source: kind.source(table), gpu: device.specification.name, rows: rows,
          leftOut: LeftOutRows.counted(leftOut)))
    }
  }

  /// Calls rows held out by what the device's laws were fitted to.
  private func mark(
    _ rows: inout [FidelityRow], of source: TableSource, _ file: String,
    on device: PredictedDevice
  ) {
    var known: [String: SeenRows] = [:]
    for index in rows.indices {
      guard let section = rows[index].section else { continue }
      let seen =
        known[section]
        ?? SeenRows(device.numbers, section: section, source: source, file: file)
      known[section] = seen
      let byHash = rows[index].comparison.isHeldOut
      rows[index].comparison.isHeldOut = seen.isHeldOut(byHash: byHash)
    }
  }

  private mutating func addNCCLTests(_ file: File, _ base: String) throws(TableFault) {
    let measurements = try CollectiveRows.measurements(file.text, file: base)
    let name = gpu ?? NCCLTestsText.device(in: file.text) ?? DeviceName.find(inPath: file.path)
    guard let device = try known(name, file, base) else { return }
    let (rows, leftOut) = CollectivePredictor(gpu: device.specification).rows(
      measurements, seen: .tabled)
    report.tables.append(
      FidelityTable(
        name: file.name, source: .ncclTests, gpu: device.specification.name, rows: rows,
        leftOut: LeftOutRows.counted(leftOut)))
  }

  /// The device of a name; nil for none, which is a fault of a file asked for by its name.
  private mutating func known(
    _ name: String?, _ file: File, _ base: String
  ) throws(TableFault) -> PredictedDevice? {
    if let name, let device = device(name) { return device }
    let reason = "no GPU of the catalogue in a column, its name or its folders"
    guard file.isNamed else {
      skip(file.name, because: reason)
      return nil
    }
    throw TableFault(
      file: base, line: nil, found: reason, needed: "--gpu and a name that simpp gpus lists")
  }
}

extension NCCLTestsText {
  /// The device that the line of a rank names: `#  Rank  0 … [0x1b] NVIDIA H100 80GB HBM3`.
  fileprivate static func device(in text: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline)
    where line.hasPrefix("#") && line.contains(" Rank ") {
      if let bracket = line.lastIndex(of: "]") {
        return DeviceName.find(in: String(line[bracket...]))
      }
    }
    return nil
  }
}

extension MeasuredTable {
  /// Columns that name the device of a row.
  private static let deviceColumns = ["gpu", "device", "device_name"]

  /// The table, cut by the devices that its rows name; whole on the one given or named by the path if
  /// there is no such column.
  fileprivate func byDevice(
    gpu: String?, path: String
  ) -> [(gpu: String?, table: MeasuredTable)] {
    let column = Self.deviceColumns.lazy.compactMap { columns.firstIndex(of: $0) }.first
    guard gpu == nil, let column else { return [(gpu ?? DeviceName.find(inPath: path), self)] }
    var parts: [(gpu: String?, table: MeasuredTable)] = []
    var places: [Substring: Int] = [:]
    for row in rows {
      let text = row.values[column]
      if places[text] == nil {
        let found = DeviceName.find(in: String(text)) ?? DeviceName.find(inPath: path)
        places[text] = parts.firstIndex { $0.gpu == found } ?? parts.count
        if places[text] == parts.count {
          var table = self
          table.rows = []
          parts.append((found, table))
        }
      }
      parts[places[text] ?? 0].table.rows.append(row)
    }
    return parts
  }
}
