/// Takes the place whose free GPUs and network bandwidth a demand wants least of, so that what others
/// want more stays free.
public struct DotProductPlacement: PlacementPolicy {
  /// `dot-product`.
  public static let name = "dot-product"
  /// One line for help.
  public static let summary =
    "the least product of what is asked and what is free, over GPUs and network cards"
  /// The rule's origin.
  public static let source =
    "DotProd of hkust-adsl/kubernetes-scheduler-simulator, the larger the product the lower the score; after Tetris (SIGCOMM 2014)"
  /// `stages`.
  public static let options = [OptionDescription.stagesNear]

  /// Whether stages that follow one another are kept near.
  public let keepsStagesNear: Bool

  /// Creates the policy.
  public init(_ values: OptionValues) { keepsStagesNear = values.keepsStagesNear }

  private var mostGPUs = 1.0
  private var mostNICBytesPerSecond = 1.0

  /// Keeps what a node has at most, by which both are normalised.
  public mutating func prepare(_ facts: PlacementFacts) {
    mostGPUs = Double(max(1, facts.mostGPUs))
    mostNICBytesPerSecond = max(1, facts.mostNICBytesPerSecond)
  }

  /// The least product; among equals the first in node order.
  ///
  /// A demand asks both resources in proportion to its GPUs, so that the sum of what is free orders the
  /// places as the product does.
  public func choose(among places: PlaceChoices, needed: Int) -> Int {
    places.first(byLeast: {
      Double(places.freeGPUs($0)) / mostGPUs
        + places.nicBytesPerSecond($0) / mostNICBytesPerSecond
    })
  }
}
