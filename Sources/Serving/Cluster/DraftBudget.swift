/// What a draft may still take.
public struct DraftBudget: Sendable, Hashable {
  /// Tokens.
  public var tokens: Int
  /// Tokens of prompts.
  public var prefill: Int
  /// Sequences that decode.
  public var decodes: Int
  /// Sequences.
  public var sequences: Int

  /// Creates a budget; only tokens are limited unless told.
  public init(
    tokens: Int, prefill: Int = .max, decodes: Int = .max, sequences: Int = .max
  ) {
    self.tokens = tokens
    self.prefill = prefill
    self.decodes = decodes
    self.sequences = sequences
  }

  /// Some decodes have been taken.
  @inline(__always)
  mutating func take(decodes count: Int) {
    tokens -= count
    sequences -= count
    decodes -= count
  }

  /// A sequence's chunk of a prompt has been taken.
  @inline(__always)
  mutating func take(prefill count: Int) {
    tokens -= count
    prefill -= count
    sequences -= 1
  }
}
