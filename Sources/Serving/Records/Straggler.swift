/// A stage whose mean step takes more than 1.1 times the median of its replica's other stages.
public struct Straggler: Sendable, Hashable {
  /// Why it is slow.
  public enum Cause: Int32, Sendable, CaseIterable {
    /// LM head and sampler: without them it would not be.
    case sampling
    /// It has more layers than any other stage.
    case layers
    /// Neither: slower GPUs, or slower collectives.
    case other

    /// The word used in results.
    public var name: String {
      switch self {
      case .sampling: "sampling"
      case .layers: "layers"
      case .other: "other"
      }
    }
  }

  /// Its replica.
  public var replicaID: Int32
  /// Its place in the pipeline, from 0.
  public var stage: Int32
  /// Its mean step over the median of the others' mean steps.
  public var ratio: Double
  /// Why.
  public var cause: Cause

  /// Describes a straggler.
  public init(replicaID: Int32, stage: Int32, ratio: Double, cause: Cause) {
    self.replicaID = replicaID
    self.stage = stage
    self.ratio = ratio
    self.cause = cause
  }

  /// Ratios beyond this one make a straggler.
  public static var leastRatio: Double { 1.1 }

  /// The straggler at a place among the stages of one replica; nil when that one is none.
  public init?(_ place: Int, of stages: [StageRecord]) {
    let own = stages[place]
    let others = stages.indices.filter { $0 != place && stages[$0].steps > 0 }
    guard own.steps > 0, !others.isEmpty else { return nil }
    let means = others.map { stages[$0].meanStep }.sorted()
    let half = means.count / 2
    let median = means.count % 2 == 1 ? means[half] : (means[half - 1] + means[half]) / 2
    guard median > 0, own.meanStep > Self.leastRatio * median else { return nil }
    let without = own.meanStep - Double(own.samplingTime) / Double(own.steps)
    let hasMostLayers = others.allSatisfy { stages[$0].layers < own.layers }
    self.init(
      replicaID: own.replicaID, stage: own.stage, ratio: own.meanStep / median,
      cause: without <= Self.leastRatio * median
        ? .sampling : hasMostLayers ? .layers : .other)
  }
}

extension StageRecord {
  /// Its mean step, in nanoseconds; 0 without steps.
  public var meanStep: Double { steps > 0 ? Double(stepTime) / Double(steps) : 0 }
}
