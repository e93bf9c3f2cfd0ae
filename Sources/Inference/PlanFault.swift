/// Why a plan cannot serve a model.
public enum PlanFault: Sendable, Hashable, CustomStringConvertible {
  /// A degree below one.
  case degreeBelowOne(tensor: Int, stages: Int)
  /// Query heads do not divide among the GPUs of a stage.
  case headsNotDivisible(heads: Int, tensor: Int)
  /// Key–value heads neither divide among the GPUs nor are replicated evenly over them.
  case keyValueHeadsNotDivisible(heads: Int, tensor: Int)
  /// The feed-forward width does not divide among the GPUs.
  case intermediateNotDivisible(size: Int, tensor: Int)
  /// The width of the experts, or of the shared ones, does not divide among the GPUs.
  case expertsNotDivisible(experts: String, width: Int, tensor: Int)
  /// A shard of a quantised matrix is not a whole number of blocks.
  case blocksNotDivisible(
    matrix: String, shard: Int, format: NumberFormat, block: Int, tensor: Int)
  /// The vocabulary, padded to `padding` rows, does not divide among the GPUs.
  case vocabularyNotDivisible(size: Int, padding: Int, tensor: Int)
  /// More stages than layers, or more virtual stages.
  case moreStagesThanLayers(stages: Int, layers: Int)
  /// Layers that virtual stages do not share evenly; `legal` are the numbers that would do.
  case virtualStagesNotDivisible(layers: Int, stages: Int, virtualStages: Int, legal: [Int])
  /// The partition names another number of stages.
  case partitionCount(named: Int, stages: Int)
  /// The partition does not add up to the model's layers.
  case partitionSum(sum: Int, layers: Int)
  /// A stage without layers.
  case emptyStage(stage: Int)

  /// The fault as a sentence, without a full stop.
  public var description: String {
    switch self {
    case .degreeBelowOne(let tensor, let stages):
      "tensor \(tensor) and stages \(stages) must both be at least 1"
    case .headsNotDivisible(let heads, let tensor):
      "\(heads) attention heads do not divide among \(tensor) GPUs"
    case .keyValueHeadsNotDivisible(let heads, let tensor):
      "\(heads) key-value heads neither divide among \(tensor) GPUs nor repeat evenly over them"
    case .intermediateNotDivisible(let size, let tensor):
      "the feed-forward width \(size) does not divide among \(tensor) GPUs"
    case .expertsNotDivisible(let experts, let width, let tensor):
      "the width \(width) of the \(experts) does not divide among \(tensor) GPUs"
    case .blocksNotDivisible(let matrix, let shard, let format, let block, let tensor):
      "over \(tensor) GPUs a shard of the \(matrix) is \(shard) wide, "
        + "not a multiple of the \(format.rawValue) weight block of \(block)"
    case .vocabularyNotDivisible(let size, let padding, let tensor):
      "the vocabulary of \(size), padded to a multiple of \(padding), "
        + "does not divide among \(tensor) GPUs"
    case .moreStagesThanLayers(let stages, let layers):
      "\(stages) stages for only \(layers) layers"
    case .virtualStagesNotDivisible(let layers, let stages, let virtualStages, let legal):
      "\(layers) layers do not divide among \(stages) stages of \(virtualStages) virtual stages; "
        + "needs virtualStages " + legal.map(String.init).joined(separator: ", ")
        + ", or layers listed or balanced"
    case .partitionCount(let named, let stages):
      "the partition names \(named) stages, the plan has \(stages)"
    case .partitionSum(let sum, let layers):
      "the partition adds up to \(sum) layers, the model has \(layers)"
    case .emptyStage(let stage):
      "stage \(stage) has no layers"
    }
  }
}

/// Rows to which engines pad the vocabulary before sharding it (vLLM's default).
let vocabularyPadding = 64

/// Every reason why a plan cannot serve a model, empty if it can.
public func planFaults(
  of plan: ParallelPlan, for model: ModelArchitecture, weights: NumberFormat
) -> [PlanFault] {
  guard plan.tensor >= 1, plan.stages >= 1, plan.virtualStages >= 1 else {
    return [.degreeBelowOne(tensor: plan.tensor, stages: plan.stages)]
  }
  return tensorFaults(plan.tensor, model: model)
    + blockFaults(plan.tensor, model: model, weights: weights)
    + partitionFaults(plan, layers: model.layers)
}

private func tensorFaults(_ tensor: Int, model: ModelArchitecture) -> [PlanFault] {
  var faults: [PlanFault] = []
  if model.attentionHeads % tensor != 0 {
    faults.append(.headsNotDivisible(heads: model.attentionHeads, tensor: tensor))
  }
  // The latent vector has no heads: every GPU keeps it whole.
  if model.latentAttention == nil, model.keyValueHeads % tensor != 0,
    tensor % model.keyValueHeads != 0
  {
    faults.append(.keyValueHeadsNotDivisible(heads: model.keyValueHeads, tensor: tensor))
  }
  if model.denseLayers > 0, model.intermediateSize % tensor != 0 {
    faults.append(.intermediateNotDivisible(size: model.intermediateSize, tensor: tensor))
  }
  for (experts, width) in model.expertWidths where width % tensor != 0 {
    faults.append(.expertsNotDivisible(experts: experts, width: width, tensor: tensor))
  }
  if paddedVocabulary(model) % tensor != 0 {
    faults.append(
      .vocabularyNotDivisible(
        size: model.vocabularySize, padding: vocabularyPadding, tensor: tensor))
  }
  return faults
}

extension ModelArchitecture {
  /// The widths of experts and shared experts, as faults name them.
  fileprivate var expertWidths: [(name: String, width: Int)] {
    guard let experts else { return [] }
    return [("experts", experts.width)]
      + (experts.sharedWidth > 0 ? [("shared experts", experts.sharedWidth)] : [])
  }
}

/// Rows of the embedding after padding.
func paddedVocabulary(_ model: ModelArchitecture) -> Int {
  (model.vocabularySize + vocabularyPadding - 1) / vocabularyPadding * vocabularyPadding
}

private func blockFaults(
  _ tensor: Int, model: ModelArchitecture, weights: NumberFormat
) -> [PlanFault] {
  // A whole matrix may end within a block; what is cut must be cut between blocks.
  guard let block = weights.blockSize, tensor > 1 else { return [] }
  var sharded = [("attention output", model.attendedWidth)]
  if model.denseLayers > 0 { sharded.append(("feed-forward", model.intermediateSize)) }
  sharded += model.expertWidths
  return sharded.compactMap { matrix, width in
    // A width that does not divide at all is another fault, already told.
    guard width % tensor == 0, width / tensor % block != 0 else { return nil }
    return .blocksNotDivisible(
      matrix: matrix, shard: width / tensor, format: weights, block: block, tensor: tensor)
  }
}

private func partitionFaults(_ plan: ParallelPlan, layers: Int) -> [PlanFault] {
  let stages = plan.virtualStageCount
  if stages > layers { return [.moreStagesThanLayers(stages: stages, layers: layers)] }
  var faults: [PlanFault] = []
  if plan.layersPerStage.count != stages {
    faults.append(.partitionCount(named: plan.layersPerStage.count, stages: stages))
  }
  for (stage, count) in plan.layersPerStage.enumerated() where count < 1 {
    faults.append(.emptyStage(stage: stage))
  }
  if plan.layers != layers { faults.append(.partitionSum(sum: plan.layers, layers: layers)) }
  return faults
}
