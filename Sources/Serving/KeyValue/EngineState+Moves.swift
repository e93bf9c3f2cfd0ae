import Inference

/// KV blocks that are kept free, and those that are in host memory or on their way.
struct BlockMoves: Sendable {
  /// Blocks that stay free when a sequence is admitted.
  var watermark = 0
  /// Whether who is preempted goes to swap space, and the blocks that still fit there.
  var swaps = false
  var freeSwapBlocks = 0
  /// Those whose blocks are in swap space, the first to return in front.
  var swapped = RingQueue()
  /// Sequences that hold blocks which are being filled.
  var underWay = 0
  /// Whether higher classes wait while lower ones are in swap space.
  var isOutranked = false

  /// Whether nobody is admitted because others return first.
  @inline(__always)
  var holdsUpAdmission: Bool { !swapped.isEmpty && !isOutranked }
}

/// Sequences whose blocks go to swap space and return, or come from another tier.
extension EngineState {
  /// Blocks that who is admitted may take: an engine that holds nothing gives all it has.
  @inline(__always)
  var admissibleBlocks: Int {
    pool.free == pool.total ? pool.free : pool.free - moves.watermark
  }

  /// The same when a policy leaves so many blocks free.
  func admissibleBlocks(sparing spare: Int) -> Int { min(admissibleBlocks, pool.free - spare) }

  /// A sequence that is preempted keeps what it has computed in swap space, if there is room.
  mutating func swapOut(_ slot: Int32) -> Bool {
    guard moves.swaps else { return false }
    let blocks = blocks(forTokens: Int(sequences[Int(slot)].computed))
    guard blocks <= moves.freeSwapBlocks else { return false }
    moves.freeSwapBlocks -= blocks
    release(slot)
    moves.swapped.prepend(slot)
    return true
  }

  /// Whether what a sequence has computed is in swap space.
  func isSwapped(_ slot: Int) -> Bool {
    moves.swaps && sequences[slot].blocks == 0 && sequences[slot].computed > 0
  }

  /// Notes whether who waits goes before those in swap space.
  mutating func rankSwapped() {
    moves.isOutranked = false
    guard let swapped = moves.swapped.first, !runningByClass.isEmpty, let next = waiting.first
    else { return }
    moves.isOutranked = priorityClass(next) < priorityClass(swapped)
  }

  /// Blocks for what the first one in swap space had and its next token; more than there are when nobody
  /// returns next.
  @inline(__always)
  var blocksToReturn: Int {
    guard moves.holdsUpAdmission, let slot = moves.swapped.first else { return .max }
    return blocks(forTokens: Int(sequences[Int(slot)].computed) + 1)
  }

  /// The first one in swap space gets blocks to return to.
  ///
  /// - Parameter maximumSequences: Sequences that run at once.
  /// - Returns: Its slot; nil when nobody can return now.
  mutating func swapIn(maximumSequences: Int) -> Int32? {
    guard blocksToReturn <= admissibleBlocks, runningCount < maximumSequences,
      let slot = moves.swapped.first, grow(slot, tokens: 1)
    else { return nil }
    cache?.trim(toFree: pool.free)
    _ = moves.swapped.popFirst()
    runningCount += 1
    startHolding(slot)
    if !runningByClass.isEmpty { runningByClass[priorityClass(slot)] += 1 }
    setOut(slot)
    return slot
  }

  /// A sequence's blocks begin to be filled; no step takes it meanwhile.
  mutating func setOut(_ slot: Int32) {
    sequences[Int(slot)].isInFlight = true
    // It comes from among the idle ones when a plan takes it next.
    sequences[Int(slot)].isNew = false
    moves.underWay += 1
  }

  /// They are filled: it is idle.
  ///
  /// - Parameters:
  ///   - slot: The sequence.
  ///   - isSwap: Whether they come from swap space.
  mutating func arrive(_ slot: Int32, isSwap: Bool) {
    sequences[Int(slot)].isInFlight = false
    moves.underWay -= 1
    if isSwap {
      moves.freeSwapBlocks += blocks(forTokens: Int(sequences[Int(slot)].computed))
    } else {
      register(slot)
    }
    idle.join(slot)
  }

  /// A sequence that was just admitted gets its first tokens from another tier instead of computing them:
  /// it leaves the draft.
  ///
  /// - Parameters:
  ///   - slot: The sequence.
  ///   - tokens: Tokens that it will have, for which there must be blocks.
  mutating func fetch(_ slot: Int32, tokens: Int) {
    guard let place = draft.lastIndex(where: { $0.sequence == slot }) else {
      preconditionFailure("who fetches has just been admitted")
    }
    stopHolding(slot)
    let taken = draft.remove(at: place).tokens
    sequences[Int(slot)].tokensInFlight -= taken
    let before = sequences[Int(slot)].computed - taken
    var part = BatchShape.empty(window: window)
    part.addPrefill(
      chunk: Int(taken), prefix: Int(before),
      isLastChunk: before + taken >= sequences[Int(slot)].target)
    draftShape.remove(prefill: part)
    sequences[Int(slot)].computed = before
    let isHeld = grow(slot, tokens: tokens - Int(before))
    precondition(isHeld, "who fetches has blocks")
    cache?.trim(toFree: pool.free)
    sequences[Int(slot)].computed = Int32(truncatingIfNeeded: tokens)
    startHolding(slot)
    setOut(slot)
  }
}

extension BatchShape {
  /// Takes back what a prefill brought.
  fileprivate mutating func remove(prefill part: BatchShape) {
    tokens -= part.tokens
    prefillTokens -= part.prefillTokens
    attentionPairs -= part.attentionPairs
    prefixTokens -= part.prefixTokens
    sampledSequences -= part.sampledSequences
    windowPairs -= part.windowPairs
    windowPrefixTokens -= part.windowPrefixTokens
  }
}
