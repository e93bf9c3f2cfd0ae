import EventKernel

/// Draws the requests of a trace like the one a model was fitted to, one at a time and without end.
///
/// Request for request it is a function of the model and the seed alone.
public struct SyntheticTrace {
  private let model: TraceModel
  private var arrivals: ArrivalDraw
  private let streams: Streams
  private var index: UInt64 = 0
  private var sessions: Int64 = 0
  private var nextBlock: UInt64 = 0
  private var open = OpenConversations()
  /// The blocks of the latest prompts, to share from.
  private var recent: [[UInt64]] = []
  private var oldest = 0

  private static let recentLimit = 1_024

  /// The random streams; draws are numbered by request.
  private struct Streams {
    var kind, opening, prompt, shared, added, thinkTime, partner, output: RandomStream

    init(seed: UInt64) {
      let stream = { (name: String) in RandomStream(seed: seed, name: "trace/" + name) }
      kind = stream("kind")
      opening = stream("opening")
      prompt = stream("prompt")
      shared = stream("shared")
      added = stream("added")
      thinkTime = stream("think time")
      partner = stream("partner")
      output = stream("output")
    }
  }

  /// A trace from its first request on.
  public init(_ model: TraceModel, seed: UInt64) {
    self.model = model
    arrivals = ArrivalDraw(model.arrivals, seed: seed)
    streams = Streams(seed: seed)
  }

  /// The next request and the blocks of its prompt; nil when time ends, after 146 years.
  public mutating func next() -> (request: ArrivingRequest, blocks: PrefixBlocks)? {
    guard let arrival = arrivals.next() else { return nil }
    defer { index += 1 }
    let conversations = model.conversations
    var turn = Conversation(
      session: -1, turn: 0, arrival: arrival, prompt: 0, output: 0, blocks: [])
    if streams.kind.uniform(at: index) < conversations.followShare, let last = partner(at: arrival)
    {
      turn.session = last.session
      turn.turn = last.turn + 1
      turn.prompt = followingPrompt(last)
      if conversations.tokensPerBlock > 0, conversations.isGrowing {
        turn.blocks = Array(last.blocks.prefix(Int(last.prompt / conversations.tokensPerBlock)))
      }
    } else {
      if conversations.followShare > 0 {
        turn.session = sessions
        sessions += 1
      }
      openConversation(&turn)
    }
    turn.prompt = min(turn.prompt, Int32(clamping: model.longestPrompt))
    turn.output = output(prompt: turn.prompt)
    completeBlocks(&turn)
    if conversations.followShare > 0 { open.append(turn) }
    return (
      ArrivingRequest(
        arrival: arrival, workload: 0, promptTokens: turn.prompt, outputTokens: turn.output,
        session: turn.session, turn: turn.turn),
      PrefixBlocks(tokensPerBlock: conversations.tokensPerBlock, hashes: turn.blocks)
    )
  }

  /// The conversation whose last request lies nearest to a think time before now.
  private mutating func partner(at now: Nanoseconds) -> Conversation? {
    let longest = model.longestPrompt
    let thinkTime = model.conversations.thinkTime.draw(streams.thinkTime, at: index)
    let added = model.conversations.added.draw(streams.added, at: index)
    let grows = model.conversations.isGrowing
    return open.take(near: now - thinkTime) { last in
      !grows || Int64(last.prompt) + Int64(last.output) + added <= longest
    }
  }

  private func followingPrompt(_ last: Conversation) -> Int32 {
    let added = model.conversations.added.draw(streams.added, at: index)
    let before = model.conversations.isGrowing ? Int64(last.prompt) + Int64(last.output) : 0
    return Int32(clamping: max(1, before + added))
  }

  /// The first prompt of a conversation: what it shares with an earlier one, and the rest.
  private func openConversation(_ turn: inout Conversation) {
    let conversations = model.conversations
    let uniform = streams.opening.uniform(at: index)
    let kind = conversations.openings.firstIndex { uniform <= $0.end } ?? 0
    var shared = kind
    if kind == 2 { shared = Int(conversations.sharedBlocks.draw(streams.shared, at: index)) }
    let rest = conversations.openings[kind].rest.draw(streams.prompt, at: index)
    let size = Int64(conversations.tokensPerBlock)
    turn.prompt = Int32(clamping: max(1, Int64(shared) * size + rest))
    if shared > 0 { turn.blocks = lender(of: shared) }
  }

  /// The first blocks of a recent prompt that has so many; of the longest one when none has.
  private func lender(of count: Int) -> [UInt64] {
    guard !recent.isEmpty else { return [] }
    let start = Int(streams.partner.uniform(at: index) * Double(recent.count))
    var longest: [UInt64] = []
    for step in recent.indices {
      let blocks = recent[(start + step) % recent.count]
      if blocks.count >= count { return Array(blocks.prefix(count)) }
      if blocks.count > longest.count { longest = blocks }
    }
    return longest
  }

  /// The output length, joined to the prompt's by a Gaussian copula.
  private func output(prompt: Int32) -> Int32 {
    let edge = 0.5 / Double(max(1, model.requests))
    let rank = min(1 - edge, max(edge, model.prompt.rank(of: Double(prompt))))
    let uniform = streams.output.uniform(at: index)
    let rest = (1 - model.dependence * model.dependence).squareRoot()
    let score =
      model.dependence * DeterministicMath.normalQuantile(rank)
      + rest * DeterministicMath.normalQuantile(uniform)
    let value = model.output.value(at: DeterministicMath.normalProbability(score))
    return Int32(clamping: max(1, Int64(value + 0.5)))
  }

  /// Gives the rest of the prompt blocks that no other has.
  private mutating func completeBlocks(_ turn: inout Conversation) {
    let size = model.conversations.tokensPerBlock
    guard size > 0 else { return }
    let partial: Int32 = model.conversations.countsPartialBlock ? size - 1 : 0
    let count = Int((turn.prompt + partial) / size)
    if turn.blocks.count > count { turn.blocks.removeLast(turn.blocks.count - count) }
    while turn.blocks.count < count {
      turn.blocks.append(nextBlock)
      nextBlock += 1
    }
    if recent.count < Self.recentLimit {
      recent.append(turn.blocks)
    } else {
      recent[oldest] = turn.blocks
      oldest = (oldest + 1) % Self.recentLimit
    }
  }
}

/// The latest request of a conversation.
struct Conversation {
  var session: Int64
  var turn: Int32
  var arrival: Nanoseconds
  var prompt: Int32
  var output: Int32
  var blocks: [UInt64]
}

/// Conversations that may go on, in order of their latest request.
struct OpenConversations {
  /// How many are held; beyond that the oldest is over.
  static let limit = 16_384
  /// How many on each side of the wanted instant are looked at.
  private static let reach = 64

  private var entries: [Conversation?] = []
  /// The arrivals of the entries, of those taken too.
  private var arrivals: [Nanoseconds] = []

  mutating func append(_ conversation: Conversation) {
    entries.append(conversation)
    arrivals.append(conversation.arrival)
    if entries.count >= 2 * Self.limit { compact() }
  }

  /// Takes out the conversation nearest to an instant of which something holds.
  mutating func take(
    near instant: Nanoseconds, where holds: (Conversation) -> Bool
  ) -> Conversation? {
    var (low, high) = (0, arrivals.count)
    while low < high {
      let middle = (low + high) / 2
      if arrivals[middle] >= instant { high = middle } else { low = middle + 1 }
    }
    var best: Int?
    for (start, step) in [(low, 1), (low - 1, -1)] {
      var index = start
      for _ in 0..<Self.reach where entries.indices.contains(index) {
        if let entry = entries[index], holds(entry) {
          if best.map({ distance(index, instant) < distance($0, instant) }) ?? true { best = index }
          break
        }
        index += step
      }
    }
    guard let best else { return nil }
    defer { entries[best] = nil }
    return entries[best]
  }

  private func distance(_ index: Int, _ instant: Nanoseconds) -> UInt64 {
    (arrivals[index] - instant).magnitude
  }

  private mutating func compact() {
    let kept = entries.compactMap { $0 }.suffix(Self.limit)
    entries = kept.map { $0 }
    arrivals = kept.map(\.arrival)
  }
}
