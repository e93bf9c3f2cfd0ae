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
    guard !scaling.reader.isPartial, case .integer(0)? = scaling.values["scaleUpPercent"],
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
      let crowded = needs.filter { $0.onOneNode <= most }.map(\.together)
      guard !needs.isEmpty, crowded.allSatisfy({ $0 > all }) else { continue }
      // Of a pipeline each part may have room on some node, and yet all of them have none together.
      let (least, room, place) =
        crowded.min().map { ($0, all, "all nodes") }
        ?? (needs.map(\.onOneNode).min() ?? 0, most, "a node")
      reader.note(
        "policy",
        "no replica can ever fall asleep, so each is released instead: its weights take at least "
          + "\(gigabytes(least, .up)) on \(place), and host memory has room for \(gigabytes(room, .down)) there"
          + (cache > 0 ? " beside hostCache" : ""))
    }
  }

  private func gigabytes(_ bytes: Int64, _ rule: FloatingPointRoundingRule) -> String {
    "\(readable((Double(bytes) / 1e8).rounded(rule) / 10))GB"
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
