import EventKernel
import Foundation
import Hardware
import Inference
import Reports
import Serving
import Workload

/// Small worlds of round numbers: one node of 80 GB GPUs, a constant cost, hand-made requests.
struct LifeWorld {
  var tensor: Int64 = 1
  var stages: Int64 = 1
  /// Replicas up from the start; 0: the first request asks for one.
  var initial: Int64 = 0
  var keyValueBlocks = 12
  var context = 100
  var duration: Nanoseconds = 1_000_000_000
  var drainLimit: Nanoseconds = 3_600_000_000_000
  var requests: [ArrivingRequest] = []

  /// A request's record, what was kept of its run, and the text about it.
  struct Told {
    var record: RequestRecord
    var events: [LoggedEvent]
    var text: String

    /// The rows of the timeline: nanoseconds since arrival (rounded) and what happens.
    var timeline: [(since: Double, what: String)] {
      var rows: [(since: Double, what: String)] = []
      for line in text.components(separatedBy: "\n\n")[1].split(separator: "\n").dropFirst() {
        let words = line.prefix(13).split(separator: " ").map(String.init)
        let what = line.dropFirst(15)
        if words.isEmpty {
          rows[rows.count - 1].what += " " + what.drop { $0 == " " }
        } else {
          let number = words[0].replacingOccurrences(of: "−", with: "-")
            .replacingOccurrences(of: ",", with: "")
          let unit: Double = ["s": 1e9, "ms": 1e6, "µs": 1e3][words[1]] ?? .nan
          rows.append((unit * (Double(number) ?? .nan), String(what)))
        }
      }
      return rows
    }
  }

  /// Runs the world and tells the life of one request.
  func told(_ request: Int64, scheduler name: String = "s") -> Told? {
    let records = MemorySink()
    let life = LifeFilter(request: request)
    _ = Simulation(scenario: scenario(name), scheduler: 0)
      .run(into: records, events: life, checksInvariants: true)
    guard let record = records.requests.first(where: { $0.requestID == request }) else {
      return nil
    }
    let text = LifeText.text(record: record, events: life.events, scheduler: name)
    return Told(record: record, events: life.events, text: text)
  }

  private func scenario(_ name: String) -> Scenario {
    let length = LengthDistribution(distribution: .constant(1))
    return Scenario(
      name: "small", duration: duration, drainLimit: drainLimit, cluster: cluster,
      models: [model],
      workloads: [
        WorkloadSpecification(
          name: "w", arrivals: .burst(count: 1, start: 0, every: 0), prompt: length,
          output: length)
      ], source: ListedRequests(requests: requests), schedulers: [scheduler(name)])
  }

  /// One byte per nanosecond on PCIe and on the network card, two on NVLink.
  private var cluster: ClusterSpecification {
    var gpu = GPUSpecification.a100SXM
    gpu.name = "round"
    gpu.nvlinkBandwidthBytesPerSecond = 2e9
    gpu.pcieBandwidthBytesPerSecond = 1e9
    gpu.nvlink = LinkFigures(
      messageNanoseconds: 1_000, messageBytesPerSecond: 2e9, ringStepNanoseconds: 1_000,
      ringBytesPerSecond: 2e9)
    gpu.pcie = LinkFigures(
      messageNanoseconds: 3_000, messageBytesPerSecond: 1e9, ringStepNanoseconds: 3_000,
      ringBytesPerSecond: 1e9)
    let node = NodeSpecification(
      gpu: gpu, gpuCount: 4, nvlink: .switch, nicCount: 1, nicBandwidthBytesPerSecond: 1e9,
      hostMemoryBytes: 1 << 40, storageBandwidthBytesPerSecond: 1e9)
    return ClusterSpecification(
      nodes: [node], nodesPerLeaf: 8, oversubscription: 1, fabricLatencyNanoseconds: 2_000,
      modelStoreBandwidthBytesPerSecond: 1e12)
  }

  /// 20,744,500 bytes; a step of p prompt tokens and d decoding requests takes the whole model on
  /// one GPU 4,000 + 400 p + 800 d ns, communication 600, host 50 a stage.
  private var model: ServedModel {
    let shape = ModelArchitecture(
      name: "small", layers: 8, hiddenSize: 250, attentionHeads: 8, keyValueHeads: 8,
      headDimension: 64, intermediateSize: 512, vocabularySize: 6_400, tiedEmbeddings: false,
      maxContextTokens: context)
    return ServedModel(
      name: "m", architecture: shape,
      cost: .constant(
        ConstantCost(
          baseNanoseconds: 4_000, nanosecondsPerPrefillToken: 400,
          nanosecondsPerDecodeSequence: 800, communicationNanoseconds: 600, hostNanoseconds: 50)))
  }

  private func scheduler(_ name: String) -> SchedulerSpecification {
    var plan = OptionValues(defaultsOf: FixedParallelism.options)
    plan["tensor"] = .integer(tensor)
    plan["stages"] = .integer(stages)
    var batching = OptionValues(defaultsOf: VLLMBatching.options)
    batching["maxBatchedTokens"] = .integer(6)
    batching["maxSequences"] = .integer(4)
    var scaling = OptionValues(defaultsOf: QueueScaling.options)
    scaling["min"] = .integer(0)
    scaling["max"] = .integer(1)
    scaling["initial"] = .integer(initial)
    var engine = EngineSpecification()
    engine.keyValueBlocks = keyValueBlocks
    engine.blockTokens = 1
    var coldStart = ColdStartSpecification()
    coldStart.container = 1_000_000
    coldStart.runtime = 2_000_000
    coldStart.engineInit = 3_000_000
    coldStart.loaderBytesPerSecond = nil
    return SchedulerSpecification(
      name: name, parallelism: FixedParallelism(plan), batching: VLLMBatching(batching),
      scaling: QueueScaling(scaling), engine: engine, coldStart: coldStart)
  }
}

/// Requests listed one by one.
private struct ListedRequests: RequestSource {
  var requests: [ArrivingRequest]

  func open(seed: UInt64) -> any RequestStream { Stream(left: requests[...]) }

  struct Stream: RequestStream {
    var left: ArraySlice<ArrivingRequest>

    var nextArrival: Nanoseconds? { left.first?.arrival }

    mutating func next() -> ArrivingRequest? { left.popFirst() }
  }
}

extension ArrivingRequest {
  /// A request of the only workload.
  init(at arrival: Nanoseconds, prompt: Int32, output: Int32) {
    self.init(arrival: arrival, workload: 0, promptTokens: prompt, outputTokens: output)
  }
}
