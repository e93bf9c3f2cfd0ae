/// Counter-based random numbers: a draw is a function of (seed, stream name, index, lane) alone,
/// never of how many draws came before it.
@frozen
public struct RandomStream: Sendable, Hashable {
  @usableFromInline let key: UInt64

  /// The stream of that name under a seed.
  ///
  /// The key is FNV-1a over the name's UTF-8 bytes, started from the offset basis xor the mixed
  /// seed, and mixed once more: for one name different seeds give different keys.
  public init(seed: UInt64, name: String) {
    var hash = 0xCBF2_9CE4_8422_2325 ^ Self.mix(seed)
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
    key = Self.mix(hash)
  }

  /// 64 random bits; index and lane are the two words of the Philox counter.
  @inlinable
  public func bits(at index: UInt64, lane: UInt64 = 0) -> UInt64 {
    Philox.block(low: index, high: lane, key: key).low
  }

  /// A multiple of 2⁻⁵³ strictly between 0 and 1; the zero is replaced by 2⁻⁵⁴.
  @inlinable
  public func uniform(at index: UInt64, lane: UInt64 = 0) -> Double {
    Self.uniform(fromBits: bits(at: index, lane: lane))
  }

  @inlinable
  static func uniform(fromBits bits: UInt64) -> Double {
    max(Double(bits >> 11), 0.5) * 0x1p-53
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), a bijection.
  private static func mix(_ word: UInt64) -> UInt64 {
    var mixed = word &+ 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
