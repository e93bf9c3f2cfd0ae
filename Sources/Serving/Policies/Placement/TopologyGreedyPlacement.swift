/// Takes the lowest level of the topology that holds a whole replica, and of its places the one whose
/// surroundings have least to spare, so that large blocks stay whole on every level.
public struct TopologyGreedyPlacement: PlacementPolicy {
  /// `topology-greedy`.
  public static let name = "topology-greedy"
  /// One line for help.
  public static let summary =
    "the lowest level that holds the replica, then the fullest leaf, node and domain"
  /// The rule's origin.
  public static let source =
    "the best fit on every level of Kubernetes' Topology-Aware Scheduling (kubernetes-sigs/kueue)"
  /// None: stages always lie as near as can be.
  public static let options: [OptionDescription] = []

  /// Creates the policy.
  public init(_ values: OptionValues) {}

  /// The fewest free GPUs in the leaf, then in the node, then in the place; then the first in node order.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    guard places.areInNodes else { return places.first(byLeast: { places.freeGPUs($0) }) }
    return places.first(byLeast: { index in
      (places.freeInLeaf(index) << 20 + places.freeInNode(index)) << 20 + places.freeGPUs(index)
    })
  }
}
