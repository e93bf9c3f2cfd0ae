import Workload

/// One hash of a prompt and the whole blocks that end within its tokens, wherever they are.
struct CachedLink: Sendable, Hashable {
  var hash: UInt64
  var blocks: Int32
}

/// The blocks of an engine whose content is known, by the hash of the content: whoever's prompt begins
/// with them need not compute them again.
///
/// A link is one hash of a prompt, which stands for all tokens up to it, and the KV blocks that end
/// within its tokens. Links form chains; whoever uses one uses those before it. A link that nobody uses
/// is idle: its blocks count as free, and it stays until they are needed. Idle links are evicted in the
/// order in which they were last given up, of one chain the deepest first, as in vLLM's free queue. So
/// a link never goes before one that lies deeper.
struct PrefixCache: Sendable {
  struct Link: Sendable {
    var hash: UInt64
    /// The link before it; -1 at the front of a prompt.
    var parent: Int32
    /// The engine's KV blocks that end within its tokens.
    var blocks: Int32
    /// Sequences that use it.
    var users: Int32 = 1
    /// Its neighbours among the idle ones; -1 at the ends.
    var older: Int32 = -1
    var newer: Int32 = -1
  }

  /// What a sequence's tokens are and which links it uses: the first `depth` of its hashes.
  struct Holding: Sendable {
    var content = PrefixBlocks.unknown
    /// The last of its links; -1 without any.
    var link: Int32 = -1
    var depth = 0
    /// Blocks of its links.
    var blocks = 0
  }

  /// What of a sequence's tokens is in the cache.
  struct Match {
    /// The last link; -1 when nothing was found.
    fileprivate(set) var link: Int32 = -1
    fileprivate(set) var depth = 0
    /// Blocks of the links.
    private(set) var blocks = 0
    /// Those of them that nobody uses.
    private(set) var idleBlocks = 0
    /// Tokens that need not be computed.
    fileprivate(set) var tokens = 0

    fileprivate mutating func add(_ link: Link, _ index: Int32) {
      self.link = index
      depth += 1
      blocks += Int(link.blocks)
      if link.users == 0 { idleBlocks += Int(link.blocks) }
    }
  }

  /// Tokens of one KV block.
  let blockTokens: Int
  private(set) var links: [Link] = []
  private(set) var freeLinks: [Int32] = []
  private(set) var table = HashTable()
  /// The ends of the list of idle links; -1 when there is none.
  private(set) var oldest: Int32 = -1
  private var newest: Int32 = -1
  /// Blocks of idle links, which are among the free ones.
  private(set) var idleBlocks = 0
  /// Links that were evicted since somebody looked, in that order, where anybody looks.
  var evicted: [CachedLink] = []
  var keepsEvicted = false
  /// By the slots of sequences.
  private(set) var holdings: [Holding] = []

  init(blockTokens: Int) { self.blockTokens = blockTokens }

  /// Blocks that a sequence shares with the cache.
  func blocks(heldBy slot: Int32) -> Int { holdings[Int(slot)].blocks }

  /// A sequence joins the engine.
  mutating func enter(_ slot: Int32, _ content: PrefixBlocks) {
    while holdings.count <= Int(slot) { holdings.append(Holding()) }
    holdings[Int(slot)] = Holding(content: content)
  }

  /// What is found for a sequence that must compute `target` tokens.
  ///
  /// The last token is always computed, because somebody must sample the next one; as blocks are
  /// computed whole, the block that it lies in is.
  func match(_ slot: Int32, target: Int) -> Match {
    match(holdings[Int(slot)].content, target: target)
  }

  /// The same for tokens that nobody in the engine has yet.
  func match(_ content: PrefixBlocks, target: Int) -> Match {
    let most = (target - 1) / blockTokens * blockTokens
    let size = Int(content.tokensPerBlock)
    var found = Match()
    while found.depth < content.hashes.count, found.depth * size < most {
      let index = table.find(content.hashes[found.depth])
      guard index >= 0, links[Int(index)].parent == found.link else { break }
      found.add(links[Int(index)], index)
    }
    found.tokens = min(found.blocks * blockTokens, most)
    return found
  }

  /// A sequence uses what was found for it; idle links are idle no longer.
  mutating func acquire(_ slot: Int32, _ match: Match) {
    var index = match.link
    while index >= 0 {
      if links[Int(index)].users == 0 { removeIdle(index) }
      links[Int(index)].users += 1
      index = links[Int(index)].parent
    }
    holdings[Int(slot)].link = match.link
    holdings[Int(slot)].depth = match.depth
    holdings[Int(slot)].blocks = match.blocks
  }

  /// The first tokens of a sequence are computed: their whole blocks are known from now on.
  ///
  /// - Parameters:
  ///   - slot: The sequence.
  ///   - tokens: How many of its tokens are computed.
  /// - Returns: Blocks that come free because another sequence has computed the same ones meanwhile.
  mutating func register(_ slot: Int32, tokens: Int) -> Int {
    var holding = holdings[Int(slot)]
    let size = Int(holding.content.tokensPerBlock)
    guard holding.depth < holding.content.hashes.count, (holding.depth + 1) * size <= tokens
    else { return 0 }
    var spare = 0
    while holding.depth < holding.content.hashes.count, (holding.depth + 1) * size <= tokens {
      let hash = holding.content.hashes[holding.depth]
      var index = table.find(hash)
      if index < 0 {
        let first = holding.depth * size / blockTokens
        let end = (holding.depth + 1) * size / blockTokens
        index = add(Link(hash: hash, parent: holding.link, blocks: Int32(end - first)))
      } else {
        // One hash in two places is no hash of all tokens up to it: nothing behind it is shared.
        guard links[Int(index)].parent == holding.link else { break }
        if links[Int(index)].users == 0 {
          // Its own blocks come free, and those that were idle do not count as free any more.
          removeIdle(index)
        } else {
          spare += Int(links[Int(index)].blocks)
        }
        links[Int(index)].users += 1
      }
      holding.link = index
      holding.depth += 1
      holding.blocks += Int(links[Int(index)].blocks)
    }
    holdings[Int(slot)].link = holding.link
    holdings[Int(slot)].depth = holding.depth
    holdings[Int(slot)].blocks = holding.blocks
    return spare
  }

  /// The links that follow those of a sequence in its own content, as far as its tokens go.
  ///
  /// - Parameters:
  ///   - slot: The sequence.
  ///   - target: Tokens that it must compute, the last of them in any case.
  /// - Returns: Links that nobody may have.
  func following(_ slot: Int32, target: Int) -> [CachedLink] {
    let holding = holdings[Int(slot)]
    let size = Int(holding.content.tokensPerBlock)
    let most = (target - 1) / blockTokens * blockTokens
    var following: [CachedLink] = []
    var depth = holding.depth
    while depth < holding.content.hashes.count, depth * size < most {
      let blocks = (depth + 1) * size / blockTokens - depth * size / blockTokens
      following.append(CachedLink(hash: holding.content.hashes[depth], blocks: Int32(blocks)))
      depth += 1
    }
    return following
  }

  /// A sequence gives its links up.
  ///
  /// - Returns: Blocks of those that nobody uses any more.
  mutating func release(_ slot: Int32) -> Int {
    var index = holdings[Int(slot)].link
    var idle = 0
    while index >= 0 {
      links[Int(index)].users -= 1
      if links[Int(index)].users == 0 {
        appendIdle(index)
        idle += Int(links[Int(index)].blocks)
      }
      index = links[Int(index)].parent
    }
    holdings[Int(slot)].link = -1
    holdings[Int(slot)].depth = 0
    holdings[Int(slot)].blocks = 0
    return idle
  }

  /// Evicts idle links until their blocks are no more than those that are free.
  @inline(__always)
  mutating func trim(toFree free: Int) {
    while idleBlocks > free { evictOldest() }
  }

  private mutating func evictOldest() {
    let index = oldest
    removeIdle(index)
    table.remove(links[Int(index)].hash)
    freeLinks.append(index)
    if keepsEvicted {
      evicted.append(
        CachedLink(hash: links[Int(index)].hash, blocks: links[Int(index)].blocks))
    }
  }

  private mutating func add(_ link: Link) -> Int32 {
    let index: Int32
    if let free = freeLinks.popLast() {
      index = free
      links[Int(index)] = link
    } else {
      index = Int32(links.count)
      links.append(link)
    }
    table.insert(link.hash, index)
    return index
  }

  private mutating func appendIdle(_ index: Int32) {
    links[Int(index)].older = newest
    links[Int(index)].newer = -1
    if newest >= 0 { links[Int(newest)].newer = index } else { oldest = index }
    newest = index
    idleBlocks += Int(links[Int(index)].blocks)
  }

  private mutating func removeIdle(_ index: Int32) {
    let (older, newer) = (links[Int(index)].older, links[Int(index)].newer)
    if older >= 0 { links[Int(older)].newer = newer } else { oldest = newer }
    if newer >= 0 { links[Int(newer)].older = older } else { newest = older }
    idleBlocks -= Int(links[Int(index)].blocks)
  }
}
