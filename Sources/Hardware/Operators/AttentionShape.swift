/// The heads of one layer's attention on one GPU, and what its KV cache keeps.
///
/// Plain attention keeps a key and a value for each key–value head. Latent attention (MLA) keeps one
/// vector that serves as key and, but for its rotated part, as value of every head: one key–value
/// head whose values lie inside its keys.
public struct AttentionShape: Sendable, Hashable {
  /// Query heads of the shard.
  public var heads: Int
  /// Key–value heads of the shard; as many as query heads without groups.
  public var keyValueHeads: Int
  /// Numbers in a key, and in a query.
  public var keyDimension: Int
  /// Numbers in a value, and in what a head gives out.
  public var valueDimension: Int
  /// Bytes of a number in the KV cache: 2, or 1 in FP8.
  public var keyValueBytesPerElement: Double
  /// Whether values are a part of the cached keys, as in latent attention.
  public var valuesAreInKeys: Bool

  /// Describes the heads of a shard.
  public init(
    heads: Int, keyValueHeads: Int, keyDimension: Int, valueDimension: Int,
    keyValueBytesPerElement: Double = 2, valuesAreInKeys: Bool = false
  ) {
    precondition(
      heads >= 1 && keyValueHeads >= 1 && keyDimension >= 1 && valueDimension >= 1
        && keyValueBytesPerElement > 0, "attention has heads, and heads have a size")
    self.heads = heads
    self.keyValueHeads = keyValueHeads
    self.keyDimension = keyDimension
    self.valueDimension = valueDimension
    self.keyValueBytesPerElement = keyValueBytesPerElement
    self.valuesAreInKeys = valuesAreInKeys
  }

  /// Decoding with latent attention: all heads read one cached vector of `rank + rotated` numbers and
  /// multiply it twice, whole for the score and its first `rank` numbers for the output.
  public static func latentDecode(
    heads: Int, rank: Int, rotated: Int, bytesPerElement: Double = 2
  ) -> AttentionShape {
    AttentionShape(
      heads: heads, keyValueHeads: 1, keyDimension: rank + rotated, valueDimension: rank,
      keyValueBytesPerElement: bytesPerElement, valuesAreInKeys: true)
  }

  /// Numbers that the cache keeps for a token and key–value head.
  @inlinable
  public var cacheWidth: Double {
    Double(valuesAreInKeys ? keyDimension : keyDimension + valueDimension)
  }

  /// Bytes that the cache keeps for a token.
  @inlinable
  public var cacheBytesPerToken: Double {
    Double(keyValueHeads) * cacheWidth * keyValueBytesPerElement
  }

  /// Bytes of a token's queries and outputs, which are in 16 bits.
  @inlinable
  public var activationBytesPerToken: Double { Double(heads * (keyDimension + valueDimension)) * 2 }

  /// Operations for a pair of a query and a key it sees, over all heads: two for each number of the
  /// key and of the value.
  @inlinable
  public var operationsPerPair: Double { 2 * Double(heads * (keyDimension + valueDimension)) }

  /// Numbers of a key and a value over those of the measured heads, 128 each.
  @inlinable
  var relativeWidth: Double { Double(keyDimension + valueDimension) / 256 }
}

/// Where a decode step finds a KV cache that is small enough for the last-level cache.
public enum KeyValueResidence: Sendable, Hashable {
  /// There: a kernel that is repeated over the same keys and values, as tables measure it.
  case cached
  /// In memory: between two steps the weights and the other layers have passed through.
  case evicted
}
