import EventKernel
import Hardware
import Inference
import Serving
import Workload

/// A workload on which other simulators were measured, with the stage times that Vidur (commit
/// 7d47513) predicts on A100, in milliseconds.
struct PeerWorkload {
  var name: String
  var requestsPerSecond: Double
  var tensor: Int
  var stages: Int
  var layersPerStage: Int
  /// Steps that prefill 64 and 512 tokens.
  var prefill: [Double]
  /// Steps that decode 1, 8, 16, 32, 64 and 128 sequences at 544 tokens of context.
  var decode: [Double]
  /// 496 prompt tokens beside 16 decodes, 448 beside 64.
  var mixed: [Double]
  /// One all-reduce of 16 and of 512 tokens.
  var allReduce: [Double] = []
  /// A send to the next stage of 16 and of 512 tokens.
  var hop: [Double] = []
  /// A sequence's keys and values of one token over 1,504 GB/s.
  var nanosecondsPerContextToken: Int64
  var keyValueBlocks: Int
  var sequences: Int

  /// Llama-3-8B on one A100.
  static let a = PeerWorkload(
    name: "a", requestsPerSecond: 8, tensor: 1, stages: 1, layersPerStage: 32,
    prefill: [11.73, 37.35], decode: [11.01, 11.66, 12.64, 13.50, 16.47, 21.78],
    mixed: [39.88, 42.27], nanosecondsPerContextToken: 87, keyValueBlocks: 30_208, sequences: 118)
  /// Llama-2-70B on four, TP2 × PP2.
  static let b = PeerWorkload(
    name: "b", requestsPerSecond: 1, tensor: 2, stages: 2, layersPerStage: 40,
    prefill: [31.52, 99.44], decode: [29.45, 29.86, 29.38, 31.68, 34.18, 42.57],
    mixed: [101.01, 102.32], allReduce: [0.057, 0.115], hop: [0.017, 0.037],
    nanosecondsPerContextToken: 54, keyValueBlocks: 32_768, sequences: 64)
  /// Llama-2-70B on eight, TP4 × PP2.
  static let e = PeerWorkload(
    name: "e", requestsPerSecond: 2, tensor: 4, stages: 2, layersPerStage: 40,
    prefill: [20.59, 58.62], decode: [19.48, 19.68, 20.33, 17.43, 21.92, 25.18],
    mixed: [59.41, 60.07], allReduce: [0.082, 0.147], hop: [0.017, 0.036],
    nanosecondsPerContextToken: 27, keyValueBlocks: 91_648, sequences: 128)
  /// Llama-2-70B on eight, TP8.
  static let f = PeerWorkload(
    name: "f", requestsPerSecond: 2, tensor: 8, stages: 1, layersPerStage: 80,
    prefill: [28.65, 81.26], decode: [23.60, 23.75, 25.12, 24.01, 29.98, 35.95],
    mixed: [82.04, 82.70], allReduce: [0.061, 0.175],
    nanosecondsPerContextToken: 27, keyValueBlocks: 91_648, sequences: 128)

  /// The workload, with another rate or KV pool where given.
  func scenario(requests: Int, rate: Double?, blocks: Int?) -> Scenario {
    let rate = rate ?? requestsPerSecond
    var architecture = ModelArchitecture.served
    architecture.layers = layersPerStage * stages
    var cluster = ClusterSpecification.oneGPU
    cluster.nodes[0].gpuCount = tensor * stages
    cluster.nodes[0].nvlink = .switch
    let unused = LengthDistribution(distribution: .constant(1))
    return Scenario(
      name: name, duration: nanoseconds(fromSeconds: Double(requests) / rate * 1.1 + 100),
      drainLimit: 1_000_000_000_000_000, cluster: cluster,
      models: [ServedModel(name: name, architecture: architecture, cost: .table(table))],
      workloads: [
        WorkloadSpecification(
          name: name, arrivals: .instants([]), prompt: unused, output: unused)
      ],
      source: PeerRequests(requests: requests, requestsPerSecond: rate),
      schedulers: [scheduler(blocks: blocks ?? keyValueBlocks)])
  }

  private func scheduler(blocks: Int) -> SchedulerSpecification {
    var plan = OptionValues(defaultsOf: FixedParallelism.options)
    plan["tensor"] = .integer(Int64(tensor))
    plan["stages"] = .integer(Int64(stages))
    var batching = OptionValues(defaultsOf: VLLMBatching.options)
    batching["maxBatchedTokens"] = .integer(512)
    batching["maxSequences"] = .integer(Int64(sequences))
    // Vidur forms a batch whenever the first stage is free.
    batching["waitsForOldest"] = .flag(false)
    var engine = EngineSpecification()
    engine.keyValueBlocks = blocks
    return SchedulerSpecification(
      name: name, parallelism: FixedParallelism(plan), batching: VLLMBatching(batching),
      scaling: FixedScaling(), engine: engine)
  }

  private var table: TableCost {
    let prefill = points([64, 512], prefill)
    let steps = [
      TableCost.MixedStep(
        prefillTokens: 496, decodeSequences: 16, nanoseconds: time(mixed[0])),
      TableCost.MixedStep(
        prefillTokens: 448, decodeSequences: 64, nanoseconds: time(mixed[1])),
    ]
    return TableCost(stages: [
      TableCost.Stage(
        tensor: tensor, layers: layersPerStage,
        decode: points([1, 8, 16, 32, 64, 128], decode), prefill: prefill,
        mixed: steps.added(to: prefill), contextTokens: 544,
        nanosecondsPerContextToken: nanosecondsPerContextToken,
        allReduce: points([16, 512], allReduce), hop: points([16, 512], hop))
    ])
  }

  private func points(_ counts: [Int], _ milliseconds: [Double]) -> [TableCost.Point] {
    zip(counts, milliseconds).map { TableCost.Point($0, time($1)) }
  }

  private func time(_ milliseconds: Double) -> Int64 {
    Int64((milliseconds * 1e6).rounded())
  }
}

/// The request stream on which other simulators were measured: SplitMix64 from state 42.
struct PeerRequests: RequestSource {
  var requests: Int
  var requestsPerSecond: Double

  func open(seed: UInt64) -> any RequestStream {
    PeerStream(left: requests, requestsPerSecond: requestsPerSecond)
  }
}

extension PeerRequests {
  /// Prints the requests at 8 per second as a trace in simpp's own format.
  static func printTrace(requests: Int) {
    var stream = PeerRequests(requests: requests, requestsPerSecond: 8).open(seed: 1)
    print("arrival_s,prompt_tokens,output_tokens")
    while let request = stream.next() {
      let fraction = String(request.arrival % 1_000_000_000)
      let zeros = String(repeating: "0", count: 9 - fraction.count)
      print(
        "\(request.arrival / 1_000_000_000).\(zeros)\(fraction),\(request.promptTokens),"
          + "\(request.outputTokens)")
    }
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
