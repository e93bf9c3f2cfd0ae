/// What an engine was measured to do, beside what simpp says of the same.
public struct EngineTable: Sendable, Hashable {
  /// What was run on what, such as `CodeLlama-34B, TP2 on h100-sxm`.
  public var name: String
  /// The file, or who published the figures.
  public var source: String
  /// The quantities compared, such as steps, TTFT or KV room.
  public var quantities: [EngineQuantity]
  /// Rows that are not compared, with reasons.
  public var leftOut: [EngineLeftOut]
  /// What is assumed because the source does not say it; nil for nothing.
  public var assumption: String?

  /// Creates a comparison.
  public init(
    name: String, source: String, quantities: [EngineQuantity], leftOut: [EngineLeftOut] = [],
    assumption: String? = nil
  ) {
    self.name = name
    self.source = source
    self.quantities = quantities
    self.leftOut = leftOut
    self.assumption = assumption
  }

  /// A quantity by its name.
  public func quantity(_ name: String) -> EngineQuantity? { quantities.first { $0.name == name } }
}

/// Rows of an engine's table that are not compared, for one reason.
public struct EngineLeftOut: Sendable, Hashable {
  /// Why.
  public var reason: String
  /// How many.
  public var count: Int

  /// Creates a note.
  public init(reason: String, count: Int) {
    self.reason = reason
    self.count = count
  }
}

/// One quantity of an engine, measured and simulated.
public struct EngineQuantity: Sendable, Hashable {
  /// A measured value beside the simulated one.
  public struct Row: Sendable, Hashable {
    /// What was measured, in words.
    public var label: String
    /// The measured value.
    public var measured: Double
    /// What simpp says.
    public var simulated: Double

    /// Creates a row.
    public init(_ label: String, measured: Double, simulated: Double) {
      self.label = label
      self.measured = measured
      self.simulated = simulated
    }

    /// (simulated − measured) / measured.
    public var relativeError: Double { (simulated - measured) / measured }
  }

  /// The quantity: `step`, `TTFT`, `TPOT`, `end to end`, `KV room`.
  public var name: String
  /// Its unit: `ms`, `s`, `tokens`, `tokens/s`.
  public var unit: String
  /// The rows, in the source's order.
  public var rows: [Row]
  /// Whether the source tells enough to be held against: TTFT depends on how requests were sent.
  public var isJudged: Bool

  /// Creates a quantity.
  public init(_ name: String, unit: String, rows: [Row], isJudged: Bool = true) {
    self.name = name
    self.unit = unit
    self.rows = rows
    self.isJudged = isJudged
  }

  /// How far the simulation is off; nil without rows.
  public var summary: ErrorSummary? { ErrorSummary(rows.map(\.relativeError)) }

  /// The rows that are furthest off, worst first.
  public func worst(_ count: Int) -> [Row] {
    let order = rows.indices.sorted { first, second in
      let sizes = (rows[first].relativeError.magnitude, rows[second].relativeError.magnitude)
      return sizes.0 == sizes.1 ? first < second : sizes.0 > sizes.1
    }
    return order.prefix(count).map { rows[$0] }
  }
}
