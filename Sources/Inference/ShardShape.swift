/// The part of a model that one GPU of a stage holds.
struct ShardShape {
  let model: ModelArchitecture
  let tensor: Int
  let weights: NumberFormat

  /// Query heads of the shard.
  var heads: Int { divideUp(model.attentionHeads, tensor) }
  /// Key–value heads of the shard; beyond one GPU per head they are replicated.
  var keyValueHeads: Int { max(1, divideUp(model.keyValueHeads, tensor)) }
  /// Feed-forward width of the shard in layers without experts.
  var intermediate: Int { divideUp(model.intermediateSize, tensor) }
  /// Width of the shard of each expert: every GPU has a slice of all experts.
  var expertWidth: Int { divideUp(model.experts?.width ?? 0, tensor) }
  /// Width of the shard of the shared experts.
  var sharedWidth: Int { divideUp(model.experts?.sharedWidth ?? 0, tensor) }
  /// Vocabulary rows of the shard.
  var vocabulary: Int { divideUp(paddedVocabulary(model), tensor) }

  /// Width of the shard's queries.
  var queryWidth: Int { heads * model.headDimension }
  /// Width of the shard's keys; its values are as wide.
  var keyValueWidth: Int { keyValueHeads * model.headDimension }
  /// Width of what the shard's attention gives to its output product.
  var attendedWidth: Int {
    model.latentAttention.map { heads * $0.valueDimension } ?? queryWidth
  }
  /// Numbers that the shard's KV cache keeps for a token and layer; the latent vector serves all
  /// heads, so each GPU keeps it whole.
  var cacheWidth: Int { model.latentAttention?.cacheWidth ?? 2 * keyValueWidth }

  /// The shard's matrices of a layer's attention, each (outputs, inputs).
  var attentionProducts: [(outputs: Int, inputs: Int)] {
    let hidden = model.hiddenSize
    guard let latent = model.latentAttention else {
      return [(queryWidth + 2 * keyValueWidth, hidden), (hidden, queryWidth)]
    }
    // Compressed queries, keys and values are computed whole on each GPU.
    let expansion = (
      outputs: heads * (latent.nopeDimension + latent.valueDimension), inputs: latent.keyValueRank
    )
    let queries: [(outputs: Int, inputs: Int)] =
      latent.queryRank.map { [($0 + latent.cacheWidth, hidden), (queryWidth, $0)] }
      ?? [(queryWidth + latent.cacheWidth, hidden)]
    return queries + [expansion, (hidden, attendedWidth)]
  }

  /// The matrices of a feed-forward network of some width, each (outputs, inputs).
  func feedForwardProducts(width: Int) -> [(outputs: Int, inputs: Int)] {
    guard width > 0 else { return [] }
    let upwards = model.feedForward == .gated ? 2 : 1
    return [(upwards * width, model.hiddenSize), (model.hiddenSize, width)]
  }

  /// Bytes of weights; embedding, LM head, router and vectors stay in 16 bits, as quantised
  /// checkpoints keep them.
  func weightBytes(_ layers: LayerCounts, isFirst: Bool, isLast: Bool) -> Int64 {
    let matrices =
      Int64(layers.all) * size(attentionProducts)
      + Int64(layers.dense) * size(feedForwardProducts(width: intermediate))
      + Int64(layers.routed) * size(feedForwardProducts(width: sharedWidth))
    let experts =
      Int64(layers.routed) * Int64(model.experts?.count ?? 0)
      * size(feedForwardProducts(width: expertWidth))
    let end = Int64(vocabulary) * Int64(model.hiddenSize)
    // A tied head on the same GPU is the embedding itself; on another stage it is a copy.
    let ends = (isFirst ? end : 0) + (isLast && !(isFirst && model.tiedEmbeddings) ? end : 0)
    let others = ends + vectors(layers, isFirst: isFirst, isLast: isLast)
    return weights.outsideExperts.bytes(of: matrices) + weights.bytes(of: experts)
      + others * bytesPerActivation
  }

  private func size(_ products: [(outputs: Int, inputs: Int)]) -> Int64 {
    products.reduce(0) { $0 + Int64($1.outputs) * Int64($1.inputs) }
  }

  /// Numbers of norms, biases, positions and routers; each GPU of the stage has them, but for the
  /// biases of what it has a part of.
  private func vectors(_ layers: LayerCounts, isFirst: Bool, isLast: Bool) -> Int64 {
    let hidden = Int64(model.hiddenSize)
    let norm = model.norms.kind.vectors * hidden
    var count = Int64(layers.all) * (attentionVectors + Int64(model.norms.perLayer) * norm)
    count += Int64(layers.dense) * feedForwardBias(width: intermediate)
    if let experts = model.experts {
      var routed = (hidden + (model.biases.contains(.router) ? 1 : 0)) * Int64(experts.count)
      routed += Int64(experts.count) * feedForwardBias(width: expertWidth)
      routed += feedForwardBias(width: sharedWidth) + (experts.hasSharedGate ? hidden : 0)
      count += Int64(layers.routed) * routed
    }
    if isFirst { count += Int64(model.learnedPositions) * hidden }
    if isFirst, model.norms.onEmbedding { count += norm }
    if isLast { count += norm + (model.biases.contains(.head) ? Int64(vocabulary) : 0) }
    return count
  }

  private var attentionVectors: Int64 {
    var count: Int64 = 0
    if let latent = model.latentAttention {
      count += Int64(latent.keyValueRank + (latent.queryRank ?? 0))
    } else if model.biases.contains(.queryKeyValue) {
      count += Int64(queryWidth + 2 * keyValueWidth)
    }
    if model.biases.contains(.attentionOutput) { count += Int64(model.hiddenSize) }
    if model.norms.onQueriesAndKeys { count += 2 * Int64(model.headDimension) }
    return count + (model.hasAttentionSinks ? Int64(heads) : 0)
  }

  private func feedForwardBias(width: Int) -> Int64 {
    guard width > 0, model.biases.contains(.feedForward) else { return 0 }
    return Int64((model.feedForward == .gated ? 2 : 1) * width + model.hiddenSize)
  }

  /// Bytes of keys and values that one token keeps on this GPU in some layers.
  func keyValueBytesPerToken(layers: Int, format: NumberFormat) -> Int64 {
    format.bytes(of: Int64(layers) * Int64(cacheWidth))
  }

  /// Bytes of the largest activations alive at once: hidden state, residual, and either the
  /// attention's or the feed-forward's tensors, and 32-bit logits for the sampled sequences.
  func activationBytes(tokens: Int, sampledSequences: Int) -> Int64 {
    let width = Int64(2 * model.hiddenSize + max(attentionActivations, feedForwardActivations))
    let logits = Int64(sampledSequences) * Int64(paddedVocabulary(model)) * 4
    return Int64(tokens) * width * bytesPerActivation + logits
  }

  private var attentionActivations: Int {
    guard let latent = model.latentAttention else { return 2 * queryWidth + 2 * keyValueWidth }
    // A prompt's keys and values are expanded to all heads of the shard.
    let expanded = heads * (model.headDimension + latent.valueDimension)
    return queryWidth + attendedWidth + expanded + latent.cacheWidth
  }

  private var feedForwardActivations: Int {
    let factor = model.feedForward == .gated ? 3 : 2
    // Each token has a row for each of its experts, inside and at their outputs.
    let routed =
      model.experts.map {
        $0.perToken * (factor * expertWidth + model.hiddenSize) + factor * sharedWidth
      } ?? 0
    return max(factor * intermediate, routed)
  }
}

/// The quotient rounded up.
func divideUp(_ dividend: Int, _ divisor: Int) -> Int { (dividend + divisor - 1) / divisor }
