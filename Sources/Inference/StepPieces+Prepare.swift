public import Hardware

/// Why a cost model cannot price a stage of a plan.
public enum StepPiecesFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The plan has no such stage.
  case noSuchStage(stage: Int, stages: Int)
  /// A measured table without this kind of stage; `measured` lists (tensor × layers).
  case notMeasured(tensor: Int, layers: Int, measured: [String])
  /// A table's curve without points.
  case emptyCurve(tensor: Int, layers: Int, curve: String)
  /// A figure beyond what the arithmetic holds, or negative.
  case figureOutOfRange(name: String, nanoseconds: Int64)
  /// A factor or efficiency that is not positive and finite.
  case factorOutOfRange(name: String, value: Double)

  /// The fault as a sentence, without a full stop.
  public var description: String {
    switch self {
    case .noSuchStage(let stage, let stages):
      "the plan has \(stages) stages, none is number \(stage)"
    case .notMeasured(let tensor, let layers, let measured):
      "no measurement for a stage of \(layers) layers on \(tensor) GPUs; there are: "
        + measured.joined(separator: ", ")
    case .emptyCurve(let tensor, let layers, let curve):
      "the measurements of \(layers) layers on \(tensor) GPUs have no points for \(curve)"
    case .figureOutOfRange(let name, let nanoseconds):
      "\(name) of \(nanoseconds) ns is outside 0 to \(largestFigureNanoseconds) ns"
    case .factorOutOfRange(let name, let value):
      "\(name) of \(value) is outside its range"
    }
  }
}

/// The longest time a scenario may give for one figure: 1,000 s.
let largestFigureNanoseconds: Int64 = 1_000_000_000_000

/// Everything that decides a stage's step times.
struct StageRequest {
  let model: ModelArchitecture
  let weights: NumberFormat
  let keyValue: NumberFormat
  let plan: ParallelPlan
  let stage: Int
  let gpu: GPUSpecification
  let fabric: TensorFabric
  let allReduce: AllReduceImplementation
  let maxBatchedTokens: Int
  let maxSequences: Int

  /// Layers of the stage.
  var layers: Int { plan.layersPerStage[stage] }
  var isFirst: Bool { stage == 0 }
  var isLast: Bool { stage == plan.lastStage }

  /// Bytes of hidden state that one token brings to an all-reduce.
  var bytesPerToken: Int64 { Int64(model.hiddenSize) * bytesPerActivation }

  /// All-reduces of a step: two a layer, one where attention and feed-forward are added together.
  var allReduces: Int { model.allReducesPerLayer * layers }

  /// Bytes each GPU sends per token, every all-reduce as a ring.
  var bytesPerCollectiveToken: Int64 {
    guard plan.tensor > 1 else { return 0 }
    let sent = 2 * Int64(allReduces) * bytesPerToken * Int64(plan.tensor - 1)
    return sent / Int64(plan.tensor)
  }
}

extension StepPieces {
  /// The largest count with a table entry; beyond it GEMMs and all-reduces grow in proportion.
  static let longestTable = 8_192

  /// Prepares the step times of one stage.
  ///
  /// - Parameters:
  ///   - cost: the cost model.
  ///   - model: the model's shape.
  ///   - weights: the format of the weights.
  ///   - keyValue: the format of the KV cache.
  ///   - plan: a legal plan for the model.
  ///   - stage: the stage, a virtual one where a stage holds several, counted from 0.
  ///   - gpu: the GPU type of the stage.
  ///   - fabric: what the stage's GPUs talk over.
  ///   - allReduce: who performs all-reduces.
  ///   - maxBatchedTokens: the most tokens of a usual step; larger steps are priced all the same.
  ///   - maxSequences: the most sequences of a usual step.
  /// - Returns: the stage's prepared step times.
  /// - Throws: `StepPiecesFault` if the cost model cannot price this stage.
  public static func prepare(
    cost: CostModel, model: ModelArchitecture, weights: NumberFormat = .bf16,
    keyValue: NumberFormat = .bf16, plan: ParallelPlan, stage: Int, gpu: GPUSpecification,
    fabric: TensorFabric, allReduce: AllReduceImplementation = .customGraph,
    maxBatchedTokens: Int = 2_048, maxSequences: Int = 256
  ) throws(StepPiecesFault) -> StepPieces {
    guard plan.layersPerStage.indices.contains(stage) else {
      throw .noSuchStage(stage: stage, stages: plan.layersPerStage.count)
    }
    let request = StageRequest(
      model: model, weights: weights, keyValue: keyValue, plan: plan, stage: stage, gpu: gpu,
      fabric: plan.tensor > 1 ? fabric : .single, allReduce: allReduce,
      maxBatchedTokens: min(max(1, maxBatchedTokens), longestTable),
      maxSequences: min(max(1, maxSequences), longestTable))
    return try prepare(request, cost: cost)
  }

  /// Prepares the step times of one stage.
  static func prepare(
    _ request: StageRequest, cost: CostModel
  ) throws(StepPiecesFault) -> StepPieces {
    switch cost {
    case .constant(let constant): return try sharing(constant, request)
    case .stochastic(let stochastic): return try sharing(stochastic, request)
    case .table(let table): return try measured(table, request)
    case .roofline(let roofline): return try operators(roofline, request)
    }
  }
}

/// Refuses a figure that is negative or too large for the arithmetic.
func checkFigure(_ name: String, _ nanoseconds: Int64) throws(StepPiecesFault) {
  guard nanoseconds >= 0, nanoseconds <= largestFigureNanoseconds else {
    throw .figureOutOfRange(name: name, nanoseconds: nanoseconds)
  }
}

/// Refuses a factor that is negative or not finite.
func checkFactor(_ name: String, _ value: Double, above least: Double) throws(StepPiecesFault) {
  guard value.isFinite, value >= least, value <= 1_000_000 else {
    throw .factorOutOfRange(name: name, value: value)
  }
}
