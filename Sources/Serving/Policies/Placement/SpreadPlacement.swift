/// Places every stage by itself, on the node and leaf with fewest others of the replica and the most
/// network bandwidth to spare, so that a cold start fetches over as many network cards as can be.
public struct SpreadPlacement: PlacementPolicy {
  /// `spread`.
  public static let name = "spread"
  /// One line for help.
  public static let summary =
    "each stage on another node and leaf, where most network bandwidth is free"
  /// The rule's origin.
  public static let source =
    "HydraServe: servers with the largest free bandwidth first, a shared card is claimed by each fetch"
  /// None: stages are always placed each by itself.
  public static let options: [OptionDescription] = []

  /// Stages are spread.
  public var keepsStagesNear: Bool { false }

  /// Creates the policy.
  public init(_ values: OptionValues) {}

  /// The fewest own GPUs in node and leaf, then the most bandwidth, then the most free GPUs; then the
  /// first in node order.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    var best = 0
    for index in 1..<max(1, places.count) where isBetter(index, than: best, in: places) {
      best = index
    }
    return best
  }

  @inline(__always)
  private func isBetter(_ index: Int, than best: Int, in places: PlaceChoices) -> Bool {
    let own = places.ownInNode(index) - places.ownInNode(best)
    if own != 0 { return own < 0 }
    let near = places.ownInLeaf(index) - places.ownInLeaf(best)
    if near != 0 { return near < 0 }
    let (rate, bestRate) = (places.nicBytesPerSecond(index), places.nicBytesPerSecond(best))
    if rate != bestRate { return rate > bestRate }
    return places.freeGPUs(index) > places.freeGPUs(best)
  }
}
