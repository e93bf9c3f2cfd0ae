/// Chooses the tokens of the next micro-batch of an engine; one instance per engine.
///
/// The engine asks again until the answer is empty or as many micro-batches are in flight as the
/// policy allows. The policy reads `EngineState` and drafts: `take`, `admit`, `preempt`.
public protocol BatchingPolicy: Policy {
  /// The option from which prompts get their tokens of a step, which must hold a KV block at least; nil
  /// where there is none.
  static var tokenBudgetKey: String? { get }
  /// Most sequences of one micro-batch, for which step times are tabulated.
  var maximumSequences: Int { get }
  /// Most tokens of one micro-batch, for which step times are tabulated; where that depends on the
  /// model, of one with a short context.
  var maximumTokens: Int { get }
  /// The same of a model with a context of so many tokens.
  func maximumTokens(context: Int) -> Int
  /// Most requests an engine runs at once on a pipeline of `stages`; those of all its engines are what
  /// routing sends a replica before others.
  func maximumRunning(stages: Int) -> Int
  /// Most micro-batches in flight on a pipeline of `stages`, of each engine.
  func depth(stages: Int) -> Int
  /// Engines of one replica, each with a policy of its own and an equal part of the KV blocks; a request
  /// goes to the one with the fewest requests, the first of several, and stays there.
  func engines(stages: Int) -> Int
  /// Whether a request that arrives while micro-batches are in flight must wait for the oldest to
  /// end before a batch is formed.
  var waitsForOldest: Bool { get }
  /// Whether who waits may be admitted while others run; else nobody is preempted for a higher class.
  var admitsWhileRunning: Bool { get }
  /// Whether the next chunk of a prompt may set out while the one before it is on its way.
  var overlapsChunks: Bool { get }
  /// Whether steps are planned while the one before is computed, so that of a modelled host's time only
  /// what is longer shows.
  var hidesHost: Bool { get }
  /// Told once, before the first plan, what the engine is like.
  mutating func prepare(_ facts: EngineFacts)
  /// Drafts the next micro-batch into the engine's draft; leaving it empty means "nothing to do".
  mutating func plan(_ engine: inout EngineState)
  /// The leap rule: whether every micro-batch now in flight, when it is back, would be planned again
  /// with the same sequences and nothing else, each time, until a request arrives, a sequence ends or a
  /// prefill is back.
  ///
  /// Asked when planning is over. Blocks are seen to: free ones get fewer and suffice for those in
  /// flight. A policy that cannot tell is simulated step by step.
  func repeats(_ engine: EngineView) -> Bool
  /// Told how many such plans there were: what `plan` would have noted of them.
  mutating func skip(plans: Int)
  /// The number that the members of a micro-batch in flight have now, by the order in which they set out;
  /// nil where no plan without the policy changes it.
  func number(inFlight position: Int) -> Int32?
}

extension BatchingPolicy {
  /// Whoever waits is admitted as soon as there is room.
  public var admitsWhileRunning: Bool { true }
  /// `maxBatchedTokens`, where there is such an option.
  public static var tokenBudgetKey: String? {
    options.map(\.key).first { $0 == "maxBatchedTokens" }
  }
  /// The same for every model.
  public func maximumTokens(context: Int) -> Int { maximumTokens }
  /// Those of one micro-batch: who is admitted is soon in the same.
  public func maximumRunning(stages: Int) -> Int { maximumSequences }
  /// One chunk at a time.
  public var overlapsChunks: Bool { false }
  /// As the model's cost says.
  public var hidesHost: Bool { false }
  /// Nothing to prepare.
  public mutating func prepare(_ facts: EngineFacts) {}
  /// One engine.
  public func engines(stages: Int) -> Int { 1 }
  /// Nothing is known about the next plan.
  public func repeats(_ engine: EngineView) -> Bool { false }
  /// Nothing is noted from plan to plan.
  public mutating func skip(plans: Int) {}
  /// Numbers stay as they were given.
  public func number(inFlight position: Int) -> Int32? { nil }
}

/// What a batching policy may know when it is asked whether it will repeat itself.
public struct EngineView: Sendable {
  /// Stages of the pipeline.
  public let stages: Int
  /// Micro-batches in flight.
  public let microbatchesInFlight: Int
  /// Sequences that hold blocks.
  public let runningCount: Int
  /// Those of them that are in a micro-batch.
  public let sequencesInFlight: Int
  /// Sequences that wait for blocks; 0 when others return from swap space first.
  public let waitingCount: Int
  /// Tokens that the first of these would take into one step, the least when several may be first, and
  /// without what the prefix cache may forget before; 0 when none waits.
  public let wantedTokens: Int
  /// KV blocks nobody holds.
  public let freeBlocks: Int
  /// KV blocks in all.
  public let totalBlocks: Int
  /// Those of the free ones that who is admitted may take.
  public let admissibleBlocks: Int
  /// Blocks that the first one in swap space returns to; more than there are when nobody returns next.
  let blocksToReturn: Int
  /// Tokens of one KV block.
  public let blockTokens: Int

  // Inlined, else the engine is copied for it.
  @inline(__always)
  init(_ engine: EngineState, wantedTokens: Int) {
    stages = engine.stages
    totalBlocks = engine.totalBlocks
    microbatchesInFlight = engine.microbatchesInFlight
    runningCount = engine.runningCount
    sequencesInFlight = engine.sequencesInFlight
    waitingCount = engine.moves.holdsUpAdmission ? 0 : engine.waitingCount
    self.wantedTokens = wantedTokens
    freeBlocks = engine.freeBlocks
    admissibleBlocks = engine.admissibleBlocks
    blocksToReturn = engine.blocksToReturn
    blockTokens = engine.blockTokens
  }
}
