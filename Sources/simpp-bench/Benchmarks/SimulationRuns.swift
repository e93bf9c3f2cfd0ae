import EventKernel
import Hardware
import Inference
import Serving
import Workload

extension Benchmark {
  /// Runs a scenario's first scheduler without records.
  static func run(_ scenario: Scenario) -> () -> Figures {
    { figures(of: Simulation(scenario: scenario, scheduler: 0).run()) }
  }

  /// What must not change from run to run, nor from machine to machine.
  static func figures(of summary: RunSummary) -> Figures {
    func microseconds(_ seconds: Double?) -> Int64 { Int64((seconds ?? 0) * 1e6) }
    let overall = summary.overall
    return [
      ("events", summary.events), ("steps", summary.steps), ("completed", summary.completed),
      ("coldStarts", summary.coldStarts), ("preemptions", summary.preemptions),
      ("utilizationPermille", Int64(((summary.gpuUtilization ?? 0) * 1e3).rounded())),
      ("p99TTFTMicroseconds", microseconds(overall.ttft.p99)),
      ("p99TPOTMicroseconds", microseconds(overall.tpot.p99)),
      ("p99E2EMicroseconds", microseconds(overall.e2e.p99)),
      ("meanTTFTMicroseconds", microseconds(overall.ttft.mean)),
      ("meanTPOTMicroseconds", microseconds(overall.tpot.mean)),
      ("meanE2EMicroseconds", microseconds(overall.e2e.mean)),
    ]
  }

  /// An instant after the last of so many requests, in nanoseconds.
  static func lastArrival(_ requests: Int, perSecond rate: Double) -> Nanoseconds {
    nanoseconds(fromSeconds: Double(requests) / rate * 1.1 + 100)
  }
}

/// The first requests that workloads draw, exactly so many.
struct FirstRequests: RequestSource {
  private let count: Int
  private let drawn: SyntheticRequests

  /// - Parameters:
  ///   - count: How many.
  ///   - workloads: Who draws them.
  ///   - rate: How many come per second, all workloads together.
  init(_ count: Int, of workloads: [WorkloadSpecification], perSecond rate: Double) {
    self.count = count
    drawn = SyntheticRequests(
      workloads: workloads, duration: Benchmark.lastArrival(count, perSecond: rate))
  }

  func open(seed: UInt64) -> any RequestStream {
    FirstStream(left: count, stream: drawn.open(seed: seed))
  }
}

private struct FirstStream: RequestStream {
  var left: Int
  var stream: any RequestStream

  var nextArrival: Nanoseconds? { left > 0 ? stream.nextArrival : nil }

  mutating func next() -> ArrivingRequest? {
    guard left > 0 else { return nil }
    left -= 1
    return stream.next()
  }
}

extension ModelArchitecture {
  /// Llama-3.1-8B.
  static var served: ModelArchitecture { named("llama-3.1-8b") }

  /// A model of the catalogue.
  static func named(_ name: String) -> ModelArchitecture {
    guard let model = ModelCatalogue.model(named: name) else {
      preconditionFailure("the catalogue has no \(name)")
    }
    return model
  }
}

extension ScalingPolicy where Self == FixedScaling {
  /// So many replicas for the whole run.
  static func replicas(_ count: Int) -> FixedScaling {
    var options = OptionValues(defaultsOf: FixedScaling.options)
    options["replicas"] = .integer(Int64(count))
    return FixedScaling(options)
  }
}

extension ParallelismPolicy where Self == FixedParallelism {
  /// One plan.
  static func plan(tensor: Int, stages: Int) -> FixedParallelism {
    var options = OptionValues(defaultsOf: FixedParallelism.options)
    options["tensor"] = .integer(Int64(tensor))
    options["stages"] = .integer(Int64(stages))
    return FixedParallelism(options)
  }
}

extension ClusterSpecification {
  /// A node of A100 by itself.
  static func a100Node(gpus: Int) -> ClusterSpecification {
    nodes(1, of: .a100SXM, gpus: gpus, nodesPerLeaf: 1)
  }

  /// Equal nodes with one card of 200 Gbit/s a GPU, below leaves that block nothing.
  static func nodes(
    _ count: Int, of gpu: GPUSpecification, gpus: Int, nodesPerLeaf: Int,
    oversubscription: Double = 1
  ) -> ClusterSpecification {
    let node = NodeSpecification(
      gpu: gpu, gpuCount: gpus, nvlink: gpus > 1 ? .switch : .none, nicCount: gpus,
      nicBandwidthBytesPerSecond: 25e9, hostMemoryBytes: 1 << 40,
      storageBandwidthBytesPerSecond: 10e9)
    return ClusterSpecification(
      nodes: Array(repeating: node, count: count), nodesPerLeaf: nodesPerLeaf,
      oversubscription: oversubscription, fabricLatencyNanoseconds: 4_000,
      modelStoreBandwidthBytesPerSecond: 20e9)
  }
}
