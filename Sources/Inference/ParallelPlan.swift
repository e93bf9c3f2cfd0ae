/// How a replica's model is cut: pipeline stages, each sharded over some GPUs.
public struct ParallelPlan: Sendable, Hashable {
  /// GPUs that share each layer of a stage.
  public var tensor: Int
  /// Pipeline stages.
  public var stages: Int
  /// Transformer layers of each stage, first stage first.
  public var layersPerStage: [Int]

  /// Creates a plan with a given partition; `planFaults` says whether it is legal.
  public init(tensor: Int, stages: Int, layersPerStage: [Int]) {
    self.tensor = tensor
    self.stages = stages
    self.layersPerStage = layersPerStage
  }

  /// The plan with as equal stages as possible.
  ///
  /// Layers left over go to the stages before the last, from its neighbour towards the front:
  /// the last stage already carries the LM head and the sampler, and the first one the embedding.
  public static func even(tensor: Int, stages: Int, layers: Int) -> ParallelPlan {
    guard stages > 0 else {
      return ParallelPlan(tensor: tensor, stages: stages, layersPerStage: [])
    }
    var partition = [Int](repeating: layers / stages, count: stages)
    for position in 0..<max(0, layers % stages) { partition[stages - 2 - position] += 1 }
    return ParallelPlan(tensor: tensor, stages: stages, layersPerStage: partition)
  }

  /// GPUs of one replica.
  public var gpuCount: Int { tensor * stages }

  /// The plan's short name: `TP4`, `PP4`, `TP2xPP2` or `1 GPU`.
  public var label: String {
    switch (tensor, stages) {
    case (1, 1): "1 GPU"
    case (_, 1): "TP\(tensor)"
    case (1, _): "PP\(stages)"
    default: "TP\(tensor)xPP\(stages)"
    }
  }

  /// The index of the last stage.
  public var lastStage: Int { stages - 1 }

  /// Transformer layers of all stages.
  public var layers: Int { layersPerStage.reduce(0, +) }
}
