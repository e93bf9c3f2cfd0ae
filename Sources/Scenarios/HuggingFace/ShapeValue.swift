import Inference

extension Biases {
  /// The words of a scenario for products with a bias.
  static let words: [(word: String, bias: Biases)] = [
    ("queryKeyValue", .queryKeyValue), ("attentionOutput", .attentionOutput),
    ("feedForward", .feedForward), ("router", .router), ("head", .head),
  ]
}

/// A shape in the one form in which canonical scenarios keep it: every key, whatever its value.
func shapeValue(_ model: ModelArchitecture) -> CanonicalValue {
  var value: [String: CanonicalValue] = [
    "layers": .integer(model.layers), "hiddenSize": .integer(model.hiddenSize),
    "attentionHeads": .integer(model.attentionHeads),
    "keyValueHeads": .integer(model.keyValueHeads),
    "headDimension": .integer(model.headDimension),
    "intermediateSize": .integer(model.intermediateSize),
    "vocabularySize": .integer(model.vocabularySize),
    "tiedEmbeddings": .boolean(model.tiedEmbeddings),
    "maxContextTokens": .integer(model.maxContextTokens),
    "feedForward": .string(model.feedForward.rawValue),
    "learnedPositions": .integer(model.learnedPositions),
    "attentionSinks": .boolean(model.hasAttentionSinks),
    "parallelBlocks": .boolean(model.hasParallelBlocks),
    "norms": .object([
      "kind": .string(model.norms.kind.rawValue), "perLayer": .integer(model.norms.perLayer),
      "onEmbedding": .boolean(model.norms.onEmbedding),
      "onQueriesAndKeys": .boolean(model.norms.onQueriesAndKeys),
    ]),
  ]
  let biases = Biases.words.filter { model.biases.contains($0.bias) }
  if !biases.isEmpty { value["biases"] = .array(biases.map { .string($0.word) }) }
  value["latentAttention"] = model.latentAttention.map(latentValue)
  value["experts"] = model.experts.map(expertsValue)
  value["slidingWindow"] = model.slidingWindow.map { window in
    .object(["tokens": .integer(window.tokens), "layers": patternValue(window.layers)])
  }
  return .object(value)
}

private func latentValue(_ latent: LatentAttention) -> CanonicalValue {
  var value: [String: CanonicalValue] = [
    "keyValueRank": .integer(latent.keyValueRank),
    "nopeDimension": .integer(latent.nopeDimension),
    "ropeDimension": .integer(latent.ropeDimension),
    "valueDimension": .integer(latent.valueDimension),
  ]
  value["queryRank"] = latent.queryRank.map { .integer($0) }
  return .object(value)
}

private func expertsValue(_ experts: Experts) -> CanonicalValue {
  .object([
    "count": .integer(experts.count), "perToken": .integer(experts.perToken),
    "width": .integer(experts.width), "sharedWidth": .integer(experts.sharedWidth),
    "sharedGate": .boolean(experts.hasSharedGate), "layers": patternValue(experts.layers),
  ])
}

private func patternValue(_ pattern: LayerPattern) -> CanonicalValue {
  let positions = (0..<pattern.period).filter { pattern.positions >> UInt64($0) & 1 == 1 }
  return .object([
    "first": .integer(pattern.first), "period": .integer(pattern.period),
    "positions": .array(positions.map { .integer($0) }),
  ])
}
