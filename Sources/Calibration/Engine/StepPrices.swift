import Hardware
import Inference
import Serving

/// What single steps of a one-stage engine take, or of the middle layers of any.
struct StepPrices {
  private let pieces: StepPieces
  /// Layers that are priced.
  let layers: Int

  /// Prices whole steps of an engine's one stage.
  init(_ setup: EngineSetup) throws(EngineFault) {
    try self.init(setup, onlyLayers: false)
  }

  /// Prices the layers of an engine alone: no embedding, no LM head, no sampler.
  init(layersOf setup: EngineSetup) throws(EngineFault) {
    try self.init(setup, onlyLayers: true)
  }

  private init(_ setup: EngineSetup, onlyLayers: Bool) throws(EngineFault) {
    var whole = setup
    // Single layers were measured where the whole model does not fit.
    if onlyLayers { whole.stages = 8 }
    let scenario = try whole.checkedScenario()
    let model = scenario.models[0]
    let node = scenario.cluster.nodes[0]
    let count = model.architecture.layers
    let plan =
      onlyLayers
      ? ParallelPlan(tensor: setup.tensor, stages: 3, layersPerStage: [1, count - 2, 1])
      : .even(tensor: setup.tensor, stages: 1, layers: count)
    layers = onlyLayers ? count - 2 : count
    do throws(StepPiecesFault) {
      pieces = try StepPieces.prepare(
        cost: model.cost, model: model.architecture, weights: model.weights,
        keyValue: model.keyValueCache, plan: plan, stage: onlyLayers ? 1 : 0, gpu: node.gpu,
        fabric: Self.fabric(node, ranks: setup.tensor),
        allReduce: scenario.schedulers[0].engine.allReduce,
        maxBatchedTokens: setup.maxBatchedTokens, maxSequences: setup.maxSequences)
    } catch {
      throw EngineFault("\(setup.name): \(error)")
    }
  }

  /// Milliseconds of a step.
  func milliseconds(_ shape: BatchShape) -> Double { Double(pieces.cost(shape).total) * 1e-6 }

  /// Milliseconds of a step without what the host adds.
  func millisecondsOnGPU(_ shape: BatchShape) -> Double {
    let cost = pieces.cost(shape)
    return Double(cost.total - cost.host) * 1e-6
  }

  private static func fabric(_ node: NodeSpecification, ranks: Int) -> TensorFabric {
    guard ranks > 1 else { return .single }
    switch node.nvlink {
    case .switch: return .nvlinkSwitch
    case .pairs where ranks == 2: return .nvlinkPair
    case .pairs, .none: return .pcie(PCIePath(isPeerToPeer: node.pcie.isPeerToPeer))
    }
  }
}

/// Why an engine cannot be simulated, as a line without a full stop.
public struct EngineFault: Error, Sendable, Hashable, CustomStringConvertible {
  /// The line.
  public var description: String

  /// Creates a fault.
  public init(_ description: String) { self.description = description }
}
