public import Hardware

/// One measured kernel that passes over its data.
public struct ElementwiseMeasurement: Measurement, Hashable {
  typealias Pass = (kernel: ElementwiseKernel, width: Int)

  /// The line of the table, counted from 1.
  public var line: Int
  /// The measured time in nanoseconds.
  public var nanoseconds: Double
  /// What it does.
  public var kernel: ElementwiseKernel
  /// Tokens.
  public var rows: Int
  /// Numbers of a token's result.
  public var width: Int

  /// Creates a measurement.
  public init(
    line: Int, nanoseconds: Double, kernel: ElementwiseKernel, rows: Int, width: Int
  ) {
    self.line = line
    self.nanoseconds = nanoseconds
    self.kernel = kernel
    self.rows = rows
    self.width = width
  }

  /// The kernel and its width.
  public var shape: String { "\(kernel.rawValue),\(width)" }

  /// The class of numbers of rows.
  public var sizeClass: String {
    switch rows {
    case ...64: "1–64 rows"
    case ...512: "65–512 rows"
    case ...4_096: "513–4,096 rows"
    default: "above 4,096 rows"
    }
  }

  /// Whether sizes are those of language models: 512 and more.
  public var isServingSize: Bool { width >= 512 }

  /// The measurement in words.
  public var label: String { "\(kernel.rawValue) of \(rows) × \(width)" }
}

/// The elementwise kernels of Vidur's tables of layers: norm, rotary embedding, activation, residual.
public struct ElementwiseTable: Sendable {
  /// The table's base name.
  public var file: String
  /// The kernels, in the table's order.
  public var measurements: [ElementwiseMeasurement]

  /// Whether the columns are those of a table of layers.
  public static func isOne(_ table: MeasuredTable) -> Bool { VidurLayer.isOne(table) }

  /// Reads a table of layers.
  ///
  /// - Throws: `TableFault` for a column that is missing and a value that is no size or time.
  public init(_ table: MeasuredTable) throws(TableFault) {
    file = table.file
    measurements = []
    for layer in try VidurLayer.all(in: table) { measurements += layer.passes }
  }
}
