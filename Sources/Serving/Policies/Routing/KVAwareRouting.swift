/// Sends a request where most KV blocks stay free once it and those who wait there have theirs.
///
/// Requests of equal number can be of very unequal length; blocks say who really has room. Blocks that
/// only a prefix cache knows are free, as whoever needs them gets them; whoever waits for blocks, and the
/// request itself, counts with all of its prompt, whatever of it is in a prefix cache. What prompts under
/// way have yet to take is not counted, nor is what decodes will take.
public struct KVAwareRouting: RoutingPolicy {
  /// `kv-aware`.
  public static let name = "kv-aware"
  /// One line for help.
  public static let summary =
    "the replica with most KV blocks free after the prompts that wait there"
  /// The rule's origin.
  public static let source = "llm-d's kv-cache-utilization scorer, with waiting prompts counted"
  /// `holdsAtReplica`.
  public static let options = [OptionDescription.holdsAtReplica(false)]
  /// Free blocks.
  public static let needs: RoutingNeeds = .blocks

  /// Whether requests wait at replicas.
  public let holdsAtReplica: Bool

  /// Reads the checked options.
  public init(_ values: OptionValues) { holdsAtReplica = values.flag("holdsAtReplica") }

  /// Most blocks left, of several the fewest requests, of several the oldest.
  public mutating func route(
    _ request: RoutedRequestView, among replicas: [ReplicaView]
  ) -> Int? {
    var best: Int?
    var most = Int.min
    for index in replicas.indices where replicas[index].hasRoom {
      let view = replicas[index]
      let tokens = view.waitingTokens + request.promptTokens
      let left = view.freeBlocks - (tokens + view.blockTokens - 1) / view.blockTokens
      let isTie = left == most && view.outstanding < replicas[best ?? index].outstanding
      if left > most || isTie { (best, most) = (index, left) }
    }
    return best
  }
}
