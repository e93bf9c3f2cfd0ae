import EventKernel
import Inference
import Workload

/// The scheduling state of one replica's engine: who runs, who waits, which KV blocks are free.
///
/// A batching policy reads it and drafts the next micro-batch with `take`, `admit` and `preempt`;
/// the simulator executes the draft. Counts of tokens and blocks are those of the tightest stage.
public struct EngineState: Sendable {
  /// Stages of the pipeline.
  public let stages: Int
  /// The KV blocks.
  var pool: BlockPool
  /// Blocks whose content is known; nil when the engine shares none.
  var cache: PrefixCache?
  /// Those who have been admitted since the simulator looked, where prefixes are shared.
  var admitted: [CachedAdmission] = []
  /// Blocks that are not simply held or free.
  var moves = BlockMoves()
  /// Micro-batches in flight.
  public internal(set) var microbatchesInFlight = 0
  /// Sequences in them that have nothing left to take meanwhile.
  public internal(set) var sequencesInFlight = 0
  /// Whether the next chunk of a prompt may set out while the one before is on its way.
  public let overlapsChunks: Bool
  /// Storage for those whom a launch leaves idle though it has just admitted them.
  var newcomers: [BatchMember] = []
  /// Chunks on their way after which more of the prompt could set out at once.
  var chunksAhead = 0

  /// Sequences by slot; free slots are reused.
  var sequences: [SequenceState] = []
  var freeSlots: [Int32] = []
  /// Those that hold blocks and are in no micro-batch.
  var idle = IdleLine()
  /// Those that hold none.
  var waiting: WaitingLine
  /// Sequences that hold blocks.
  public internal(set) var runningCount = 0
  /// The same by class, where classes matter.
  var runningByClass: [Int32]
  /// Those of them whose prefill is not all computed or in flight.
  public internal(set) var prefillingCount = 0
  /// Tokens of it that they have yet to take, together.
  public internal(set) var prefillTokensLeft: Int64 = 0
  /// Tokens that the others will still take.
  public internal(set) var decodeTokensLeft: Int64 = 0
  /// The slots of those that hold blocks, in no order.
  var holders: [Int32] = []
  /// Sequences admitted so far, which numbers them.
  var admissions: Int32 = 0

  /// The draft: members so far and what they add up to.
  var draft: [BatchMember] = []
  var draftShape: BatchShape
  /// The positions among the idle that the draft has taken, and the range they lie in.
  var takenCount = 0
  private var takenRange = 0..<0
  /// Whether the draft's members are in order of admission.
  var draftIsInOrder = true
  /// Whether members of the micro-batch that is being completed have ended, or are idle already.
  var someStayAway = false
  /// The model's sliding window in tokens, 0 without one.
  let window: Int
  /// Slots preempted while drafting; the simulator reads and clears it.
  var preempted: [Int32] = []

  init(
    blockTokens: Int, totalBlocks: Int, stages: Int, window: Int = 0, order: QueueOrder = .arrival,
    classes: Int = 0, sharesPrefixes: Bool = false, overlapsChunks: Bool = false
  ) {
    self.overlapsChunks = overlapsChunks
    waiting = WaitingLine(order)
    runningByClass = Array(repeating: 0, count: classes)
    pool = BlockPool(blockTokens: blockTokens, total: totalBlocks)
    cache = sharesPrefixes ? PrefixCache(blockTokens: blockTokens) : nil
    self.stages = stages
    self.window = window
    draftShape = .empty(window: window)
  }

  /// Tokens of one KV block.
  public var blockTokens: Int { pool.blockTokens }
  /// KV blocks in all.
  public var totalBlocks: Int { pool.total }
  /// KV blocks nobody holds; the prefix cache may have something in them.
  public var freeBlocks: Int { pool.free }
  /// Most blocks in use at once so far.
  public var peakBlocks: Int { pool.peak }

  /// What a policy is shown when it is asked about its next plans; mutating, so that the engine is read
  /// where it lies: a copy costs ten times as much as the view.
  mutating func view() -> EngineView {
    EngineView(self, wantedTokens: waiting.isEmpty ? 0 : leastWantedTokens())
  }

  /// Sequences that hold blocks and are in no micro-batch; those in the draft still count.
  public var idleCount: Int { idle.count }
  /// Sequences that wait for blocks.
  public var waitingCount: Int { waiting.count }
  /// Sequences that lost their blocks while drafting.
  public var draftPreemptions: Int { preempted.count }
  /// Whether nothing has been taken into the draft.
  public var isDraftEmpty: Bool { draft.isEmpty }
  /// Tokens that those who wait must prefill, together.
  public var waitingPrefillTokens: Int64 { waiting.prefillTokens }
  // Inlined, else the engine is copied for it.
  /// Who would be admitted next; nil when nobody waits.
  @inline(__always)
  public var nextWaiting: SequenceView? {
    if moves.holdsUpAdmission { return nil }
    guard let next = waiting.first else { return nil }
    return SequenceView(sequences[Int(next)], cached: cache == nil ? 0 : cachedTokens(next))
  }
  /// Tokens that who is next would take into one step, the least when several may be next, and without
  /// what the prefix cache may forget before; 0 when nobody waits.
  private mutating func leastWantedTokens() -> Int {
    if !waiting.hasChoice { return waiting.first.map { leastWantedTokens($0) } ?? 0 }
    return waiting.heads.map { leastWantedTokens($0) }.min() ?? 0
  }
  /// Requests that are not done.
  var unfinished: Int { runningCount + waiting.count + moves.swapped.count }

  /// The idle sequence at a position in order of admission; in flight once the draft has it.
  @inline(__always)
  public func idleSequence(_ position: Int) -> SequenceView {
    SequenceView(sequences[Int(idle[position])])
  }

  /// Blocks that hold this many tokens.
  @inline(__always)
  public func blocks(forTokens tokens: Int) -> Int { pool.blocks(forTokens: tokens) }

  /// Takes `tokens` of an idle sequence into the draft, perhaps with a new number for it.
  ///
  /// - Returns: Whether there were blocks for them; if not, nothing has changed.
  @inline(__always)
  public mutating func take(idle position: Int, tokens: Int, cohort: Int32? = nil) -> Bool {
    let slot = idle[position]
    guard grow(slot, tokens: tokens) else { return false }
    if let cohort { sequences[Int(slot)].cohort = cohort }
    cache?.trim(toFree: pool.free)
    addToDraft(slot, tokens: tokens)
    noteTaken(1, in: position..<position + 1)
    return true
  }

  /// Takes what each idle sequence wants, in order of admission from a position on, as far as the
  /// budget goes.
  ///
  /// - Parameters:
  ///   - position: Where to begin.
  ///   - budget: What may be taken; what is left of it afterwards.
  /// - Returns: The position of the first sequence without blocks, or the number of idle ones.
  public mutating func takeIdle(from position: Int, budget: inout DraftBudget) -> Int {
    let idle = idle
    let (count, before, window) = (idle.count, self.draft.count, window)
    var (place, pool, shape, left) = (position, self.pool, draftShape, budget)
    var (decodes, prefills) = (DecodeSums(), PrefillSums())
    var (first, end, filled, hasBlocks) = (count, position, before, true)
    // Room for as many as the budget can take; what is left of it is cut off.
    var draft: [BatchMember] = []
    swap(&draft, &self.draft)
    idle.append(from: position, atMost: min(left.tokens, left.sequences), to: &draft)
    // Spans, because a subscript would ask at each write whether the array is shared.
    var drafted = draft.mutableSpan
    var span = sequences.mutableSpan
    while place < count, left.tokens > 0, left.sequences > 0, left.decodes > 0 || left.prefill > 0 {
      // Mostly sequences decode: one token, one counter.
      var room = min(left.tokens, left.sequences, left.decodes)
      let most = room
      if first == count, room > 0 { first = place }
      while place < count, room > 0 {
        let slot = idle[place]
        let taken = decodes.take(&span[Int(slot)], &pool, window: window)
        hasBlocks = taken != .lacksBlocks
        guard taken == .isTaken else { break }
        drafted[filled] = BatchMember(sequence: slot, tokens: 1)
        filled += 1
        room -= 1
        place += 1
      }
      left.take(decodes: most - room)
      if room < most { end = place }
      guard hasBlocks, place < count, left.tokens > 0, left.sequences > 0 else { break }
      let slot = idle[place]
      // In the draft already, or one decode too many.
      let wanted = span[Int(slot)].idleTokens
      if wanted > 0, left.prefill > 0, !span[Int(slot)].isDecoding {
        let tokens = min(wanted, left.tokens, left.prefill)
        hasBlocks = pool.grow(&span[Int(slot)], by: tokens)
        if !hasBlocks { break }
        if first == count { first = place }
        end = place + 1
        shape.add(&span[Int(slot)], tokens: tokens)
        prefills.note(span[Int(slot)], tokens: tokens)
        drafted[filled] = BatchMember(sequence: slot, tokens: Int32(truncatingIfNeeded: tokens))
        filled += 1
        left.take(prefill: tokens)
      }
      place += 1
    }
    shape.add(decodes)
    if filled < draft.count { draft.removeLast(draft.count - filled) }
    swap(&draft, &self.draft)
    note(prefills)
    decodeTokensLeft -= Int64(decodes.sequences)
    self.pool = pool
    draftShape = shape
    budget = left
    noteTaken(filled - before, in: min(first, end)..<end)
    cache?.trim(toFree: self.pool.free)
    return hasBlocks ? count : place
  }

  /// Moves the sequence at the front of the waiting line to the running ones and takes `tokens` of it.
  ///
  /// - Parameters:
  ///   - tokens: Tokens of its prompt to take.
  ///   - reserve: Tokens to hold blocks for at once, those before these ones included.
  ///   - spare: Blocks that must be left free.
  ///   - cohort: A number the policy may give it, read back from `SequenceView`.
  /// - Returns: Whether there were blocks; if not, nothing has changed.
  public mutating func admit(
    tokens: Int, reserve: Int = 0, sparing spare: Int = 0, cohort: Int32 = 0
  ) -> Bool {
    guard !moves.holdsUpAdmission, let slot = waiting.first,
      hold(slot, tokens: tokens, reserve: reserve, sparing: spare)
    else { return false }
    waiting.removeFirst(slot, sequences[Int(slot)])
    runningCount += 1
    startHolding(slot)
    sequences[Int(slot)].cohort = cohort
    sequences[Int(slot)].admission = nextAdmission(slot)
    addToDraft(slot, tokens: tokens)
    return true
  }

  /// Whom to preempt for one who finds no blocks: the idle sequence that was admitted last and is not in
  /// the draft; nil when there is none from a position on.
  public func preemptionVictim(from position: Int) -> Int? {
    var candidate = idle.count - 1
    while candidate >= position {
      if sequences[Int(idle[candidate])].tokensInFlight == 0 { return candidate }
      candidate -= 1
    }
    return nil
  }

  /// Takes an idle sequence's blocks away; it waits at the front and computes its tokens again.
  ///
  /// - Parameter position: Its position, which those behind it move up to; it must not be in the draft.
  public mutating func preempt(idle position: Int) {
    let slot = idle.remove(at: position)
    let index = Int(slot)
    precondition(sequences[index].tokensInFlight == 0, "only an idle sequence can be preempted")
    runningCount -= 1
    stopHolding(slot)
    let (first, end) = (takenRange.lowerBound, takenRange.upperBound)
    takenRange = (position < first ? first - 1 : first)..<(position < end ? end - 1 : end)
    if !runningByClass.isEmpty { runningByClass[priorityClass(slot)] -= 1 }
    preempted.append(slot)
    if swapOut(slot) { return }
    release(slot)
    sequences[index].recoveryTarget = max(
      sequences[index].recoveryTarget, sequences[index].computed)
    sequences[index].computed = 0
    sequences[index].target = sequences[index].prompt + sequences[index].generated
    waiting.prepend(slot, sequences[index])
  }

  // MARK: What only the simulator calls

  /// A request joins the waiting line; what its tokens are matters only where prefixes are shared.
  mutating func enqueue(
    request: Int32, prompt: Int32, output: Int32, content: PrefixBlocks = .unknown,
    ticket: QueueTicket = QueueTicket()
  ) {
    let state = SequenceState(request: request, prompt: prompt, output: output)
    let slot = enter(state, content)
    waiting.append(slot, state, ticket)
    if moves.swaps { rankSwapped() }
  }

  /// The draft sets out as a micro-batch.
  ///
  /// - Parameter members: Takes the draft's members; what it held is the next draft's storage.
  /// - Returns: Whether they are in order of admission.
  mutating func launch(_ members: inout [BatchMember]) -> Bool {
    if overlapsChunks, draftShape.prefillTokens > 0 { keepIdleWhoHasMore() }
    idle.removeTaken(in: takenRange, count: takenCount, sequences)
    swap(&members, &draft)
    microbatchesInFlight += 1
    sequencesInFlight += members.count
    return draftIsInOrder
  }

  /// Members of a micro-batch in flight have been through further rounds of one token each, for which
  /// there were blocks; the policy may have another number for them.
  mutating func advance(_ members: [BatchMember], by rounds: Int32, number: Int32? = nil) {
    var pool = pool
    var span = sequences.mutableSpan
    for member in members {
      span[Int(member.sequence)].computed += rounds
      if let number { span[Int(member.sequence)].cohort = number }
      let isHeld = pool.grow(&span[Int(member.sequence)], by: 0)
      precondition(isHeld, "a replica has dozed through the end of its blocks")
    }
    self.pool = pool
    cache?.trim(toFree: pool.free)
    decodeTokensLeft -= Int64(rounds) * Int64(members.count)
  }

  /// A micro-batch is back, and all its members are complete.
  ///
  /// - Parameters:
  ///   - members: Its members; what it holds afterwards is storage for others.
  ///   - isInOrder: What `launch` said of them.
  mutating func land(_ members: inout [BatchMember], isInOrder: Bool) {
    microbatchesInFlight -= 1
    sequencesInFlight -= members.count
    if someStayAway { removeThoseAway(&members) }
    idle.comeBack(&members, inOrder: isInOrder)
  }

  /// A member's tokens are computed: perhaps a token of its own appears, perhaps its last.
  ///
  /// - Parameters:
  ///   - member: The member of the micro-batch that is back.
  ///   - rounds: Further rounds of one token each that it went through since it was taken.
  /// - Returns: What that means for the request.
  mutating func complete(_ member: BatchMember, rounds: Int32) -> MemberOutcome {
    let outcome = sequences[Int(member.sequence)].complete(member.tokens, rounds: rounds)
    if outcome.isLast {
      stopHolding(member.sequence)
      release(member.sequence)
      if !runningByClass.isEmpty { runningByClass[priorityClass(member.sequence)] -= 1 }
      someStayAway = true
    } else if cache != nil, !outcome.wasDecoding {
      register(member.sequence)
    }
    if overlapsChunks, outcome.token == 0 { someStayAway = true }
    return outcome
  }

  /// Starts an empty draft.
  mutating func beginDraft() {
    draft.removeAll(keepingCapacity: true)
    draftShape = .empty(window: window)
    takenCount = 0
    takenRange = 0..<0
    draftIsInOrder = true
    idle.settle(sequences)
  }

  private mutating func noteTaken(_ count: Int, in range: Range<Int>) {
    guard count > 0 else { return }
    // Positions are in order of admission; who was admitted in this draft comes after all of them.
    let isBehind = takenCount == 0 || range.lowerBound >= takenRange.upperBound
    if !isBehind || draft.count > takenCount + count { draftIsInOrder = false }
    takenRange =
      takenCount == 0
      ? range
      : min(takenRange.lowerBound, range.lowerBound)..<max(takenRange.upperBound, range.upperBound)
    takenCount += count
  }

  @inline(__always)
  mutating func grow(_ slot: Int32, tokens: Int) -> Bool {
    pool.grow(&sequences[Int(slot)], by: tokens)
  }

  @inline(__always)
  private mutating func addToDraft(_ slot: Int32, tokens: Int) {
    let isDecode = sequences[Int(slot)].isDecoding
    draftShape.add(&sequences[Int(slot)], tokens: tokens)
    if isDecode { decodeTokensLeft -= 1 } else { noteChunk(slot, tokens: tokens) }
    draft.append(BatchMember(sequence: slot, tokens: Int32(truncatingIfNeeded: tokens)))
  }
}
