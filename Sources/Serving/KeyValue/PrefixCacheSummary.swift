/// What engines that share prefixes found, over the requests that began among those that count.
public struct PrefixCacheSummary: Sendable, Hashable {
  /// Tokens of their prompts.
  public var promptTokens: Int64 = 0
  /// Those of them that they found, in the engine or in a tier.
  public var cachedTokens: Int64 = 0
  /// What each tier has given in the whole run, the fastest first.
  public var tiers: [TierSummary] = []

  /// Nothing found.
  public init() {}

  /// The share of the prompts' tokens that was found; nil without prompts.
  public var hitRate: Double? {
    promptTokens > 0 ? Double(cachedTokens) / Double(promptTokens) : nil
  }
}

/// What tiers have given to the engines.
public struct TierSummary: Sendable, Hashable {
  /// The tier's name.
  public var name: String
  /// Requests that fetched from it.
  public var fetches: Int64 = 0
  /// Tokens that they did not compute.
  public var tokens: Int64 = 0
  /// Bytes of KV fetched.
  public var bytes: Int64 = 0

  /// A tier that has given nothing.
  public init(name: String) { self.name = name }
}
