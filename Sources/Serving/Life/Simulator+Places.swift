import EventKernel
import Hardware

/// Where the stages of a replica can lie, given which GPUs are free.
extension Simulator {
  /// GPUs for every stage of a plan, or nil when they cannot all be placed now.
  func findPlaces(model: Int, plan: Int) -> [[Int32]]? {
    let shape = catalogue.shapes[plan]
    guard cluster.freeGPUs >= shape.gpuCount else { return nil }
    let fitting = (0..<shape.stages).map { fittingNodes(model: model, plan: plan, stage: $0) }
    var search = PlaceSearch(
      cluster, count: shape.tensor, requiresDomain: scheduler.parallelism.requiresDomain,
      policy: scheduler.placement,
      fits: cluster.nodes.indices.map { node in fitting.allSatisfy { $0[node] } })
    let isNear = scheduler.placement.keepsStagesNear
    if isNear, let stages = search.take(stages: shape.stages) { return stages }
    var stages: [[Int32]] = []
    for stage in 0..<shape.stages {
      let previous = isNear ? stages.last.map { $0[0] } : nil
      guard let gpus = search.takeNext(after: previous, fits: fitting[stage]) else { return nil }
      stages.append(gpus)
    }
    return stages
  }

  /// The nodes whose GPUs hold a stage and at least one KV block.
  private func fittingNodes(model: Int, plan: Int, stage: Int) -> [Bool] {
    let types = catalogue.gpuTypes.indices.map {
      catalogue.blocks(model: model, plan: plan, stage: stage, gpuType: $0) > 0
    }
    return catalogue.gpuTypeOfNode.map { types[$0] }
  }
}
