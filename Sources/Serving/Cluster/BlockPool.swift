/// The KV blocks of a replica.
struct BlockPool: Sendable {
  /// Tokens of one block.
  let blockTokens: Int
  private(set) var total: Int
  /// Blocks nobody holds.
  var free: Int
  /// Most blocks in use at once so far.
  private(set) var peak = 0

  init(blockTokens: Int, total: Int) {
    self.blockTokens = blockTokens
    self.total = total
    free = total
  }

  /// There are more blocks from now on, or fewer, which nobody must hold.
  mutating func resize(by change: Int) {
    total += change
    free += change
    precondition(free >= 0, "blocks that are taken away are free")
  }

  /// Blocks that hold this many tokens.
  @inline(__always)
  func blocks(forTokens tokens: Int) -> Int { (tokens + blockTokens - 1) / blockTokens }

  /// Gives a sequence the blocks for further tokens; false when there are none, and nothing changes.
  @inline(__always)
  mutating func grow(_ sequence: inout SequenceState, by tokens: Int) -> Bool {
    let after = Int(sequence.computed) &+ tokens
    // Most steps stay inside the blocks that are there, and a product is cheaper than a quotient.
    if after <= Int(sequence.blocks) &* blockTokens { return true }
    let needed = Int32(truncatingIfNeeded: blocks(forTokens: after))
    let more = Int(needed - sequence.blocks)
    guard more <= free else { return false }
    free -= more
    sequence.blocks = needed
    peak = max(peak, total - free)
    return true
  }
}
