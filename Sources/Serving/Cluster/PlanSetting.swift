import EventKernel
public import Hardware
public import Inference

/// What plans are worked out for before anything runs: the engine's limits and the GPUs there are.
///
/// Plans are cut before their GPUs are known. So layers are balanced for the GPU type of which the
/// cluster has most (of equally many the first in node order), every stage on GPUs of one node where
/// a node has enough of them.
public struct PlanSetting: Sendable {
  private let nodes: [NodeSpecification]
  private let engine: EngineSpecification
  private let batching: any BatchingPolicy

  /// The setting of a scheduler.
  public init(
    nodes: [NodeSpecification], engine: EngineSpecification, batching: any BatchingPolicy
  ) {
    self.nodes = nodes
    self.engine = engine
    self.batching = batching
  }

  /// The setting of one of a scenario's schedulers.
  public init(_ scenario: Scenario, _ scheduler: SchedulerSpecification) {
    self.init(
      nodes: scenario.cluster.nodes, engine: scheduler.engine, batching: scheduler.batching)
  }

  /// The node on whose GPUs layers are balanced; nil in an empty cluster.
  public var assumedNode: NodeSpecification? {
    var types: [(node: NodeSpecification, gpus: Int)] = []
    for node in nodes {
      if let known = types.firstIndex(where: { $0.node.gpu.name == node.gpu.name }) {
        types[known].gpus += node.gpuCount
      } else {
        types.append((node, node.gpuCount))
      }
    }
    let most = types.map(\.gpus).max() ?? 0
    return types.first { $0.gpus == most }?.node
  }

  /// A shape with its layers dealt out.
  public func plan(_ shape: PlanShape, of model: ServedModel) -> ParallelPlan {
    if let listed = shape.layers {
      return ParallelPlan(
        tensor: shape.tensor, stages: shape.stages, virtualStages: shape.virtualStages,
        topology: shape.topology, layersPerStage: listed)
    }
    guard case .balanced(let step) = shape.deal, let node = assumedNode else {
      return .even(
        tensor: shape.tensor, stages: shape.stages, virtualStages: shape.virtualStages,
        topology: shape.topology, layers: model.architecture.layers)
    }
    return .balanced(
      stages: shape.stages, virtualStages: shape.virtualStages, topology: shape.topology,
      pricing: pricing(model, tensor: shape.tensor, on: node),
      step: self.step(step, of: model, stages: shape.stages),
      memory: engine.keyValueBlocks == nil ? limits(model, stages: shape.stages) : nil)
  }

  /// A step by which stages are compared; drawn step times count with their mean.
  func step(_ step: ReferenceStep, of model: ServedModel, stages: Int) -> BatchShape {
    var shape = step.shape(
      model: model.architecture, stages: stages, maxBatchedTokens: maximumTokens(model),
      maxSequences: batching.maximumSequences)
    if let seconds = model.stepSeconds?.mean {
      shape.drawnNanoseconds = Int64((seconds * 1e9).rounded())
    }
    return shape
  }

  /// What stages of a model take on a node's GPUs.
  func pricing(_ model: ServedModel, tensor: Int, on node: NodeSpecification) -> StagePricing {
    StagePricing(
      cost: batching.hidesHost ? model.cost.withHostHidden : model.cost, model: model.architecture,
      weights: model.weights,
      keyValue: model.keyValueCache, tensor: tensor, gpu: node.gpu,
      fabric: node.fabric(ofGroup: tensor), allReduce: engine.allReduce)
  }

  /// The memory of a plan on GPUs of a type; nil when the scenario gives the KV blocks itself, for then
  /// the engine does not ask for it.
  public func memory(
    _ plan: ParallelPlan, of model: ServedModel, on gpu: GPUSpecification
  ) -> MemoryPlan? {
    guard engine.keyValueBlocks == nil else { return nil }
    let limits = limits(model, stages: plan.stages)
    return MemoryPlan(
      model: model.architecture, plan: plan, gpu: gpu, weights: model.weights,
      keyValue: model.keyValueCache, gpuMemoryUtilization: limits.gpuMemoryUtilization,
      memoryShare: limits.memoryShare, maxBatchedTokens: limits.maxBatchedTokens,
      maxSequences: limits.maxSequences, microbatchesInFlight: limits.microbatchesInFlight)
  }

  /// KV tokens of every stage where the scenario gives its blocks.
  var givenTokens: Int { (engine.keyValueBlocks ?? 0) * engine.blockTokens }

  private func maximumTokens(_ model: ServedModel) -> Int {
    batching.maximumTokens(context: model.architecture.maxContextTokens)
  }

  private func limits(_ model: ServedModel, stages: Int) -> MemoryLimits {
    MemoryLimits(
      gpuMemoryUtilization: engine.gpuMemoryUtilization,
      memoryShare: 1 / Double(engine.residentsPerGPU), maxBatchedTokens: maximumTokens(model),
      maxSequences: batching.maximumSequences,
      microbatchesInFlight: stages > 1
        ? batching.depth(stages: stages) * batching.engines(stages: stages) : 0,
      blockTokens: engine.blockTokens)
  }
}

extension NodeSpecification {
  /// What a group's GPUs talk over when they lie in as few nodes like this one as can be.
  fileprivate func fabric(ofGroup count: Int) -> TensorFabric {
    guard count > 1 else { return .single }
    let inNode = min(count, gpuCount)
    let isJoined = inNode <= nvlinkDomainSize
    let path = isJoined ? nil : PCIePath(isPeerToPeer: pcie.isPeerToPeer)
    guard count > gpuCount else {
      if let path { return .pcie(path) }
      return nvlink == .pairs ? .nvlinkPair : .nvlinkSwitch
    }
    return .network(
      NetworkPath(
        nodes: (count + gpuCount - 1) / gpuCount, gpusPerNode: inNode, cardsPerNode: nicCount,
        bandwidthBytesPerSecond: Double(nicCount) * nicBandwidthBytesPerSecond,
        latencyNanoseconds: 0, pcie: path, isThroughHost: !hasGPUDirect))
  }
}
