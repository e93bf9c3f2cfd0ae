import EventKernel
import Foundation
import Scenarios
import Serving
import Testing

extension PublishedResult {
  /// "Fleets" in docs/published.md.
  static let fleets =
    loadingFromHosts + loadingFromPeers + loadingInPipelines + pooling + refactoring

  private static let loadingFromHosts = [
    PublishedResult(
      scenario: "serverlessllm-end-to-end", measured: "mean latency to the first token",
      kind: .ratio,
      published: 10, tolerance: .direction, simulated: 14.6, verdict: .inside
    ) {
      try PublishedRuns.ratio(
        $0.run("ray-serve"), $0.run("serverlessllm", "cluster.modelStore=none")
      ) { $0.overall.ttft.mean }
    },
    PublishedResult(
      scenario: "medusa-tail", measured: "p99 TTFT", kind: .change, published: -53.0,
      tolerance: .system, simulated: -45.3, verdict: .inside
    ) { try $0.change("medusa", over: "vllm") { $0.overall.ttft.p99 } },
  ]

  private static let loadingFromPeers = [
    PublishedResult(
      scenario: "blitzscale", measured: "p99 TTFT", kind: .change, published: -94,
      tolerance: .system, simulated: -83.4, verdict: .inside
    ) { try $0.change("blitzscale", over: "serverlessllm") { $0.overall.ttft.p99 } },
    PublishedResult(
      scenario: "blitzscale", measured: "GPU time", kind: .change, published: -49,
      tolerance: .system, simulated: -38.4, verdict: .inside
    ) { try $0.change("blitzscale", over: "always-on") { $0.gpuHours } },
    PublishedResult(
      scenario: "lambdascale", measured: "p90 TTFT", kind: .ratio, published: 5,
      tolerance: .direction, simulated: 10.8, verdict: .inside
    ) {
      try PublishedRuns.ratio($0.run("serverlessllm"), $0.run("lambdascale")) {
        $0.overall.ttft.p90
      }
    },
    PublishedResult(
      scenario: "lambdascale", measured: "GPU cost", kind: .change, published: -31.3,
      tolerance: .direction, simulated: 4.8, verdict: .outside
    ) { try $0.change("lambdascale", over: "serverlessllm") { $0.gpuHours } },
  ]

  private static let loadingInPipelines = [
    PublishedResult(
      scenario: "pipeboost", measured: "mean TTFT", kind: .change, published: -31,
      tolerance: .direction, simulated: -62.3, verdict: .inside
    ) { try $0.change("pipeboost", over: "whole") { $0.burst?.ttft.mean } },
    PublishedResult(
      scenario: "pipeboost", measured: "mean end-to-end latency", kind: .change, published: -31,
      tolerance: .direction, simulated: -29.3, verdict: .inside
    ) { try $0.change("pipeboost", over: "whole") { $0.burst?.e2e.mean } },
  ]

  private static let pooling = [
    PublishedResult(
      scenario: "oracles/active-models", measured: "models active of 100", published: 46.55,
      tolerance: .analytic, simulated: 46.3, verdict: .inside
    ) { try $0.activeModels() },
    PublishedResult(
      scenario: "aegaeon", measured: "models a GPU", published: 7, tolerance: .system,
      simulated: 7, verdict: .inside
    ) { try 70 / Double($0.fewestGPUs()) },
    PublishedResult(
      scenario: "aegaeon", measured: "GPUs, of one for each model", kind: .change, published: -82,
      tolerance: .system, simulated: -85.7, verdict: .notComparable
    ) { try 100 * (Double($0.fewestGPUs()) / 70 - 1) },
  ]

  private static let refactoring = [
    PublishedResult(
      scenario: "flexpipe", measured: "mean latency, CV 1", kind: .change, published: -38.3,
      tolerance: .direction, simulated: -46.4, verdict: .inside
    ) {
      try $0.change("elastic", over: "static", ["workloads[0].arrivals.cv=1"]) {
        $0.overall.e2e.mean
      }
    },
    PublishedResult(
      scenario: "flexpipe", measured: "mean latency, CV 4", kind: .change, published: -66.1,
      tolerance: .direction, simulated: -29.4, verdict: .inside
    ) { try $0.change("elastic", over: "static") { $0.overall.e2e.mean } },
    PublishedResult(
      scenario: "flexpipe", measured: "requests in time for each GPU", kind: .ratio,
      published: 8.5, tolerance: .direction, simulated: 1.92, verdict: .inside
    ) {
      try PublishedRuns.ratio($0.run("elastic"), $0.run("static")) { run in
        run.overall.goodputRequestsPerSecond.map { $0 / run.gpuHours }
      }
    },
    PublishedResult(
      scenario: "flexpipe", measured: "GPUs always on", kind: .ratio, published: 0.4,
      tolerance: .direction, simulated: 0.067, verdict: .inside
    ) { runs in
      let met = try #require(runs.run("static").overall.sloAttainment)
      let least = try [1, 3, 6, 15].first {
        let run = try runs.run("elastic", "schedulers.elastic.scaling.min=\($0)")
        return try #require(run.overall.sloAttainment) >= met
      }
      return try Double(#require(least)) / 15
    },
  ]
}

extension PublishedRuns {
  /// How a figure of one scheduler differs from that of another, in percent.
  fileprivate func change(
    _ one: String, over other: String, _ settings: [String] = [],
    _ figure: (RunSummary) -> Double?
  ) throws -> Double {
    100 * (try Self.ratio(run(one, settings), run(other, settings), figure) - 1)
  }

  /// A figure of one run over that of another.
  fileprivate static func ratio(
    _ one: RunSummary, _ other: RunSummary, _ figure: (RunSummary) -> Double?
  ) throws -> Double {
    try #require(figure(one)) / #require(figure(other))
  }

  /// The mean number of models with a request under way while requests arrive, the first 16.79 s left
  /// out and what was drawn too much taken off, as in `ActiveModelsTests`; over four replications.
  fileprivate func activeModels() throws -> Double {
    let scenario = try scenario()
    let scheduler = try scenario.scheduler("together")
    let window = 16_790_000_000..<scenario.duration
    let length = Double(window.upperBound - window.lowerBound) / 1e9
    let perArrival = 16.79 * exp(-0.037 * 16.79)
    return (0..<4).reduce(0) { sum, replication in
      let records = MemorySink()
      _ = Simulation(scenario: scenario, scheduler: scheduler, replication: replication)
        .run(into: records)
      let active = Dictionary(grouping: records.requests, by: \.model).values.reduce(0) {
        $0 + union($1, within: window)
      }
      let rate = Double(records.requests.count) / (Double(scenario.duration) / 1e9)
      return sum + (Double(active) / 1e9 / length - (rate - 3.7) * perArrival) / 4
    }
  }

  /// How long some of these requests are under way in a window, in nanoseconds.
  private func union(_ requests: [RequestRecord], within window: Range<Nanoseconds>) -> Nanoseconds
  {
    var (sum, upTo) = (Nanoseconds(0), window.lowerBound)
    for request in requests.sorted(by: { $0.arrival < $1.arrival }) {
      let (from, to) = (max(request.arrival, upTo), min(request.end, window.upperBound))
      if to > from { sum += to - from }
      upTo = max(upTo, to)
    }
    return sum
  }

  /// The fewest GPUs with which nine tenths of the requests meet their targets.
  fileprivate func fewestGPUs() throws -> Int {
    let enough = try (8...16).first {
      let run = try run("pooled", "cluster.nodes[0].gpusPerNode=\($0)")
      return try #require(run.overall.sloAttainment) >= 0.9
    }
    return try #require(enough)
  }
}

extension RunSummary {
  /// The burst of the smaller model.
  fileprivate var burst: WorkloadSummary? { workloads.first { $0.name == "burst-6.7b" } }
}
