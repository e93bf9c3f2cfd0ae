extension ModelArchitecture {
  private var hidden: Int64 { Int64(hiddenSize) }

  /// Numbers of a feed-forward network of some width, its biases included.
  private func feedForwardParameters(width: Int) -> Int64 {
    guard width > 0 else { return 0 }
    let upwards: Int64 = feedForward == .gated ? 2 : 1
    let bias = biases.contains(.feedForward) ? upwards * Int64(width) + hidden : 0
    return (upwards + 1) * hidden * Int64(width) + bias
  }

  /// Parameters of a layer's attention, its norms of queries and keys included.
  public var attentionParameters: Int64 {
    let output = hidden * Int64(attendedWidth)
    var count = output + (latentAttention.map(latentParameters) ?? headParameters)
    if biases.contains(.attentionOutput) { count += hidden }
    if norms.onQueriesAndKeys { count += 2 * Int64(headDimension) }
    if hasAttentionSinks { count += Int64(attentionHeads) }
    return count
  }

  private var headParameters: Int64 {
    let width = Int64(queryWidth + 2 * keyValueWidth)
    return (hidden + (biases.contains(.queryKeyValue) ? 1 : 0)) * width
  }

  private func latentParameters(_ latent: LatentAttention) -> Int64 {
    let rank = Int64(latent.keyValueRank)
    let expanded = Int64(attentionHeads * (latent.nopeDimension + latent.valueDimension))
    let queries =
      latent.queryRank.map { Int64($0) * (hidden + 1 + Int64(queryWidth)) }
      ?? hidden * Int64(queryWidth)
    return queries + hidden * Int64(latent.cacheWidth) + rank + rank * expanded
  }

  /// Parameters of one expert; 0 for a dense model.
  public var expertParameters: Int64 {
    experts.map { feedForwardParameters(width: $0.width) } ?? 0
  }

  /// Parameters of a layer with experts beside attention, norms and the experts chosen from.
  private var routingParameters: Int64 {
    guard let experts else { return 0 }
    let router = (hidden + (biases.contains(.router) ? 1 : 0)) * Int64(experts.count)
    let gate = experts.hasSharedGate ? hidden : 0
    return router + gate + feedForwardParameters(width: experts.sharedWidth)
  }

  private var normParameters: Int64 { norms.kind.vectors * Int64(norms.perLayer) * hidden }

  /// Parameters of one layer without experts.
  public var parametersPerDenseLayer: Int64 {
    attentionParameters + feedForwardParameters(width: intermediateSize) + normParameters
  }

  /// Parameters of one layer with experts, so many of them counted.
  public func parametersPerRoutedLayer(experts counted: Int) -> Int64 {
    attentionParameters + routingParameters + Int64(counted) * expertParameters + normParameters
  }

  /// Parameters of the token embedding; an untied LM head has as many again.
  public var embeddingParameters: Int64 { Int64(vocabularySize) * hidden }

  private var endParameters: Int64 {
    let matrices = Int64(tiedEmbeddings ? 1 : 2) * embeddingParameters
    let positions = Int64(learnedPositions) * hidden
    let norm = norms.kind.vectors * hidden * (norms.onEmbedding ? 2 : 1)
    return matrices + positions + norm + (biases.contains(.head) ? Int64(vocabularySize) : 0)
  }

  private func parameterCount(experts counted: Int) -> Int64 {
    let dense = Int64(denseLayers) * parametersPerDenseLayer
    let routed = Int64(layers - denseLayers) * parametersPerRoutedLayer(experts: counted)
    return dense + routed + endParameters
  }

  /// Parameters of the whole model.
  public var parameterCount: Int64 { parameterCount(experts: experts?.count ?? 0) }

  /// Parameters that one token meets: all but the experts that it does not go to.
  public var activeParameterCount: Int64 { parameterCount(experts: experts?.perToken ?? 0) }

  /// Parameters of all experts chosen from.
  var routedParameters: Int64 {
    Int64(layers - denseLayers) * Int64(experts?.count ?? 0) * expertParameters
  }

  /// Bytes of the whole model's weights: what a cold start fetches.
  ///
  /// 8 bits and more take all parameters alike. With 4 bits the embedding, the LM head and, under
  /// mxfp4, everything outside experts stay in 16 bits, as published checkpoints keep them.
  public func weightBytes(_ format: NumberFormat) -> Int64 {
    switch format {
    case .bf16, .fp16, .fp8, .int8: return format.bytes(of: parameterCount)
    case .int4:
      return format.bytes(of: parameterCount - endParameters) + bytesPerActivation * endParameters
    case .mxfp4:
      let others = parameterCount - routedParameters
      return format.bytes(of: routedParameters) + bytesPerActivation * others
    }
  }

  /// Bytes of keys and values that one token keeps over all layers, not sharded; layers with a
  /// window keep them for the last tokens only.
  public func keyValueBytesPerToken(_ format: NumberFormat) -> Int64 {
    format.bytes(of: Int64(layers) * Int64(cacheWidth))
  }

  /// Bytes of keys and values of one token on each of `tensor` GPUs that share some of the layers; where
  /// there are more GPUs than key and value heads, each head is there several times.
  public func keyValueBytesPerToken(
    _ format: NumberFormat, layers: Int, tensor: Int
  ) -> Int64 {
    ShardShape(model: self, tensor: tensor, weights: .bf16)
      .keyValueBytesPerToken(layers: layers, format: format)
  }
}
