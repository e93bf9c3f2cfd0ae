/// Sends a request to the replica with the fewest requests.
public struct LeastLoadedRouting: RoutingPolicy {
  /// `least-loaded`.
  public static let name = "least-loaded"
  /// One line for help.
  public static let summary = "the replica with the fewest requests; ties to the oldest"
  /// The rule's origin.
  public static let source = "least outstanding requests, as in common load balancers"
  /// None.
  public static let options: [OptionDescription] = []

  /// Creates the policy.
  public init(_ values: OptionValues) {}

  /// The fewest outstanding requests; nil when every replica is full.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    replicas.leastLoaded()
  }
}
