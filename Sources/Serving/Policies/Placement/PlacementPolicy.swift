/// Chooses, among equally near places that can hold what is to be placed, the one to take.
public protocol PlacementPolicy: Policy {
  /// The index into `places` to take; every place offered has at least `needed` free GPUs.
  func choose(among places: [PlaceView], needed: Int) -> Int
  /// Whether the stages of a replica are placed together, as near as can be, before the policy chooses;
  /// else it chooses for each stage by itself.
  var keepsStagesNear: Bool { get }
}

extension PlacementPolicy {
  /// They are.
  public var keepsStagesNear: Bool { true }
}

extension OptionDescription {
  /// The option `stages` of the built-in policies.
  static let stagesNear = OptionDescription(
    "stages", .choice(["near", "independent"]),
    "stages that follow one another as near as can be, or each by itself (default: near)")
}

extension OptionValues {
  /// What the option `stages` says.
  var keepsStagesNear: Bool { self["stages"] != .choice("independent") }
}

/// One place that could hold all stages still to be placed: a node, a leaf or a region; for a replica of
/// one stage with several GPUs an NVLink domain, or a node where domains do not bind.
public struct PlaceView: Sendable, Hashable {
  /// The place's number in node order.
  public var place: Int
  /// Index of its node, the first one where it has several.
  public var node: Int
  /// Index of its leaf.
  public var leaf: Int
  /// Free GPUs in it.
  public var freeGPUs: Int
  /// All GPUs in it.
  public var totalGPUs: Int
}
