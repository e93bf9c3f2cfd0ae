/// Chooses, among the places that can hold a group of GPUs, the one to take.
public protocol PlacementPolicy: Policy {
  /// The index into `places` to take; every place offered has at least `needed` free GPUs.
  func choose(among places: [PlaceView], needed: Int) -> Int
}

/// One place that could hold a stage: an NVLink domain, or a node where domains do not bind.
public struct PlaceView: Sendable, Hashable {
  /// The place's number in node order.
  public var place: Int
  /// Index of its node.
  public var node: Int
  /// Index of its leaf.
  public var leaf: Int
  /// Free GPUs in it.
  public var freeGPUs: Int
  /// All GPUs in it.
  public var totalGPUs: Int
}
