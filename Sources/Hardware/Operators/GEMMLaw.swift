/// How long a 16-bit matrix product takes: a library's best choice of tile and split.
///
/// A kernel cuts the result into tiles of 32 to 256 rows and columns and, where tiles are few, the
/// inner dimension into splits. With w waves of tiles over the multiprocessors,
///
///     t = floor + min over tiles and splits of ‖ w · (max(mathematics, steps) + epilogue), memory ‖ᵣ
///
/// where *mathematics* is the tile's operations at a multiprocessor's share of the peak, *steps* the
/// latency of its walk along the inner dimension, 64 at a time, *epilogue* the writing of a tile,
/// *memory* the larger of the bytes from memory and those that all tiles read through the level-2
/// cache, and ‖a, b‖ᵣ = (aʳ + bʳ)^(1/r) says how well the two overlap. A split adds its own time and
/// the traffic of partial sums. Long products run slower by up to `throttle`: as if a
/// power limit acted after some 100 µs; nobody measured power beside these times.
///
/// Weight-only formats take the same law with fewer bytes per weight. Monotone in rows, outputs and
/// inputs; never faster than the peak, nor than the memory for what cannot lie in the cache.
public struct GEMMLaw: OperatorLaw {
  /// The kernels that the coefficients describe.
  public var kernels: GEMMKernels
  /// Nanoseconds of a kernel that has nothing to do, inside a graph.
  public var floorNanoseconds: Double
  /// Share of the peak FLOP/s that full tiles reach.
  public var mathShare: Double
  /// Share of the memory's bandwidth that weights stream at.
  public var memoryShare: Double
  /// Nanoseconds of one step of 64 along the inner dimension when nothing else limits.
  public var stepNanoseconds: Double
  /// Bytes per nanosecond that each multiprocessor reads from the level-2 cache.
  public var level2Rate: Double
  /// Share of the level-2 cache that one operator can use.
  public var level2Share: Double
  /// The exponent r by which computing and streaming are joined: 1 = one after the other.
  public var ridge: Double
  /// Nanoseconds of writing a tile of 128 × 128.
  public var epilogueNanoseconds: Double
  /// Nanoseconds that splitting the inner dimension costs, beside its traffic.
  public var splitNanoseconds: Double
  /// By how much long products are slower than short ones: 0.1 = 10 %.
  public var throttle: Double

  /// The formula's numbers, in the order of a profile.
  public static let coefficients: [Coefficient<GEMMLaw>] = [
    Coefficient(
      "floor", \.floorNanoseconds, 500...10_000, unit: "ns", "a kernel that has nothing to do"),
    Coefficient("math", \.mathShare, 0.05...1, unit: "share", "FLOP/s of full tiles"),
    Coefficient("memory", \.memoryShare, 0.4...1, unit: "share", "bandwidth of streamed weights"),
    Coefficient("step", \.stepNanoseconds, 1...600, unit: "ns", "a step of 64 inner elements"),
    Coefficient(
      "level2Rate", \.level2Rate, 5...400, unit: "B/ns",
      "each multiprocessor's bandwidth of the level-2 cache"),
    Coefficient("level2Share", \.level2Share, 0.2...1.2, unit: "share", "level-2 bytes in use"),
    Coefficient(
      "ridge", \.ridge, 1.2...10, unit: "count", "exponent that joins computing and streaming"),
    Coefficient(
      "epilogue", \.epilogueNanoseconds, 0...10_000, unit: "ns", "writing a tile of 128 × 128"),
    Coefficient(
      "split", \.splitNanoseconds, 0...6_000, unit: "ns", "splitting the inner dimension"),
    Coefficient(
      "throttle", \.throttle, 0...3, unit: "share", "slowing down of long products",
      effect: .slower),
  ]

  /// Creates a law from values in the order of `coefficients`.
  public init(kernels: GEMMKernels, values: [Double]) {
    self.kernels = kernels
    (floorNanoseconds, mathShare, memoryShare, stepNanoseconds) = (0, 1, 1, 0)
    (level2Rate, level2Share, ridge) = (1, 1, 1)
    (epilogueNanoseconds, splitNanoseconds, throttle) = (0, 0, 0)
    self.values = values
  }

  /// The time of a product of `rows` × `inputs` by `inputs` × `outputs`.
  ///
  /// - Parameters:
  ///   - rows: tokens.
  ///   - outputs: numbers of a token's result.
  ///   - inputs: numbers of a token's input.
  ///   - bytesPerWeight: 2 for 16-bit weights; less for weight-only formats, whose scales count.
  ///   - limits: the device's datasheet.
  ///   - weights: where the weights lie when it starts.
  /// - Returns: nanoseconds, 0 without rows.
  public func nanoseconds(
    rows: Int, outputs: Int, inputs: Int, bytesPerWeight: Double = 2, limits: DeviceLimits,
    weights: WeightResidence = .memory
  ) -> Double {
    guard rows > 0, outputs > 0, inputs > 0 else { return 0 }
    let shape = GEMMShape(
      rows: Double(rows), outputs: Double(outputs), inputs: Double(inputs),
      bytesPerWeight: bytesPerWeight, bytesPerInput: 2, residence: weights)
    if kernels == .untiled {
      let bandwidth = limits.memoryBytesPerSecond * 1e-9 * memoryShare
      return floorNanoseconds
        + shape.untiledNanoseconds(
          peakFLOPs: limits.peakFLOPs * mathShare, bytesPerNanosecond: bandwidth,
          cacheBytes: limits.level2Bytes * level2Share, ridge: ridge)
    }
    var search = TileSearch(self, shape, limits)
    return floorNanoseconds + search.best()
  }
}

/// The search for the fastest tile and split of one product.
private struct TileSearch {
  let law: GEMMLaw
  let shape: GEMMShape
  let rows: Int
  let outputs: Int
  let inputs: Int
  let multiprocessors: Int
  let perMultiprocessor: Double
  let sharesLastWave: Bool
  let perEpilogueElement: Double
  /// Nanoseconds of one operation on one multiprocessor.
  let perOperation: Double
  /// Nanoseconds of a byte through the level-2 cache.
  let perLevel2Byte: Double
  let memory: Double
  var fastest = Double.infinity
  var bestComputing = Double.infinity
  var bestStreaming = Double.infinity
  var bestAdded = 0.0

  init(_ law: GEMMLaw, _ shape: GEMMShape, _ limits: DeviceLimits) {
    self.law = law
    self.shape = shape
    (rows, outputs, inputs) = (Int(shape.rows), Int(shape.outputs), Int(shape.inputs))
    multiprocessors = limits.multiprocessors
    let count = Double(multiprocessors)
    perMultiprocessor = 1 / count
    sharesLastWave = law.kernels.sharesLastWave
    perEpilogueElement = law.epilogueNanoseconds / 16_384
    let bandwidth = limits.memoryBytesPerSecond * 1e-9
    perLevel2Byte = 1 / (count * law.level2Rate)
    memory = shape.memoryNanoseconds(
      bytesPerNanosecond: bandwidth * law.memoryShare,
      cacheBytes: limits.level2Bytes * law.level2Share)
    let atPeak = 2 * shape.rows * shape.outputs * shape.inputs / limits.peakFLOPs * 1e9
    // Half of the slowing down is there for a product of 0.3 ms: chosen, not fitted.
    let throttling = 1 + law.throttle * atPeak / (atPeak + 300_000)
    perOperation = count / (limits.peakFLOPs * 1e-9 * law.mathShare) * throttling
  }

  /// Tries every tile without a split and with 2, 3, 4, 6, 8 and 16 of them.
  mutating func best() -> Double {
    var splits = 1
    while splits <= 16 {
      // No split walks less than 256, so that more inner elements never cost less.
      let inner = (inputs + splits * 64 - 1) / (splits * 64) * 64
      tryTiles(splits: splits, depth: Double(splits > 1 ? max(256, inner) : inner))
      splits += splits < 4 ? 1 : splits < 8 ? 2 : 8
    }
    return fastest
  }

  private mutating func tryTiles(splits: Int, depth: Double) {
    let steps = depth / 64 * law.stepNanoseconds
    let operations = 2 * depth * perOperation
    let added = splits > 1 ? law.splitNanoseconds : 0
    // 16 bytes a partial sum: chosen; on H100 errors differ by 0.1 points between 4 and 32.
    let sums = splits > 1 ? Double(16 * splits) * shape.rows * shape.outputs * perLevel2Byte : 0
    let fromMemory = memory + sums
    // Large tiles first: they are most often the best, and what they beat is not joined.
    for height in 0..<4 {
      let rowsOfTile = 256 >> height
      let tilesDown = (rows + rowsOfTile - 1) >> (8 - height)
      for width in (height == 0 ? 1 : 0)..<4 {
        let outputsOfTile = 256 >> width
        let parts = tilesDown * ((outputs + outputsOfTile - 1) >> (8 - width)) * splits
        let area = Double(rowsOfTile * outputsOfTile)
        let tile = max(area * operations, steps) + area * perEpilogueElement
        let waves =
          sharesLastWave
          ? max(1, Double(parts) * perMultiprocessor)
          : Double((parts + multiprocessors - 1) / multiprocessors)
        let sides =
          Double(rowsOfTile) * shape.bytesPerInput + Double(outputsOfTile) * shape.bytesPerWeight
        let throughCache = Double(parts) * sides * depth * perLevel2Byte
        offer(waves * tile, max(fromMemory, throughCache), added)
      }
    }
  }

  /// Takes a candidate if it is the fastest yet; the exact norm only where cheaper bounds leave it
  /// open.
  private mutating func offer(_ computing: Double, _ streaming: Double, _ added: Double) {
    let larger = max(computing, streaming)
    guard larger + added < fastest else { return }
    if computing >= bestComputing && streaming >= bestStreaming && added >= bestAdded { return }
    if law.ridge <= 4 {
      // The norm falls with its exponent: that of 4 is a bound.
      let ratio = min(computing, streaming) / larger
      let square = ratio * ratio
      let bound = larger * (1 + square * square).squareRoot().squareRoot()
      guard bound + added < fastest else { return }
    }
    let time = powerNorm(computing, streaming, exponent: law.ridge) + added
    guard time < fastest else { return }
    (fastest, bestComputing, bestStreaming, bestAdded) = (time, computing, streaming, added)
  }
}
