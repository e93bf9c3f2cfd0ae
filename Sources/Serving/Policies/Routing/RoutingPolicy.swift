/// Chooses the replica that a request goes to; while none has room the request waits in the
/// model's queue, first come first served.
public protocol RoutingPolicy: Policy {
  /// The index into `replicas` to take, nil to keep the request waiting.
  ///
  /// - Parameters:
  ///   - request: The request to place.
  ///   - replicas: The model's ready replicas, oldest first, full ones included.
  /// - Returns: An index of a replica with room, or nil.
  mutating func route(_ request: RoutedRequestView, among replicas: [ReplicaView]) -> Int?
}

/// What a routing policy may know about a request.
public struct RoutedRequestView: Sendable {
  /// Index into the scenario's workloads.
  public var workload: Int
  /// Prompt length in tokens.
  public var promptTokens: Int
}

/// What a routing policy may know about a replica.
public struct ReplicaView: Sendable, Hashable {
  /// The replica's number.
  public var replica: Int
  /// Requests assigned to it and not yet done.
  public var outstanding: Int
  /// Most requests it takes at once.
  public var limit: Int

  /// Whether one more request may go there.
  public var hasRoom: Bool { outstanding < limit }
}
