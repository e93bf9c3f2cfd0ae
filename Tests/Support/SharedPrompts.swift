import EventKernel
public import Workload

/// Requests of another source whose prompts begin alike: each belongs to a family whose text it has up
/// to a point of its own.
public struct SharedPrompts: RequestSource {
  /// Where the requests come from.
  public var source: any RequestSource
  /// Tokens of one hash.
  public var tokensPerBlock: Int32
  /// Texts that prompts begin with.
  public var families: UInt64
  /// Share of the requests that have nothing but their family's text.
  public var loyal: Double
  /// Whether an answer goes on in its family's text too, so that later prompts may contain it.
  public var knowsAnswers: Bool

  /// Creates a source.
  public init(
    _ source: any RequestSource, tokensPerBlock: Int32 = 16, families: UInt64 = 3,
    loyal: Double = 0.5, knowsAnswers: Bool = false
  ) {
    self.source = source
    self.tokensPerBlock = tokensPerBlock
    self.families = families
    self.loyal = loyal
    self.knowsAnswers = knowsAnswers
  }

  /// A stream from the first request on.
  public func open(seed: UInt64) -> any RequestStream {
    SharedPromptStream(stream: source.open(seed: seed), rule: self)
  }
}

private struct SharedPromptStream: RequestStream {
  var stream: any RequestStream
  let rule: SharedPrompts
  var count: UInt64 = 0
  var contentBlocks = PrefixBlocks.unknown

  var nextArrival: Nanoseconds? { stream.nextArrival }

  mutating func next() -> ArrivingRequest? {
    guard let request = stream.next() else { return nil }
    var generator = SeededGenerator(state: count)
    count += 1
    let family = UInt64.random(in: 0..<rule.families, using: &generator)
    let isLoyal = Double.random(in: 0..<1, using: &generator) < rule.loyal
    let tokens = request.promptTokens + (rule.knowsAnswers ? request.outputTokens : 0)
    let blocks = Int(tokens / rule.tokensPerBlock)
    let own = isLoyal ? blocks : Int.random(in: 0...blocks, using: &generator)
    var hash = family
    contentBlocks = PrefixBlocks(
      tokensPerBlock: rule.tokensPerBlock,
      hashes: (0..<blocks).map { block in
        if block == own { hash ^= count << 32 }
        var mixer = SeededGenerator(state: hash)
        hash = mixer.next()
        return hash
      })
    return request
  }

  var prefixBlocks: PrefixBlocks { contentBlocks }

  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds) {
    stream.ended(request, isCompleted: isCompleted, at: now)
  }
}
