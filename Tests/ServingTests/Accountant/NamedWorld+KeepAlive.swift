import Serving
import Support

extension NamedWorld {
  /// Several models on GPUs for one of them, or one that comes and goes.
  func keepAlive(_ scenario: inout Scenario, _ scheduler: inout SchedulerSpecification) {
    scheduler.scaling = Schedulers.queue(max: 2, requestsPerReplica: 4)
    scenario.models.append(Models.constant("second", base: 700_001))
    scenario.workloads = [
      Traffic.poisson(rate: 40), Traffic.poisson(rate: 40, name: "second", model: 1),
    ]
    if self == .leastRecentlyUsed {
      scenario.cluster = Machines.cluster(nodes: 1, gpus: 2)
      scheduler.keepAlive = LeastRecentlyUsedKeepAlive()
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
    } else if self != .preWarmed {
      if self == .sleepingUnderPressure { scenario.cluster = Machines.cluster(nodes: 1, gpus: 2) }
      scenario.duration = 1_000_000_000
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 2)
      scheduler.keepAlive = Schedulers.tiered(
        awake: 3_000_000, host: 15_000_000, storage: 30_000_000,
        bytesPerSecond: self == .sleeping ? 9e8 : 2e8)
    } else {
      scenario.duration = 1_000_000_000
      var values = OptionValues(defaultsOf: HistogramKeepAlive.options)
      values["bin"] = .duration(1_000_000)
      values["range"] = .duration(40_000_000)
      values["head"] = .number(0.5)
      values["leastObservations"] = .integer(2)
      values["leastVariation"] = .number(0)
      values["fallback"] = .duration(4_000_000)
      scheduler.keepAlive = HistogramKeepAlive(values)
    }
  }
}
