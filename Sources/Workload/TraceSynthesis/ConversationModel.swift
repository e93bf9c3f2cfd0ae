import EventKernel

/// How requests follow one another in conversations and share prefixes, as learnt from a trace.
struct ConversationModel: Sendable, Hashable {
  /// Tokens of a block; 0: nothing is known about content.
  var tokensPerBlock: Int32 = 0
  /// Whether a prompt's last, partly filled block counts as one of its blocks.
  var countsPartialBlock = true
  /// The share of requests that continue a conversation.
  var followShare = 0.0
  /// From one request of a conversation to the next, in nanoseconds.
  var thinkTime = QuantileTable(.times)
  /// Whether a prompt holds the prompt and the answer before it.
  var isGrowing = false
  /// What a following prompt adds to these, in tokens; the whole prompt where it does not grow.
  var added = QuantileTable(.lengths)
  /// Prompts that begin a conversation, by the blocks they share with others: none, one, more.
  var openings: [Opening] = []
  /// How many blocks, where it is more than one.
  var sharedBlocks = QuantileTable(.lengths)

  /// One class of first prompts.
  struct Opening: Sendable, Hashable {
    /// The share of first prompts up to and with this class.
    var end: Double
    /// Tokens behind the shared blocks.
    var rest: QuantileTable
  }
}

/// Learns conversations: from the trace's own sessions, else from prompts that begin with all full
/// blocks of an earlier one whose conversation has brought the last of these blocks.
struct ConversationFitter {
  /// Sessions or conversations followed at most; what comes after is not learnt from.
  static let limit = 1 << 20

  private struct Latest {
    var arrival: Nanoseconds
    var prompt: Int32
    var output: Int32
  }

  private var latest: [Latest] = []
  private var ofSession: [Int64: Int] = [:]
  private var ofBlock: [UInt64: Int32] = [:]
  private var tokensPerBlock: Int32 = 0
  private var requests: Int64 = 0
  private var partialBlocks: Int64 = 0
  private var prompts: Int64 = 0
  private var growing: Int64 = 0
  private var thinkTime = ValueCounts.times
  private var added = ValueCounts.lengths
  private var following = ValueCounts.lengths
  private var rests = Array(repeating: ValueCounts.lengths, count: 3)
  private var sharedBlocks = ValueCounts.lengths

  mutating func add(_ request: ArrivingRequest, _ blocks: PrefixBlocks) {
    guard latest.count < Self.limit, ofBlock.count < PrefixCounts.limit else { return }
    requests += 1
    let shared = blocks.hashes.prefix { ofBlock[$0] != nil }.count
    let now = Latest(
      arrival: request.arrival, prompt: request.promptTokens, output: request.outputTokens)
    let conversation: Int
    if let found = continued(request, blocks, shared: shared) {
      follow(latest[found], now)
      latest[found] = now
      conversation = found
    } else {
      open(request, blocks, shared: shared)
      latest.append(now)
      conversation = latest.count - 1
    }
    if request.session >= 0 { ofSession[request.session] = conversation }
    for hash in blocks.hashes[shared...] { ofBlock[hash] = Int32(conversation) }
    guard blocks.tokensPerBlock > 0 else { return }
    tokensPerBlock = blocks.tokensPerBlock
    guard request.promptTokens % tokensPerBlock != 0 else { return }
    prompts += 1
    if blocks.hashes.count > Int(request.promptTokens / tokensPerBlock) { partialBlocks += 1 }
  }

  /// The conversation that a request continues.
  private func continued(
    _ request: ArrivingRequest, _ blocks: PrefixBlocks, shared: Int
  ) -> Int? {
    if request.session >= 0 { return ofSession[request.session] }
    guard shared > 0, let owner = ofBlock[blocks.hashes[shared - 1]] else { return nil }
    let full = Int(latest[Int(owner)].prompt / blocks.tokensPerBlock)
    return full > 0 && shared >= full ? Int(owner) : nil
  }

  private mutating func follow(_ last: Latest, _ now: Latest) {
    thinkTime.add(max(0, now.arrival - last.arrival))
    following.add(Int64(now.prompt))
    guard now.prompt >= last.prompt else { return }
    growing += 1
    added.add(Int64(max(0, now.prompt - last.prompt - last.output)))
  }

  private mutating func open(_ request: ArrivingRequest, _ blocks: PrefixBlocks, shared: Int) {
    let size = max(1, Int(blocks.tokensPerBlock))
    let shared = min(shared, max(0, Int(request.promptTokens) - 1) / size)
    if shared > 1 { sharedBlocks.add(Int64(shared)) }
    rests[min(2, shared)].add(Int64(Int(request.promptTokens) - shared * size))
  }

  /// What has been learnt.
  func finish() -> ConversationModel {
    var model = ConversationModel()
    model.tokensPerBlock = tokensPerBlock
    model.countsPartialBlock = 2 * partialBlocks >= prompts
    model.followShare = requests > 0 ? Double(following.count) / Double(requests) : 0
    model.thinkTime = QuantileTable(thinkTime)
    model.isGrowing = 2 * growing > following.count
    model.added = QuantileTable(model.isGrowing ? added : following)
    let openings = rests.reduce(0) { $0 + $1.count }
    var seen: Int64 = 0
    model.openings = rests.map { rest in
      seen += rest.count
      return ConversationModel.Opening(
        end: Double(seen) / Double(max(1, openings)), rest: QuantileTable(rest))
    }
    model.sharedBlocks = QuantileTable(sharedBlocks)
    return model
  }
}
