/// What prompts share, as far as their blocks tell: what a prefix cache that forgets nothing finds.
public struct PrefixCounts: Sendable {
  /// Blocks remembered at most; beyond them requests are no longer counted.
  public static let limit = 1 << 22

  /// Requests whose blocks are known, until the limit was reached.
  public private(set) var requests: Int64 = 0
  /// Those of them that find at least one block.
  public private(set) var requestsWithHit: Int64 = 0
  /// Their prompts' tokens.
  public private(set) var promptTokens: Int64 = 0
  /// Tokens in leading blocks that an earlier prompt has had.
  public private(set) var cachedTokens: Int64 = 0
  /// Blocks of the prompts.
  public private(set) var blocks: Int64 = 0
  /// Tokens of one block; 0 as long as no request had blocks.
  public private(set) var tokensPerBlock: Int32 = 0
  /// Whether there were more different blocks than are remembered.
  public private(set) var isCutShort = false
  private var seen: Set<UInt64> = []

  /// No prompts yet.
  public init() {}

  mutating func add(_ request: ArrivingRequest, _ prefix: PrefixBlocks) {
    guard prefix.tokensPerBlock > 0, !prefix.hashes.isEmpty, !isCutShort else { return }
    guard seen.count + prefix.hashes.count <= Self.limit else {
      isCutShort = true
      return
    }
    tokensPerBlock = prefix.tokensPerBlock
    let shared = prefix.hashes.prefix { seen.contains($0) }.count
    requests += 1
    if shared > 0 { requestsWithHit += 1 }
    promptTokens += Int64(request.promptTokens)
    cachedTokens += min(
      Int64(shared) * Int64(prefix.tokensPerBlock), Int64(request.promptTokens))
    blocks += Int64(prefix.hashes.count)
    for hash in prefix.hashes[shared...] { seen.insert(hash) }
  }

  /// Different blocks.
  public var uniqueBlocks: Int64 { Int64(seen.count) }

  /// The share of prompt tokens that the cache finds; nil where no blocks are known.
  public var cachedShare: Double? {
    promptTokens > 0 ? Double(cachedTokens) / Double(promptTokens) : nil
  }
}
