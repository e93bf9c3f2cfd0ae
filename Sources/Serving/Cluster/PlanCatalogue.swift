import EventKernel
import Hardware
import Inference

/// What every plan of a scheduler means for every model and GPU type: legality, memory, step costs.
struct PlanCatalogue: Sendable {
  /// The plans in the scheduler's order; a replica names one by index.
  let shapes: [PlanShape]
  /// The distinct GPU types of the cluster, and each node's.
  let gpuTypes: [GPUSpecification]
  let gpuTypeOfNode: [Int]
  /// What each type can do at most.
  let physicalLimits: [DeviceLimits]
  /// KV blocks of each stage by [model][plan][GPU type]; empty where the plan is illegal.
  private let blocks: [[[[Int]]]]
  private let plans: [[ParallelPlan]]
  /// KV tokens that an engine of a model holds whichever of the plans it gets: with a ladder, those
  /// of the smallest rung.
  private let poolTokens: [Int64]
  private let contextTokens: [Int64]
  /// Of each model the first one that differs from it in its name alone.
  private let kindOfModel: [Int]
  /// Requests that a replica of any of the plans serves at once.
  let leastRequestsPerReplica: Int
  /// The draws of each model's stochastic steps.
  let drawStreams: [RandomStream]
  /// Whether some model draws anew for each stage.
  let drawsPerStage: Bool
  private let scenario: Scenario
  private let scheduler: SchedulerSpecification
  private var preparedKeys: [PieceKey] = []
  private var preparedIndices: [Int] = []
  /// What the step costs of `preparedKeys` depend on.
  private var preparedKinds: [StageKind] = []

  /// What step costs depend on.
  struct PieceKey: Sendable, Hashable {
    var model: Int
    var plan: Int
    /// A virtual stage.
    var stage: Int
    var gpuType: Int
    var fabric: TensorFabric
  }

  /// All that distinguishes the step costs of two stages: those of one kind are the same.
  private struct StageKind: Hashable {
    var model: Int
    var gpuType: Int
    var fabric: TensorFabric
    var tensor: Int
    var layers: LayerCounts
    var isFirst: Bool
    var isLast: Bool
  }

  init(_ scenario: Scenario, _ scheduler: SchedulerSpecification, seed: UInt64) {
    self.scenario = scenario
    self.scheduler = scheduler
    let shapes = scheduler.parallelism.allPlans
    var types: [GPUSpecification] = []
    var typeOfNode: [Int] = []
    for node in scenario.cluster.nodes {
      if let known = types.firstIndex(of: node.gpu) {
        typeOfNode.append(known)
      } else {
        types.append(node.gpu)
        typeOfNode.append(types.count - 1)
      }
    }
    let setting = PlanSetting(scenario, scheduler)
    let kinds = Self.kinds(of: scenario.models)
    kindOfModel = kinds
    var plans: [[ParallelPlan]] = []
    var blocks: [[[[Int]]]] = []
    for (index, model) in scenario.models.enumerated() {
      // Copies of a model have what the first of them has.
      if kinds[index] < index {
        plans.append(plans[kinds[index]])
        blocks.append(blocks[kinds[index]])
        continue
      }
      let own = shapes.map { setting.plan($0, of: model) }
      plans.append(own)
      let whole = own.map { plan in
        types.map { Self.blocks(model, plan, $0, setting, scheduler.engine) }
      }
      blocks.append(Self.sparing(scheduler.parallelism.consolidation, whole, own, shapes))
    }
    self.plans = plans
    self.blocks = blocks
    let blockTokens = Int64(scheduler.engine.blockTokens)
    poolTokens = blocks.map { perPlan in
      let pools = zip(perPlan, shapes).compactMap { blocks, shape in
        Self.leastPool(blocks).map { $0 / scheduler.batching.engines(stages: shape.stages) }
      }
      return Int64(pools.min() ?? 0) * blockTokens
    }
    contextTokens = scenario.models.map { Int64($0.architecture.maxContextTokens) }
    let batching = scheduler.batching
    leastRequestsPerReplica =
      shapes.map {
        batching.maximumRunning(stages: $0.stages) * batching.engines(stages: $0.stages)
      }.min() ?? batching.maximumSequences
    self.shapes = shapes
    gpuTypes = types
    physicalLimits = types.map(\.physicalLimits)
    gpuTypeOfNode = typeOfNode
    drawStreams = scenario.models.map { RandomStream(seed: seed, name: "model/\($0.name)/steps") }
    drawsPerStage = scenario.models.contains {
      if case .stochastic(let cost) = $0.cost { cost.perStage } else { false }
    }
  }

  /// KV blocks of each stage where pipelines end on their own GPUs: those that become replicas have
  /// room for all the weights from the start.
  ///
  /// What is left beside them has room for the KV of all layers at the end, and for that of its own
  /// layers before: for more tokens by as much as these are fewer.
  private static func sparing(
    _ consolidation: Consolidation?, _ blocks: [[[Int]]], _ plans: [ParallelPlan],
    _ shapes: [PlanShape]
  ) -> [[[Int]]] {
    guard let consolidation, let end = shapes.firstIndex(of: consolidation.end) else {
      return blocks
    }
    var spared = blocks
    for start in shapes.indices where consolidation.isInPlace(from: shapes[start]) {
      for type in blocks[start].indices {
        let left = blocks[end][type].first ?? 0
        for stage in blocks[start][type].indices
        where consolidation.allSurvive || stage == Consolidation.survivor {
          let whole = left * plans[start].layers / max(1, plans[start].layers(ofStage: stage))
          spared[start][type][stage] = min(blocks[start][type][stage], whole)
        }
      }
    }
    return spared
  }

  private static func kinds(of models: [ServedModel]) -> [Int] {
    var first: [ServedModel: Int] = [:]
    return models.enumerated().map { index, model in
      var nameless = model
      nameless.name = ""
      if let known = first[nameless] { return known }
      first[nameless] = index
      return index
    }
  }

  /// KV blocks of each stage on a GPU type; empty when the plan is illegal or does not fit.
  private static func blocks(
    _ model: ServedModel, _ plan: ParallelPlan, _ gpu: GPUSpecification, _ setting: PlanSetting,
    _ engine: EngineSpecification
  ) -> [Int] {
    guard planFaults(of: plan, for: model.architecture, weights: model.weights).isEmpty else {
      return []
    }
    if let memory = setting.memory(plan, of: model, on: gpu) {
      return memory.stages.map { $0.keyValueCapacityTokens / engine.blockTokens }
    }
    return Array(repeating: engine.keyValueBlocks ?? 0, count: plan.stages)
  }

  /// The least KV blocks a replica of a plan can end up with: its stages may lie on any GPU type that
  /// holds them; nil when some stage fits nowhere.
  private static func leastPool(_ byType: [[Int]]) -> Int? {
    let stages = byType.map(\.count).max() ?? 0
    var least: Int?
    for stage in 0..<stages {
      let fitting = byType.compactMap { $0.isEmpty || $0[stage] == 0 ? nil : $0[stage] }
      guard let smallest = fitting.min() else { return nil }
      least = min(least ?? smallest, smallest)
    }
    return least
  }

  /// A model's plan by its index.
  func plan(_ plan: Int, of model: Int) -> ParallelPlan { plans[model][plan] }

  /// KV blocks of a stage on the GPUs of a node; 0 when it does not fit there.
  func blocks(model: Int, plan: Int, stage: Int, node: Int) -> Int {
    blocks(model: model, plan: plan, stage: stage, gpuType: gpuTypeOfNode[node])
  }

  /// KV blocks of a stage on a GPU type; 0 when it does not fit.
  func blocks(model: Int, plan: Int, stage: Int, gpuType: Int) -> Int {
    let stages = blocks[model][plan][gpuType]
    return stages.isEmpty ? 0 : stages[stage]
  }

  /// Why a request of so many KV tokens can never be served by this model; `none` when it can.
  func refusal(of model: Int, tokens: Int64) -> RequestReason {
    if tokens + 1 > contextTokens[model] { return .contextTooLong }
    return tokens > poolTokens[model] ? .keyValuePoolTooSmall : .none
  }

  /// The index of a stage's step costs among the prepared ones, preparing them the first time.
  mutating func pieces(_ asked: PieceKey, in prepared: inout StepPiecesList) -> Int {
    var key = asked
    key.model = kindOfModel[asked.model]
    if let known = preparedKeys.firstIndex(of: key) { return preparedIndices[known] }
    let model = scenario.models[key.model]
    let plan = plans[key.model][key.plan]
    let kind = StageKind(
      model: key.model, gpuType: key.gpuType, fabric: key.fabric, tensor: plan.tensor,
      layers: model.architecture.layerCounts(in: plan.layerRange(ofStage: key.stage)),
      isFirst: key.stage == 0, isLast: key.stage == plan.lastStage)
    if let known = preparedKinds.firstIndex(of: kind) {
      remember(key, kind, preparedIndices[known])
      return preparedIndices[known]
    }
    do {
      let index = prepared.append(
        try StepPieces.prepare(
          cost: scheduler.batching.hidesHost ? model.cost.withHostHidden : model.cost,
          model: model.architecture, weights: model.weights,
          keyValue: model.keyValueCache, plan: plan, stage: key.stage,
          gpu: gpuTypes[key.gpuType], fabric: key.fabric, allReduce: scheduler.engine.allReduce,
          maxBatchedTokens: maximumTokens(of: key.model),
          maxSequences: scheduler.batching.maximumSequences))
      remember(key, kind, index)
      return index
    } catch {
      preconditionFailure("a checked scenario has a price for every stage: \(error)")
    }
  }

  private mutating func remember(_ key: PieceKey, _ kind: StageKind, _ index: Int) {
    preparedKeys.append(key)
    preparedKinds.append(kind)
    preparedIndices.append(index)
  }

  /// The hop that leaves a stage over a fabric.
  func hop(model: Int, plan: Int, stage: Int, gpuType: Int, fabric: HopFabric) -> HopPieces {
    HopPieces(
      cost: scenario.models[model].cost, model: scenario.models[model].architecture,
      plan: plans[model][plan], stage: stage, gpu: gpuTypes[gpuType], fabric: fabric,
      maxBatchedTokens: maximumTokens(of: model))
  }

  /// Tokens up to which a model's step times are tabulated.
  private func maximumTokens(of model: Int) -> Int {
    scheduler.batching.maximumTokens(
      context: scenario.models[model].architecture.maxContextTokens)
  }

  /// Requests that a replica on so many stages serves at once.
  func requestsPerReplica(stages: Int) -> Int {
    scheduler.batching.maximumRunning(stages: stages) * scheduler.batching.engines(stages: stages)
  }

  /// Bytes of one KV block on each GPU of a stage, its virtual stages together.
  func keyValueBytesPerBlock(model: Int, plan: Int, stage: Int) -> Int64 {
    let served = scenario.models[model]
    let shape = plans[model][plan]
    return Int64(scheduler.engine.blockTokens)
      * served.architecture.keyValueBytesPerToken(
        served.keyValueCache, layers: shape.layers(ofStage: stage), tensor: shape.tensor)
  }

  /// Bytes of weights each GPU of a stage fetches: its layers' share of the model over its ranks.
  func shardBytes(model: Int, plan: Int, stage: Int) -> Int64 {
    let served = scenario.models[model]
    let shape = plans[model][plan]
    let whole = served.architecture.weightBytes(served.weights)
    let (high, low) = whole.multipliedFullWidth(by: Int64(shape.layers(ofStage: stage)))
    return (Int64(shape.layers) * Int64(shape.tensor)).dividingFullWidth((high, low)).quotient
  }
}
