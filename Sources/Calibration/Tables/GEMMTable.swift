public import Hardware
import Inference

/// One measured matrix product.
public struct GEMMMeasurement: Measurement, Hashable {
  /// The arithmetic of a product.
  public enum Arithmetic: Sendable, Hashable {
    /// 16 bits, with weights that may be stored in fewer.
    case sixteenBits(bytesPerWeight: Double)
    /// 8 bits on both sides, activations being quantised before.
    case eightBits
  }

  /// The line of the table, counted from 1.
  public var line: Int
  /// The measured time in nanoseconds.
  public var nanoseconds: Double
  /// Tokens.
  public var rows: Int
  /// The weight's numbers of a token's result.
  public var outputs: Int
  /// The weight's numbers of a token's input.
  public var inputs: Int
  /// The arithmetic.
  public var arithmetic: Arithmetic
  /// The format's name in the table.
  public var format: String
  /// Where its weights lay.
  public var residence: WeightResidence

  /// Creates a measurement.
  public init(
    line: Int, nanoseconds: Double, rows: Int, outputs: Int, inputs: Int, arithmetic: Arithmetic,
    format: String, residence: WeightResidence
  ) {
    self.line = line
    self.nanoseconds = nanoseconds
    self.rows = rows
    self.outputs = outputs
    self.inputs = inputs
    self.arithmetic = arithmetic
    self.format = format
    self.residence = residence
  }

  /// The weight's sides, `n,k`.
  public var shape: String { "\(outputs),\(inputs)" }

  /// The class of numbers of rows.
  public var sizeClass: String {
    switch rows {
    case ...16: "1–16 rows"
    case ...64: "17–64 rows"
    case ...256: "65–256 rows"
    case ...1_024: "257–1,024 rows"
    case ...4_096: "1,025–4,096 rows"
    default: "above 4,096 rows"
    }
  }

  /// Whether sizes are those of language models: 512 and more.
  public var isServingSize: Bool { outputs >= 512 && inputs >= 512 }

  /// The measurement in words.
  public var label: String { "\(format) m \(rows), n \(outputs), k \(inputs)" }
}

/// A table of measured matrix products.
///
/// - aiconfigurator: the columns `dtype,m,n,k,latency_ms`, six weights of one shape taking turns
///   (its `collect_gemm.py`);
/// - our own: `dtype,m,n,k,time_us`, the weights not in a cache, as in a step;
/// - Vidur: one layer's operators, `attn_pre_proj_ms`, `attn_post_proj_ms`, `mlp_up_proj_ms` and
///   `mlp_down_proj_ms` with the model's sizes, in 16 bits.
public struct GEMMTable: Sendable {
  /// The table's base name.
  public var file: String
  /// The products, in the table's order.
  public var measurements: [GEMMMeasurement]
  /// Rows whose format no law describes: the line and why.
  public var leftOut: [(line: Int, reason: String)]

  /// Whether the columns are those of one of the kinds.
  public static func isOne(_ table: MeasuredTable) -> Bool {
    table.has(["dtype", "m", "n", "k"]) || VidurLayer.isOne(table)
  }

  /// Reads a table of any of the kinds.
  ///
  /// - Throws: `TableFault` for a column that is missing, a value that is no size or time, and in
  ///   tables of single products for one that stands twice.
  public init(_ table: MeasuredTable) throws(TableFault) {
    file = table.file
    measurements = []
    leftOut = []
    if VidurLayer.isOne(table) {
      try readLayers(table)
    } else {
      try readProducts(table)
    }
  }

  private mutating func readProducts(_ table: MeasuredTable) throws(TableFault) {
    let format = try table.place(of: "dtype")
    let sizes = try ["m", "n", "k"].map { name throws(TableFault) in try table.place(of: name) }
    let isOurs = table.has(["time_us"])
    let time = try table.place(of: isOurs ? "time_us" : "latency_ms")
    try table.refuseRepeats(
      table.rows.map { row in
        ([format] + sizes).map { String(row.values[$0]) }.joined(separator: ",")
      })
    for row in table.rows {
      let name = String(row.values[format])
      let rows = try table.whole(row, sizes[0], in: 1...16_777_216)
      let outputs = try table.whole(row, sizes[1], in: 1...4_194_304)
      let inputs = try table.whole(row, sizes[2], in: 1...4_194_304)
      let nanoseconds = try table.nanoseconds(row, time, unit: isOurs ? 1e3 : 1e6)
      guard let arithmetic = GEMMMeasurement.Arithmetic(name) else {
        leftOut.append((row.line, "no law for the format \(name)"))
        continue
      }
      measurements.append(
        GEMMMeasurement(
          line: row.line, nanoseconds: nanoseconds, rows: rows, outputs: outputs, inputs: inputs,
          arithmetic: arithmetic, format: name,
          residence: isOurs ? .memory : .replayed(matrices: 6)))
    }
  }

  private mutating func readLayers(_ table: MeasuredTable) throws(TableFault) {
    for layer in try VidurLayer.all(in: table) {
      for product in layer.products {
        measurements.append(
          GEMMMeasurement(
            line: layer.line, nanoseconds: product.nanoseconds, rows: layer.tokens,
            outputs: product.outputs, inputs: product.inputs,
            arithmetic: .sixteenBits(bytesPerWeight: 2), format: product.name, residence: .memory))
      }
    }
  }
}

extension GEMMMeasurement.Arithmetic {
  /// The arithmetic of a format as aiconfigurator names it; nil where no law describes its kernels.
  init?(_ name: String) {
    switch name {
    case "bfloat16", "bf16", "float16", "fp16": self = .sixteenBits(bytesPerWeight: 2)
    case "fp8", "fp8_static", "int8": self = .eightBits
    case "int8_wo": self = .sixteenBits(bytesPerWeight: NumberFormat.int8.bytesPerElement)
    case "int4_wo": self = .sixteenBits(bytesPerWeight: NumberFormat.int4.bytesPerElement)
    default: return nil
    }
  }
}
