import Foundation
import Testing

/// Two models with gamma gaps on two GPUs, over so many arrivals that their mean is known within 1 %.
///
/// A GPU each: E W by Spitzer's sum, which `SplitTrafficTests` adds up. Both in one pipeline: there is no
/// closed form for two superposed streams; the figures are those of a reference simulation of the one
/// queue (Lindley's recursion), which `SplitTrafficTests` holds request by request.
@Suite("Bursty traffic of two models on two GPUs")
struct BurstyQueueTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// What `run --json` says of a run; seconds.
  private struct Run: Decodable {
    struct Latency: Decodable { var e2e: Metric }
    struct Metric: Decodable {
      var mean: Double
      var p99: Double
    }
    var scheduler: String
    var requests: Int
    var latency: Latency
  }

  private struct Document: Decodable { var runs: [Run] }

  /// Means over replications.
  private struct Figures {
    var requests = 0
    var mean = 0.0
    var standardError = 0.0
    var p99 = 0.0

    init(_ runs: [Run]) {
      let count = Double(runs.count)
      requests = runs.reduce(0) { $0 + $1.requests }
      let means = runs.map(\.latency.e2e.mean)
      mean = means.reduce(0, +) / count
      let squares = means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      standardError = (squares / (count - 1) / count).squareRoot()
      p99 = runs.reduce(0) { $0 + $1.latency.e2e.p99 } / count
    }
  }

  private func figures(cv: Int, duration: String, replications: Int) throws -> [String: Figures] {
    let gamma = "={ \"process\": \"gamma\", \"rate\": 1.5, \"cv\": \(cv) }"
    let run = try place.start(
      [
        "run", Program.scenario("oracles/two-models-two-gpus"), "--json", "--quiet",
        "--scheduler", "dedicated", "--scheduler", "pp2", "--records", "none",
        "--set", "workloads[0].arrivals" + gamma, "--set", "workloads[1].arrivals" + gamma,
        "--set", "duration=\(duration)", "--replications", "\(replications)",
      ], program: try Program.release())
    let outcome = try run.wait(seconds: 600)
    try #require(outcome.status == 0, "\(outcome.error)")
    let document = try JSONDecoder().decode(Document.self, from: outcome.output)
    return Dictionary(grouping: document.runs, by: \.scheduler).mapValues { Figures($0) }
  }

  private func expect(_ value: Double, _ published: Double, within tolerance: Double) {
    #expect(abs(value - published) <= tolerance * published, "\(value), published \(published)")
  }

  @Test("CV 3: 4.018 s and 2.073 s, P99 17.7 s and 8.85 s, over 10⁷ arrivals each, within 1.5 %")
  func bursts() throws {
    let figures = try figures(cv: 3, duration: "100000s", replications: 34)
    let (alone, shared) = (try #require(figures["dedicated"]), try #require(figures["pp2"]))
    for run in [alone, shared] {
      #expect(run.requests >= 10_000_000)
      #expect(run.standardError < 0.005 * run.mean)
    }
    expect(alone.mean, 4.018, within: 0.015)
    expect(shared.mean, 2.073, within: 0.015)
    expect(alone.p99, 17.7, within: 0.015)
    expect(shared.p99, 8.85, within: 0.015)
  }

  @Test("CV 8: one pipeline for both answers 2.12 times as fast, within three standard errors")
  func heavyBursts() throws {
    let figures = try figures(cv: 8, duration: "100000s", replications: 10)
    let (alone, shared) = (try #require(figures["dedicated"]), try #require(figures["pp2"]))
    let errors = [alone, shared].map { $0.standardError / $0.mean }
    let error = (errors[0] * errors[0] + errors[1] * errors[1]).squareRoot()
    #expect(error < 0.025)
    expect(alone.mean / shared.mean, 2.12, within: 3 * error)
  }
}
