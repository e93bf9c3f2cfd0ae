/// How long a matrix product in an 8-bit format takes, the quantisation of its activations included.
///
/// Engines choose these kernels by a fixed table (vLLM: `csrc/quantization/w8a8/cutlass`), without
/// splits of the inner dimension, so few tiles mean a slow product:
///
///     t = floor + ‖ w · (max(mathematics, steps) + epilogue) · p, memory ‖₂
///       + max(rows · quantiseRow, bytes of quantising / bandwidth)
///
/// with the terms of `GEMMLaw`, the tile's height and width by the rows and outputs, and p the penalty
/// of rows that are no multiple of 16, beyond 128 of them.
///
/// Monotone in rows among multiples of 16 and among all others, and in inputs; in outputs as long as
/// the table chooses the same kernels, which for Hopper is always, for Ada between 4,096, 8,192,
/// 16,384 and 24,576. Never faster than the peak, nor than the memory for what cannot lie in the cache.
public struct ScaledGEMMLaw: OperatorLaw {
  /// The kernels that the coefficients describe.
  public var kernels: GEMMKernels
  /// Nanoseconds of both kernels when they have nothing to do, inside a graph.
  public var floorNanoseconds: Double
  /// Share of the 8-bit peak FLOP/s that full tiles reach.
  public var mathShare: Double
  /// Share of the memory's bandwidth that weights stream at.
  public var memoryShare: Double
  /// Nanoseconds of one step of 128 along the inner dimension when nothing else limits.
  public var stepNanoseconds: Double
  /// Bytes per nanosecond that each multiprocessor reads from the level-2 cache.
  public var level2Rate: Double
  /// Share of the level-2 cache that one operator can use.
  public var level2Share: Double
  /// Nanoseconds of writing a tile of 128 × 128.
  public var epilogueNanoseconds: Double
  /// Nanoseconds of quantising a short row of activations.
  public var quantiseRowNanoseconds: Double
  /// Share of the memory's bandwidth at which long rows are quantised.
  public var quantiseShare: Double
  /// By how much a product is slower whose rows are no multiple of 16: 0.1 = 10 %.
  public var misalignment: Double

  /// The formula's numbers, in the order of a profile.
  public static let coefficients: [Coefficient<ScaledGEMMLaw>] = [
    Coefficient(
      "floor", \.floorNanoseconds, 500...15_000, unit: "ns", "kernels that have nothing to do"),
    Coefficient("math", \.mathShare, 0.3...1, unit: "share", "FLOP/s of full tiles"),
    Coefficient("memory", \.memoryShare, 0.4...1, unit: "share", "bandwidth of streamed weights"),
    Coefficient("step", \.stepNanoseconds, 1...600, unit: "ns", "a step of 128 inner elements"),
    Coefficient(
      "level2Rate", \.level2Rate, 5...400, unit: "B/ns",
      "each multiprocessor's bandwidth of the level-2 cache"),
    Coefficient("level2Share", \.level2Share, 0.2...1.2, unit: "share", "level-2 bytes in use"),
    Coefficient(
      "epilogue", \.epilogueNanoseconds, 0...10_000, unit: "ns", "writing a tile of 128 × 128"),
    Coefficient(
      "quantiseRow", \.quantiseRowNanoseconds, 0...40, unit: "ns", "quantising a short row"),
    Coefficient(
      "quantise", \.quantiseShare, 0.1...3, unit: "share", "bandwidth of quantising long rows"),
    Coefficient(
      "misalignment", \.misalignment, 0...1, unit: "share",
      "slowing down by rows that are no multiple of 16", effect: .slower),
  ]

  /// Creates a law from values in the order of `coefficients`.
  public init(kernels: GEMMKernels, values: [Double]) {
    self.kernels = kernels
    (floorNanoseconds, mathShare, memoryShare, stepNanoseconds) = (0, 1, 1, 0)
    (level2Rate, level2Share, epilogueNanoseconds) = (1, 1, 0)
    (quantiseRowNanoseconds, quantiseShare, misalignment) = (0, 1, 0)
    self.values = values
  }

  /// The time of a product of `rows` × `inputs` by `inputs` × `outputs`.
  ///
  /// - Parameters:
  ///   - rows: tokens.
  ///   - outputs: numbers of a token's result.
  ///   - inputs: numbers of a token's input.
  ///   - limits: the device's datasheet; without 8-bit units its 16-bit peak is taken.
  ///   - weights: where the weights lie when it starts.
  ///   - isMisaligned: whether rows count as no multiple of 16; nil for what they are. A table of
  ///     steps, straight between its samples, gives one answer for all and is monotone in tokens.
  /// - Returns: nanoseconds, 0 without rows.
  public func nanoseconds(
    rows: Int, outputs: Int, inputs: Int, limits: DeviceLimits, weights: WeightResidence = .memory,
    isMisaligned: Bool? = nil
  ) -> Double {
    guard rows > 0, outputs > 0, inputs > 0 else { return 0 }
    var shape = GEMMShape(
      rows: Double(rows), outputs: Double(outputs), inputs: Double(inputs), bytesPerWeight: 1,
      bytesPerInput: 1, residence: weights)
    if kernels == .untiled {
      let peak = limits.peakFP8FLOPs ?? limits.peakFLOPs
      return floorNanoseconds
        + shape.untiledNanoseconds(
          peakFLOPs: peak * mathShare,
          bytesPerNanosecond: limits.memoryBytesPerSecond * 1e-9 * memoryShare,
          cacheBytes: limits.level2Bytes * level2Share, ridge: 2)
    }
    // More rows never cost less than the most of a kernel for fewer.
    var longest = 0.0
    var kernel = ScaledKernel.first
    let penalty = isMisaligned ?? (rows % 16 != 0) ? 1 + misalignment : 1
    while let limit = kernel.mostRows, rows > limit {
      shape.rows = Double(limit)
      longest = max(longest, productNanoseconds(shape, kernel, penalty, limits))
      kernel = kernel.next
    }
    shape.rows = Double(rows)
    longest = max(longest, productNanoseconds(shape, kernel, penalty, limits))
    let bytes = 3 * shape.rows * shape.inputs
    let quantising = max(
      shape.rows * quantiseRowNanoseconds,
      bytes / (limits.memoryBytesPerSecond * 1e-9 * quantiseShare))
    return floorNanoseconds + longest + quantising
  }

  /// The product alone by one kernel.
  private func productNanoseconds(
    _ shape: GEMMShape, _ kernel: ScaledKernel, _ penalty: Double, _ limits: DeviceLimits
  ) -> Double {
    let tile = kernel.tile(kernels, outputs: shape.outputs)
    let bandwidth = limits.memoryBytesPerSecond * 1e-9
    let memory = shape.memoryNanoseconds(
      bytesPerNanosecond: bandwidth * memoryShare, cacheBytes: limits.level2Bytes * level2Share)
    let heights = (shape.rows / tile.height).roundedUp(to: tile.cluster)
    let tiles = heights * (shape.outputs / tile.width).rounded(.up)
    let depth = shape.inputs.roundedUp(to: 128)
    let multiprocessors = Double(limits.multiprocessors)
    let area = tile.height * tile.width
    let peak = (limits.peakFP8FLOPs ?? limits.peakFLOPs) * 1e-9 * mathShare
    let mathematics = 2 * area * depth / (peak / multiprocessors)
    let steps = depth / 128 * stepNanoseconds
    let epilogue = epilogueNanoseconds * area / 16_384 * tile.epilogue
    let computing =
      (tiles / multiprocessors).rounded(.up) * (max(mathematics, steps) + epilogue)
      * (shape.rows > 128 ? penalty : 1)
    let sides = tile.height + tile.width
    let streaming = max(memory, tiles * sides * depth / (multiprocessors * level2Rate))
    return powerNorm(computing, streaming, exponent: 2)
  }
}

/// The kernels of an engine's table, by the rows that they are for.
private enum ScaledKernel: Int {
  case upTo16, upTo32, upTo64, upTo128, upTo256, beyond

  static let first = upTo16

  /// The most rows that it is for; nil without a limit.
  var mostRows: Int? {
    switch self {
    case .upTo16: 16
    case .upTo32: 32
    case .upTo64: 64
    case .upTo128: 128
    case .upTo256: 256
    case .beyond: nil
    }
  }

  /// The kernel for more rows.
  var next: ScaledKernel { ScaledKernel(rawValue: rawValue + 1) ?? .beyond }

  /// The tile that a set of kernels has for so many outputs.
  func tile(_ kernels: GEMMKernels, outputs: Double) -> ScaledTile {
    switch kernels {
    case .hopper: hopperTile
    case .ada, .ampere, .untiled: adaTile(outputs)
    }
  }

  private var hopperTile: ScaledTile {
    switch self {
    case .upTo16: ScaledTile(16, 64)
    case .upTo32, .upTo64: ScaledTile(64, 64)
    case .upTo128: ScaledTile(64, 128)
    case .upTo256, .beyond: ScaledTile(128, 128, cluster: 2)
    }
  }

  /// Narrow warps (17 to 64 rows) and the tile of 256 × 128 write their results four times slower:
  /// fitted on L40S, where both came out as 3.9.
  private func adaTile(_ outputs: Double) -> ScaledTile {
    switch self {
    case .upTo16:
      outputs <= 8192
        ? ScaledTile(16, 64) : outputs <= 24_576 ? ScaledTile(16, 128) : ScaledTile(32, 64)
    case .upTo32:
      ScaledTile(32, outputs > 8192 && outputs <= 16_384 ? 128 : 64, epilogue: 4)
    case .upTo64:
      ScaledTile(64, outputs > 8192 && outputs <= 16_384 ? 128 : 64, epilogue: 4)
    case .upTo128:
      outputs <= 8192
        ? ScaledTile(64, 128) : outputs <= 16_384 ? ScaledTile(128, 128) : ScaledTile(128, 64)
    case .upTo256:
      outputs <= 4096 ? ScaledTile(64, 128) : ScaledTile(128, 128)
    case .beyond:
      outputs > 4096 && outputs <= 8192
        ? ScaledTile(256, 128, epilogue: 4) : ScaledTile(128, 128)
    }
  }
}

/// A part of the result that one multiprocessor computes at a time.
private struct ScaledTile {
  var height: Double
  var width: Double
  /// Tiles along the rows that run together.
  var cluster: Double
  /// How much slower than others it writes its results.
  var epilogue: Double

  init(_ height: Double, _ width: Double, cluster: Double = 1, epilogue: Double = 1) {
    self.height = height
    self.width = width
    self.cluster = cluster
    self.epilogue = epilogue
  }
}
