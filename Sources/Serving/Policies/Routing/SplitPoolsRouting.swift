/// Keeps replicas for the highest class: it alone goes there, everybody else to the others.
///
/// The pools are split by age: the oldest `reserved` replicas are kept. Inside a pool the least loaded
/// replica is taken; while a pool has no replica its requests go to the other one. Requests wait at
/// replicas, so that one class never waits behind another.
public struct SplitPoolsRouting: RoutingPolicy {
  /// `split-pools`.
  public static let name = "split-pools"
  /// One line for help.
  public static let summary = "replicas of their own for the highest class, the others for the rest"
  /// The rule's origin.
  public static let source = "separate fleets for chat and batch work, as operators run them"
  /// `reserved`.
  public static let options = [
    OptionDescription(
      "reserved", .integer(1...10_000), default: .integer(1),
      "replicas kept for the highest class, the oldest ones")
  ]

  /// Always.
  public var holdsAtReplica: Bool { true }
  private let reserved: Int

  /// Reads the checked options.
  public init(_ values: OptionValues) { reserved = values.integer("reserved") }

  /// The fewest requests in the pool of the request's class, the oldest of several.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    let kept = min(reserved, replicas.count)
    let isHighest = request.priorityClass == 0
    let own = isHighest ? 0..<kept : kept..<replicas.count
    let pool = own.isEmpty ? replicas.indices : own
    return pool.filter { replicas[$0].hasRoom }
      .min { replicas[$0].outstanding < replicas[$1].outstanding }
  }
}
