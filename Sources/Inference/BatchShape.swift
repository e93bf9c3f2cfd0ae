/// What a step's cost depends on: counts of one micro-batch, no lists.
@frozen
public struct BatchShape: Sendable, Hashable {
  /// All tokens of the step.
  public var tokens: Int
  /// Those of them that are prompt tokens.
  public var prefillTokens: Int
  /// Sequences that decode one token each.
  public var decodeSequences: Int
  /// KV tokens read by the decoding sequences together, their own new token included.
  public var contextTokens: Int
  /// Query–key pairs of the prefill: over its chunks, chunk · prefix + chunk · (chunk + 1) / 2.
  public var attentionPairs: Int
  /// KV tokens before the chunks, which the prefill reads.
  public var prefixTokens: Int
  /// Sequences that get a token out of this step.
  public var sampledSequences: Int
  /// The stochastic model's draw for this step in nanoseconds, else 0.
  public var drawnNanoseconds: Int64
  /// The model's sliding window in tokens, 0 without one; it bounds the next three counts.
  public var window: Int
  /// KV tokens read by the decoding sequences in a layer with a window.
  public var windowContextTokens = 0
  /// Query–key pairs of the prefill in a layer with a window.
  public var windowPairs = 0
  /// KV tokens before the chunks that the prefill reads in a layer with a window.
  public var windowPrefixTokens = 0

  /// Creates a shape from its counts.
  @inlinable
  public init(
    tokens: Int, prefillTokens: Int = 0, decodeSequences: Int = 0, contextTokens: Int = 0,
    attentionPairs: Int = 0, prefixTokens: Int = 0, sampledSequences: Int = 0,
    drawnNanoseconds: Int64 = 0, window: Int = 0
  ) {
    self.tokens = tokens
    self.prefillTokens = prefillTokens
    self.decodeSequences = decodeSequences
    self.contextTokens = contextTokens
    self.attentionPairs = attentionPairs
    self.prefixTokens = prefixTokens
    self.sampledSequences = sampledSequences
    self.drawnNanoseconds = drawnNanoseconds
    self.window = window
  }

  /// A step without tokens.
  @inlinable
  public static var empty: BatchShape { BatchShape(tokens: 0) }

  /// A step without tokens of a model with a sliding window, 0 without one.
  @inlinable
  public static func empty(window: Int) -> BatchShape { BatchShape(tokens: 0, window: window) }

  /// Sequences that decode one token each over `contextTokens` together; without a window.
  @inlinable
  public static func decode(sequences: Int, contextTokens: Int) -> BatchShape {
    BatchShape(
      tokens: sequences, decodeSequences: sequences, contextTokens: contextTokens,
      sampledSequences: sequences)
  }

  /// One chunk of a prompt behind a prefix that is already in the KV cache; without a window.
  @inlinable
  public static func prefill(chunk: Int, prefix: Int = 0, isLastChunk: Bool = true) -> BatchShape {
    var shape = BatchShape.empty
    shape.addPrefill(chunk: chunk, prefix: prefix, isLastChunk: isLastChunk)
    return shape
  }

  /// Adds a decoding sequence that reads `context` KV tokens, its own included.
  @inlinable
  public mutating func addDecode(context: Int) {
    tokens += 1
    decodeSequences += 1
    contextTokens += context
    windowContextTokens += min(context, window)
    sampledSequences += 1
  }

  /// Adds a chunk of a prompt behind `prefix` tokens; only the last chunk yields a token.
  @inlinable
  public mutating func addPrefill(chunk: Int, prefix: Int, isLastChunk: Bool) {
    tokens += chunk
    prefillTokens += chunk
    attentionPairs += chunk * prefix + chunk * (chunk + 1) / 2
    prefixTokens += prefix
    if window > 0 {
      // Tokens of the chunk that still see everything before them; the others see the window.
      let growing = min(max(0, window - prefix), chunk)
      windowPairs += growing * prefix + growing * (growing + 1) / 2 + (chunk - growing) * window
      windowPrefixTokens += min(prefix, window)
    }
    if isLastChunk { sampledSequences += 1 }
  }

  /// The same step without its prefill, for the cost that prefill adds to the others.
  @inlinable
  public var withoutPrefill: BatchShape {
    var shape = BatchShape(
      tokens: tokens - prefillTokens, decodeSequences: decodeSequences,
      contextTokens: contextTokens, sampledSequences: min(sampledSequences, decodeSequences),
      drawnNanoseconds: drawnNanoseconds, window: window)
    shape.windowContextTokens = windowContextTokens
    return shape
  }
}
