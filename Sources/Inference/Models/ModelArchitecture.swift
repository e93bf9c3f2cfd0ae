/// The shape of a decoder-only transformer, as far as it decides sizes and times.
public struct ModelArchitecture: Sendable, Hashable {
  /// The name scenarios use, for example `llama-3.1-70b`.
  public var name: String
  /// Transformer layers.
  public var layers: Int
  /// Width of the hidden state.
  public var hiddenSize: Int
  /// Query heads.
  public var attentionHeads: Int
  /// Key and value heads: fewer than query heads under grouped-query attention, one under
  /// multi-query attention; latent attention has none of its own.
  public var keyValueHeads: Int
  /// Width of a query and key head.
  public var headDimension: Int
  /// Feed-forward width of a layer without experts; 0 if every layer has experts.
  public var intermediateSize: Int
  /// Tokens of the vocabulary.
  public var vocabularySize: Int
  /// Whether the LM head shares the embedding's weights.
  public var tiedEmbeddings: Bool
  /// The longest context the model takes, in tokens.
  public var maxContextTokens: Int
  /// The feed-forward network, experts' included.
  public var feedForward: FeedForward
  /// The norms.
  public var norms: Norms
  /// The products with a bias.
  public var biases: Biases
  /// Rows of a learned table of positions, 0 without one.
  public var learnedPositions: Int
  /// Whether each query head learns how much it attends to nothing (GPT-OSS).
  public var hasAttentionSinks: Bool
  /// Whether attention and feed-forward read the same hidden state and are added together, so that
  /// tensor parallelism reduces once a layer instead of twice (Falcon, Phi-2).
  public var hasParallelBlocks: Bool
  /// Multi-head latent attention, nil for plain heads.
  public var latentAttention: LatentAttention?
  /// Experts, nil for a dense model.
  public var experts: Experts?
  /// The window of some layers, nil where all see the whole context.
  public var slidingWindow: SlidingWindow?

  /// Creates a model's shape; what is left out is as in Llama.
  public init(
    name: String, layers: Int, hiddenSize: Int, attentionHeads: Int, keyValueHeads: Int,
    headDimension: Int, intermediateSize: Int, vocabularySize: Int, tiedEmbeddings: Bool,
    maxContextTokens: Int, feedForward: FeedForward = .gated, norms: Norms = Norms(),
    biases: Biases = [], learnedPositions: Int = 0, hasAttentionSinks: Bool = false,
    hasParallelBlocks: Bool = false, latentAttention: LatentAttention? = nil,
    experts: Experts? = nil, slidingWindow: SlidingWindow? = nil
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
    self.feedForward = feedForward
    self.norms = norms
    self.biases = biases
    self.learnedPositions = learnedPositions
    self.hasAttentionSinks = hasAttentionSinks
    self.hasParallelBlocks = hasParallelBlocks
    self.latentAttention = latentAttention
    self.experts = experts
    self.slidingWindow = slidingWindow
  }

  /// Width of all query heads together.
  public var queryWidth: Int { attentionHeads * headDimension }

  /// Width of all key heads together, as of all values; not that of latent attention.
  public var keyValueWidth: Int { keyValueHeads * headDimension }

  /// Width of what attention gives to its output product.
  public var attendedWidth: Int {
    latentAttention.map { attentionHeads * $0.valueDimension } ?? queryWidth
  }

  /// Numbers that the KV cache keeps for a token and layer, not sharded.
  public var cacheWidth: Int { latentAttention?.cacheWidth ?? 2 * keyValueWidth }

  /// All-reduces of a layer under tensor parallelism.
  public var allReducesPerLayer: Int { hasParallelBlocks ? 1 : 2 }

  /// The window, nil where none is shorter than the longest context.
  public var effectiveWindow: SlidingWindow? {
    slidingWindow.flatMap { $0.tokens < maxContextTokens ? $0 : nil }
  }

  /// Layers without experts.
  public var denseLayers: Int { layers - (experts?.layers.count(in: 0..<layers) ?? 0) }
}
