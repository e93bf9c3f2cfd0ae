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
  public private(set) var report = FidelityReport(tables: [], skipped: [])
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
    let table = try MeasuredTable(file.text, file: base).withKnownColumns()
    guard let kind = OperatorTable(table) else {
      if let reason = EngineTables.reason(table) { return skip(file.name, because: reason) }
      guard file.isNamed else { return skip(file.name, because: "no columns of a known table") }
      throw TableFault(
        file: base, line: 1, found: "the columns " + table.columns.joined(separator: ", "),
        needed: "those of a table in docs/calibration.md")
    }
    for part in table.byDevice(gpu: gpu, path: file.path) {
      guard let name = part.gpu, let device = device(name) else {
        let reason = "no GPU of the catalogue in a column, its name or its folders"
        guard file.isNamed else { return skip(file.name, because: reason) }
        throw TableFault(
          file: base, line: nil, found: reason, needed: "--gpu and a name that simpp gpus lists")
      }
      let (rows, leftOut) = try kind.rows(part.table, on: device)
      report.tables.append(
        FidelityTable(
          name: file.name, source: kind.source(table), gpu: name, rows: rows,
          leftOut: LeftOutRows.counted(leftOut)))
    }
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
