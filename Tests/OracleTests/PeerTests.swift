import EventKernel
import Foundation
import Scenarios
import Serving
import Testing
import Workload

/// Vidur (commit 7d47513) on the same 10,000 requests, milliseconds: `Scenarios/published/vidur-*`.
///
/// With Vidur's own stage times as a table what is compared is the scheduling alone.
@Suite("Vidur's workloads with Vidur's stage times")
struct PeerTests {
  struct Published: Sendable, CustomStringConvertible {
    var name: String
    var requestsPerSecond: Double
    var ttft: (mean: Double, p99: Double)
    var tpot: (mean: Double, p99: Double)
    var e2e: (mean: Double, p99: Double)

    var description: String { name }
  }

  static let published = [
    Published(
      name: "vidur-a", requestsPerSecond: 8, ttft: (78.6, 217.4), tpot: (17.5, 24.2),
      e2e: (2440.6, 4812.0)),
    Published(
      name: "vidur-b", requestsPerSecond: 1, ttft: (292.5, 644.5), tpot: (70.5, 89.0),
      e2e: (9807.8, 18644.9)),
    Published(
      name: "vidur-e", requestsPerSecond: 2, ttft: (177.8, 384.0), tpot: (47.7, 59.2),
      e2e: (6612.9, 12603.9)),
    Published(
      name: "vidur-f", requestsPerSecond: 2, ttft: (128.4, 309.0), tpot: (28.1, 36.0),
      e2e: (3912.2, 7514.7)),
  ]

  /// The published workload's 10,000 requests in simpp.
  private func run(_ published: Published, _ settings: String...) throws -> RunSummary {
    var scenario = try PeerRequests.scenario(published.name, settings)
    scenario.source = PeerRequests(
      count: 10_000, requestsPerSecond: published.requestsPerSecond)
    scenario.duration = 20_000_000_000_000
    let summary = Simulation(scenario: scenario, scheduler: 0).run()
    #expect(summary.completed == 10_000)
    return summary
  }

  @Test(
    "Decode taken at its one context: B, E and F stay within 3 %, A falls short by 3.0, 2.5, 2.7 %",
    arguments: published)
  func oneContext(_ published: Published) throws {
    let summary = try run(published, "models[0].cost.stages[0].perContextToken=0s")
    let differences = [
      (summary.overall.ttft, published.ttft), (summary.overall.tpot, published.tpot),
      (summary.overall.e2e, published.e2e),
    ].map { simulated, theirs in (simulated.mean ?? .nan) * 1e3 / theirs.mean - 1 }
    if published.name == "vidur-a" {
      for (difference, stated) in zip(differences, [-0.0302, -0.0248, -0.0274]) {
        #expect(abs(difference - stated) < 0.001, "\(differences)")
      }
    } else {
      #expect(differences.allSatisfy { abs($0) < 0.03 }, "\(published) \(differences)")
    }
  }

  @Test("Means lie within 3 % and p99 within 10 % of Vidur's", arguments: published)
  func agreement(_ published: Published) throws {
    let summary = try run(published)
    let pairs: [(String, MetricSummary, (mean: Double, p99: Double))] = [
      ("TTFT", summary.overall.ttft, published.ttft),
      ("TPOT", summary.overall.tpot, published.tpot),
      ("e2e", summary.overall.e2e, published.e2e),
    ]
    for (metric, simulated, theirs) in pairs {
      let mean = try #require(simulated.mean) * 1e3
      let p99 = try #require(simulated.p99) * 1e3
      #expect(
        abs(mean / theirs.mean - 1) < 0.03,
        "\(published) \(metric): mean \(mean) ms, published \(theirs.mean) ms")
      #expect(
        abs(p99 / theirs.p99 - 1) < 0.1,
        "\(published) \(metric): p99 \(p99) ms, published \(theirs.p99) ms")
    }
  }

  @Test("The trace that the scenarios replay holds the first 1,000 requests")
  func trace() throws {
    let scenario = try PeerRequests.scenario("vidur-a")
    var stream = scenario.source.open(seed: 1)
    for expected in PeerRequests(count: 1_000, requestsPerSecond: 8).requests {
      #expect(stream.next() == expected)
    }
    #expect(stream.next() == nil)
  }

  @Test("The generator gives the requests that were published")
  func requests() throws {
    let all = PeerRequests(count: 10_000, requestsPerSecond: 8).requests
    #expect(all.prefix(3).map(\.promptTokens) == [217, 100, 833])
    #expect(all.prefix(3).map(\.outputTokens) == [83, 225, 97])
    #expect(all.prefix(1_000).reduce(0) { $0 + Int($1.promptTokens) } == 553_716)
    #expect(all.reduce(0) { $0 + Int($1.promptTokens) } == 5_483_832)
    #expect(all.reduce(0) { $0 + Int($1.outputTokens) } == 1_360_603)
    #expect(try #require(all.last).arrival == nanoseconds(fromSeconds: 1236.2387819459655))
  }
}

/// The requests on which other simulators were measured: SplitMix64 from state 42; gaps are
/// exponential, prompts uniform in 64–1,024, outputs uniform in 16–256.
struct PeerRequests: RequestSource {
  let requests: [ArrivingRequest]

  init(count: Int, requestsPerSecond: Double) {
    var state: UInt64 = 42
    func uniform() -> Double {
      state &+= 0x9e37_79b9_7f4a_7c15
      var mixed = state
      mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
      mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
      return Double((mixed ^ mixed >> 31) >> 11) / 0x1p53
    }
    var seconds = 0.0
    requests = (0..<count).map { _ in
      seconds += -log(1 - uniform()) / requestsPerSecond
      let prompt = 64 + Int32(uniform() * 961)
      let output = 16 + Int32(uniform() * 241)
      return ArrivingRequest(
        arrival: nanoseconds(fromSeconds: seconds), workload: 0, promptTokens: prompt,
        outputTokens: output)
    }
  }

  func open(seed: UInt64) -> any RequestStream { Stream(left: requests[...]) }

  struct Stream: RequestStream {
    var left: ArraySlice<ArrivingRequest>
    var nextArrival: Nanoseconds? { left.first?.arrival }
    mutating func next() -> ArrivingRequest? { left.popFirst() }
  }
}

extension PeerRequests {
  /// A scenario of `Scenarios/published`, which brings the first 1,000 requests as a trace.
  static func scenario(_ name: String, _ settings: [String] = []) throws -> Scenario {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let path = root.appending(path: "Scenarios/published/\(name).json").path()
    let files = InputFiles(folders: [root.appending(path: "Traces").path()])
    return try ScenarioDecoder(files: files).decode(
      text: ScenarioFile.text(at: path), fileName: path,
      overrides: settings.map { try #require(ScenarioOverride($0)) }
    ).scenario
  }
}
