import EventKernel
import Hardware
import Inference
import Serving
import Workload

extension Benchmark {
  /// Three models that share a cluster which other tenants have fragmented: replicas come when
  /// requests wait and go when idle, cut as the free GPUs allow, pipelines across nodes included.
  static func fleet(_ name: String) -> Benchmark {
    Benchmark(
      name: name, summary: "three models, cold starts, fragmented cluster of 64 H100",
      tableSizes: [10_000], checkSizes: [20_000, 200_000], moreAllocations: nil
    ) { requests in
      var cluster = ClusterSpecification.nodes(
        8, of: .h100SXM, gpus: 8, nodesPerLeaf: 4, oversubscription: 2)
      cluster.modelStoreBandwidthBytesPerSecond = 20e9
      let workloads = fleetWorkloads
      let scenario = Scenario(
        name: name, duration: lastArrival(requests, perSecond: fleetRate), cluster: cluster,
        background: BackgroundSpecification(
          occupancy: 0.65,
          sizes: [
            BackgroundSize(gpus: 1, share: 0.6), BackgroundSize(gpus: 2, share: 0.2),
            BackgroundSize(gpus: 4, share: 0.1), BackgroundSize(gpus: 8, share: 0.1),
          ],
          lifetimeSeconds: .lognormal(mean: 60, cv: 1)),
        models: ["llama-3.1-8b", "llama-2-13b", "llama-3.1-70b"].map {
          ServedModel(name: $0, architecture: .named($0), cost: .roofline(RooflineCost()))
        },
        workloads: workloads,
        source: FirstRequests(requests, of: workloads, perSecond: fleetRate),
        schedulers: [fleetScheduler(name)])
      return run(scenario)
    }
  }

  /// Requests per second in the mean, all models together.
  private static var fleetRate: Double { 4 }

  /// Half of the requests ask the first model, a quarter each of the others.
  ///
  /// The models take turns, so that replicas come and go: each sees nearly all of its requests in 20 s
  /// of every minute.
  private static var fleetWorkloads: [WorkloadSpecification] {
    [("search", 0.5), ("code", 0.25), ("chat", 0.25)].enumerated().map { model, part in
      let spike = Spike(
        start: Nanoseconds(model) * 20_000_000_000, duration: 20_000_000_000, factor: 1_000,
        every: 60_000_000_000)
      let curve = RateCurve(spikes: [spike])
      return WorkloadSpecification(
        name: part.0, model: model,
        arrivals: .varying(
          gapSeconds: .exponential(mean: curve.mean / (fleetRate * part.1)), curve),
        prompt: LengthDistribution(distribution: .lognormal(mean: 900, cv: 1.2), maximum: 3_000),
        output: LengthDistribution(distribution: .lognormal(mean: 220, cv: 0.9), maximum: 1_000))
    }
  }

  private static func fleetScheduler(_ name: String) -> SchedulerSpecification {
    var parallelism = OptionValues(defaultsOf: LadderParallelism.options)
    parallelism["plans"] = .plans([
      PlanShape(tensor: 4, stages: 1), PlanShape(tensor: 2, stages: 2),
      PlanShape(tensor: 1, stages: 4),
    ])
    var scaling = OptionValues(defaultsOf: QueueScaling.options)
    scaling["max"] = .integer(3)
    scaling["keepAlive"] = .duration(5_000_000_000)
    var batching = OptionValues(defaultsOf: VLLMBatching.options)
    batching["maxBatchedTokens"] = .integer(512)
    batching["maxSequences"] = .integer(128)
    var coldStart = ColdStartSpecification()
    coldStart.engineInit = 10_000_000_000
    return SchedulerSpecification(
      name: name, parallelism: LadderParallelism(parallelism), batching: VLLMBatching(batching),
      scaling: QueueScaling(scaling), coldStart: coldStart)
  }
}
