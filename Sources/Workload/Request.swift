public import EventKernel

/// A request as the outside world sends it: when it comes, for which workload, how long it is.
@frozen
public struct ArrivingRequest: Sendable, Hashable {
  /// Arrival since the start of the run, in nanoseconds.
  public var arrival: Nanoseconds
  /// Index into the scenario's workloads.
  public var workload: Int32
  /// Prompt length in tokens, at least 1.
  public var promptTokens: Int32
  /// Tokens to generate, the first one included, at least 1.
  public var outputTokens: Int32
  /// The conversation or client of its workload that it belongs to, -1 when it stands alone.
  public var session: Int64
  /// Which turn of its session it is, from 0.
  public var turn: Int32
  /// Index into the scenario's models of the one it asks for; -1: its workload has only one.
  public var model: Int32

  /// Creates a request.
  @inlinable
  public init(
    arrival: Nanoseconds, workload: Int32, promptTokens: Int32, outputTokens: Int32,
    session: Int64 = -1, turn: Int32 = 0, model: Int32 = -1
  ) {
    self.arrival = arrival
    self.workload = workload
    self.promptTokens = promptTokens
    self.outputTokens = outputTokens
    self.session = session
    self.turn = turn
    self.model = model
  }
}

/// The content of a prompt as far as sharing goes: prompts share the blocks up to the first hash in
/// which they differ.
public struct PrefixBlocks: Sendable, Hashable {
  /// Tokens of one block; 0 when nothing is known about the content.
  public var tokensPerBlock: Int32
  /// One hash for each block of the prompt, each standing for all blocks up to it.
  public var hashes: [UInt64]

  /// Creates the blocks of a prompt.
  public init(tokensPerBlock: Int32, hashes: [UInt64]) {
    self.tokensPerBlock = tokensPerBlock
    self.hashes = hashes
  }

  /// The blocks that are whole among those of a prompt of so many tokens.
  public func whole(of promptTokens: Int32) -> PrefixBlocks {
    guard tokensPerBlock > 0 else { return .unknown }
    let count = min(hashes.count, Int(promptTokens / tokensPerBlock))
    return PrefixBlocks(tokensPerBlock: tokensPerBlock, hashes: Array(hashes.prefix(count)))
  }

  /// Nothing is known about the content.
  public static let unknown = PrefixBlocks(tokensPerBlock: 0, hashes: [])
}

/// Why a stream ended before its last request, as one line without a full stop.
public struct StreamFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The line, with the place.
  public var description: String
  /// Whether the content is at fault (exit status 65), and not the system (74).
  public var isContent: Bool

  /// Creates a fault.
  public init(_ description: String, isContent: Bool = true) {
    self.description = description
    self.isContent = isContent
  }
}

/// Requests in order of arrival, one at a time, so that a run never holds them all.
///
/// What answers cause further requests (a closed loop, the next turn of a conversation) arises in
/// `ended`; so `nextArrival` may come closer, or come into being, whenever a request has ended.
public protocol RequestStream {
  /// When the next request arrives as far as is known now, in nanoseconds; nil when none is known.
  var nextArrival: Nanoseconds? { get }

  /// The next request, or nil when none is known; arrivals never decrease.
  mutating func next() -> ArrivingRequest?

  /// What is known about the content of the prompt that `next` returned last.
  var prefixBlocks: PrefixBlocks { get }

  /// What is known about the content of that prompt and of the answer to it, which a later prompt may
  /// contain: the blocks that are whole.
  var contentBlocks: PrefixBlocks { get }

  /// Takes note that a request of this stream has left the system.
  ///
  /// - Parameters:
  ///   - request: The request as `next` returned it.
  ///   - isCompleted: Whether it was answered to its last token.
  ///   - now: When, in nanoseconds; what it causes arrives no earlier.
  mutating func ended(_ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds)

  /// Why the stream ended before its last request; nil when it did not.
  var fault: StreamFault? { get }
}

extension RequestStream {
  /// Most streams know nothing about content.
  public var prefixBlocks: PrefixBlocks { .unknown }

  /// Most streams know nothing about content.
  public var contentBlocks: PrefixBlocks { .unknown }

  /// Most streams do not listen.
  public mutating func ended(
    _ request: ArrivingRequest, isCompleted: Bool, at now: Nanoseconds
  ) {}

  /// Streams that compute their requests cannot fail.
  public var fault: StreamFault? { nil }
}

/// Where requests come from; opened anew for each run, so that every scheduler sees the same ones.
public protocol RequestSource: Sendable {
  /// A stream from the first request on.
  ///
  /// - Parameter seed: The run's seed; a source without randomness ignores it.
  /// - Returns: A stream of its own, independent of others.
  func open(seed: UInt64) -> any RequestStream
}
