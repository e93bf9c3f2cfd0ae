/// Chooses the tokens of the next micro-batch of a replica; one instance per replica.
///
/// The engine asks again until the answer is empty or as many micro-batches are in flight as the
/// policy allows. The policy reads `EngineState` and drafts: `take`, `admit`, `preempt`.
public protocol BatchingPolicy: Policy {
  /// Most requests a replica runs at once; also what routing sends it before others.
  var maximumSequences: Int { get }
  /// Most tokens of one micro-batch, for which step times are tabulated.
  var maximumTokens: Int { get }
  /// Most micro-batches in flight on a pipeline of `stages`.
  func depth(stages: Int) -> Int
  /// Whether a request that arrives while micro-batches are in flight must wait for the oldest to
  /// end before a batch is formed.
  var waitsForOldest: Bool { get }
  /// Drafts the next micro-batch into the engine's draft; leaving it empty means "nothing to do".
  mutating func plan(_ engine: inout EngineState)
}
