import Hardware
import Inference
import JSON
import Serving

/// Values that may be as they are but can do nothing.
extension ScenarioDecoding {
  /// Tells groups of a placement's mix that no NVLink domain holds: every free GPU would always be a
  /// fragment to them.
  func checkMixes(of schedulers: [Scheduler], on nodes: [NodeSpecification]) {
    let largest = nodes.map(\.nvlinkDomainSize).max() ?? 0
    for placement in schedulers.compactMap(\.placement) {
      checkMix(placement, largestDomain: largest)
    }
  }

  /// The same for one placement policy.
  func checkMix(_ choice: PolicyChoice, largestDomain: Int) {
    guard case .integers(let groups)? = choice.values["mix"],
      let located = choice.reader.value("mix"), case .array(let items) = located.node.value
    else { return }
    for (index, (group, item)) in zip(groups, items).enumerated() where group > largestDomain {
      faults.add(
        .unfit(
          found: "a group of \(grouped(group)) GPUs",
          needed: "at most \(grouped(largestDomain)), the largest NVLink domain here"),
        at: located.path.index(index), from: item.origin)
    }
  }

  /// Notes autoscalers that may never add a replica.
  func noteScaleUp(_ scaling: PolicyChoice) {
    guard case .integer(0)? = scaling.values["scaleUpPercent"],
      case .integer(0)? = scaling.values["scaleUpPods"]
    else { return }
    scaling.reader.note(
      "scaleUpPercent", "0 beside 0 scaleUpPods: replicas beyond the first are never added")
  }

  /// Notes replicas that are to fall asleep and never can, since no node's host memory has room for what any
  /// of them holds there: each is released instead.
  func noteSleep(of schedulers: [Scheduler], models: [Model], on nodes: [NodeSpecification]) {
    for scheduler in schedulers {
      guard let specification = scheduler.specification, specification.keepAlive?.tiers != nil,
        let reader = scheduler.keepAlive?.reader, let parallelism = scheduler.parallelism?.policy
      else { continue }
      let cache = specification.coldStart.hostCacheBytes
      let rooms = nodes.map { $0.hostMemoryBytes - min($0.hostMemoryBytes, cache) }
      let setting = PlanSetting(
        nodes: nodes, engine: specification.engine, batching: specification.batching)
      let needs = models.compactMap(\.model).flatMap { model in
        parallelism.allPlans.map { shape in
          Self.sleepNeeds(
            setting.plan(shape, of: model), of: model, inDomain: parallelism.requiresDomain)
        }
      }
      let (most, all) = (rooms.max() ?? 0, rooms.reduce(0, +))
      guard let least = needs.map(\.onOneNode).min(),
        needs.allSatisfy({ $0.onOneNode > most || $0.together > all })
      else { continue }
      let room = "\(readable(Double(most) / 1e9))GB" + (cache > 0 ? " beside hostCache" : "")
      reader.note(
        "policy",
        "no replica can ever fall asleep: its weights take at least "
          + "\(readable((Double(least) / 1e8).rounded() / 10))GB of a node's host memory, which has room for "
          + "\(room), so it is released instead")
    }
  }

  /// The least that a sleeping replica needs on the node with most of it, and on all together; bytes.
  private static func sleepNeeds(
    _ plan: ParallelPlan, of model: ServedModel, inDomain: Bool
  ) -> (onOneNode: Int64, together: Int64) {
    let whole = model.architecture.weightBytes(model.weights)
    let layers = (0..<plan.stages).map { plan.layers(ofStage: $0) }.max() ?? 0
    let stage = Double(whole) * Double(layers) / Double(max(1, plan.layers))
    return (Int64(inDomain ? stage : stage / Double(plan.tensor)), whole)
  }
}
