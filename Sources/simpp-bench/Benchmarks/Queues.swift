import EventKernel
import Hardware
import Inference
import Serving
import Workload

extension Benchmark {
  /// M/M/c at load 0.8: replicas that take one request at a time, exponential service of 0.8 s.
  static func markovQueue(_ name: String, servers: Int) -> Benchmark {
    Benchmark(
      name: name, summary: "M/M/\(servers) at load 0.8 through the whole simulator",
      tableSizes: [100_000]
    ) { requests in
      let length = LengthDistribution(distribution: .constant(1))
      let gap = 1 / Double(servers)
      let workload = WorkloadSpecification(
        name: "poisson", arrivals: .renewal(gapSeconds: .exponential(mean: gap)),
        prompt: length, output: length)
      let model = ServedModel(
        name: "server", architecture: .served, cost: .stochastic(StochasticCost()),
        stepSeconds: .exponential(mean: 0.8))
      var batching = OptionValues(defaultsOf: VLLMBatching.options)
      batching["maxSequences"] = .integer(1)
      let scenario = Scenario(
        name: name, duration: lastArrival(requests, perSecond: 1 / gap),
        cluster: .a100Node(gpus: servers), models: [model], workloads: [workload],
        source: FirstRequests(requests, of: [workload], perSecond: 1 / gap),
        schedulers: [
          SchedulerSpecification(
            name: name, batching: VLLMBatching(batching), scaling: .replicas(servers))
        ])
      return run(scenario)
    }
  }
}
