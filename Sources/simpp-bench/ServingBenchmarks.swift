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

  /// Llama-3-8B on one A100 at 8 requests/s: the peers' common workload, with the stage times that
  /// Vidur measured, 512 tokens and 128 requests a step.
  static func workloadA(
    requests: Int, name: String = "a", requestsPerSecond: Double = 8, blocks: Int = 30_208
  ) -> Benchmark {
    Benchmark(name: name, size: requests) {
      let model = ServedModel(name: "8b", architecture: .served, cost: .table(.workloadA))
      var options = OptionValues(defaultsOf: VLLMBatching.options)
      options["maxBatchedTokens"] = .integer(512)
      options["maxSequences"] = .integer(128)
      var engine = EngineSpecification()
      engine.keyValueBlocks = blocks
      let workload = WorkloadSpecification(
        name: "a", arrivals: .instants([]),
        prompt: LengthDistribution(distribution: .constant(1)),
        output: LengthDistribution(distribution: .constant(1)))
      let scenario = Scenario(
        name: name,
        duration: nanoseconds(fromSeconds: Double(requests) / requestsPerSecond * 1.1 + 100),
        drainLimit: 1_000_000_000_000_000, cluster: .oneGPU, models: [model],
        workloads: [workload],
        source: PeerWorkload(requests: requests, requestsPerSecond: requestsPerSecond),
        schedulers: [
          SchedulerSpecification(
            name: "tp1", batching: VLLMBatching(options), scaling: FixedScaling(), engine: engine)
        ])
      return figures(of: Simulation(scenario: scenario, scheduler: 0).run())
    }
  }

  private static func figures(of summary: RunSummary) -> [(name: String, value: Int64)] {
    [
      ("events", summary.events), ("steps", summary.steps), ("completed", summary.completed),
      ("meanTTFTMicroseconds", Int64((summary.overall.ttft.mean ?? 0) * 1e6)),
      ("meanTPOTMicroseconds", Int64((summary.overall.tpot.mean ?? 0) * 1e6)),
      ("meanE2EMicroseconds", Int64((summary.overall.e2e.mean ?? 0) * 1e6)),
    ]
  }
}

/// The request stream on which other simulators were measured: SplitMix64 from state 42.
struct PeerWorkload: RequestSource {
  var requests: Int
  var requestsPerSecond: Double

  func open(seed: UInt64) -> any RequestStream {
    PeerStream(left: requests, requestsPerSecond: requestsPerSecond)
  }
}

private struct PeerStream: RequestStream {
  var left: Int
  let requestsPerSecond: Double
  private var state: UInt64 = 42
  private var seconds = 0.0
  private var upcoming: ArrivingRequest?

  init(left: Int, requestsPerSecond: Double) {
    self.left = left
    self.requestsPerSecond = requestsPerSecond
    upcoming = draw()
  }

  var nextArrival: Nanoseconds? { upcoming?.arrival }

  mutating func next() -> ArrivingRequest? {
    let request = upcoming
    upcoming = draw()
    return request
  }

  private mutating func draw() -> ArrivingRequest? {
    guard left > 0 else { return nil }
    left -= 1
    seconds -= DeterministicMath.log(1 - uniform()) / requestsPerSecond
    let prompt = 64 + Int32(uniform() * 961)
    let output = 16 + Int32(uniform() * 241)
    return ArrivingRequest(
      arrival: nanoseconds(fromSeconds: seconds), workload: 0, promptTokens: prompt,
      outputTokens: output)
  }

  private mutating func uniform() -> Double {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    mixed ^= mixed >> 31
    return Double(mixed >> 11) / 0x1p53
  }
}

extension TableCost {
  /// Vidur's stage times of Llama-3-8B on one A100: decode at context 544, prefill, and what
  /// decoding sequences add to a full step.
  fileprivate static var workloadA: TableCost {
    func point(_ count: Int, _ milliseconds: Double) -> Point {
      Point(count, Int64(milliseconds * 1e6))
    }
    return TableCost(stages: [
      Stage(
        tensor: 1, layers: 32,
        decode: [
          point(1, 11.01), point(8, 11.66), point(16, 12.64), point(32, 13.50), point(64, 16.47),
          point(128, 21.78),
        ],
        prefill: [point(64, 11.73), point(512, 37.35)],
        // 496 + 16 takes 39.88 and 448 + 64 takes 42.27; the line through 64 and 512 gives the rest.
        mixed: [point(16, 3.445), point(64, 8.580)])
    ])
  }
}

extension ModelArchitecture {
  /// Llama-3-8B's shape.
  fileprivate static var served: ModelArchitecture {
    guard let model = ModelCatalogue.model(named: "llama-3.1-8b") else {
      preconditionFailure("the catalogue has llama-3.1-8b")
    }
    return model
  }
}

extension ClusterSpecification {
  /// One A100 by itself.
  fileprivate static var oneGPU: ClusterSpecification {
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
