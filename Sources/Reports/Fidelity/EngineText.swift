import Calibration

/// Engines that were measured, beside the same in simpp: a line for each quantity.
struct EngineText {
  /// What a median error and a bias may be at most: the project's targets for engines.
  private static let most = (median: 0.08, bias: 0.05)

  private let tables: [EngineTable]

  init(_ tables: [EngineTable]) { self.tables = tables }

  /// The lines of the text; none without engines.
  func lines(_ style: TextStyle) -> [String] {
    guard !tables.isEmpty else { return [] }
    var table = TextTable()
    table.add(["Engines, error in %", "rows", "median", "bias", "worst", "8 / 5 %"])
    for engine in tables {
      table.add([engine.name, "", "", "", "", ""])
      for quantity in engine.quantities where !quantity.rows.isEmpty {
        table.add(["  " + quantity.name] + figures(quantity))
      }
    }
    let legend =
      "`8 / 5 %`: whether the median error is at most 8 % and the bias at most 5 %; empty where the "
      + "source does not tell how requests were sent. "
    return table.lines(width: style.width) + [""]
      + WrappedText.lines(legend + notes.joined(separator: " "), width: style.width)
  }

  /// The section of the document; none without engines.
  var markdown: [String] {
    guard !tables.isEmpty else { return [] }
    var lines = [
      "## Engines", "",
      "Steps, requests and closed loops of real engines, simulated with the set-up that their source "
        + "tells; errors in %. The last column says whether the median is at most 8 % and the bias at "
        + "most 5 %.", "", "| engine | quantity | rows | median | bias | worst | |",
      "| --- | --- | ---: | ---: | ---: | ---: | --- |",
    ]
    for engine in tables {
      for quantity in engine.quantities where !quantity.rows.isEmpty {
        let cells = [engine.name, quantity.name] + figures(quantity)
        lines.append("| " + cells.joined(separator: " | ") + " |")
      }
    }
    return lines + [""] + notes.map { "- " + $0 } + [""]
  }

  /// A comparison as JSON.
  static func json(_ table: EngineTable) -> JSONValue {
    let quantities = table.quantities.map { quantity in
      JSONValue.object([
        ("name", .text(quantity.name)), ("unit", .text(quantity.unit)),
        ("errors", FidelityJSON.summary(quantity.summary)),
        ("worst", .array(quantity.worst(5).map(json))),
      ])
    }
    let leftOut = table.leftOut.map { item in
      JSONValue.object([
        ("reason", .text(item.reason)), ("rows", .integer(Int64(item.count))),
      ])
    }
    return .object([
      ("name", .text(table.name)), ("source", .text(table.source)),
      ("assumption", table.assumption.map { .text($0) } ?? .null), ("leftOut", .array(leftOut)),
      ("quantities", .array(quantities)),
    ])
  }

  private static func json(_ row: EngineQuantity.Row) -> JSONValue {
    .object([
      ("label", .text(row.label)), ("measured", .number(row.measured)),
      ("simulated", .number(row.simulated)),
    ])
  }

  private func figures(_ quantity: EngineQuantity) -> [String] {
    guard let summary = quantity.summary, let worst = quantity.worst(1).first else {
      return ["0", "", "", "", ""]
    }
    let isMet =
      summary.median <= Self.most.median && summary.bias.magnitude <= Self.most.bias
    return [
      FixedPoint.grouped(Int64(summary.count)), percent(summary.median), percent(summary.bias),
      percent(worst.relativeError), !quantity.isJudged ? "" : isMet ? "met" : "missed",
    ]
  }

  private func percent(_ share: Double) -> String {
    FixedPoint.text(share * 100, decimals: 1)
  }

  private var notes: [String] {
    var notes: [String] = []
    var names: [[String]] = []
    func add(_ note: String, _ name: String) {
      guard let place = notes.firstIndex(of: note) else {
        notes.append(note)
        names.append([name])
        return
      }
      names[place].append(name)
    }
    for engine in tables {
      if let assumption = engine.assumption { add("assumed: " + assumption, engine.name) }
      for item in engine.leftOut {
        let count = FixedPoint.grouped(Int64(item.count))
        add("left out: \(count) of \(item.reason)", engine.name)
      }
    }
    return zip(notes, names).map { note, names in
      "\(names.count > 2 ? "\(names.count) engines" : names.joined(separator: " and ")): \(note)."
    }
  }
}
