import Hardware

/// The kernels of one stage on one of its GPUs and what they take, in nanoseconds.
struct StageOperators {
  private let request: StageRequest
  private let shard: ShardShape
  private let layers: LayerCounts
  private let smallKernelsPerLayer: Int

  init(_ request: StageRequest, smallKernelsPerLayer: Int) {
    self.request = request
    self.smallKernelsPerLayer = smallKernelsPerLayer
    shard = ShardShape(
      model: request.model, tensor: request.plan.tensor, weights: request.weights)
    layers = request.model.layerCounts(in: request.plan.layerRange(ofStage: request.stage))
  }

  private var gpu: GPUSpecification { request.gpu }
  private var model: ModelArchitecture { request.model }
  private var hidden: Int { request.model.hiddenSize }
  private var matrixFormat: NumberFormat { request.weights.outsideExperts }

  /// All layers of the stage over `tokens`, the part of attention that grows with context and
  /// pairs left out, and the embedding on the first stage.
  func layerNanoseconds(tokens: Int) -> Double {
    guard tokens > 0 else { return 0 }
    var all = 0.0
    if layers.dense > 0 { all += Double(layers.dense) * denseLayerNanoseconds(tokens) }
    if layers.routed > 0 { all += Double(layers.routed) * routedLayerNanoseconds(tokens) }
    let embedding =
      request.isFirst
      ? gpu.gemm.floorNanoseconds + streamNanoseconds(bytes: Double(tokens * hidden * 4)) : 0
    return all + embedding
  }

  private func denseLayerNanoseconds(_ tokens: Int) -> Double {
    let products = shard.feedForwardProducts(width: shard.intermediate)
    let layer = adding(products, tokens, to: attentionNanoseconds(tokens))
    return addingSmallKernels(
      smallKernelsPerLayer, tokens, feedForward: shard.intermediate, to: layer)
  }

  /// A layer with experts: besides, the router, the choice of experts, the sum of their outputs.
  private func routedLayerNanoseconds(_ tokens: Int) -> Double {
    guard let experts = model.experts else { return 0 }
    var layer = attentionNanoseconds(tokens)
    layer += gpu.gemmNanoseconds(
      rows: tokens, outputs: experts.count, inputs: hidden, weights: .bf16)
    for (outputs, inputs) in shard.feedForwardProducts(width: shard.expertWidth) {
      layer += gpu.groupedNanoseconds(
        rows: tokens * experts.perToken, matrices: experts.touched(byTokens: tokens),
        outputs: outputs, inputs: inputs, weights: request.weights)
    }
    layer = adding(shard.feedForwardProducts(width: shard.sharedWidth), tokens, to: layer)
    let width = experts.perToken * shard.expertWidth + shard.sharedWidth
    layer += streamNanoseconds(bytes: Double(tokens * 2 * experts.perToken * hidden * 2))
    return addingSmallKernels(
      smallKernelsPerLayer + routingKernels, tokens, feedForward: width, to: layer)
  }

  /// The smallest attention kernel and the products around it.
  private func attentionNanoseconds(_ tokens: Int) -> Double {
    adding(shard.attentionProducts, tokens, to: gpu.attention.floorNanoseconds)
  }

  private func adding(
    _ products: [(outputs: Int, inputs: Int)], _ tokens: Int, to nanoseconds: Double
  ) -> Double {
    products.reduce(nanoseconds) { sum, product in
      sum
        + gpu.gemmNanoseconds(
          rows: tokens, outputs: product.outputs, inputs: product.inputs, weights: matrixFormat)
    }
  }

  /// A layer's small kernels: norms with residuals, the rotation of queries and keys with the write
  /// to the KV cache, the activation over `feedForward` numbers of a token.
  private func addingSmallKernels(
    _ kernels: Int, _ tokens: Int, feedForward: Int, to nanoseconds: Double
  ) -> Double {
    let attention = 2 * (shard.queryWidth + shard.cacheWidth)
    let activation = (model.feedForward == .gated ? 3 : 2) * feedForward
    let bytes = Double(tokens * (8 * hidden + attention + activation) * 2)
    return nanoseconds + Double(kernels) * gpu.gemm.floorNanoseconds
      + streamNanoseconds(bytes: bytes)
  }

  /// LM head and sampler on the last stage; nothing elsewhere or without sampled sequences.
  func samplingNanoseconds(sequences: Int) -> Double {
    guard request.isLast, sequences > 0 else { return 0 }
    let head = gpu.gemmNanoseconds(
      rows: sequences, outputs: shard.vocabulary, inputs: hidden, weights: .bf16)
    // The sampler passes three times over 32-bit logits: scale, normalise, choose.
    let logits = Double(sequences) * Double(request.model.vocabularySize) * 4
    return head + 3 * (gpu.gemm.floorNanoseconds + streamNanoseconds(bytes: logits))
  }

  /// Bytes of keys and values that each token keeps in the stage's layers that see it.
  func readNanosecondsPerToken(windowed: Bool) -> Double {
    let bytes = shard.keyValueBytesPerToken(layers: seeing(windowed), format: request.keyValue)
    return Double(bytes) / gpu.attention.keyValueBytesPerSecond * 1e9
  }

  /// Decode attention of the stage's layers that see the whole context, or of those with a window,
  /// over so many KV tokens of all sequences together.
  ///
  /// Reading, but latent attention also computes: each head multiplies the whole latent vector,
  /// once for the scores and without its rotated part for the values. Where a kernel does not split
  /// sequences the longest decides; the mean stands for it.
  func decodeNanoseconds(sequences: Int, tokens: Int, windowed: Bool) -> Double {
    var perToken = readNanosecondsPerToken(windowed: windowed)
    if let latent = model.latentAttention {
      let width = Double(latent.cacheWidth + latent.keyValueRank)
      let operations = 2 * Double(shard.heads) * width * Double(seeing(windowed))
      perToken = max(perToken, operations / gpu.attention.prefillFLOPs * 1e9)
    }
    let mean = Double(tokens) / Double(max(1, sequences))
    let unsplit = unsplitLayers(windowed: windowed) * gpu.attention.unsplitNanosecondsPerToken
    return max(Double(tokens) * perToken, mean * unsplit)
  }

  /// Prefill attention of the stage's layers that see the whole context, or of those with a window:
  /// each query–key pair takes a product as wide as a key and one as wide as a value, two operations
  /// each.
  func prefillNanoseconds(pairs: Int, windowed: Bool) -> Double {
    let width = Double(shard.queryWidth + shard.attendedWidth)
    let operations = 2.0 * width * Double(seeing(windowed)) * Double(pairs)
    return operations / gpu.attention.prefillFLOPs * 1e9
  }

  /// What a prefill spends on each token of its prefix: latent attention expands the cached vectors
  /// of the prefix to keys and values once more.
  var expansionNanosecondsPerPrefixToken: Double {
    guard let latent = model.latentAttention else { return 0 }
    let width = Double(shard.heads * (latent.nopeDimension + latent.valueDimension))
    let operations = 2 * width * Double(latent.keyValueRank) * Double(layers.all)
    return operations / gpu.gemm.achievedFLOPs * 1e9
  }

  /// Layers whose kernel does not split a sequence where the GPU's cannot: multi-head attention.
  private func unsplitLayers(windowed: Bool) -> Double {
    guard model.latentAttention == nil, model.attentionHeads == model.keyValueHeads else {
      return 0
    }
    return Double(seeing(windowed))
  }

  /// Layers that see the whole context, or those with a window.
  func seeing(_ windowed: Bool) -> Int { windowed ? layers.windowed : layers.full }

  private func streamNanoseconds(bytes: Double) -> Double {
    bytes / gpu.gemm.weightStreamBytesPerSecond * 1e9
  }
}

/// Small kernels that experts add to a layer: the choice of the best, sorting tokens by expert,
/// summing the experts' outputs.
private let routingKernels = 3
