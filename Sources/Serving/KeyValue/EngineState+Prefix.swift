import Workload

/// A sequence that was admitted where prefixes are shared.
struct CachedAdmission: Sendable {
  var sequence: Int32
  /// Tokens of the cache, which it need not compute.
  var tokens: Int32
}

/// How sequences share blocks; without a prefix cache each has its own.
///
/// Blocks that only the cache knows count as free, so that whoever grows takes them like others. After
/// every call their number is at most that of the free ones: what is taken beyond that has been
/// evicted. When that happens between two plans of a replica that dozes makes no difference: nothing is
/// used or given up meanwhile, so the order in which links go stays as it is.
extension EngineState {
  /// Tokens of a waiting sequence that the cache has now.
  func cachedTokens(_ slot: Int32) -> Int {
    guard let cache else { return 0 }
    return cache.match(slot, target: Int(sequences[Int(slot)].target)).tokens
  }

  /// Tokens of content that nobody here has yet which the cache has now.
  ///
  /// - Parameters:
  ///   - content: What a request's tokens are.
  ///   - promptTokens: Its prompt.
  /// - Returns: Tokens that the engine would not compute.
  func cachedTokens(of content: PrefixBlocks, promptTokens: Int) -> Int {
    cache?.match(content, target: promptTokens).tokens ?? 0
  }

  /// The least tokens for which a waiting sequence would need blocks of its own in a plan that takes all
  /// of its prefill, whenever it is admitted before a sequence ends or a prefill is back.
  ///
  /// Until then the cache learns nothing, and it may forget what nobody uses: with less in the cache a
  /// plan takes the prompt from further in front, and that may take fewer blocks.
  func leastWantedTokens(_ slot: Int32) -> Int {
    let sequence = sequences[Int(slot)]
    guard let cache else { return SequenceView(sequence).wantedTokens }
    let match = cache.match(slot, target: Int(sequence.target))
    let used = min(match.tokens, (match.blocks - match.idleBlocks) * blockTokens)
    return max(1, Int(sequence.target) - used)
  }

  /// Gives a waiting sequence the blocks of its first tokens, as far as the cache has none of them, if
  /// so many are left.
  mutating func hold(_ slot: Int32, tokens: Int, reserve: Int, sparing spare: Int) -> Bool {
    let index = Int(slot)
    guard cache != nil, let match = cache?.match(slot, target: Int(sequences[index].target)) else {
      let held = max(tokens, reserve)
      return blocks(forTokens: held) <= admissibleBlocks(sparing: spare)
        && grow(slot, tokens: held)
    }
    let held = max(match.tokens + tokens, reserve)
    let more = max(0, blocks(forTokens: held) - match.blocks)
    guard more + match.idleBlocks <= admissibleBlocks(sparing: spare) else { return false }
    cache?.acquire(slot, match)
    pool.free -= match.idleBlocks
    sequences[index].blocks = Int32(truncatingIfNeeded: match.blocks)
    sequences[index].computed = Int32(truncatingIfNeeded: match.tokens)
    let isHeld = grow(slot, tokens: held - match.tokens)
    precondition(isHeld, "blocks that were free are there")
    cache?.trim(toFree: pool.free)
    admitted.append(
      CachedAdmission(sequence: slot, tokens: Int32(truncatingIfNeeded: match.tokens)))
    return true
  }

  /// The whole blocks that a sequence has computed are known to the cache from now on.
  mutating func register(_ slot: Int32) {
    // Chunks behind may be on their way.
    let computed = sequences[Int(slot)].computed - sequences[Int(slot)].tokensInFlight
    guard let spare = cache?.register(slot, tokens: Int(computed)),
      spare > 0
    else { return }
    pool.free += spare
  }

  /// A sequence gives its blocks back; the cache keeps those whose content it knows until they are
  /// needed.
  mutating func release(_ slot: Int32) {
    let blocks = Int(sequences[Int(slot)].blocks)
    sequences[Int(slot)].blocks = 0
    guard cache != nil else {
      pool.free += blocks
      return
    }
    register(slot)
    let shared = cache?.blocks(heldBy: slot) ?? 0
    pool.free += blocks - shared
    if let idle = cache?.release(slot) { pool.free += idle }
  }
}
