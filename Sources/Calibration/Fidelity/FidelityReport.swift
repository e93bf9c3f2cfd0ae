import Hardware

/// Predicted against measured over some tables.
public struct FidelityReport: Sendable, Hashable {
  /// A file that is not compared.
  public struct Skipped: Sendable, Hashable {
    /// The file, as tables are named.
    public var name: String
    /// Why.
    public var reason: String

    /// Creates a note.
    public init(name: String, reason: String) {
      self.name = name
      self.reason = reason
    }
  }

  /// The tables, in the order in which they were given.
  public var tables: [FidelityTable]
  /// The files that are no tables of operators.
  public var skipped: [Skipped]
  /// Engines that were measured, beside the same in simpp.
  public var engines: [EngineTable] = []

  /// Creates a report.
  public init(tables: [FidelityTable], skipped: [Skipped]) {
    self.tables = tables
    self.skipped = skipped
  }

  /// Rows compared.
  public var rowCount: Int { tables.reduce(0) { $0 + $1.rows.count } }
  /// Rows left out of tables that are compared.
  public var leftOutCount: Int {
    tables.reduce(0) { $0 + $1.leftOut.reduce(0) { $0 + $1.count } }
  }

  /// What the targets say.
  public var verdicts: [FidelityTarget.Verdict] {
    FidelityTarget.all.map { target in
      let errors = tables.flatMap { table in
        table.rows.filter { target.covers($0, of: table) }.map(\.comparison.relativeError)
      }
      return FidelityTarget.Verdict(target: target, summary: ErrorSummary(errors))
    }
  }

  /// The rows by source, operator, format and GPU, in that order.
  public var groups: [FidelityGroup] {
    var groups: [FidelityGroup] = []
    var places: [FidelityGroup.Key: Int] = [:]
    for table in tables {
      for row in table.rows {
        let key = FidelityGroup.Key(
          source: table.source, operation: row.operation, variant: row.variant, gpu: table.gpu)
        let place = places[key] ?? groups.count
        if place == groups.count {
          places[key] = place
          groups.append(FidelityGroup(key: key, rows: []))
        }
        groups[place].rows.append(FidelityGroup.Row(table: table.name, row: row))
      }
    }
    return groups.sorted { $0.key < $1.key }
  }
}

/// Rows of one operator in one format on one GPU, from tables of one source.
public struct FidelityGroup: Sendable, Hashable {
  /// What the rows have in common.
  public struct Key: Sendable, Hashable, Comparable {
    /// Whose columns the tables have.
    public var source: TableSource
    /// What is timed.
    public var operation: MeasuredOperator
    /// The number format, or who carries it out.
    public var variant: String
    /// The GPU.
    public var gpu: String

    /// By source, operator, format and the catalogue's order of GPUs.
    public static func < (first: Key, second: Key) -> Bool { first.order < second.order }

    private var order: (Int, Int, String, Int, String) {
      (
        TableSource.allCases.firstIndex(of: source) ?? 0,
        MeasuredOperator.allCases.firstIndex(of: operation) ?? 0, variant,
        HardwareCatalogue.gpus.firstIndex { $0.name == gpu } ?? 0, gpu
      )
    }
  }

  /// A row and its table.
  public struct Row: Sendable, Hashable {
    /// The table's name.
    public var table: String
    /// The row.
    public var row: FidelityRow
  }

  /// Which rows are summed up.
  public enum Part: Sendable, Hashable, CaseIterable {
    /// Sizes of language models, shapes that no fit saw.
    case heldOut
    /// Sizes of language models, shapes that fits saw.
    case fitted
    /// Sizes of language models.
    case serving
    /// All rows.
    case all

    func contains(_ comparison: Comparison) -> Bool {
      switch self {
      case .heldOut: comparison.isServingSize && comparison.isHeldOut
      case .fitted: comparison.isServingSize && !comparison.isHeldOut
      case .serving: comparison.isServingSize
      case .all: true
      }
    }
  }

  /// What the rows have in common.
  public var key: Key
  /// The rows, in the order of their tables.
  public var rows: [Row]

  /// The errors of a part of the rows, nil for none.
  public func summary(_ part: Part) -> ErrorSummary? {
    ErrorSummary(comparisons(part).map(\.relativeError))
  }

  /// The errors of the plain datasheet roofline on the same rows.
  public func roofline(_ part: Part) -> ErrorSummary? {
    ErrorSummary(
      rows.filter { part.contains($0.row.comparison) }.map(\.row.rooflineError))
  }

  /// The errors by class of size, all rows: small sizes first, of collectives those of few GPUs.
  public var classes: [(name: String, summary: ErrorSummary)] {
    var names: [String] = []
    var places: [String: Int] = [:]
    var members: [[FidelityRow]] = []
    for row in rows.map(\.row) {
      let gpus = row.operation.isCollective ? "\(row.ranks) GPUs, " : ""
      let name = gpus + row.comparison.sizeClass
      let place = places[name] ?? names.count
      if place == names.count {
        places[name] = place
        names.append(name)
        members.append([])
      }
      members[place].append(row)
    }
    let order = members.indices.sorted { first, second in
      let (a, b) = (Self.order(members[first]), Self.order(members[second]))
      return a == b ? names[first] < names[second] : a < b
    }
    return order.compactMap { place in
      ErrorSummary(members[place].map(\.comparison.relativeError)).map { (names[place], $0) }
    }
  }

  /// Where a class of rows stands among others: GPUs, then the first number in its name, or of
  /// collectives, whose names have units, the mean time.
  private static func order(_ rows: [FidelityRow]) -> (Int, Double) {
    guard let first = rows.first else { return (0, 0) }
    if first.operation.isCollective {
      return (first.ranks, rows.reduce(0) { $0 + $1.comparison.measured } / Double(rows.count))
    }
    let name = first.comparison.sizeClass
    let digits = name.drop { !$0.isNumber }.prefix { $0.isNumber || $0 == "," }
    let number = Double(digits.filter(\.isNumber)) ?? 0
    return (1, name.contains("below") ? number - 1 : name.contains("above") ? number + 1 : number)
  }

  /// The rows with the largest errors, those of language models first looked at.
  public func worst(_ count: Int, _ part: Part = .serving) -> [Row] {
    let candidates = rows.enumerated().filter { part.contains($0.element.row.comparison) }
    let sorted = candidates.sorted { first, second in
      let sizes = [first, second].map { $0.element.row.comparison.distance }
      return sizes[0] == sizes[1] ? first.offset < second.offset : sizes[0] > sizes[1]
    }
    return sorted.prefix(count).map(\.element)
  }

  private func comparisons(_ part: Part) -> [Comparison] {
    rows.map(\.row.comparison).filter { part.contains($0) }
  }
}

extension Comparison {
  /// How many times too long or too short the prediction is, whichever.
  var distance: Double { max(predicted / measured, measured / predicted) }
}
