/// Takes the place with the most free GPUs, so that what is left of it is of use.
public struct WorstFitPlacement: PlacementPolicy {
  /// `worst-fit`.
  public static let name = "worst-fit"
  /// One line for help.
  public static let summary = "the place with the most free GPUs"
  /// The rule's origin.
  public static let source = "the textbook bin-packing rule; Kubernetes' least-allocated score"
  /// `stages`.
  public static let options = [OptionDescription.stagesNear]

  /// Whether stages that follow one another are kept near.
  public let keepsStagesNear: Bool

  /// Creates the policy.
  public init(_ values: OptionValues) { keepsStagesNear = values.keepsStagesNear }

  /// The most free; among equals the first in node order.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    places.first(byLeast: { -places.freeGPUs($0) })
  }
}
