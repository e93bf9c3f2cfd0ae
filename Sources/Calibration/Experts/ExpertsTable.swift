public import Hardware

/// One measured time of a mixture-of-experts layer.
public struct ExpertsMeasurement: Measurement, Hashable {
  /// The line of its table, counted from 1.
  public var line: Int
  /// The kernel as the table names it.
  public var kernel: String
  /// The format of the weights as the table names it, such as `bfloat16`.
  public var format: String
  /// Tokens of the batch.
  public var tokens: Int
  /// The layer and its shard.
  public var layer: ExpertsShape
  /// How tokens spread over experts.
  public var routing: ExpertsRouting
  /// The measured time in nanoseconds.
  public var nanoseconds: Double

  /// Creates a measurement.
  public init(
    line: Int, kernel: String = "", format: String = "bfloat16", tokens: Int, layer: ExpertsShape,
    routing: ExpertsRouting, nanoseconds: Double
  ) {
    self.line = line
    self.kernel = kernel
    self.format = format
    self.tokens = tokens
    self.layer = layer
    self.routing = routing
    self.nanoseconds = nanoseconds
  }

  /// Hidden and inner width, experts per token, experts, GPUs in tensor and expert parallelism.
  public var shape: String {
    [
      layer.hiddenSize, layer.intermediateSize, layer.expertsPerToken, layer.experts,
      layer.tensorParallel, layer.expertParallel,
    ].map(String.init).joined(separator: ",")
  }

  /// Classes of tokens.
  public var sizeClass: String {
    switch tokens {
    case ...16: "1–16 tokens"
    case ...256: "17–256 tokens"
    case ...2_048: "257–2,048 tokens"
    default: "2,049 tokens and more"
    }
  }

  /// At least 64 columns of each expert on a GPU: kernels cut narrower ones into single elements.
  public var isServingSize: Bool { layer.shardSize >= 64 }

  /// The row in words.
  public var label: String {
    "\(format) \(tokens) tokens, \(layer.experts) experts of \(layer.hiddenSize)×"
      + "\(layer.intermediateSize), top \(layer.expertsPerToken), TP\(layer.tensorParallel) "
      + "EP\(layer.expertParallel)"
  }
}

/// Reads tables of mixture-of-experts layers.
public enum ExpertsTable {
  /// The columns by which a table is known: those of ai-dynamo/aiconfigurator.
  public static let columns = [
    "num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size", "moe_ep_size",
  ]

  /// Reads the measurements of a table.
  ///
  /// - Parameter table: with the columns of `columns`, and `latency_ms`; `dtype`, `kernel` and
  ///   `distribution` (`balanced` or `power_law_` and an exponent) as far as they are there.
  /// - Returns: every row.
  /// - Throws: `TableFault` for a missing column, a value that makes no sense, a repeated row.
  public static func measurements(
    _ table: MeasuredTable
  ) throws(TableFault) -> [ExpertsMeasurement] {
    var places: [Int] = []
    for column in columns { places.append(try table.place(of: column)) }
    let time = try table.place(of: "latency_ms")
    let format = table.columns.firstIndex(of: "dtype")
    let kernel = table.columns.firstIndex(of: "kernel")
    let distribution = table.columns.firstIndex(of: "distribution")
    var measurements: [ExpertsMeasurement] = []
    for row in table.rows {
      var values: [Int] = []
      for place in places { values.append(try table.whole(row, place, in: 1...16_777_216)) }
      let name = format.map { String(row.values[$0]) } ?? "bfloat16"
      let layer = ExpertsShape(
        hiddenSize: values[1], intermediateSize: values[2], experts: values[4],
        expertsPerToken: values[3], tensorParallel: values[5], expertParallel: values[6],
        bytesPerWeight: name.hasPrefix("fp8") ? 1 : 2, computesInFP8: name.hasPrefix("fp8"),
        sortsOwnRows: kernel.map { row.values[$0].hasSuffix("cutlass_flashinferexperts") } ?? false)
      if layer.expertsPerToken > layer.experts || layer.expertParallel > layer.experts {
        throw table.fault(
          row, places[4], needed: "at least as many experts as a token's and as GPUs")
      }
      measurements.append(
        ExpertsMeasurement(
          line: row.line, kernel: kernel.map { String(row.values[$0]) } ?? "", format: name,
          tokens: values[0], layer: layer,
          routing: try routing(table, row, distribution),
          nanoseconds: try table.nanoseconds(row, time, unit: 1e6)))
    }
    try table.refuseRepeats(
      measurements.map { "\($0.kernel),\($0.format),\($0.shape),\($0.tokens),\($0.routing)" })
    return measurements
  }

  private static func routing(
    _ table: MeasuredTable, _ row: MeasuredTable.Row, _ place: Int?
  ) throws(TableFault) -> ExpertsRouting {
    guard let place else { return .balanced }
    let text = row.values[place]
    if text == "balanced" { return .balanced }
    if text == "uniform" { return .uniform }
    let prefix = "power_law_"
    if text.hasPrefix(prefix), let exponent = Double(text.dropFirst(prefix.count)),
      exponent > 0, exponent < 8
    {
      return .powerLaw(exponent: exponent)
    }
    throw table.fault(row, place, needed: "balanced, uniform or power_law_ and an exponent")
  }
}
