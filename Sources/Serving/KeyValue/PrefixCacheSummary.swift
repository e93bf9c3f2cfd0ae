/// What engines that share prefixes found, of one replica or of a whole run.
///
/// Lookups, hits and tokens are those of the requests that began among those that count; what tiers
/// gave and took is that of the whole run.
public struct PrefixCacheSummary: Sendable, Hashable {
  /// Requests that looked for their prompts: those that began.
  public var lookups: Int64 = 0
  /// Those of them that found something when they were first admitted.
  public var hits: Int64 = 0
  /// Tokens of their prompts.
  public var promptTokens: Int64 = 0
  /// Those of them that they found, in the engine or in a tier.
  public var cachedTokens: Int64 = 0
  /// What each tier gave and took, the fastest first.
  public var tiers: [TierSummary] = []

  /// Nothing found yet.
  public init() {}

  /// The share of the prompts' tokens that was found; nil without prompts.
  public var hitRate: Double? {
    promptTokens > 0 ? Double(cachedTokens) / Double(promptTokens) : nil
  }

  /// Adds a request that began.
  public mutating func add(_ record: RequestRecord) {
    lookups += 1
    if record.cachedTokens > 0 { hits += 1 }
    promptTokens += Int64(record.promptTokens)
    cachedTokens += Int64(record.cachedTokens)
  }

  /// Adds what was found elsewhere, with the same tiers.
  public static func += (left: inout PrefixCacheSummary, right: PrefixCacheSummary) {
    left.lookups += right.lookups
    left.hits += right.hits
    left.promptTokens += right.promptTokens
    left.cachedTokens += right.cachedTokens
    for (level, tier) in right.tiers.enumerated() {
      left.tiers[level].fetches += tier.fetches
      left.tiers[level].tokens += tier.tokens
      left.tiers[level].bytesIn += tier.bytesIn
      left.tiers[level].bytesOut += tier.bytesOut
    }
  }
}

/// What a tier has given to engines and taken from them.
public struct TierSummary: Sendable, Hashable {
  /// The tier's name.
  public var name: String
  /// Requests that fetched from it, once for each time.
  public var fetches: Int64 = 0
  /// Tokens that they did not compute.
  public var tokens: Int64 = 0
  /// Bytes of KV that came to it because engines or faster tiers evicted them; what it had already
  /// does not come again.
  public var bytesIn: Int64 = 0
  /// Bytes of KV fetched from it.
  public var bytesOut: Int64 = 0

  /// A tier that has given and taken nothing.
  public init(name: String) { self.name = name }
}
