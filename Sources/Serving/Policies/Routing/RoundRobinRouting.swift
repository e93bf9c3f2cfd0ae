/// Sends requests to the replicas in turn, past full ones.
public struct RoundRobinRouting: RoutingPolicy {
  /// `round-robin`.
  public static let name = "round-robin"
  /// One line for help.
  public static let summary = "the replicas in turn, past full ones"
  /// The rule's origin.
  public static let source = "the textbook load-balancing rule"
  /// None.
  public static let options: [OptionDescription] = []

  /// The number of the replica that was taken last, -1 before the first.
  private var last = -1

  /// Creates the policy.
  public init(_ values: OptionValues) {}

  /// The next replica by number after the last one taken that has room.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    var wrapped: Int?
    for index in replicas.indices where replicas[index].hasRoom {
      if replicas[index].replica > last {
        last = replicas[index].replica
        return index
      }
      if wrapped == nil { wrapped = index }
    }
    if let wrapped { last = replicas[wrapped].replica }
    return wrapped
  }
}
