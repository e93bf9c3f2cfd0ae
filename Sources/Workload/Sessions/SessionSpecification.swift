public import EventKernel

/// Conversations: each turn's prompt holds all earlier prompts and answers, and what is new.
public struct SessionSpecification: Sendable, Hashable {
  /// Turns of a session, at least 1.
  public var turns: LengthDistribution
  /// From an answer's end to the next turn, in seconds.
  public var thinkSeconds: Distribution
  /// New tokens of every turn after the first; nil: as many as the workload's prompt lengths say.
  public var followUp: LengthDistribution?
  /// Tokens in front of every first prompt, the same ones in all sessions of the workload.
  public var systemPrompt: Int32
  /// A session ends when its next prompt and answer would be more tokens than this.
  public var contextLimit: Int32

  /// Creates sessions.
  public init(
    turns: LengthDistribution, thinkSeconds: Distribution, followUp: LengthDistribution? = nil,
    systemPrompt: Int32 = 0, contextLimit: Int32
  ) {
    self.turns = turns
    self.thinkSeconds = thinkSeconds
    self.followUp = followUp
    self.systemPrompt = systemPrompt
    self.contextLimit = contextLimit
  }
}

/// The content of a session's prompts, as hashes of whole blocks.
///
/// The hash of a block is a function of the one before it and of whose text it is: the workload's
/// system prompt, or the session's. So prompts of one session share all whole blocks of the shorter
/// one, and prompts of two sessions those of the system prompt. A block that holds text of both is
/// the session's.
struct SessionContent {
  /// Tokens of one block, as of vLLM's KV blocks.
  static let tokensPerBlock: Int32 = 16

  private let stream: RandomStream
  private let systemBlocks: Int32

  /// The content does not depend on the seed.
  init(workload: String, systemPrompt: Int32) {
    stream = RandomStream(seed: 0, name: "workload/" + workload + "/content")
    systemBlocks = systemPrompt / Self.tokensPerBlock
  }

  /// The blocks of a prompt of a session.
  func blocks(session: Int64, promptTokens: Int32) -> PrefixBlocks {
    var hash: UInt64 = 0
    let hashes = (0..<promptTokens / Self.tokensPerBlock).map { block in
      let owner = block < systemBlocks ? UInt64.max : UInt64(bitPattern: session)
      hash = stream.bits(at: hash, lane: owner)
      return hash
    }
    return PrefixBlocks(tokensPerBlock: Self.tokensPerBlock, hashes: hashes)
  }
}
