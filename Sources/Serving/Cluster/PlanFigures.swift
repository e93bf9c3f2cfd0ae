import Hardware
public import Inference

/// What a plan puts on each stage of a model, worked out before anything runs.
public struct PlanFigures: Sendable, Hashable {
  /// One stage.
  public struct Stage: Sendable, Hashable {
    /// Layers of each of its virtual stages, in the order in which they are passed.
    public var layers: [Int]
    /// Bytes of weights on each of its GPUs.
    public var weightBytesPerGPU: Int64
    /// Bytes that each of its GPUs keeps besides weights and KV cache; nil where the scenario gives
    /// the KV blocks.
    public var workingBytesPerGPU: Int64?
    /// Tokens whose keys and values it has room for.
    public var keyValueTokens: Int
    /// Nanoseconds of each reference step on all its virtual stages.
    public var nanoseconds: [ReferenceStep: Int64]
  }

  /// The model's name.
  public var model: String
  /// The plan.
  public var plan: ParallelPlan
  /// How its layers were dealt out; nil when the scenario lists them.
  public var deal: LayerDeal?
  /// The GPU type on which it is worked out.
  public var gpu: String
  /// The reference steps' counts.
  public var steps: [ReferenceStep: BatchShape]
  /// The stages, first to last.
  public var stages: [Stage]

  /// The step by which stages are compared: the one that balances them, else a decode step.
  public var compared: ReferenceStep {
    if case .balanced(let step)? = deal { step } else { .decode }
  }

  /// The stage with the longest time in a step; the first of equals.
  public func slowest(in step: ReferenceStep) -> Int {
    let times = stages.map { $0.nanoseconds[step] ?? 0 }
    return times.firstIndex(of: times.max() ?? 0) ?? 0
  }

  /// By which share the slowest stage takes longer than the mean of all.
  public func excess(in step: ReferenceStep) -> Double {
    let times = stages.map { Double($0.nanoseconds[step] ?? 0) }
    let mean = times.reduce(0, +) / Double(max(1, times.count))
    return mean > 0 ? (times.max() ?? 0) / mean - 1 : 0
  }

  /// The stage that bounds the KV cache; the first of equals.
  public var tightest: Int {
    let tokens = stages.map(\.keyValueTokens)
    return tokens.firstIndex(of: tokens.min() ?? 0) ?? 0
  }
}

extension PlanSetting {
  /// The figures of a plan on the node that is assumed; nil without nodes, and where the model has no
  /// price for a stage.
  public func figures(_ shape: PlanShape, of model: ServedModel) -> PlanFigures? {
    guard let node = assumedNode else { return nil }
    let plan = plan(shape, of: model)
    let pricing = pricing(model, tensor: shape.tensor, on: node)
    let room = memory(plan, of: model, on: node.gpu)
    let steps = Dictionary(
      uniqueKeysWithValues: ReferenceStep.allCases.map {
        ($0, step($0, of: model, stages: shape.stages))
      })
    var stages: [PlanFigures.Stage] = []
    for index in 0..<plan.stages {
      let held = plan.virtualStages(ofStage: index)
      var times: [ReferenceStep: Int64] = [:]
      for step in ReferenceStep.allCases {
        guard let counts = steps[step] else { continue }
        for part in held {
          let time = try? pricing.nanoseconds(counts, layers: plan.layerRange(ofStage: part))
          guard let time else { return nil }
          times[step, default: 0] += time
        }
      }
      let memory = room?.stages[index]
      stages.append(
        PlanFigures.Stage(
          layers: held.map { plan.layersPerStage[$0] },
          weightBytesPerGPU: pricing.weightBytes(of: held.map { plan.layerRange(ofStage: $0) }),
          workingBytesPerGPU: memory?.workingBytesPerGPU,
          keyValueTokens: memory?.keyValueCapacityTokens ?? givenTokens, nanoseconds: times))
    }
    return PlanFigures(
      model: model.name, plan: plan, deal: shape.layers == nil ? shape.deal : nil,
      gpu: node.gpu.name, steps: steps, stages: stages)
  }
}
