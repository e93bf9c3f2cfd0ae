import EventKernel
import Hardware
import Inference
import Serving
import Workload

/// A workload on which other simulators were measured: blocks of 16 tokens, at most 512 tokens a
/// step, first come first served, A100 joined by NVLink.
struct PeerWorkload {
  var summary: String
  var requestsPerSecond: Double
  var tensor: Int
  var stages: Int
  var model: String
  var cost: CostModel
  /// KV blocks of a replica; nil: what the memory of its GPUs gives.
  var keyValueBlocks: Int?
  /// Requests that run at once.
  var sequences: Int
  var replicas = 1

  /// Llama-3-8B on one A100.
  static let a = PeerWorkload(
    summary: "Llama-3-8B, one A100, 8/s", stageTimes: .a, rate: 8, model: "llama-3-8b",
    blocks: 30_208, sequences: 118)
  /// Llama-2-70B on four, TP2 × PP2.
  static let b = PeerWorkload(
    summary: "Llama-2-70B, TP2 × PP2, 1/s", stageTimes: .b, rate: 1, blocks: 32_768, sequences: 64)
  /// Llama-2-70B on eight, TP2 × PP4, by the roofline.
  static let c = PeerWorkload(
    summary: "Llama-2-70B, TP2 × PP4, 2/s, roofline", tensor: 2, stages: 4, rate: 2)
  /// Llama-2-70B on four, TP4, by the roofline.
  static let d = PeerWorkload(
    summary: "Llama-2-70B, TP4, 1/s, roofline", tensor: 4, stages: 1, rate: 1)
  /// Llama-2-70B on eight, TP4 × PP2.
  static let e = PeerWorkload(
    summary: "Llama-2-70B, TP4 × PP2, 2/s", stageTimes: .e, rate: 2, blocks: 91_648,
    sequences: 128)
  /// Llama-2-70B on eight, TP8; it never needs more than a tenth of its blocks.
  static let f = PeerWorkload(
    summary: "Llama-2-70B, TP8, 2/s", stageTimes: .f, rate: 2, blocks: 91_648, sequences: 128)

  /// A on four replicas, least outstanding requests.
  static var a4: PeerWorkload {
    var workload = a
    workload.summary = "A on four replicas, 32/s, least loaded"
    workload.requestsPerSecond = 32
    workload.replicas = 4
    return workload
  }

  /// A at four times its rate, about twice what it can serve.
  static var overload: PeerWorkload {
    var workload = a
    workload.summary = "A at 32/s, twice what it can serve"
    workload.requestsPerSecond = 32
    return workload
  }

  /// A with so many KV blocks that cost growing with the pool would show.
  static var open: PeerWorkload {
    var workload = a
    workload.summary = "A with 100 million KV blocks"
    workload.keyValueBlocks = 100_000_000
    return workload
  }

  private init(
    summary: String, stageTimes: StageTimes, rate: Double, model: String = "llama-2-70b",
    blocks: Int, sequences: Int
  ) {
    self.init(
      summary: summary, tensor: stageTimes.tensor, stages: stageTimes.stages, rate: rate,
      cost: stageTimes.cost, model: model)
    keyValueBlocks = blocks
    self.sequences = sequences
  }

  private init(
    summary: String, tensor: Int, stages: Int, rate: Double,
    cost: CostModel = .roofline(RooflineCost()), model: String = "llama-2-70b"
  ) {
    self.summary = summary
    requestsPerSecond = rate
    self.tensor = tensor
    self.stages = stages
    self.model = model
    self.cost = cost
    sequences = 128
  }

  /// Its first requests.
  func scenario(requests: Int) -> Scenario {
    var batching = OptionValues(defaultsOf: VLLMBatching.options)
    batching["maxBatchedTokens"] = .integer(512)
    batching["maxSequences"] = .integer(Int64(sequences))
    // Vidur forms a batch whenever the first stage is free, of requests whose last chunk is back.
    batching["waitsForOldest"] = .flag(false)
    batching["overlapsChunks"] = .flag(false)
    var engine = EngineSpecification()
    engine.keyValueBlocks = keyValueBlocks
    let unused = LengthDistribution(distribution: .constant(1))
    return Scenario(
      name: summary, duration: Benchmark.lastArrival(requests, perSecond: requestsPerSecond),
      drainLimit: 1_000_000_000_000_000, cluster: .a100Node(gpus: tensor * stages * replicas),
      models: [ServedModel(name: model, architecture: .named(model), cost: cost)],
      workloads: [
        WorkloadSpecification(
          name: "peers", arrivals: .instants([]), prompt: unused, output: unused)
      ],
      source: PeerRequests(requests: requests, requestsPerSecond: requestsPerSecond),
      schedulers: [
        SchedulerSpecification(
          name: "peers", parallelism: .plan(tensor: tensor, stages: stages),
          batching: VLLMBatching(batching), scaling: .replicas(replicas), engine: engine)
      ])
  }
}

extension Benchmark {
  /// A workload on which other simulators were measured.
  static func peer(
    _ name: String, _ workload: PeerWorkload, tableSizes: [Int] = [10_000]
  ) -> Benchmark {
    Benchmark(name: name, summary: workload.summary, tableSizes: tableSizes) {
      run(workload.scenario(requests: $0))
    }
  }
}
