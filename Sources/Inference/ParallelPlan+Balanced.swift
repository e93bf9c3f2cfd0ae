import Hardware

/// What an engine grants itself of a GPU's memory, beside the model and its plan.
public struct MemoryLimits: Sendable, Hashable {
  /// The share of memory that the engine takes.
  public var gpuMemoryUtilization: Double
  /// This model's part of a GPU that several models share.
  public var memoryShare: Double
  /// The most tokens of a step.
  public var maxBatchedTokens: Int
  /// The most sequences of a step.
  public var maxSequences: Int
  /// How many micro-batches a pipeline holds.
  public var microbatchesInFlight: Int
  /// Tokens of a KV block, for one of which each stage needs room.
  public var blockTokens: Int

  /// Creates limits.
  public init(
    gpuMemoryUtilization: Double, memoryShare: Double, maxBatchedTokens: Int, maxSequences: Int,
    microbatchesInFlight: Int, blockTokens: Int
  ) {
    self.gpuMemoryUtilization = gpuMemoryUtilization
    self.memoryShare = memoryShare
    self.maxBatchedTokens = maxBatchedTokens
    self.maxSequences = maxSequences
    self.microbatchesInFlight = microbatchesInFlight
    self.blockTokens = blockTokens
  }
}

extension ParallelPlan {
  /// The plan whose slowest virtual stage is as fast as can be in a step.
  ///
  /// Exact over all partitions into contiguous layers; of equally fast ones the one nearest to the
  /// even partition, which also stands where none is possible. With one virtual stage a stage every
  /// stage must have room for its weights and a KV block.
  ///
  /// - Parameters:
  ///   - stages: the stages; `pricing` knows the GPUs of each.
  ///   - virtualStages: the virtual stages of each.
  ///   - topology: on which stages they lie.
  ///   - pricing: what stages take.
  ///   - step: the step by which they are compared.
  ///   - memory: what bounds them; nil: nothing does.
  /// - Returns: The plan.
  public static func balanced(
    stages: Int, virtualStages: Int = 1, topology: StageTopology = .loop, pricing: StagePricing,
    step: BatchShape, memory: MemoryLimits?
  ) -> ParallelPlan {
    var plan = even(
      tensor: pricing.tensor, stages: stages, virtualStages: virtualStages, topology: topology,
      layers: pricing.model.layers)
    var prices = StagePrices(
      pricing: pricing, step: step, room: virtualStages == 1 ? memory.map(pricing.room) : nil)
    let partition = LayerPartition(
      layers: pricing.model.layers, stages: stages * virtualStages, isMonotone: pricing.isMonotone)
    if let balanced = partition.balanced({ prices.price($0) }) { plan.layersPerStage = balanced }
    return plan
  }
}

extension StagePricing {
  /// The memory of its GPUs.
  fileprivate func room(_ limits: MemoryLimits) -> (StageRoom, blockTokens: Int) {
    let usable = Double(gpu.memoryBytes) * limits.gpuMemoryUtilization * limits.memoryShare
    let room = StageRoom(
      shape: ShardShape(model: model, tensor: tensor, weights: weights), keyValue: keyValue,
      usableBytes: Int64(usable), maxBatchedTokens: limits.maxBatchedTokens,
      maxSequences: limits.maxSequences, microbatchesInFlight: limits.microbatchesInFlight)
    return (room, limits.blockTokens)
  }
}

/// Prices of stages by the kinds of their layers, each computed once.
private struct StagePrices {
  /// All that distinguishes the price of two stages.
  struct Kind: Hashable {
    var layers: LayerCounts
    var isFirst: Bool
    var isLast: Bool
  }

  let pricing: StagePricing
  let step: BatchShape
  let room: (StageRoom, blockTokens: Int)?
  /// Layers of each kind before a layer, so that a range is counted by two of them.
  private let counts: [LayerCounts]
  private var known: [Kind: Int64] = [:]

  init(pricing: StagePricing, step: BatchShape, room: (StageRoom, blockTokens: Int)?) {
    self.pricing = pricing
    self.step = step
    self.room = room
    var counts = [LayerCounts.none]
    for layer in 0..<pricing.model.layers {
      counts.append(counts[layer] + pricing.model.layerCounts(in: layer..<layer + 1))
    }
    self.counts = counts
  }

  /// Nanoseconds of a stage of a range of layers.
  mutating func price(_ range: Range<Int>) -> Int64 {
    let kind = Kind(
      layers: counts[range.upperBound] - counts[range.lowerBound],
      isFirst: range.lowerBound == 0, isLast: range.upperBound == pricing.model.layers)
    if let price = known[kind] { return price }
    let price = price(range, kind)
    known[kind] = price
    return price
  }

  private func price(_ range: Range<Int>, _ kind: Kind) -> Int64 {
    if let (room, blockTokens) = room {
      let stage = room.stage(kind.layers, isFirst: kind.isFirst, isLast: kind.isLast)
      if stage.keyValueCapacityTokens < blockTokens { return LayerPartition.impossible }
    }
    return (try? pricing.nanoseconds(step, layers: range)) ?? LayerPartition.impossible
  }
}
