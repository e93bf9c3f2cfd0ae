public import EventKernel

/// Chooses, among equally near places that can hold what is to be placed, the one to take.
///
/// It sees numbers and keeps none between decisions, so that a demand that is tried again on the same
/// cluster gets the same place.
public protocol PlacementPolicy: Policy {
  /// Hears once, before the run, what is asked of the cluster.
  mutating func prepare(_ facts: PlacementFacts)
  /// The index of the place to take; every place offered has at least `needed` free GPUs.
  func choose(among places: PlaceChoices, needed: Int) -> Int
  /// Whether the stages of a replica are placed together, as near as can be, before the policy chooses;
  /// else it chooses for each stage by itself.
  var keepsStagesNear: Bool { get }
}

extension PlacementPolicy {
  /// Nothing to prepare.
  public mutating func prepare(_ facts: PlacementFacts) {}
  /// They are.
  public var keepsStagesNear: Bool { true }
}

/// What a placement policy may know before the run.
public struct PlacementFacts: Sendable {
  /// Its own random numbers, the same for every scheduler of a run.
  public var stream: RandomStream
  /// What is asked of the cluster: groups of GPUs and their shares, which sum to 1.
  public var mix: [GroupShare]
  /// The most GPUs that a node has.
  public var mostGPUs: Int
  /// The greatest bandwidth of a node's network cards, in bytes per second.
  public var mostNICBytesPerSecond: Double

  /// Creates facts.
  public init(
    stream: RandomStream, mix: [GroupShare], mostGPUs: Int, mostNICBytesPerSecond: Double
  ) {
    self.stream = stream
    self.mix = mix
    self.mostGPUs = mostGPUs
    self.mostNICBytesPerSecond = mostNICBytesPerSecond
  }
}

/// A group of GPUs that is asked for, and how often.
public struct GroupShare: Sendable, Hashable {
  /// GPUs of the group.
  public var gpus: Int
  /// Whether they must share an NVLink domain; else a node.
  public var needsDomain: Bool
  /// Share of the demands that ask for it.
  public var share: Double

  /// Creates a group's share.
  public init(gpus: Int, needsDomain: Bool, share: Double) {
    self.gpus = gpus
    self.needsDomain = needsDomain
    self.share = share
  }
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

extension PlaceChoices {
  /// The first index of the least value.
  @inline(__always)
  func first<Value: Comparable>(byLeast value: (Int) -> Value) -> Int {
    var best = 0
    var least = value(0)
    for index in 1..<max(1, count) {
      let found = value(index)
      if found < least { (best, least) = (index, found) }
    }
    return best
  }
}
