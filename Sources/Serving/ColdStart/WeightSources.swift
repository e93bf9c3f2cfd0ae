/// Where weights can come from, the nearest first.
public enum WeightTier: Int32, Sendable, CaseIterable {
  /// GPUs of a replica that has them.
  case peer
  /// Host memory of the node.
  case host
  /// The node's own storage.
  case storage
  /// The remote store.
  case store

  /// The word used in results.
  public var name: String { "\(self)" }
}

/// From where the shards of cold starts came, and what was looked for in vain.
public struct WeightSources: Sendable, Hashable {
  /// One tier.
  public struct Tier: Sendable, Hashable {
    /// Shards that were looked for in it.
    public var lookups: Int64 = 0
    /// Those of them of which it had a part at least.
    public var hits: Int64 = 0
    /// Bytes that it gave.
    public var bytes: Int64 = 0

    /// Nothing.
    public init() {}
  }

  private var tiers = [Tier](repeating: Tier(), count: WeightTier.allCases.count)

  /// Nothing from anywhere.
  public init() {}

  /// What a tier gave.
  public subscript(tier: WeightTier) -> Tier {
    get { tiers[Int(tier.rawValue)] }
    set { tiers[Int(tier.rawValue)] = newValue }
  }

  /// Notes that a shard was looked for in a tier, which had so many bytes of it.
  mutating func look(in tier: WeightTier, finding bytes: Int64) {
    self[tier].lookups += 1
    self[tier].hits += bytes > 0 ? 1 : 0
    self[tier].bytes += bytes
  }

  /// Adds what came in other cold starts.
  public static func += (sum: inout WeightSources, other: WeightSources) {
    for tier in WeightTier.allCases {
      sum[tier].lookups += other[tier].lookups
      sum[tier].hits += other[tier].hits
      sum[tier].bytes += other[tier].bytes
    }
  }
}
