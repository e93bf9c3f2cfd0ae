/// Chooses the tokens of the next micro-batch of an engine; one instance per engine.
///
/// The engine asks again until the answer is empty or as many micro-batches are in flight as the
/// policy allows. The policy reads `EngineState` and drafts: `take`, `admit`, `preempt`.
public protocol BatchingPolicy: Policy {
  /// Most requests an engine runs at once; all engines together, what routing sends a replica before
  /// others.
  var maximumSequences: Int { get }
  /// Most tokens of one micro-batch, for which step times are tabulated.
  var maximumTokens: Int { get }
  /// Most micro-batches in flight on a pipeline of `stages`, of each engine.
  func depth(stages: Int) -> Int
  /// Engines of one replica, each with a policy of its own and an equal part of the KV blocks; a request
  /// goes to the one with the fewest requests and stays there.
  func engines(stages: Int) -> Int
  /// Whether a request that arrives while micro-batches are in flight must wait for the oldest to
  /// end before a batch is formed.
  var waitsForOldest: Bool { get }
  /// Whether who waits may be admitted while others run; else nobody is preempted for a higher class.
  var admitsWhileRunning: Bool { get }
  /// Drafts the next micro-batch into the engine's draft; leaving it empty means "nothing to do".
  mutating func plan(_ engine: inout EngineState)
  /// The leap rule: whether every micro-batch now in flight, when it is back, would be planned again
  /// with the same sequences and nothing else, each time, until a request arrives, a sequence ends or a
  /// prefill is back.
  ///
  /// Asked when planning is over. Blocks are seen to: free ones get fewer and suffice for those in
  /// flight. What `plan` would have noted of those plans it is not told. A policy that cannot tell is
  /// simulated step by step.
  func repeats(_ engine: EngineView) -> Bool
}

extension BatchingPolicy {
  /// Whoever waits is admitted as soon as there is room.
  public var admitsWhileRunning: Bool { true }
  /// One engine.
  public func engines(stages: Int) -> Int { 1 }
  /// Nothing is known about the next plan.
  public func repeats(_ engine: EngineView) -> Bool { false }
}

/// What a batching policy may know when it is asked whether it will repeat itself.
public struct EngineView: Sendable {
  /// Sequences that hold blocks.
  public let runningCount: Int
  /// Those of them that are in a micro-batch.
  public let sequencesInFlight: Int
  /// Sequences that wait for blocks.
  public let waitingCount: Int
  /// Tokens that the first of these would take into one step, the least when several may be first, and
  /// without what the prefix cache may forget before; 0 when none waits.
  public let wantedTokens: Int
  /// KV blocks nobody holds.
  public let freeBlocks: Int
  /// Tokens of one KV block.
  public let blockTokens: Int

  init(_ engine: EngineState) {
    runningCount = engine.runningCount
    sequencesInFlight = engine.sequencesInFlight
    waitingCount = engine.waitingCount
    wantedTokens = engine.leastWantedTokens
    freeBlocks = engine.freeBlocks
    blockTokens = engine.blockTokens
  }
}
