import Hardware

/// The kernels of one stage on one of its GPUs and what they take, in nanoseconds.
///
/// Weights and the KV cache come from memory: between two steps all layers pass through the caches.
struct StageOperators {
  private let request: StageRequest
  private let shard: ShardShape
  private let layers: LayerCounts
  private let sampling: RooflineCost.Sampling
  /// Nanoseconds by which each kernel is shorter between others than when it is replayed alone.
  private let overlapNanoseconds: Double

  init(_ request: StageRequest, _ cost: RooflineCost) {
    self.request = request
    sampling = cost.sampling
    overlapNanoseconds = min(1, cost.kernelOverlap) * request.gpu.laws.leastFloorNanoseconds
    shard = ShardShape(
      model: request.model, tensor: request.plan.tensor, weights: request.weights)
    layers = request.model.layerCounts(in: request.plan.layerRange(ofStage: request.stage))
  }

  private var laws: OperatorLaws { request.gpu.laws }
  private var model: ModelArchitecture { request.model }
  private var hidden: Int { request.model.hiddenSize }
  private var matrixFormat: NumberFormat { request.weights.outsideExperts }

  /// All layers of the stage over `tokens` without their attention, and the embedding on the first
  /// stage.
  func layerNanoseconds(tokens: Int) -> Double {
    guard tokens > 0 else { return 0 }
    var all = request.isFirst ? elementwise(.embedding, tokens, hidden) : 0
    if layers.dense > 0 { all += Double(layers.dense) * denseLayerNanoseconds(tokens) }
    if layers.routed > 0 { all += Double(layers.routed) * routedLayerNanoseconds(tokens) }
    return max(0, all - Double(layers.all * attentionKernels) * overlapNanoseconds)
  }

  /// Kernels of the stage, all-reduces among them.
  var kernels: Int {
    let attention = attentionKernels + shard.attentionProducts.count + 3
    let experts = model.experts == nil ? 0 : 6 + (shard.sharedWidth > 0 ? 3 : 0)
    return layers.dense * (attention + 3) + layers.routed * (attention + experts)
      + (request.plan.tensor > 1 ? request.allReduces : 0)
  }

  /// Kernels of a layer's attention itself; what they take is told by sequences and pairs, so that
  /// their overlap is taken off the layer.
  private let attentionKernels = 1

  private func denseLayerNanoseconds(_ tokens: Int) -> Double {
    let layer = attentionSurroundings(tokens)
    return layer + feedForward(width: shard.intermediate, tokens)
  }

  /// A layer with experts: the router, the choice of experts, the experts, those that all tokens pass.
  private func routedLayerNanoseconds(_ tokens: Int) -> Double {
    guard let experts = model.experts else { return 0 }
    var layer = attentionSurroundings(tokens)
    layer += gemm(tokens, outputs: experts.count, inputs: hidden, .bf16)
    layer += elementwise(.activation, tokens, experts.count)
    layer += expertsNanoseconds(experts, tokens)
    return layer + feedForward(width: shard.sharedWidth, tokens)
  }

  private func expertsNanoseconds(_ experts: Experts, _ tokens: Int) -> Double {
    let computesInFP8 = request.weights == .fp8 && laws.expertsFP8 != nil
    let shape = ExpertsShape(
      hiddenSize: hidden, intermediateSize: experts.width, experts: experts.count,
      expertsPerToken: experts.perToken, tensorParallel: request.plan.tensor,
      bytesPerWeight: request.weights.bytesPerElement, computesInFP8: computesInFP8)
    var law = laws.experts
    if computesInFP8, let changes = laws.expertsFP8 { law = law.changed(by: changes) }
    return law.nanoseconds(
      tokens: tokens, shape: shape, routing: .uniform, device: request.gpu.limits)
      - overlapNanoseconds
  }

  /// What surrounds a layer's attention: the norms with the residual sums that engines fuse with them,
  /// the products, the rotation of queries and keys.
  private func attentionSurroundings(_ tokens: Int) -> Double {
    var layer = 2 * elementwise(.norm, tokens, hidden)
    for product in shard.attentionProducts {
      layer += gemm(tokens, outputs: product.outputs, inputs: product.inputs, matrixFormat)
    }
    return layer + elementwise(.rotary, tokens, shard.queryWidth + shard.keyValueWidth)
  }

  private func feedForward(width: Int, _ tokens: Int) -> Double {
    guard width > 0 else { return 0 }
    var time = elementwise(
      model.feedForward == .gated ? .gatedActivation : .activation, tokens, width)
    for product in shard.feedForwardProducts(width: width) {
      time += gemm(tokens, outputs: product.outputs, inputs: product.inputs, matrixFormat)
    }
    return time
  }

  /// LM head and sampler on the last stage; nothing elsewhere or without sampled sequences.
  func samplingNanoseconds(sequences: Int) -> Double {
    guard request.isLast, sequences > 0 else { return 0 }
    // The sampler passes three times over the logits: scale, normalise, choose.
    let sampler = 3 * elementwise(.logitsPass, sequences, model.vocabularySize)
    return gemm(sequences, outputs: shard.vocabulary, inputs: hidden, .bf16) + sampler
      + (sampling == .sorted ? sortingNanoseconds(sequences) : 0)
  }

  /// Sorting all logits of each sequence, as top-k and top-p do in plain PyTorch.
  ///
  /// Qwen3-32B on two H100 takes 0.07 ms a sequence longer under vLLM 0.12, whose default it is, than
  /// under SGLang 0.5.1, which samples without sorting (ai-dynamo/aiconfigurator, silicon samples, 16
  /// to 128 sequences): 0.46 ns a logit, 1,540 bytes at the memory's bandwidth.
  private func sortingNanoseconds(_ sequences: Int) -> Double {
    let logits = Double(sequences) * Double(model.vocabularySize)
    return logits * 1_540 / request.gpu.limits.memoryBytesPerSecond * 1e9
  }

  private func gemm(_ rows: Int, outputs: Int, inputs: Int, _ format: NumberFormat) -> Double {
    request.gpu.gemmNanoseconds(rows: rows, outputs: outputs, inputs: inputs, weights: format)
      - overlapNanoseconds
  }

  private func elementwise(_ kernel: ElementwiseKernel, _ rows: Int, _ width: Int) -> Double {
    laws.elementwise.nanoseconds(kernel, rows: rows, width: width, limits: request.gpu.limits)
      - overlapNanoseconds
  }

  /// Decode attention of the stage's layers that see the whole context, or of those with a window,
  /// over so many KV tokens of all sequences together.
  func decodeNanoseconds(sequences: Int, tokens: Int, windowed: Bool) -> Double {
    Double(seeing(windowed))
      * laws.decodeAttention.nanoseconds(
        decodeShape, sequences: sequences, contextTokens: tokens, keyValues: .evicted,
        limits: request.gpu.limits)
  }

  /// Prefill attention of those layers by its effective query–key pairs.
  func prefillNanoseconds(effectivePairs: Int, windowed: Bool) -> Double {
    guard effectivePairs > 0 else { return 0 }
    let law = laws.prefillAttention
    return Double(seeing(windowed))
      * (law.floor
        + law.computingNanoseconds(
          prefillShape, effectivePairs: Double(effectivePairs), limits: request.gpu.limits))
  }

  /// What moving their own queries, keys and values takes prompt tokens, in all layers.
  func prefillTrafficNanoseconds(tokens: Int) -> Double {
    Double(layers.all)
      * laws.prefillAttention.trafficNanoseconds(
        prefillShape, newTokens: Double(tokens), limits: request.gpu.limits)
  }

  /// What a prompt spends on reading each token of its prefix.
  func prefixNanosecondsPerToken(windowed: Bool) -> Double {
    Double(seeing(windowed))
      * laws.prefillAttention.prefixNanosecondsPerToken(decodeShape, limits: request.gpu.limits)
  }

  /// What a prompt spends besides on each token of its prefix: latent attention expands the cached
  /// vectors of the prefix to keys and values once more.
  var expansionNanosecondsPerPrefixToken: Double {
    guard let latent = model.latentAttention else { return 0 }
    let width = Double(shard.heads * (latent.nopeDimension + latent.valueDimension))
    let operations = 2 * width * Double(latent.keyValueRank) * Double(layers.all)
    return operations / request.gpu.headline.gemmFLOPs * 1e9
  }

  /// Heads and cache of a step that decodes.
  private var decodeShape: AttentionShape {
    let bytes = request.keyValue.bytesPerElement
    guard let latent = model.latentAttention else {
      return AttentionShape(
        heads: shard.heads, keyValueHeads: shard.keyValueHeads, keyDimension: model.headDimension,
        valueDimension: model.headDimension, keyValueBytesPerElement: bytes)
    }
    return .latentDecode(
      heads: shard.heads, rank: latent.keyValueRank, rotated: latent.ropeDimension,
      bytesPerElement: bytes)
  }

  /// Heads of a step that prefills: with latent attention every head has its own keys and values.
  private var prefillShape: AttentionShape {
    guard let latent = model.latentAttention else { return decodeShape }
    return AttentionShape(
      heads: shard.heads, keyValueHeads: shard.heads,
      keyDimension: latent.nopeDimension + latent.ropeDimension,
      valueDimension: latent.valueDimension,
      keyValueBytesPerElement: request.keyValue.bytesPerElement)
  }

  /// Layers that see the whole context, or those with a window.
  func seeing(_ windowed: Bool) -> Int { windowed ? layers.windowed : layers.full }
}

extension OperatorLaws {
  /// The time of an elementwise kernel that has nothing to do, but no more than any other's, so that
  /// what is taken off a kernel is never its work.
  fileprivate var leastFloorNanoseconds: Double {
    min(
      elementwise.floorNanoseconds, gemm.floorNanoseconds,
      gemmFP8?.floorNanoseconds ?? .infinity, decodeAttention.floor, prefillAttention.floor,
      experts.floorNanoseconds)
  }
}
