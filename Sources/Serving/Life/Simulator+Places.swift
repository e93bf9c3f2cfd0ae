import EventKernel
import Hardware

/// What placing a plan of a model takes, and since when it is known to have no place.
struct PlacedPlan: Sendable {
  /// Kinds of groups: the one that every stage can be, and each stage's own.
  var kind: Int
  var kindOfStage: [Int]
  /// The version of the free GPUs at which no place was found; 0: never.
  var failed = 0
  /// That version and the count of idle replicas' changes at which none was found without them either.
  var failedWithIdle = (0, -1)
}

/// Where the stages of a replica can lie, given which GPUs are free.
extension Simulator {
  /// GPUs for every stage of a plan, or nil when they cannot all be placed now.
  ///
  /// What found no place is not looked for again before a GPU has come free.
  mutating func findPlaces(model: Int, plan: Int, for replica: Int) -> [[Int32]]? {
    let index = model * catalogue.shapes.count + plan
    guard cluster.freeGPUs >= catalogue.shapes[plan].gpuCount else { return nil }
    let wanted = wantedPlaces(model: model, plan: plan, for: replica)
    guard placedPlans[index]?.failed != cluster.freedVersion else { return nil }
    let gpus = placeSearch.find(wanted, in: &cluster.places, policy: placement)
    if gpus == nil { placedPlans[index]?.failed = cluster.freedVersion }
    return gpus
  }

  /// What a search for places of a plan has to find.
  mutating func wantedPlaces(model: Int, plan: Int, for replica: Int) -> PlaceSearch.Wanted {
    if placedPlans.isEmpty {
      placedPlans = Array(repeating: nil, count: models.count * catalogue.shapes.count)
    }
    let shape = catalogue.shapes[plan]
    let placed =
      placedPlans[model * catalogue.shapes.count + plan]
      ?? prepareToPlace(model: model, plan: plan)
    return PlaceSearch.Wanted(
      stages: shape.stages, count: shape.tensor,
      requiresDomain: scheduler.parallelism.requiresDomain, kind: placed.kind,
      kindOfStage: placed.kindOfStage, demand: replica)
  }

  private mutating func prepareToPlace(model: Int, plan: Int) -> PlacedPlan {
    let shape = catalogue.shapes[plan]
    let fitting = (0..<shape.stages).map { fittingNodes(model: model, plan: plan, stage: $0) }
    let everywhere = cluster.nodes.indices.map { node in fitting.allSatisfy { $0[node] } }
    func kind(_ fits: [Bool]) -> Int {
      cluster.places.number(
        of: FreePlaces.GroupKind(
          count: Int32(shape.tensor),
          requiresDomain: scheduler.parallelism.requiresDomain || shape.tensor == 1, fits: fits))
    }
    let placed = PlacedPlan(kind: kind(everywhere), kindOfStage: fitting.map(kind))
    placedPlans[model * catalogue.shapes.count + plan] = placed
    return placed
  }

  /// The nodes whose GPUs hold a stage and at least one KV block.
  private func fittingNodes(model: Int, plan: Int, stage: Int) -> [Bool] {
    let types = catalogue.gpuTypes.indices.map {
      catalogue.blocks(model: model, plan: plan, stage: stage, gpuType: $0) > 0
    }
    return catalogue.gpuTypeOfNode.map { types[$0] }
  }
}
