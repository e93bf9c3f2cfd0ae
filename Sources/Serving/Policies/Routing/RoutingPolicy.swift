public import EventKernel

/// Chooses the replica that a request goes to; one instance per model.
public protocol RoutingPolicy: Policy {
  /// What must be found out before it is asked, beyond what is always known.
  static var needs: RoutingNeeds { get }
  /// Whether a request goes to a replica when it arrives, however many it has, and waits there.
  ///
  /// Else it waits in the model's queue until some replica has room, and is routed then.
  var holdsAtReplica: Bool { get }
  /// The index into `replicas` to take, nil to keep the request waiting in the model's queue.
  ///
  /// - Parameters:
  ///   - request: The request to place.
  ///   - replicas: The model's ready replicas, oldest first, full ones included.
  /// - Returns: An index of a replica with room, or nil.
  mutating func route(_ request: RoutedRequestView, among replicas: [ReplicaView]) -> Int?
}

extension RoutingPolicy {
  /// Nothing but numbers of requests.
  public static var needs: RoutingNeeds { [] }
  /// Requests wait in the model's queue.
  public var holdsAtReplica: Bool { false }
}

/// What a routing policy reads that costs time to find out, or that not every scenario has.
public struct RoutingNeeds: OptionSet, Sendable, Hashable {
  /// One bit for each.
  public var rawValue: UInt8
  /// Creates a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The free KV blocks of each replica and the tokens that wait for blocks there.
  public static let blocks = RoutingNeeds(rawValue: 1)
  /// The tokens of the prompt that each replica holds in its prefix cache.
  public static let cachedTokens = RoutingNeeds(rawValue: 2)
  /// Requests that belong to sessions: some workload must have them.
  public static let sessions = RoutingNeeds(rawValue: 4)
}

/// What a routing policy may know about a request.
public struct RoutedRequestView: Sendable {
  /// Index into the scenario's workloads.
  public var workload: Int
  /// Prompt length in tokens.
  public var promptTokens: Int
  /// Its class of priority, 0 for the highest of the scenario's workloads.
  public var priorityClass: Int = 0
  /// Its number in order of arrival, from 0, over all workloads.
  public var number: Int64 = 0
  /// The conversation or client of its workload that it belongs to, -1 when it stands alone.
  public var session: Int64 = -1
  /// The model's own stream of draws; by the request's number they are the same in every run.
  public var draws = RandomStream(seed: 0, name: "routing")
}

/// What a routing policy may know about a replica.
public struct ReplicaView: Sendable, Hashable {
  /// The replica's number.
  public var replica: Int
  /// Requests assigned to it and not yet done.
  public var outstanding: Int
  /// Most requests it takes at once; without bound where requests wait at replicas.
  public var limit: Int
  /// KV blocks nobody holds, of all its engines; 0 unless the policy needs `blocks`.
  public var freeBlocks: Int = 0
  /// Tokens of one KV block.
  public var blockTokens: Int = 1
  /// Prompt tokens of those who wait there for blocks; 0 unless the policy needs `blocks`.
  public var waitingTokens: Int = 0
  /// Tokens of the request's prompt in its prefix cache; 0 unless the policy needs `cachedTokens`.
  public var cachedTokens: Int = 0

  /// Whether one more request may go there.
  public var hasRoom: Bool { outstanding < limit }
}

extension [ReplicaView] {
  /// The replica with room and the fewest requests, the oldest of several; nil when all are full.
  func leastLoaded() -> Int? {
    var best: Int?
    var least = Int.max
    for index in indices where self[index].hasRoom && self[index].outstanding < least {
      best = index
      least = self[index].outstanding
    }
    return best
  }
}

extension OptionDescription {
  /// Where requests wait, an option of routing policies.
  static func holdsAtReplica(_ standard: Bool) -> OptionDescription {
    OptionDescription(
      "holdsAtReplica", .flag, default: .flag(standard),
      "whether a request waits at the replica chosen on arrival, not in the model's queue")
  }
}
