public import Hardware

/// What stages of any layers take for given steps, straight from the laws, without tables.
///
/// For choosing partitions, where hundreds of stages are compared by one step. Prepared step times
/// (`StepPieces`) lie within the rounding of their tables of it.
public struct StagePricing {
  private let cost: CostModel
  let model: ModelArchitecture
  let weights: NumberFormat
  let keyValue: NumberFormat
  let tensor: Int
  let gpu: GPUSpecification
  private let fabric: TensorFabric
  private let allReduce: AllReduceImplementation

  /// What is priced: a model, cut into `tensor` parts, on GPUs of one type.
  public init(
    cost: CostModel, model: ModelArchitecture, weights: NumberFormat, keyValue: NumberFormat,
    tensor: Int, gpu: GPUSpecification, fabric: TensorFabric, allReduce: AllReduceImplementation
  ) {
    self.cost = cost
    self.model = model
    self.weights = weights
    self.keyValue = keyValue
    self.tensor = tensor
    self.gpu = gpu
    self.fabric = fabric
    self.allReduce = allReduce
  }

  /// Whether more layers never make a stage faster; of measured ones nobody knows.
  var isMonotone: Bool {
    if case .table = cost { false } else { true }
  }

  /// Nanoseconds of a step on a stage that holds a range of the model's layers.
  ///
  /// - Throws: `StepPiecesFault` if the cost model cannot price the stage.
  public func nanoseconds(_ shape: BatchShape, layers: Range<Int>) throws(StepPiecesFault) -> Int64
  {
    let request = request(
      layers, maxBatchedTokens: shape.tokens, maxSequences: shape.decodeSequences)
    switch cost {
    case .roofline(let roofline):
      let law = AllReduceLaw(
        ranks: tensor, fabric: request.fabric, gpu: gpu, implementation: allReduce)
      return StageLawTime(request, roofline, law).nanoseconds(shape)
    case .constant, .stochastic, .table:
      return try StepPieces.prepare(request, cost: cost).cost(shape).total
    }
  }

  /// Bytes of weights on each GPU of a stage that holds several ranges of the model's layers.
  public func weightBytes(of ranges: [Range<Int>]) -> Int64 {
    ShardShape(model: model, tensor: tensor, weights: weights).weightBytes(
      ranges.map { model.layerCounts(in: $0) }.reduce(.none, +),
      isFirst: ranges.contains { $0.lowerBound == 0 },
      isLast: ranges.contains { $0.upperBound == model.layers })
  }

  /// A plan whose stages are the range and what lies before and behind it.
  private func request(
    _ layers: Range<Int>, maxBatchedTokens: Int, maxSequences: Int
  ) -> StageRequest {
    let before = layers.lowerBound > 0 ? [layers.lowerBound] : []
    let behind = layers.upperBound < model.layers ? [model.layers - layers.upperBound] : []
    let partition = before + [layers.count] + behind
    return StageRequest(
      model: model, weights: weights, keyValue: keyValue,
      plan: ParallelPlan(tensor: tensor, stages: partition.count, layersPerStage: partition),
      stage: before.count, gpu: gpu, fabric: tensor > 1 ? fabric : .single, allReduce: allReduce,
      maxBatchedTokens: max(1, maxBatchedTokens), maxSequences: max(1, maxSequences))
  }
}

/// The time of a step on a stage by the laws themselves: what `StepPieces` tabulates.
struct StageLawTime {
  private let request: StageRequest
  private let cost: RooflineCost
  private let stage: StageOperators
  private let allReduce: AllReduceLaw

  init(_ request: StageRequest, _ cost: RooflineCost, _ allReduce: AllReduceLaw) {
    self.request = request
    self.cost = cost
    self.allReduce = allReduce
    stage = StageOperators(request, cost)
  }

  /// Nanoseconds of a step, rounded half up.
  func nanoseconds(_ shape: BatchShape) -> Int64 {
    let layers = cost.computeFactor * stage.layerNanoseconds(tokens: shape.tokens)
    var work = stage.samplingNanoseconds(sequences: shape.sampledSequences)
    for windowed in [false, true] { work += attention(shape, windowed: windowed) }
    if shape.prefillTokens > 0 {
      work += stage.prefillTrafficNanoseconds(tokens: shape.prefillTokens)
      work += Double(shape.prefixTokens) * stage.expansionNanosecondsPerPrefixToken
    }
    let communication =
      Double(request.allReduces) * cost.communicationFactor
      * allReduce.nanoseconds(bytes: Double(Int64(shape.tokens) * request.bytesPerToken))
    let computing = layers + cost.computeFactor * work + communication
    return Int64(
      (computing + host(shape, hiding: layers + communication)).rounded())
  }

  /// Attention of the layers with a window, or of the others.
  private func attention(_ shape: BatchShape, windowed: Bool) -> Double {
    guard stage.seeing(windowed) > 0 else { return 0 }
    let context = windowed ? shape.windowContextTokens : shape.contextTokens
    let pairs = windowed ? shape.windowPairs : shape.attentionPairs
    let prefix = windowed ? shape.windowPrefixTokens : shape.prefixTokens
    var time = 0.0
    if shape.decodeSequences > 0 {
      time += stage.decodeNanoseconds(
        sequences: shape.decodeSequences, tokens: context, windowed: windowed)
    }
    if shape.prefillTokens > 0 {
      let padded = pairs + shape.prefillTokens * paddingPairsPerToken
      time += stage.prefillNanoseconds(effectivePairs: padded, windowed: windowed)
      time += Double(prefix) * stage.prefixNanosecondsPerToken(windowed: windowed)
    }
    return time
  }

  /// What the host adds: its own time, or what of it the GPU does not hide, and waits for launches.
  private func host(_ shape: BatchShape, hiding: Double) -> Double {
    var host = Double(cost.hostNanosecondsPerStep)
    if request.plan.tensor > 1 { host += Double(cost.hostNanosecondsPerTensorStep) }
    if request.isLast, shape.sampledSequences > 0 {
      host += Double(cost.hostNanosecondsPerSampling)
      host += Double(shape.sampledSequences) * Double(cost.hostNanosecondsPerSequence)
    }
    if cost.hidesHost { host = max(0, host - hiding) }
    let launching = Double(Int64(stage.kernels) * cost.launchNanosecondsPerKernel)
    return host + max(0, launching - hiding)
  }
}
