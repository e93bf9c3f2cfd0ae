/// Sends every turn of a session to the replica of the turn before, as long as that is there.
///
/// A session's first turn, a turn whose replica is gone, and requests without a session go to the
/// least loaded replica. A turn waits for its replica though others have room: with many turns in
/// flight at one replica they wait behind one another. Without `holdsAtReplica` a turn that finds its
/// replica full goes to the least loaded other one and stays there from then on.
public struct SessionStickyRouting: RoutingPolicy {
  /// `session-sticky`.
  public static let name = "session-sticky"
  /// One line for help.
  public static let summary = "the replica of the session's last turn, else the least loaded"
  /// The rule's origin.
  public static let source = "session affinity, as in vLLM production-stack's session router"
  /// `holdsAtReplica`.
  public static let options = [OptionDescription.holdsAtReplica(true)]
  /// Sessions.
  public static let needs: RoutingNeeds = .sessions

  /// A session among those of all workloads.
  private struct Session: Hashable {
    var workload: Int
    var number: Int64
  }

  /// Whether requests wait at replicas.
  public let holdsAtReplica: Bool
  /// The replica of each session's last turn.
  private var homes: [Session: Int] = [:]

  /// Reads the checked options.
  public init(_ values: OptionValues) { holdsAtReplica = values.flag("holdsAtReplica") }

  /// The session's replica if it is there and has room, else the fewest requests.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    guard request.session >= 0 else { return replicas.leastLoaded() }
    let session = Session(workload: request.workload, number: request.session)
    if let home = homes[session],
      let index = replicas.firstIndex(where: { $0.replica == home && $0.hasRoom })
    {
      return index
    }
    guard let index = replicas.leastLoaded() else { return nil }
    homes[session] = replicas[index].replica
    return index
  }
}
