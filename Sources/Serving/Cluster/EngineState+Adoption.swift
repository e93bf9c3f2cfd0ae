import Workload

/// A sequence that leaves an engine as it is, to go on in another.
struct MovedSequence: Sendable {
  var state: SequenceState
  var content: PrefixBlocks
  var ticket: QueueTicket
  /// Whether it has KV that moves with it.
  var hasBlocks: Bool
}

/// Sequences that go from one engine to another.
extension EngineState {
  /// A slot for a sequence, with what its tokens are where prefixes are shared.
  mutating func enter(_ state: SequenceState, _ content: PrefixBlocks) -> Int32 {
    let slot: Int32
    if let free = freeSlots.popLast() {
      slot = free
      sequences[Int(slot)] = state
    } else {
      slot = Int32(sequences.count)
      sequences.append(state)
    }
    cache?.enter(slot, content)
    return slot
  }

  /// The slots of all that are not done: those that hold blocks in order of admission, those in swap
  /// space, those that wait in their order.
  ///
  /// - Precondition: Nobody is in a micro-batch, and no blocks are under way.
  var remaining: [Int32] {
    precondition(microbatchesInFlight == 0 && moves.underWay == 0, "nothing is under way")
    let running = holders.sorted {
      sequences[Int($0)].admission < sequences[Int($1)].admission
    }
    return running + (0..<moves.swapped.count).map { moves.swapped[$0] } + waiting.all
  }

  /// What one of the remaining takes with it; `content` is that of its request.
  func moved(_ slot: Int32, _ content: PrefixBlocks) -> MovedSequence {
    MovedSequence(
      state: sequences[Int(slot)], content: content, ticket: waiting.ticket(slot),
      hasBlocks: sequences[Int(slot)].blocks > 0)
  }

  /// Takes a sequence from another engine: with blocks for what it has computed, which are filled until
  /// `arrive`, where it has KV and there are blocks for it and for its next token; else among those who
  /// wait, to compute its tokens again.
  ///
  /// - Returns: Its slot, and whether its blocks are to be filled.
  mutating func adopt(
    _ moved: MovedSequence, maximumSequences: Int
  ) -> (slot: Int32, isFilled: Bool) {
    var state = moved.state
    let needed = blocks(forTokens: Int(state.computed) + 1)
    let fits = moved.hasBlocks && needed <= pool.free && runningCount < maximumSequences
    state.blocks = 0
    state.cohort = 0
    state.isNew = false
    if !fits {
      state.recoveryTarget = max(state.recoveryTarget, state.computed)
      state.computed = 0
      state.target = state.prompt + state.generated
      let slot = enter(state, moved.content)
      waiting.append(slot, state, moved.ticket)
      return (slot, false)
    }
    let slot = enter(state, moved.content)
    waiting.keep(moved.ticket, of: slot)
    let isHeld = grow(slot, tokens: 1)
    precondition(isHeld, "blocks that are free are there")
    cache?.trim(toFree: pool.free)
    runningCount += 1
    startHolding(slot)
    sequences[Int(slot)].admission = nextAdmission(slot)
    setOut(slot)
    return (slot, true)
  }
}
