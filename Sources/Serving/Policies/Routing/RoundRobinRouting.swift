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

  /// The replica with room whose number comes next after the last one taken, else the smallest.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    // Replicas come in the order in which they became ready, which need not be that of numbers.
    var next: Int?
    var smallest: Int?
    for index in replicas.indices where replicas[index].hasRoom {
      let number = replicas[index].replica
      if number > last, next.map({ number < replicas[$0].replica }) ?? true { next = index }
      if smallest.map({ number < replicas[$0].replica }) ?? true { smallest = index }
    }
    let choice = next ?? smallest
    if let choice { last = replicas[choice].replica }
    return choice
  }
}
