/// The shape of a decoder-only transformer with gated feed-forward layers.
public struct ModelArchitecture: Sendable, Hashable {
  /// The name scenarios use, for example `llama-3.1-70b`.
  public var name: String
  /// Transformer layers.
  public var layers: Int
  /// Width of the hidden state.
  public var hiddenSize: Int
  /// Query heads.
  public var attentionHeads: Int
  /// Key and value heads; fewer than query heads under grouped-query attention.
  public var keyValueHeads: Int
  /// Width of a head.
  public var headDimension: Int
  /// Width of the feed-forward layer.
  public var intermediateSize: Int
  /// Tokens of the vocabulary.
  public var vocabularySize: Int
  /// Whether the LM head shares the embedding's weights.
  public var tiedEmbeddings: Bool
  /// The longest context the model takes, in tokens.
  public var maxContextTokens: Int

  /// Creates a model's shape.
  public init(
    name: String, layers: Int, hiddenSize: Int, attentionHeads: Int, keyValueHeads: Int,
    headDimension: Int, intermediateSize: Int, vocabularySize: Int, tiedEmbeddings: Bool,
    maxContextTokens: Int
  ) {
    self.name = name
    self.layers = layers
    self.hiddenSize = hiddenSize
    self.attentionHeads = attentionHeads
    self.keyValueHeads = keyValueHeads
    self.headDimension = headDimension
    self.intermediateSize = intermediateSize
    self.vocabularySize = vocabularySize
    self.tiedEmbeddings = tiedEmbeddings
    self.maxContextTokens = maxContextTokens
  }

  /// Width of all query heads together.
  public var queryWidth: Int { attentionHeads * headDimension }

  /// Width of all key heads together; the values are as wide.
  public var keyValueWidth: Int { keyValueHeads * headDimension }

  /// Parameters of one layer: the attention and feed-forward matrices and two norms.
  public var parametersPerLayer: Int64 {
    let attention = Int64(hiddenSize) * Int64(2 * queryWidth + 2 * keyValueWidth)
    let feedForward = 3 * Int64(hiddenSize) * Int64(intermediateSize)
    return attention + feedForward + 2 * Int64(hiddenSize)
  }

  /// Parameters of the token embedding; an untied LM head has as many again.
  public var embeddingParameters: Int64 { Int64(vocabularySize) * Int64(hiddenSize) }

  /// Parameters of the whole model.
  public var parameterCount: Int64 {
    let ends = (tiedEmbeddings ? 1 : 2) * embeddingParameters + Int64(hiddenSize)
    return Int64(layers) * parametersPerLayer + ends
  }

  /// Bytes of the whole model's weights.
  public func weightBytes(_ format: NumberFormat) -> Int64 {
    parameterCount * format.bytesPerElement
  }

  /// Bytes of keys and values that one token keeps over all layers, not sharded.
  public func keyValueBytesPerToken(_ format: NumberFormat) -> Int64 {
    2 * Int64(layers) * Int64(keyValueWidth) * format.bytesPerElement
  }
}
