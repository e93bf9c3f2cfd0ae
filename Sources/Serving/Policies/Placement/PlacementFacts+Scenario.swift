import EventKernel
import Hardware

extension PlacementFacts {
  /// What is asked of the cluster of a scenario under one of its schedulers: half by the sizes of its
  /// tenants, half by the stages of the scheduler's plans, each plan as often as the others; all by
  /// plans where there are no tenants.
  init(_ scenario: Scenario, _ scheduler: SchedulerSpecification, stream: RandomStream) {
    let tenants = scenario.background?.mix ?? []
    let plans = scheduler.parallelism.allPlans.map {
      GroupShare(
        gpus: $0.tensor, needsDomain: scheduler.parallelism.requiresDomain && $0.tensor > 1,
        share: 1)
    }
    self.init(
      stream: stream,
      mix: tenants.scaled(to: 0.5) + plans.scaled(to: tenants.isEmpty ? 1 : 0.5),
      mostGPUs: scenario.cluster.nodes.map(\.gpuCount).max() ?? 1,
      mostNICBytesPerSecond: scenario.cluster.nodes.map {
        Double($0.nicCount) * $0.nicBandwidthBytesPerSecond
      }.max() ?? 1)
  }
}

extension [GroupShare] {
  /// The same groups with shares that sum to a total.
  fileprivate func scaled(to total: Double) -> [GroupShare] {
    let sum = reduce(0) { $0 + $1.share }
    guard sum > 0 else { return [] }
    return map {
      GroupShare(gpus: $0.gpus, needsDomain: $0.needsDomain, share: $0.share / sum * total)
    }
  }
}

extension BackgroundSpecification {
  /// The sizes that tenants ask for and how often, relative to one another.
  fileprivate var mix: [GroupShare] {
    guard let demands else {
      return sizes.map { GroupShare(gpus: $0.gpus, needsDomain: false, share: $0.share) }
    }
    var counts: [Int] = []
    for demand in demands {
      while counts.count <= Int(demand.gpus) { counts.append(0) }
      counts[Int(demand.gpus)] += 1
    }
    return counts.indices.filter { counts[$0] > 0 }.map {
      GroupShare(gpus: $0, needsDomain: false, share: Double(counts[$0]))
    }
  }
}
