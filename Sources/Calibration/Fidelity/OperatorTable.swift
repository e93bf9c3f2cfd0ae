import Hardware

/// What a table's columns say that it measures, and how its rows are compared.
enum OperatorTable {
  case gemm, layers, attention, experts, collectives

  /// The kind of a table, nil if the columns are none that is known.
  init?(_ table: MeasuredTable) {
    if ElementwiseTable.isOne(table) {
      self = .layers
    } else if GEMMTable.isOne(table) {
      self = .gemm
    } else if AttentionTable.isOne(table) {
      self = .attention
    } else if table.has(ExpertsTable.columns) {
      self = .experts
    } else if CollectiveRows.isOne(table) {
      self = .collectives
    } else {
      return nil
    }
  }

  /// Whose columns they are.
  func source(_ table: MeasuredTable) -> TableSource {
    switch self {
    case .layers: .vidur
    case .gemm: table.has(["time_us"]) ? .own : .aiconfigurator
    case .attention:
      table.has(["time_us"]) ? .own : table.has(["is_prefill"]) ? .vidur : .aiconfigurator
    case .experts: .aiconfigurator
    case .collectives:
      table.has(["message_bytes"])
        ? .aiconfigurator
        : table.has(["devices_per_node"]) ? .vidur : table.has(["size_kb"]) ? .apex : .own
    }
  }

  /// The rows with their predictions, and why others have none.
  func rows(
    _ table: MeasuredTable, on device: PredictedDevice
  ) throws(TableFault) -> (rows: [FidelityRow], leftOut: [String]) {
    let (table, takenOut) = withLaws(table)
    switch self {
    case .gemm:
      return try products(table, device)
    case .layers:
      var result = try products(table, device)
      result.rows += try passes(table, device)
      return result
    case .attention:
      return (table.rows.isEmpty ? [] : try attention(table, device), takenOut)
    case .experts:
      var (table, leftOut) = (table, takenOut)
      if device.laws.expertsFP8 == nil {
        leftOut += table.takeOut("dtype") { name in
          name.hasPrefix("fp8") ? "experts in \(name): no law of it for this GPU" : nil
        }
      }
      return (table.rows.isEmpty ? [] : try experts(table, device), leftOut)
    case .collectives:
      return CollectivePredictor(gpu: device.specification).rows(
        try CollectiveRows.measurements(table), seen: source(table) == .vidur ? .none : .tabled)
    }
  }

  /// The table without the rows whose format no law describes, and why each of those is left out.
  func withLaws(_ table: MeasuredTable) -> (table: MeasuredTable, leftOut: [String]) {
    var table = table
    switch self {
    case .gemm, .layers, .collectives:
      return (table, [])
    case .attention:
      let leftOut = table.takeOut("kv_cache_dtype") { name in
        Self.keyValueFormats.contains(name) ? nil : "KV cache in \(name): no law"
      }
      return (table, leftOut)
    case .experts:
      let leftOut = table.takeOut("dtype") { name in
        Self.expertsFormats.contains(name) ? nil : "experts in \(name): no law"
      }
      return (table, leftOut)
    }
  }

  private static let keyValueFormats: Set<Substring> = [
    "bfloat16", "float16", "bf16", "fp16", "fp8", "fp8_e4m3", "int8",
  ]
  private static let expertsFormats: Set<Substring> = [
    "bfloat16", "float16", "bf16", "fp16", "fp8", "fp8_block",
  ]

  private func products(
    _ table: MeasuredTable, _ device: PredictedDevice
  ) throws(TableFault) -> (rows: [FidelityRow], leftOut: [String]) {
    let (laws, limits) = (device.laws, device.limits)
    let read = try GEMMTable(table)
    var leftOut = read.leftOut.map(\.reason)
    var rows: [FidelityRow] = []
    for product in read.measurements {
      let predicted: Double
      switch product.arithmetic {
      case .sixteenBits:
        predicted = laws.gemm.nanoseconds(product, limits: limits)
      case .eightBits:
        guard let law = laws.gemmFP8 else {
          leftOut.append("products in \(product.format): no law of it for this GPU")
          continue
        }
        predicted = law.nanoseconds(product, limits: limits)
      }
      rows.append(
        FidelityRow(
          Comparison(product, predicted: predicted), .gemm, variant: product.arithmetic.name,
          roofline: product.rooflineNanoseconds(limits)))
    }
    return (rows, leftOut)
  }

  private func passes(
    _ table: MeasuredTable, _ device: PredictedDevice
  ) throws(TableFault) -> [FidelityRow] {
    try ElementwiseTable(table).measurements.map { pass in
      let predicted = device.laws.elementwise.nanoseconds(
        pass.kernel, rows: pass.rows, width: pass.width, limits: device.limits)
      return FidelityRow(
        Comparison(pass, predicted: predicted), .elementwise, variant: "16 bit",
        roofline: pass.rooflineNanoseconds(device.limits))
    }
  }

  private func attention(
    _ table: MeasuredTable, _ device: PredictedDevice
  ) throws(TableFault) -> [FidelityRow] {
    let (laws, limits) = (device.laws, device.limits)
    return try AttentionTable(table).measurements.map { row in
      let isPrefill = row.phase == .prefill
      let predicted =
        isPrefill
        ? laws.prefillAttention.nanoseconds(row, limits: limits)
        : laws.decodeAttention.nanoseconds(row, limits: limits)
      return FidelityRow(
        Comparison(row, predicted: predicted), isPrefill ? .prefillAttention : .decodeAttention,
        variant: row.heads.keyValueBytesPerElement < 2 ? "8 bit KV" : "bf16",
        roofline: row.plainRooflineNanoseconds(limits))
    }
  }

  private func experts(
    _ table: MeasuredTable, _ device: PredictedDevice
  ) throws(TableFault) -> [FidelityRow] {
    let (laws, limits) = (device.laws, device.limits)
    return try ExpertsTable.measurements(table).map { row in
      var law = laws.experts
      if row.layer.computesInFP8, let changes = laws.expertsFP8 { law = law.changed(by: changes) }
      return FidelityRow(
        Comparison(row, predicted: ExpertsFit.predicted(row, law, limits)), .experts,
        variant: row.variant, roofline: row.rooflineNanoseconds(limits))
    }
  }
}
