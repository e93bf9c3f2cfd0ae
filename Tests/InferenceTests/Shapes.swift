import Hardware
import Inference

/// Shapes and shorthands the tests share.
enum Shapes {
  static let llama2With7B = catalogue("llama-2-7b")
  static let codeLlama34B = catalogue("codellama-34b")

  static func catalogue(_ name: String) -> ModelArchitecture {
    guard let model = ModelCatalogue.model(named: name) else { preconditionFailure(name) }
    return model
  }

  /// Prepares one stage with the defaults of a run.
  static func pieces(
    _ cost: CostModel, _ model: ModelArchitecture, _ plan: ParallelPlan,
    stage: Int = 0, gpu: GPUSpecification = .h100SXM, fabric: TensorFabric = .nvlinkSwitch,
    allReduce: AllReduceImplementation = .customGraph, weights: NumberFormat = .bf16,
    maxBatchedTokens: Int = 2_048
  ) throws -> StepPieces {
    try StepPieces.prepare(
      cost: cost, model: model, weights: weights, plan: plan, stage: stage, gpu: gpu,
      fabric: fabric, allReduce: allReduce, maxBatchedTokens: maxBatchedTokens)
  }

  /// The same by the roofline.
  static func pieces(
    _ model: ModelArchitecture, _ plan: ParallelPlan, stage: Int = 0,
    gpu: GPUSpecification = .h100SXM, fabric: TensorFabric = .nvlinkSwitch,
    allReduce: AllReduceImplementation = .customGraph, maxBatchedTokens: Int = 2_048
  ) throws -> StepPieces {
    try pieces(
      .roofline(RooflineCost()), model, plan, stage: stage, gpu: gpu, fabric: fabric,
      allReduce: allReduce, maxBatchedTokens: maxBatchedTokens)
  }

  static func even(_ tensor: Int, _ stages: Int, _ model: ModelArchitecture) -> ParallelPlan {
    .even(tensor: tensor, stages: stages, layers: model.layers)
  }
}

/// Whether a value lies within a share of a reference.
func isNear(_ value: Double, _ reference: Double, within share: Double) -> Bool {
  abs(value - reference) <= share * abs(reference)
}

/// A small generator, so that a failing draw can be repeated.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
