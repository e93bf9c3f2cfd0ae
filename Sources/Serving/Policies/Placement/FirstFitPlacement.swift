/// Takes the first place with room, in node order.
public struct FirstFitPlacement: PlacementPolicy {
  /// `first-fit`.
  public static let name = "first-fit"
  /// One line for help.
  public static let summary = "the first place with room, in node order"
  /// The rule's origin.
  public static let source = "the textbook bin-packing rule"
  /// `stages`.
  public static let options = [OptionDescription.stagesNear]

  /// Whether stages that follow one another are kept near.
  public let keepsStagesNear: Bool

  /// Creates the policy.
  public init(_ values: OptionValues) { keepsStagesNear = values.keepsStagesNear }

  /// The first.
  public func choose(among places: PlaceChoices, needed: Int) -> Int { 0 }
}
