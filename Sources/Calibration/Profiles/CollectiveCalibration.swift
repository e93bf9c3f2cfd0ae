import Hardware

/// Makes a GPU's tables of collectives from measurements, and says how well they predict the rest.
struct CollectiveCalibration {
  let start: GPUSpecification
  let files: [(name: String, rows: [CollectiveMeasurement])]
  let holdOut: ProfileCalibration.HoldOut
  let progress: (String) -> Void

  /// The tables and their errors, nil without measurements.
  ///
  /// - Throws: `TableFault` for too few sizes.
  func fitted() throws(TableFault) -> (tables: CollectiveTables, section: CalibratedSection)? {
    guard !files.isEmpty else { return nil }
    progress("collectives")
    let names = files.map(\.name)
    let rows = files.flatMap(\.rows)
    let seen = rows.filter { holdOut == .none || !HeldOut.contains($0.shape) }
    let before = CollectivePredictor(gpu: start)
    let tables = try CollectiveFit.tables(
      seen, link: before.link, file: names.joined(separator: ", "))
    guard !tables.isEmpty else {
      throw TableFault(
        file: names.joined(separator: ", "), line: nil,
        found: "no collectives inside one node",
        needed:
          "all-reduce, all-gather, reduce-scatter, all-to-all or send/receive of GPUs of a node")
    }
    var gpu = start
    // Two measurements of one operation do not mix: what is measured anew is replaced whole.
    gpu.collectives.removeAll { old in
      tables.contains {
        $0.link == old.link && $0.operation == old.operation
          && $0.implementation == old.implementation
      }
    }
    gpu.collectives += tables
    var section = CalibratedSection(
      name: "collectives", files: names, fittedRows: seen.count, coefficients: [], coverage: [],
      operators: MeasuredOperator.allCases.filter(\.isCollective), isIncluded: { _ in true })
    section.before = section.rows(of: compared(before))
    section.after = section.rows(of: compared(CollectivePredictor(gpu: gpu)))
    let sizes = holdOut == .half ? "half of the sizes" : "all sizes"
    return (
      CollectiveTables(
        gpu: start.name, source: "\(names.joined(separator: ", ")), \(sizes)", tables: tables),
      section
    )
  }

  private func compared(_ predictor: CollectivePredictor) -> [FidelityTable] {
    files.map { file in
      let (rows, leftOut) = predictor.rows(file.rows, seen: holdOut == .half ? .half : .all)
      return FidelityTable(
        name: file.name, source: .own, gpu: predictor.gpu.name, rows: rows,
        leftOut: LeftOutRows.counted(leftOut))
    }
  }
}
