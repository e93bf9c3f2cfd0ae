import EventKernel
import Inference

/// The scheduling state of one replica's engine: who runs, who waits, which KV blocks are free.
///
/// A batching policy reads it and drafts the next micro-batch with `take`, `admit` and `preempt`;
/// the simulator executes the draft. Counts of tokens and blocks are those of the tightest stage.
public struct EngineState: Sendable {
  /// Tokens of one KV block.
  public let blockTokens: Int
  /// KV blocks in all.
  public let totalBlocks: Int
  /// Stages of the pipeline.
  public let stages: Int
  /// KV blocks nobody holds.
  public internal(set) var freeBlocks: Int
  /// Most blocks in use at once so far.
  public internal(set) var peakBlocks = 0
  /// Micro-batches in flight.
  public internal(set) var microbatchesInFlight = 0

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
    self.blockTokens = blockTokens
    self.totalBlocks = totalBlocks
    self.stages = stages
    self.window = window
    draftShape = .empty(window: window)
    freeBlocks = totalBlocks
  }

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
  public func blocks(forTokens tokens: Int) -> Int { (tokens + blockTokens - 1) / blockTokens }

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
    freeBlocks += Int(sequences[index].blocks)
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

  /// A sequence has its last token: its blocks come free; it leaves `running` at the next draft.
  mutating func end(_ slot: Int32) {
    freeBlocks += Int(sequences[Int(slot)].blocks)
    sequences[Int(slot)].blocks = 0
    sequences[Int(slot)].hasEnded = true
    runningHasEnded = true
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
    let index = Int(slot)
    let needed = Int32(
      truncatingIfNeeded: blocks(forTokens: Int(sequences[index].computed) + tokens))
    let more = Int(needed - sequences[index].blocks)
    if more > 0 {
      guard more <= freeBlocks else { return false }
      freeBlocks -= more
      sequences[index].blocks = needed
      peakBlocks = max(peakBlocks, totalBlocks - freeBlocks)
    }
    return true
  }

  @inline(__always)
  private mutating func addToDraft(_ slot: Int32, tokens: Int) {
    let index = Int(slot)
    let before = sequences[index].computed
    let count = Int32(truncatingIfNeeded: tokens)
    let target = sequences[index].target
    if before < target {
      draftShape.addPrefill(
        chunk: tokens, prefix: Int(before), isLastChunk: before + count >= target)
    } else {
      draftShape.addDecode(context: Int(before) + 1)
    }
    sequences[index].computed = before + count
    sequences[index].isInFlight = true
    draft.append(BatchMember(sequence: slot, tokens: count))
  }
}

/// One sequence in an engine.
struct SequenceState: Sendable {
  /// The request's slot in the simulator.
  var request: Int32
  var prompt: Int32
  var output: Int32
  /// KV tokens computed or in flight.
  var computed: Int32 = 0
  /// KV tokens to compute before the next token can be sampled: the prompt, and after a preemption
  /// what had been generated too.
  var target: Int32
  var generated: Int32 = 0
  var blocks: Int32 = 0
  /// KV tokens it had when it was preempted; 0 when it has them again.
  var recoveryTarget: Int32 = 0
  var cohort: Int32 = 0
  var isInFlight = false
  var hasEnded = false

  init(request: Int32, prompt: Int32, output: Int32) {
    self.request = request
    self.prompt = prompt
    self.output = output
    target = prompt
  }
}

/// What a batching policy may know about a sequence; counts in tokens.
public struct SequenceView: Sendable {
  /// Tokens its next steps must prefill before a token can be sampled; 0 when it decodes.
  public let prefillRemaining: Int
  /// Whether it is in a micro-batch now.
  public let isInFlight: Bool
  /// The number the policy gave it at admission.
  public let cohort: Int32
  /// KV tokens computed or in flight.
  public let computed: Int
  /// The most KV tokens it will ever hold: prompt and output without the last token.
  public let finalTokens: Int

  @inline(__always)
  init(_ sequence: SequenceState) {
    prefillRemaining = max(0, Int(sequence.target) - Int(sequence.computed))
    isInFlight = sequence.isInFlight
    cohort = sequence.cohort
    computed = Int(sequence.computed)
    finalTokens = Int(sequence.prompt) + Int(sequence.output) - 1
  }

  /// Tokens it could take into one step: the rest of its prefill, or one.
  public var wantedTokens: Int { prefillRemaining > 0 ? prefillRemaining : 1 }
}

/// A sequence's part in a micro-batch.
struct BatchMember: Sendable {
  var sequence: Int32
  var tokens: Int32
}
