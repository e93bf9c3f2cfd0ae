/// Fills nodes that are in use before it touches an idle one, so that whole nodes stay free.
public struct PackedPlacement: PlacementPolicy {
  /// `packed`.
  public static let name = "packed"
  /// One line for help.
  public static let summary =
    "nodes in use before idle ones, the fullest first; of idle nodes the smallest"
  /// The rule's origin.
  public static let source =
    "GpuPacking of hkust-adsl/kubernetes-scheduler-simulator; Kubernetes' most-allocated score among equals"
  /// `stages`.
  public static let options = [OptionDescription.stagesNear]

  /// Whether stages that follow one another are kept near.
  public let keepsStagesNear: Bool

  /// Creates the policy.
  public init(_ values: OptionValues) { keepsStagesNear = values.keepsStagesNear }

  /// The greatest share in use; where none is in use the fewest GPUs; then the first in node order.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    places.first(byLeast: { index in
      let total = places.totalGPUs(index)
      let free = places.freeGPUs(index)
      // Shares are at most 1, so that idle places come after all others.
      return free < total ? Double(free) / Double(total) : Double(1 + total)
    })
  }
}
