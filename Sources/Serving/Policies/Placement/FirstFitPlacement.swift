/// Takes the first place with room, in node order.
public struct FirstFitPlacement: PlacementPolicy {
  /// `first-fit`.
  public static let name = "first-fit"
  /// One line for help.
  public static let summary = "the first place with room, in node order"
  /// The rule's origin.
  public static let source = "the textbook bin-packing rule"
  /// None.
  public static let options: [OptionDescription] = []

  /// Creates the policy.
  public init(_ values: OptionValues) {}

  /// The first.
  public func choose(among places: [PlaceView], needed: Int) -> Int { 0 }
}
