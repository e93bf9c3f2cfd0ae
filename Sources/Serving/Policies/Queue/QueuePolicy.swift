public import EventKernel

/// Chooses who goes first among requests that wait, in their model's queue and in front of an engine;
/// one instance for all models.
///
/// A policy gives each request its place once; nothing that passes later changes it. Only the order
/// by tenants moves while requests wait, with the tokens that tenants are served.
public protocol QueuePolicy: Policy {
  /// By what requests are ordered.
  static var order: QueueOrder { get }
  /// Whether the lowest class is preempted first when KV blocks run out, and not simply who came last.
  static var respectsClasses: Bool { get }
  /// Whether one who finds no room has running requests of lower classes preempted.
  var preemptsLowerClasses: Bool { get }
  /// A request's place, where requests are ordered by places.
  func place(of request: QueuedRequestView) -> QueuePlace
  /// What a tenant's tokens add to its counter, where tenants are ordered by counters.
  func charge(ofTenant tenant: String) -> TokenCharge
}

extension QueuePolicy {
  /// Classes do not matter.
  public static var respectsClasses: Bool { false }
  /// Nobody is preempted for others.
  public var preemptsLowerClasses: Bool { false }
  /// All places are alike: in order of arrival.
  public func place(of request: QueuedRequestView) -> QueuePlace { QueuePlace(rank: 0, time: 0) }
  /// Every token counts one.
  public func charge(ofTenant tenant: String) -> TokenCharge { TokenCharge(prompt: 1, output: 1) }
}

/// By what requests that wait are ordered.
public enum QueueOrder: Sendable {
  /// In order of arrival; who was preempted goes first.
  case arrival
  /// By their places, equal ones in order of arrival.
  case place
  /// The tenant whose counter is least, its requests in order of arrival.
  case tenant
}

/// A place in a queue: the lower rank goes first, then the earlier time.
public struct QueuePlace: Sendable, Hashable, Comparable {
  /// What counts first.
  public var rank: Int64
  /// What counts between equal ranks, in nanoseconds.
  public var time: Nanoseconds

  /// Creates a place.
  public init(rank: Int64, time: Nanoseconds) {
    self.rank = rank
    self.time = time
  }

  /// Whether the left one goes first.
  @inlinable
  public static func < (left: QueuePlace, right: QueuePlace) -> Bool {
    left.rank < right.rank || left.rank == right.rank && left.time < right.time
  }
}

/// What a queue policy may know about a request.
public struct QueuedRequestView: Sendable {
  /// When it arrived, in nanoseconds.
  public var arrival: Nanoseconds
  /// Its class among those that the scenario has: 0 the highest; `interactive` comes before others,
  /// which come in the order of the workloads, and `batch` after them.
  public var priorityClass: Int
  /// Prompt length in tokens.
  public var promptTokens: Int
  /// Tokens it will generate, which no real engine knows.
  public var outputTokens: Int
}

/// What tokens add to a tenant's counter.
public struct TokenCharge: Sendable, Hashable {
  /// One prompt token, counted when the request is admitted.
  public var prompt: Int64
  /// One output token, counted when the step that makes it sets out.
  public var output: Int64

  /// Creates a charge.
  public init(prompt: Int64, output: Int64) {
    self.prompt = prompt
    self.output = output
  }
}
