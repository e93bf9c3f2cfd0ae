/// On which stages the virtual stages of a plan lie.
public enum StageTopology: String, Sendable, Hashable, CaseIterable {
  /// Virtual stage k on stage k mod p: from the last stage back to the first (Megatron-LM's
  /// interleaved schedule).
  case loop
  /// From the last stage back the way it came: 0 to p − 1, p − 1 to 0, and so on, so that with an even
  /// number the first and the last virtual stage share GPUs (vllm-project/vllm-ascend, issue 16618).
  case foldBack = "fold-back"
}

/// How a replica's model is cut: pipeline stages, each sharded over some GPUs.
///
/// A stage may hold several parts of the layers, its virtual stages: micro-batches then pass the
/// stages several times. Without them each stage is its one virtual stage.
public struct ParallelPlan: Sendable, Hashable {
  /// GPUs that share each layer of a stage.
  public var tensor: Int
  /// Pipeline stages: groups of GPUs.
  public var stages: Int
  /// Virtual stages that each stage holds.
  public var virtualStages: Int
  /// On which stages they lie.
  public var topology: StageTopology
  /// Transformer layers of each virtual stage, in the order in which they are passed.
  public var layersPerStage: [Int]

  /// Creates a plan with a given partition; `planFaults` says whether it is legal.
  public init(
    tensor: Int, stages: Int, virtualStages: Int = 1, topology: StageTopology = .loop,
    layersPerStage: [Int]
  ) {
    self.tensor = tensor
    self.stages = stages
    self.virtualStages = virtualStages
    self.topology = topology
    self.layersPerStage = layersPerStage
  }

  /// The plan with as equal stages as possible.
  ///
  /// Layers left over go to the stages before the last, from its neighbour towards the front:
  /// the last stage already carries the LM head and the sampler, and the first one the embedding.
  public static func even(
    tensor: Int, stages: Int, virtualStages: Int = 1, topology: StageTopology = .loop, layers: Int
  ) -> ParallelPlan {
    ParallelPlan(
      tensor: tensor, stages: stages, virtualStages: virtualStages, topology: topology,
      layersPerStage: evenPartition(of: layers, stages: stages * virtualStages))
  }

  /// GPUs of one replica.
  public var gpuCount: Int { tensor * stages }

  /// The plan's short name: `TP4`, `PP4`, `TP2xPP2`, `PP4v2` with two virtual stages, or `1 GPU`.
  public var label: String {
    let virtual = virtualStages > 1 ? "v\(virtualStages)" : ""
    return switch (tensor, stages) {
    case (1, 1): "1 GPU"
    case (_, 1): "TP\(tensor)"
    case (1, _): "PP\(stages)\(virtual)"
    default: "TP\(tensor)xPP\(stages)\(virtual)"
    }
  }

  /// Virtual stages of all stages: how many steps a micro-batch passes.
  public var virtualStageCount: Int { stages * virtualStages }

  /// The index of the last virtual stage.
  public var lastStage: Int { virtualStageCount - 1 }

  /// The stage on whose GPUs a virtual stage lies; the first p lie on stages 0 to p − 1.
  public func stage(ofVirtual index: Int) -> Int {
    let (turn, position) = index.quotientAndRemainder(dividingBy: max(1, stages))
    return topology == .foldBack && turn % 2 == 1 ? stages - 1 - position : position
  }

  /// The virtual stages that a stage holds, in the order in which they are passed.
  public func virtualStages(ofStage stage: Int) -> [Int] {
    (0..<virtualStageCount).filter { self.stage(ofVirtual: $0) == stage }
  }

  /// The first virtual stage from which a micro-batch goes between the same two stages, over the same
  /// links.
  public func way(ofVirtual index: Int) -> Int {
    let (from, to) = (stage(ofVirtual: index), stage(ofVirtual: index + 1))
    let first = (0..<index).first {
      stage(ofVirtual: $0) == from && stage(ofVirtual: $0 + 1) == to
    }
    return first ?? index
  }

  /// Transformer layers of a stage.
  public func layers(ofStage stage: Int) -> Int {
    virtualStages(ofStage: stage).reduce(0) { $0 + layersPerStage[$1] }
  }

  /// Transformer layers of all stages.
  public var layers: Int { layersPerStage.reduce(0, +) }
}

/// Layers dealt out to stages as evenly as can be, those left over to the stages before the last, from
/// its neighbour towards the front.
func evenPartition(of layers: Int, stages: Int) -> [Int] {
  guard stages > 0 else { return [] }
  var partition = [Int](repeating: layers / stages, count: stages)
  for position in 0..<max(0, layers % stages) { partition[stages - 2 - position] += 1 }
  return partition
}
