/// The feed-forward network of a layer.
public enum FeedForward: String, Sendable, Hashable, CaseIterable {
  /// Three matrices: gate, up and down (SwiGLU and its kin).
  case gated
  /// Two matrices: up and down.
  case plain
}

/// The norms of a model, as far as they are parameters.
public struct Norms: Sendable, Hashable {
  /// What a norm learns.
  public enum Kind: String, Sendable, Hashable, CaseIterable {
    /// A weight per number (RMS norm).
    case rms
    /// A weight and a bias per number (layer norm).
    case layer

    /// Vectors of a norm.
    var vectors: Int64 { self == .rms ? 1 : 2 }
  }

  /// What each norm learns.
  public var kind: Kind
  /// Norms of the hidden state in each layer; one more stands before the LM head.
  public var perLayer: Int
  /// Whether the embedding has one (BLOOM).
  public var onEmbedding: Bool
  /// Whether each layer norms its queries and keys head by head (Qwen3, Gemma 3).
  public var onQueriesAndKeys: Bool

  /// Creates a model's norms.
  public init(
    kind: Kind = .rms, perLayer: Int = 2, onEmbedding: Bool = false,
    onQueriesAndKeys: Bool = false
  ) {
    self.kind = kind
    self.perLayer = perLayer
    self.onEmbedding = onEmbedding
    self.onQueriesAndKeys = onQueriesAndKeys
  }
}

/// The products that add a bias.
public struct Biases: OptionSet, Sendable, Hashable {
  /// One bit per product.
  public let rawValue: UInt8

  /// Creates a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Queries, keys and values.
  public static let queryKeyValue = Biases(rawValue: 1)
  /// The attention's output.
  public static let attentionOutput = Biases(rawValue: 2)
  /// The feed-forward network, experts included.
  public static let feedForward = Biases(rawValue: 4)
  /// The router's logits or scores.
  public static let router = Biases(rawValue: 8)
  /// The LM head.
  public static let head = Biases(rawValue: 16)
  /// Attention and feed-forward (GPT-2, GPT-3, OPT, BLOOM).
  public static let everyLayer: Biases = [.queryKeyValue, .attentionOutput, .feedForward]
}

/// Multi-head latent attention (DeepSeek-V2): keys and values of all heads in one short vector.
///
/// A query or key head is `nopeDimension + ropeDimension` wide, a value head `valueDimension`.
public struct LatentAttention: Sendable, Hashable {
  /// Width of the compressed query, nil where queries are not compressed.
  public var queryRank: Int?
  /// Width of the compressed keys and values, which the KV cache keeps.
  public var keyValueRank: Int
  /// Width of a head's part without position.
  public var nopeDimension: Int
  /// Width of the rotated part, one for all heads, which the KV cache keeps too.
  public var ropeDimension: Int
  /// Width of a value head.
  public var valueDimension: Int

  /// Creates the shape of latent attention.
  public init(
    queryRank: Int?, keyValueRank: Int, nopeDimension: Int, ropeDimension: Int, valueDimension: Int
  ) {
    self.queryRank = queryRank
    self.keyValueRank = keyValueRank
    self.nopeDimension = nopeDimension
    self.ropeDimension = ropeDimension
    self.valueDimension = valueDimension
  }

  /// Numbers that the KV cache keeps for a token and layer.
  public var cacheWidth: Int { keyValueRank + ropeDimension }
}

/// The mixture of experts in some layers.
public struct Experts: Sendable, Hashable {
  /// Experts among which the router chooses.
  public var count: Int
  /// Experts that a token goes to.
  public var perToken: Int
  /// Feed-forward width of an expert.
  public var width: Int
  /// Feed-forward width of the experts that every token passes, together; 0 without any.
  public var sharedWidth: Int
  /// Whether a learned gate weighs the shared experts (Qwen2-MoE).
  public var hasSharedGate: Bool
  /// The layers that have experts; the others are dense.
  public var layers: LayerPattern

  /// Creates a mixture of experts.
  public init(
    count: Int, perToken: Int, width: Int, sharedWidth: Int = 0, hasSharedGate: Bool = false,
    layers: LayerPattern = .all
  ) {
    self.count = count
    self.perToken = perToken
    self.width = width
    self.sharedWidth = sharedWidth
    self.hasSharedGate = hasSharedGate
    self.layers = layers
  }

  /// Experts that a step of so many tokens is expected to touch if the router picks at random:
  /// E · (1 − (1 − k/E)^tokens).
  ///
  /// The power is taken by repeated squaring, so that it is the same on every machine.
  public func touched(byTokens tokens: Int) -> Double {
    let missed = 1 - Double(perToken) / Double(count)
    var power = 1.0
    var square = missed
    var rest = tokens
    while rest > 0 {
      if rest & 1 == 1 { power *= square }
      square *= square
      rest >>= 1
    }
    return Double(count) * (1 - power)
  }
}

/// Layers whose tokens attend only to the last ones before them.
public struct SlidingWindow: Sendable, Hashable {
  /// Tokens that a token sees, itself included.
  public var tokens: Int
  /// The layers that have the window; the others see the whole context.
  public var layers: LayerPattern

  /// Creates a window.
  public init(tokens: Int, layers: LayerPattern = .all) {
    self.tokens = tokens
    self.layers = layers
  }
}
