import EventKernel
import Hardware
import Inference
import Serving
import Workload

extension Benchmark {
  /// M/M/1 at load 0.8: one replica, one request at a time, exponential service.
  static func mm1(requests: Int) -> Benchmark {
    Benchmark(name: "mm1", size: requests) {
      let workload = WorkloadSpecification(
        name: "poisson", arrivals: .renewal(gapSeconds: .exponential(mean: 1)),
        prompt: LengthDistribution(distribution: .constant(1)),
        output: LengthDistribution(distribution: .constant(1)))
      let model = ServedModel(
        name: "server", architecture: .served, cost: .stochastic(StochasticCost()),
        stepSeconds: .exponential(mean: 0.8))
      var options = OptionValues(defaultsOf: VLLMBatching.options)
      options["maxSequences"] = .integer(1)
      let scenario = Scenario(
        name: "mm1", duration: nanoseconds(fromSeconds: Double(requests)),
        cluster: .oneGPU, models: [model], workloads: [workload],
        schedulers: [
          SchedulerSpecification(
            name: "one", batching: VLLMBatching(options), scaling: FixedScaling())
        ])
      return figures(of: Simulation(scenario: scenario, scheduler: 0).run())
    }
  }

  /// A workload on which other simulators were measured.
  static func peer(
    _ workload: PeerWorkload, requests: Int, name: String? = nil, rate: Double? = nil,
    blocks: Int? = nil
  ) -> Benchmark {
    Benchmark(name: name ?? workload.name, size: requests) {
      let scenario = workload.scenario(requests: requests, rate: rate, blocks: blocks)
      return figures(of: Simulation(scenario: scenario, scheduler: 0).run())
    }
  }

  static func figures(of summary: RunSummary) -> [(name: String, value: Int64)] {
    [
      ("events", summary.events), ("steps", summary.steps), ("completed", summary.completed),
      ("p99TTFTMicroseconds", Int64((summary.overall.ttft.p99 ?? 0) * 1e6)),
      ("p99TPOTMicroseconds", Int64((summary.overall.tpot.p99 ?? 0) * 1e6)),
      ("p99E2EMicroseconds", Int64((summary.overall.e2e.p99 ?? 0) * 1e6)),
      ("meanTTFTMicroseconds", Int64((summary.overall.ttft.mean ?? 0) * 1e6)),
      ("meanTPOTMicroseconds", Int64((summary.overall.tpot.mean ?? 0) * 1e6)),
      ("meanE2EMicroseconds", Int64((summary.overall.e2e.mean ?? 0) * 1e6)),
    ]
  }
}

extension ModelArchitecture {
  /// Llama-3-8B's shape.
  static var served: ModelArchitecture {
    guard let model = ModelCatalogue.model(named: "llama-3.1-8b") else {
      preconditionFailure("the catalogue has llama-3.1-8b")
    }
    return model
  }
}

extension ClusterSpecification {
  /// One A100 by itself.
  static var oneGPU: ClusterSpecification {
    ClusterSpecification(
      nodes: [
        NodeSpecification(
          gpu: .a100SXM, gpuCount: 1, nvlink: .none, nicCount: 1,
          nicBandwidthBytesPerSecond: 25e9, hostMemoryBytes: 1 << 40,
          storageBandwidthBytesPerSecond: 10e9)
      ],
      nodesPerLeaf: 1, oversubscription: 1, fabricLatencyNanoseconds: 4_000,
      modelStoreBandwidthBytesPerSecond: 20e9)
  }
}
