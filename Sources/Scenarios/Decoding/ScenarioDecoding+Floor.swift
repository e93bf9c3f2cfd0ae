import Hardware
import JSON
import Serving

extension ScenarioDecoding {
  /// Refuses floors of replicas that even an empty cluster has no room for: they would wait for
  /// ever without a word.
  ///
  /// Each model has its own replicas; models that share GPUs need them once. A plan of which all
  /// GPUs' places are known counts places, a choice of plans counts GPUs.
  func checkFloor(of schedulers: [Scheduler], models: Int, on nodes: [NodeSpecification]) {
    let available = nodes.reduce(0) { $0 + $1.gpuCount }
    for scheduler in schedulers {
      guard let (parallelism, _) = scheduler.parallelism, let (scaling, choice) = scheduler.scaling,
        let engine = scheduler.engine, let smallest = parallelism.allPlans.map(\.gpuCount).min(),
        smallest <= available, models > 0
      else { continue }
      let floor = max(scaling.initialReplicas, scaling.minimumReplicas)
      var most = available / smallest
      if parallelism.allPlans.count == 1, let shape = parallelism.allPlans.first {
        let requiresDomain = parallelism.requiresDomain && shape.tensor > 1
        let rooms = Self.rooms(of: nodes, tensor: shape.tensor, requiresDomain: requiresDomain)
        most = min(most, rooms.reduce(0) { $0 + $1.stages } / shape.stages)
      }
      // A plan with no place at all is told as such.
      guard most > 0 else { continue }
      let residents = min(models, engine.residentsPerGPU)
      func hasRoom(_ replicas: Int) -> Bool {
        (replicas * models + residents - 1) / residents <= most
      }
      if hasRoom(floor) { continue }
      // The key that asks for so many, or whose default does.
      let key =
        type(of: scaling).options.contains { $0.key == "replicas" }
        ? "replicas" : hasRoom(scaling.minimumReplicas) ? "initial" : "min"
      let perModel = most * residents / models
      choice.reader.fault(
        key,
        .unfit(
          found: "\(counted(floor, "replica")) from the start of each of "
            + counted(models, "model"),
          needed: "at most \(grouped(perModel)), all that the empty cluster has room for"))
    }
  }
}
