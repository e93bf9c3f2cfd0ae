/// The part of a model that one GPU of a stage holds.
struct ShardShape {
  let model: ModelArchitecture
  let tensor: Int
  let weights: NumberFormat

  /// Query heads of the shard.
  var heads: Int { divideUp(model.attentionHeads, tensor) }
  /// Key–value heads of the shard; beyond one GPU per head they are replicated.
  var keyValueHeads: Int { max(1, divideUp(model.keyValueHeads, tensor)) }
  /// Feed-forward width of the shard.
  var intermediate: Int { divideUp(model.intermediateSize, tensor) }
  /// Vocabulary rows of the shard.
  var vocabulary: Int { divideUp(paddedVocabulary(model), tensor) }

  /// Width of the shard's queries.
  var queryWidth: Int { heads * model.headDimension }
  /// Width of the shard's keys; its values are as wide.
  var keyValueWidth: Int { keyValueHeads * model.headDimension }

  /// Bytes of weights; embedding and LM head stay in 16 bits, as quantised checkpoints keep them.
  func weightBytes(layers: Int, isFirst: Bool, isLast: Bool) -> Int64 {
    let hidden = Int64(model.hiddenSize)
    let matrices =
      hidden * Int64(2 * queryWidth + 2 * keyValueWidth) + 3 * hidden * Int64(intermediate)
    let end = Int64(vocabulary) * hidden * NumberFormat.bf16.bytesPerElement
    // A tied head on the same GPU is the embedding itself; on another stage it is a copy.
    let ends = (isFirst ? end : 0) + (isLast && !(isFirst && model.tiedEmbeddings) ? end : 0)
    let norms = (2 * Int64(layers) + (isLast ? 1 : 0)) * hidden * 2
    return Int64(layers) * matrices * weights.bytesPerElement + ends + norms
  }

  /// Bytes of keys and values that one token keeps on this GPU.
  func keyValueBytesPerToken(layers: Int, format: NumberFormat) -> Int64 {
    2 * Int64(layers) * Int64(keyValueWidth) * format.bytesPerElement
  }

  /// Bytes of the largest activations alive at once: hidden state, residual, and either the
  /// attention's or the feed-forward's tensors, and 32-bit logits for the sampled sequences.
  func activationBytes(tokens: Int, sampledSequences: Int) -> Int64 {
    let attention = 2 * queryWidth + 2 * keyValueWidth
    let feedForward = 3 * intermediate
    let width = Int64(2 * model.hiddenSize + max(attention, feedForward))
    let logits = Int64(sampledSequences) * Int64(paddedVocabulary(model)) * 4
    return Int64(tokens) * width * NumberFormat.bf16.bytesPerElement + logits
  }
}

/// The quotient rounded up.
func divideUp(_ dividend: Int, _ divisor: Int) -> Int { (dividend + divisor - 1) / divisor }
