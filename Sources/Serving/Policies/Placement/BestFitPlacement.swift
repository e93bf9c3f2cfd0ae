/// Takes the place that is left with the fewest free GPUs, so that large blocks stay whole.
public struct BestFitPlacement: PlacementPolicy {
  /// `best-fit`.
  public static let name = "best-fit"
  /// One line for help.
  public static let summary = "the place left with the fewest free GPUs"
  /// The rule's origin.
  public static let source = "the textbook bin-packing rule; Kubernetes' most-allocated score"
  /// `stages`.
  public static let options = [OptionDescription.stagesNear]

  /// Whether stages that follow one another are kept near.
  public let keepsStagesNear: Bool

  /// Creates the policy.
  public init(_ values: OptionValues) { keepsStagesNear = values.keepsStagesNear }

  /// The least left over; among equals the first in node order.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    places.first(byLeast: { places.freeGPUs($0) })
  }
}
