import EventKernel

/// Takes any place with room, drawn evenly: what others are compared with.
public struct RandomPlacement: PlacementPolicy {
  /// `random`.
  public static let name = "random"
  /// One line for help.
  public static let summary = "any place with room, drawn evenly"
  /// The rule's origin.
  public static let source = "the baseline of hkust-adsl/kubernetes-scheduler-simulator"
  /// `stages`.
  public static let options = [OptionDescription.stagesNear]

  /// Whether stages that follow one another are kept near.
  public let keepsStagesNear: Bool

  /// Creates the policy.
  public init(_ values: OptionValues) { keepsStagesNear = values.keepsStagesNear }

  private var stream = RandomStream(seed: 0, name: "placement")

  /// Takes its random numbers.
  public mutating func prepare(_ facts: PlacementFacts) { stream = facts.stream }

  /// A function of the seed, the demand and how many choices it has had, however often it is tried.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    let bits = stream.bits(at: UInt64(places.demand), lane: UInt64(places.ordinal))
    return Int(bits % UInt64(places.count))
  }
}
