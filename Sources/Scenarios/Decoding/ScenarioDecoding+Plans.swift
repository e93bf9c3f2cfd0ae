import Hardware
import Inference
import JSON
import Serving

extension ScenarioDecoding {
  /// Tells every plan that cannot serve a model on this cluster, with the figures; returns the schedulers
  /// of which all can.
  func checkPlans(
    _ schedulers: [Scheduler], models: [Model], on nodes: [NodeSpecification]
  ) -> [Scheduler] {
    let available = nodes.reduce(0) { $0 + $1.gpuCount }
    return schedulers.filter { scheduler in
      guard let (policy, choice) = scheduler.parallelism else { return false }
      var isSound = true
      for shape in policy.allPlans {
        let place = Self.place(of: shape, in: choice)
        func tell(_ problem: ScenarioProblem) {
          isSound = false
          faults.add(problem, at: place.path, from: place.origin)
        }
        if shape.gpuCount > available {
          tell(.clusterTooSmall(needed: shape.gpuCount, available: available))
          continue
        }
        let requiresDomain = policy.requiresDomain && shape.tensor > 1
        let largest = nodes.map(\.nvlinkDomainSize).max() ?? 0
        if requiresDomain, shape.tensor > largest {
          tell(.domainTooSmall(tensor: shape.tensor, largest: largest))
          continue
        }
        let rooms = Self.rooms(of: nodes, tensor: shape.tensor, requiresDomain: requiresDomain)
        let setting = PlanSetting(
          nodes: nodes, engine: scheduler.engine ?? EngineSpecification(),
          batching: scheduler.batching ?? VLLMBatching())
        for served in models.compactMap(\.model) {
          if let problem = Self.problem(shape, of: served, on: scheduler, setting, rooms: rooms) {
            tell(problem)
          }
        }
      }
      return isSound
    }
  }

  /// A GPU type of the cluster and how many stages its nodes hold when they are empty.
  struct Room {
    var gpu: GPUSpecification
    var stages: Int
  }

  /// The room that each GPU type has for stages of `tensor` GPUs, types without any left out.
  static func rooms(
    of nodes: [NodeSpecification], tensor: Int, requiresDomain: Bool
  ) -> [Room] {
    var rooms: [Room] = []
    // GPUs by type and region, which no group leaves.
    var gpus: [[Int]] = []
    for node in nodes {
      if !rooms.contains(where: { $0.gpu.name == node.gpu.name }) {
        rooms.append(Room(gpu: node.gpu, stages: 0))
        gpus.append(Array(repeating: 0, count: Limit.regions))
      }
      guard let index = rooms.firstIndex(where: { $0.gpu.name == node.gpu.name }) else { continue }
      gpus[index][node.region] += node.gpuCount
      let domains = node.gpuCount / node.nvlinkDomainSize
      rooms[index].stages += domains * (node.nvlinkDomainSize / tensor)
    }
    if !requiresDomain {
      for index in rooms.indices {
        rooms[index].stages = gpus[index].reduce(0) { $0 + $1 / tensor }
      }
    }
    return rooms.filter { $0.stages > 0 }
  }

  /// Why a plan cannot serve a model on any GPU type; nil when it can.
  private static func problem(
    _ shape: PlanShape, of model: ServedModel, on scheduler: Scheduler, _ setting: PlanSetting,
    rooms: [Room]
  ) -> ScenarioProblem? {
    if let reason = shape.dealFault(of: model.architecture.layers) {
      let label = ParallelPlan.even(
        tensor: shape.tensor, stages: shape.stages, virtualStages: shape.virtualStages, layers: 0
      ).label
      return .illegalPlan(plan: label, model: model.name, reasons: [reason])
    }
    let plan = setting.plan(shape, of: model)
    let label = plan.gpuCount == 1 ? "TP1" : plan.label
    let reasons = planFaults(of: plan, for: model.architecture, weights: model.weights)
    if !reasons.isEmpty {
      return .illegalPlan(plan: label, model: model.name, reasons: reasons)
    }
    if let reason = unmeasured(plan, in: model.cost) {
      return .unmeasuredPlan(plan: label, model: model.name, reason: reason)
    }
    let hasPolicies = scheduler.batching != nil && scheduler.engine != nil
    let memory = rooms.map { hasPolicies ? setting.memory(plan, of: model, on: $0.gpu) : nil }
    let shortages = (0..<plan.stages).map { stage in
      zip(rooms, memory).map { room, memory in
        memory.flatMap { shortage(of: stage, in: $0, gpu: room.gpu, scheduler) }
      }
    }
    if let homeless = shortages.first(where: { !$0.contains(nil) }) {
      return .planDoesNotFit(
        plan: label, model: model.name, shortages: homeless.compactMap { $0 })
    }
    let fits = shortages.map { ofStage in rooms.indices.filter { ofStage[$0] == nil } }
    return crowding(fits, rooms: rooms, tensor: plan.tensor)
  }

  /// A stage that the model's cost table does not know.
  private static func unmeasured(_ plan: ParallelPlan, in cost: CostModel) -> StepPiecesFault? {
    guard case .table(let table) = cost else { return nil }
    for layers in plan.layersPerStage
    where table.stage(tensor: plan.tensor, layers: layers) == nil {
      let measured = table.stages.map { "\($0.layers) layers on \($0.tensor)" }
      return .notMeasured(tensor: plan.tensor, layers: layers, measured: measured)
    }
    return nil
  }

  /// What a stage lacks on a GPU type: room for its weights and at least one KV block.
  private static func shortage(
    of stage: Int, in memory: MemoryPlan, gpu: GPUSpecification, _ scheduler: Scheduler
  ) -> GPUShortage? {
    let part = memory.stages[stage]
    guard part.keyValueCapacityTokens < scheduler.engine?.blockTokens ?? 1 else { return nil }
    return GPUShortage(
      gpu: gpu.name, stage: stage, weightBytes: part.weightBytesPerGPU,
      workingBytes: part.workingBytesPerGPU, usableBytes: part.usableBytesPerGPU)
  }

  /// Stages that crowd some GPU types: for every set of types, those that fit nowhere else must
  /// find room there (Hall's condition).
  private static func crowding(
    _ fits: [[Int]], rooms: [Room], tensor: Int
  ) -> ScenarioProblem? {
    // The catalogue is small; more types than this would make too many sets.
    guard rooms.count <= 10 else { return nil }
    for set in 1..<1 << rooms.count {
      let stages = fits.count { $0.allSatisfy { set & 1 << $0 != 0 } }
      let members = rooms.indices.filter { set & 1 << $0 != 0 }
      let room = members.reduce(0) { $0 + rooms[$1].stages }
      if stages > room {
        return .tooFewPlaces(
          stages: stages, tensor: tensor, gpus: members.map { rooms[$0].gpu.name }, places: room)
      }
    }
    return nil
  }

  /// Where a plan stands: the rung of a list that has it, else the policy's object.
  private static func place(
    of shape: PlanShape, in choice: PolicyChoice
  ) -> (path: JSONPath, origin: ValueOrigin) {
    for located in choice.reader.allOwn() {
      guard case .array(let items) = located.node.value else { continue }
      for (index, item) in items.enumerated() where item.isPlan(shape) {
        return (located.path.index(index), item.origin)
      }
    }
    // The end of a pipeline stands there as a number.
    if let end = choice.reader.value("endTensor"), end.node.wholeNumber == Int64(shape.tensor) {
      return (choice.reader.path.key("endTensor"), end.node.origin)
    }
    let overridden = choice.reader.allOwn().map(\.node.origin).first { origin in
      if case .override = origin { true } else { false }
    }
    return (choice.reader.path, overridden ?? choice.reader.origin)
  }
}

extension ObjectReader {
  /// Every value of the object, those of lower layers last.
  fileprivate func allOwn() -> [Located] {
    layers.flatMap { layer in
      layer.members.map { Located(node: $0.value, path: layer.path.key($0.key)) }
    }
  }
}

extension JSONNode {
  /// Whether this object, already checked, writes a plan.
  fileprivate func isPlan(_ shape: PlanShape) -> Bool {
    guard case .object = value else { return false }
    var values = OptionValues(defaultsOf: PlanShape.options)
    for option in PlanShape.options {
      switch self[option.key]?.value {
      case .string(let word)?: values[option.key] = .choice(word)
      case .array(let items)?: values[option.key] = .integers(items.compactMap(\.wholeNumber))
      default:
        if let number = self[option.key]?.wholeNumber { values[option.key] = .integer(number) }
      }
    }
    return PlanShape(values) == shape
  }
}
