import EventKernel
import Inference

/// The scheduling state of one replica's engine: who runs, who waits, which KV blocks are free.
///
/// A batching policy reads it and drafts the next micro-batch with `take`, `admit` and `preempt`;
/// the simulator executes the draft. Counts of tokens and blocks are those of the tightest stage.
public struct EngineState: Sendable {
  /// Stages of the pipeline.
  public let stages: Int
  /// The KV blocks.
  private var pool: BlockPool
  /// Micro-batches in flight.
  public internal(set) var microbatchesInFlight = 0
  /// Sequences in them.
  public private(set) var sequencesInFlight = 0

  /// Sequences by slot; free slots are reused.
  var sequences: [SequenceState] = []
  private var freeSlots: [Int32] = []
  /// Slots of the sequences that hold blocks, in order of admission.
  var running: [Int32] = []
  /// Slots of the sequences that hold none, first come first served, preempted ones in front.
  var waiting = RingQueue()
  /// Whether `running` holds slots of ended sequences that the next draft must drop.
  var runningHasEnded = false

  /// The draft: members so far and what they add up to.
  var draft: [BatchMember] = []
  var draftShape: BatchShape
  /// The model's sliding window in tokens, 0 without one.
  private let window: Int
  /// Slots preempted while drafting; the simulator reads and clears it.
  var preempted: [Int32] = []

  init(blockTokens: Int, totalBlocks: Int, stages: Int, window: Int = 0) {
    pool = BlockPool(blockTokens: blockTokens, total: totalBlocks)
    self.stages = stages
    self.window = window
    draftShape = .empty(window: window)
  }

  /// Tokens of one KV block.
  public var blockTokens: Int { pool.blockTokens }
  /// KV blocks in all.
  public var totalBlocks: Int { pool.total }
  /// KV blocks nobody holds.
  public var freeBlocks: Int { pool.free }
  /// Most blocks in use at once so far.
  public var peakBlocks: Int { pool.peak }

  /// What a policy is shown when it is asked about its next plans.
  var view: EngineView { EngineView(self) }

  /// Sequences that hold blocks.
  public var runningCount: Int { running.count }
  /// Sequences that wait for blocks.
  public var waitingCount: Int { waiting.count }

  /// The running sequence at a position in order of admission.
  @inline(__always)
  public func runningSequence(_ position: Int) -> SequenceView {
    SequenceView(sequences[Int(running[position])])
  }

  /// The waiting sequence at a position from the front.
  public func waitingSequence(_ position: Int) -> SequenceView {
    SequenceView(sequences[Int(waiting[position])])
  }

  /// Blocks that hold this many tokens.
  @inline(__always)
  public func blocks(forTokens tokens: Int) -> Int { pool.blocks(forTokens: tokens) }

  /// Takes `tokens` of a running sequence into the draft.
  ///
  /// - Returns: Whether there were blocks for them; if not, nothing has changed.
  @inline(__always)
  public mutating func take(running position: Int, tokens: Int) -> Bool {
    let slot = running[position]
    guard grow(slot, tokens: tokens) else { return false }
    addToDraft(slot, tokens: tokens)
    return true
  }

  /// Takes what each idle running sequence wants, in order of admission from a position on, as far
  /// as the budget goes.
  ///
  /// - Parameters:
  ///   - position: Where to begin.
  ///   - budget: Tokens that may be taken; what is left of it afterwards.
  /// - Returns: The position of the first sequence without blocks, or the number of running
  ///   sequences.
  public mutating func takeRunning(from position: Int, budget: inout Int) -> Int {
    let running = running
    let count = running.count
    var place = position
    var pool = pool
    var shape = draftShape
    let window = window
    var decodes = DecodeSums()
    var drafted: [BatchMember] = []
    swap(&drafted, &draft)
    // A span, because a subscript would ask at each write whether the array is shared.
    var span = sequences.mutableSpan
    while place < count, budget > 0 {
      let slot = running[place]
      let wanted = span[Int(slot)].idleTokens
      if wanted > 0 {
        let tokens = min(wanted, budget)
        guard pool.grow(&span[Int(slot)], by: tokens) else { break }
        if !decodes.add(&span[Int(slot)], window: window) {
          shape.add(&span[Int(slot)], tokens: tokens)
        }
        drafted.append(BatchMember(sequence: slot, tokens: Int32(truncatingIfNeeded: tokens)))
        budget -= tokens
      }
      place += 1
    }
    shape.add(decodes)
    swap(&drafted, &draft)
    self.pool = pool
    draftShape = shape
    return budget > 0 ? place : count
  }

  /// Moves the sequence at the front of the waiting line to the running ones and takes `tokens` of it.
  ///
  /// - Parameters:
  ///   - tokens: Tokens of its prompt to take.
  ///   - reserve: Tokens to hold blocks for at once; at least `tokens`.
  ///   - cohort: A number the policy may give it, read back from `SequenceView`.
  /// - Returns: Whether there were blocks; if not, nothing has changed.
  public mutating func admit(tokens: Int, reserve: Int = 0, cohort: Int32 = 0) -> Bool {
    guard let slot = waiting.first, grow(slot, tokens: max(tokens, reserve)) else { return false }
    _ = waiting.popFirst()
    running.append(slot)
    sequences[Int(slot)].cohort = cohort
    addToDraft(slot, tokens: tokens)
    return true
  }

  /// Takes a running sequence's blocks away; it waits at the front and computes its tokens again.
  ///
  /// - Parameter position: Its position; it must not be in flight nor in the draft.
  public mutating func preempt(running position: Int) {
    let slot = running.remove(at: position)
    let index = Int(slot)
    precondition(!sequences[index].isInFlight, "only an idle sequence can be preempted")
    pool.free += Int(sequences[index].blocks)
    sequences[index].blocks = 0
    sequences[index].recoveryTarget = max(
      sequences[index].recoveryTarget, sequences[index].computed)
    sequences[index].computed = 0
    sequences[index].target = sequences[index].prompt + sequences[index].generated
    waiting.prepend(slot)
    preempted.append(slot)
  }

  // MARK: What only the simulator calls

  /// A request joins the waiting line.
  mutating func enqueue(request: Int32, prompt: Int32, output: Int32) {
    let state = SequenceState(request: request, prompt: prompt, output: output)
    if let slot = freeSlots.popLast() {
      sequences[Int(slot)] = state
      waiting.append(slot)
    } else {
      sequences.append(state)
      waiting.append(Int32(sequences.count - 1))
    }
  }

  /// The draft sets out as a micro-batch.
  ///
  /// - Parameter members: Takes the draft's members; what it held is the next draft's storage.
  mutating func launch(_ members: inout [BatchMember]) {
    swap(&members, &draft)
    microbatchesInFlight += 1
    sequencesInFlight += members.count
  }

  /// Members of a micro-batch in flight have been through further rounds of one token each, for which
  /// there were blocks.
  mutating func advance(_ members: [BatchMember], by rounds: Int32) {
    var pool = pool
    var span = sequences.mutableSpan
    for member in members {
      span[Int(member.sequence)].computed += rounds
      let isHeld = pool.grow(&span[Int(member.sequence)], by: 0)
      precondition(isHeld, "a replica has dozed through the end of its blocks")
    }
    self.pool = pool
  }

  /// A micro-batch is back.
  mutating func land(members: Int) {
    microbatchesInFlight -= 1
    sequencesInFlight -= members
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
      // Its blocks come free; it leaves `running` at the next draft.
      pool.free += Int(sequences[Int(member.sequence)].blocks)
      sequences[Int(member.sequence)].blocks = 0
      runningHasEnded = true
    }
    return outcome
  }

  /// Starts an empty draft; ended sequences leave `running` first, in one pass that keeps order.
  mutating func beginDraft() {
    draft.removeAll(keepingCapacity: true)
    draftShape = .empty(window: window)
    guard runningHasEnded else { return }
    runningHasEnded = false
    var kept = 0
    for position in running.indices {
      let slot = running[position]
      if sequences[Int(slot)].hasEnded {
        freeSlots.append(slot)
      } else {
        running[kept] = slot
        kept += 1
      }
    }
    running.removeLast(running.count - kept)
  }

  @inline(__always)
  private mutating func grow(_ slot: Int32, tokens: Int) -> Bool {
    pool.grow(&sequences[Int(slot)], by: tokens)
  }

  @inline(__always)
  private mutating func addToDraft(_ slot: Int32, tokens: Int) {
    draftShape.add(&sequences[Int(slot)], tokens: tokens)
    draft.append(BatchMember(sequence: slot, tokens: Int32(truncatingIfNeeded: tokens)))
  }
}
