import Inference

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
  /// Its number among the engine's admissions.
  var admission: Int32 = 0
  /// Whether it is in the draft, or in a micro-batch after which nothing is left to take at once.
  var isInFlight = false
  var hasEnded = false
  /// Whether it was admitted and no chunk of it has been looked after at a launch.
  var isNew = false
  /// Its place among those that hold blocks.
  var place: Int32 = 0
  /// Its tokens in micro-batches and in the draft; of a prompt, they may be several chunks.
  var tokensInFlight: Int32 = 0

  init(request: Int32, prompt: Int32, output: Int32) {
    self.request = request
    self.prompt = prompt
    self.output = output
    target = prompt
  }

  /// Tokens it could take into one step now: none in flight, the rest of its prefill, or one.
  @inline(__always)
  var idleTokens: Int { isInFlight ? 0 : max(1, Int(target) - Int(computed)) }

  /// Whether its prefill is over.
  @inline(__always)
  var isDecoding: Bool { computed >= target }

  /// Whether it could decode a token now.
  @inline(__always)
  var isIdleDecode: Bool { computed >= target && !isInFlight }

  /// Whether its prefill is not all computed.
  var isPrefillOnItsWay: Bool { computed - tokensInFlight < target }

  /// Tokens of its prefill that it has yet to take.
  var prefillLeft: Int32 { target - computed }

  /// Tokens that it will still take after those that are computed or in flight.
  var tokensLeft: Int32 { prompt + output - 1 - computed }

  /// Its next tokens enter a step; what was computed before, and what must be before it decodes.
  @inline(__always)
  mutating func take(_ tokens: Int32) -> (before: Int32, target: Int32) {
    let before = computed
    computed = before + tokens
    tokensInFlight += tokens
    isInFlight = true
    return (before, target)
  }

  /// The request's slot if a decode of its own is back and others will follow; else nil.
  @inline(__always)
  func plain(_ tokens: Int32, rounds: Int32) -> Int? {
    let isPlain =
      recoveryTarget == 0 && computed &- tokens >= target && generated &+ 1 &+ rounds < output
    return isPlain ? Int(request) : nil
  }

  /// That decode is over.
  @inline(__always)
  mutating func completePlain(rounds: Int32) {
    isInFlight = false
    tokensInFlight = 0
    generated &+= 1 &+ rounds
  }

  /// Its tokens are computed.
  @inline(__always)
  mutating func complete(_ tokens: Int32, rounds: Int32) -> MemberOutcome {
    var outcome = MemberOutcome(request: request)
    outcome.wasDecoding = computed - tokensInFlight >= target
    tokensInFlight -= tokens
    // Chunks behind this one may still be in flight.
    if tokensInFlight == 0 { isInFlight = false }
    let back = computed - tokensInFlight
    if recoveryTarget > 0, back >= recoveryTarget {
      recoveryTarget = 0
      outcome.hasRecovered = true
    }
    if back >= target {
      generated += 1 + rounds
      outcome.token = generated
      if generated == output {
        outcome.isLast = true
        hasEnded = true
      }
    }
    return outcome
  }
}

/// What the end of a step means for the request of a member.
struct MemberOutcome {
  /// The request's slot in the simulator.
  var request: Int32
  /// The number of the token that appears, from 1; 0 when none does.
  var token: Int32 = 0
  /// Whether it is the last.
  var isLast = false
  /// Whether the step was a decode.
  var wasDecoding = false
  /// Whether it has regained what a preemption took.
  var hasRecovered = false

  init(request: Int32) { self.request = request }
}

/// What a batching policy may know about a sequence; counts in tokens.
public struct SequenceView: Sendable {
  /// Tokens its next steps must prefill before a token can be sampled; 0 when it decodes.
  public let prefillRemaining: Int
  /// Whether it is in the draft or in a micro-batch, with nothing left to take meanwhile.
  public let isInFlight: Bool
  /// The number the policy gave it at admission.
  public let cohort: Int32
  /// KV tokens computed or in flight; of one who waits, those in the prefix cache.
  public let computed: Int
  /// Output tokens that it will have.
  public let outputTokens: Int
  private let generatedBefore: Int
  /// The most KV tokens it will ever hold: prompt and output without the last token.
  public let finalTokens: Int

  @inline(__always)
  init(_ sequence: SequenceState, cached: Int = 0) {
    computed = max(Int(sequence.computed), cached)
    prefillRemaining = max(0, Int(sequence.target) - computed)
    isInFlight = sequence.isInFlight
    cohort = sequence.cohort
    outputTokens = Int(sequence.output)
    generatedBefore = Int(sequence.generated)
    finalTokens = Int(sequence.prompt) + Int(sequence.output) - 1
  }

  /// Output tokens that it has got.
  public var generated: Int {
    // In flight they follow from its KV tokens: rounds that were leapt over are not counted yet.
    if isInFlight, prefillRemaining == 0 { return computed - (finalTokens - outputTokens + 1) }
    return generatedBefore
  }

  /// Tokens it could take into one step: the rest of its prefill, or one.
  public var wantedTokens: Int { prefillRemaining > 0 ? prefillRemaining : 1 }
}

/// A sequence's part in a micro-batch.
struct BatchMember: Sendable {
  var sequence: Int32
  var tokens: Int32
}

extension BatchShape {
  /// A sequence's next tokens enter the step.
  @inline(__always)
  mutating func add(_ sequence: inout SequenceState, tokens: Int) {
    let count = Int32(truncatingIfNeeded: tokens)
    let (before, target) = sequence.take(count)
    if before < target {
      addPrefill(chunk: tokens, prefix: Int(before), isLastChunk: before + count >= target)
    } else {
      addDecode(context: Int(before) + 1)
    }
  }
}

/// Decodes that enter a step, added up apart from its shape: few words, many sequences.
struct DecodeSums {
  var sequences = 0
  var contextTokens = 0
  var windowContextTokens = 0

  /// What became of a sequence's next token.
  enum Taking { case isTaken, isNoDecode, lacksBlocks }

  /// The next token of a sequence enters the step, if it is idle and decodes and there is a block for it.
  @inline(__always)
  mutating func take(
    _ sequence: inout SequenceState, _ pool: inout BlockPool, window: Int
  ) -> Taking {
    guard sequence.isIdleDecode else { return .isNoDecode }
    guard pool.grow(&sequence, by: 1) else { return .lacksBlocks }
    let context = Int(sequence.computed) &+ 1
    sequences &+= 1
    contextTokens &+= context
    windowContextTokens &+= min(context, window)
    sequence.computed &+= 1
    sequence.tokensInFlight &+= 1
    sequence.isInFlight = true
    return .isTaken
  }
}

extension BatchShape {
  mutating func add(_ decodes: DecodeSums) {
    tokens += decodes.sequences
    decodeSequences += decodes.sequences
    contextTokens += decodes.contextTokens
    windowContextTokens += decodes.windowContextTokens
    sampledSequences += decodes.sequences
  }
}

/// Chunks of prefill that enter a step, added up.
struct PrefillSums {
  /// Their tokens.
  private(set) var tokens: Int64 = 0
  /// How many of them are the last of their prefill.
  private(set) var over = 0
  /// Tokens that those will still take.
  private(set) var decodeTokensLeft: Int64 = 0

  /// A chunk of a sequence's prefill has entered the step.
  @inline(__always)
  mutating func note(_ sequence: SequenceState, tokens count: Int) {
    tokens += Int64(count)
    guard sequence.isDecoding else { return }
    over += 1
    decodeTokensLeft += Int64(sequence.tokensLeft)
  }
}
