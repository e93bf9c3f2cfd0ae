/// How long the experts of a mixture-of-experts layer take: gate and up, activation, down, and the
/// weighted sum, with the sorting of tokens by expert.
///
/// time = floor (+ a floor under expert parallelism) + √(memory² + computing²) + permutation:
/// - memory: the weights of the experts touched at a share of the memory's bandwidth, or of that times
///   `level2Ratio` where they stay in the cache; an expert whose weights do not fit the cache is read
///   again for a share (`rereadShare`) of further tiles of rows;
/// - computing: rows of each expert rounded up to tiles, at a share of the peak, and a time for every
///   tile of the result, over all multiprocessors;
/// - permutation: the rows of *all* tokens' experts go through memory between the kernels, also those
///   of experts elsewhere, so that expert parallelism does not divide it.
///
/// Fitted to the fused kernels of vLLM 0.14 and 0.24 as ai-dynamo/aiconfigurator measured them.
public struct ExpertsLaw: OperatorLaw {
  /// Nanoseconds of the kernels over next to nothing.
  public var floorNanoseconds: Double
  /// Nanoseconds that mapping experts to GPUs adds.
  public var expertParallelNanoseconds: Double
  /// Share of the memory's bandwidth at which weights stream.
  public var streamingShare: Double
  /// Share of the peak FLOP/s inside tiles.
  public var computingShare: Double
  /// Bytes moved through memory per byte of activations between the kernels.
  public var permuteRatio: Double
  /// Share of further tiles of rows for which weights beyond the cache are read again.
  public var rereadShare: Double
  /// Nanoseconds of a multiprocessor per tile of results, beyond its products.
  public var tileNanoseconds: Double
  /// Bandwidth of the level 2 cache over the memory's.
  public var level2Ratio: Double

  /// Creates a law.
  public init(
    floorNanoseconds: Double, expertParallelNanoseconds: Double, streamingShare: Double,
    computingShare: Double, permuteRatio: Double, rereadShare: Double, tileNanoseconds: Double,
    level2Ratio: Double
  ) {
    self.floorNanoseconds = floorNanoseconds
    self.expertParallelNanoseconds = expertParallelNanoseconds
    self.streamingShare = streamingShare
    self.computingShare = computingShare
    self.permuteRatio = permuteRatio
    self.rereadShare = rereadShare
    self.tileNanoseconds = tileNanoseconds
    self.level2Ratio = level2Ratio
  }

  /// The formula's numbers.
  public static let coefficients: [Coefficient<ExpertsLaw>] = [
    Coefficient(
      "floor", \.floorNanoseconds, 1_000...200_000, unit: "ns", "the kernels over next to nothing"),
    Coefficient(
      "expertParallelFloor", \.expertParallelNanoseconds, 0...100_000, unit: "ns",
      "what mapping experts to GPUs adds"),
    Coefficient(
      "streaming", \.streamingShare, 0.2...1, unit: "share",
      "of the memory's bandwidth at which weights stream"),
    Coefficient(
      "computing", \.computingShare, 0.02...1, unit: "share", "of the peak inside tiles"),
    Coefficient(
      "permute", \.permuteRatio, 0...40, unit: "ratio",
      "bytes moved per byte of activations between the kernels", effect: .slower),
    Coefficient(
      "reread", \.rereadShare, 0...1, unit: "share",
      "of further tiles of rows that read a large expert's weights again", effect: .slower),
    Coefficient(
      "tile", \.tileNanoseconds, 0...20_000, unit: "ns",
      "of a multiprocessor per tile of results, beyond its products"),
    Coefficient(
      "level2", \.level2Ratio, 1...8, unit: "ratio",
      "the level 2 cache's bandwidth over the memory's"),
  ]
}

/// How FP8 weights and activations change the experts' law.
public struct ExpertsFP8Law: OperatorLaw {
  /// Nanoseconds that quantising activations and other kernels add to the floor.
  public var quantiseNanoseconds: Double
  /// Share of the memory's bandwidth at which weights stream.
  public var streamingShare: Double
  /// Share of the FP8 peak inside tiles.
  public var computingShare: Double

  /// Creates the changes.
  public init(quantiseNanoseconds: Double, streamingShare: Double, computingShare: Double) {
    self.quantiseNanoseconds = quantiseNanoseconds
    self.streamingShare = streamingShare
    self.computingShare = computingShare
  }

  /// The numbers that replace those of 16 bits.
  public static let coefficients: [Coefficient<ExpertsFP8Law>] = [
    Coefficient(
      "quantise", \.quantiseNanoseconds, -20_000...100_000, unit: "ns",
      "what quantising activations and other kernels add to the floor"),
    Coefficient(
      "streaming", \.streamingShare, 0.2...1, unit: "share",
      "of the memory's bandwidth at which weights stream"),
    Coefficient(
      "computing", \.computingShare, 0.02...1, unit: "share", "of the FP8 peak inside tiles"),
  ]
}

extension ExpertsLaw {
  /// The law of the same GPU for FP8 weights.
  public func changed(by law: ExpertsFP8Law) -> ExpertsLaw {
    var changed = self
    changed.floorNanoseconds += law.quantiseNanoseconds
    changed.streamingShare = law.streamingShare
    changed.computingShare = law.computingShare
    return changed
  }

  /// Nanoseconds of a layer's experts on the busiest GPU.
  ///
  /// - Parameters:
  ///   - tokens: tokens of the batch that are routed, of all GPUs that share the experts.
  ///   - shape: the layer and its shard.
  ///   - routing: how tokens spread.
  ///   - device: the GPU's datasheet.
  ///   - isCold: whether weights come from memory even if they would fit the cache, as they do between
  ///     the layers of a model; tables that repeat one layer find them there.
  /// - Returns: nanoseconds, 0 without tokens.
  public func nanoseconds(
    tokens: Int, shape: ExpertsShape, routing: ExpertsRouting = .balanced, device: DeviceLimits,
    isCold: Bool = true
  ) -> Double {
    guard tokens > 0 else { return 0 }
    return nanoseconds(
      ExpertsWork(
        tokens: tokens, shape: shape, routing: routing, device: device, isCold: isCold))
  }

  /// Nanoseconds of prepared work.
  public func nanoseconds(_ work: ExpertsWork) -> Double {
    // Larger tiles can be quicker; a prediction never falls as tokens rise.
    work.batches.reduce(0) { max($0, nanoseconds($1, work)) }
  }

  private func nanoseconds(_ batch: ExpertsWork.Batch, _ work: ExpertsWork) -> Double {
    let memory =
      (batch.streamedBytes + batch.residentBytes / level2Ratio
        + batch.repeatedBytes * rereadShare)
      / (work.device.memoryBytesPerSecond * streamingShare) * 1e9
    let computing =
      batch.operations / (work.peakFLOPs * computingShare) * 1e9
      + batch.tiles * tileNanoseconds / Double(work.device.multiprocessors)
    let moved = batch.spilledBytes + batch.cachedBytes / level2Ratio
    return max(
      batch.leastNanoseconds,
      floorNanoseconds + (work.isSpread ? expertParallelNanoseconds : 0)
        + (memory * memory + computing * computing).squareRoot()
        + permuteRatio * moved / work.device.memoryBytesPerSecond * 1e9)
  }
}
