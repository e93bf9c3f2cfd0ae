import Foundation
import Testing

/// What the scenarios' comments and README.md say comes out of them, checked on the program.
@Suite("The scenarios show what they claim")
struct ScenarioClaimsTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// What `run --json` says of a run, as far as the claims need it; seconds.
  private struct Run: Decodable {
    struct Latency: Decodable {
      var tpot: Metric
      var e2e: Metric
    }
    struct Metric: Decodable {
      var mean: Double
    }
    struct Decomposition: Decodable {
      var parts: [String: Double]
    }
    var scheduler: String
    var state: String
    var requests: Int
    var completed: Int
    var latency: Latency
    var decomposition: Decomposition
    var sloAttainment: Double

    /// The label with the most time.
    var largestPart: String? { decomposition.parts.max { $0.value < $1.value }?.key }
  }

  private struct Document: Decodable {
    var runs: [Run]
  }

  /// The runs of a scenario by scheduler, made by the optimised program.
  private func runs(_ scenario: String) throws -> [String: Run] {
    let outcome = try place.simpp(
      "run", Program.scenario(scenario), "--json", "--quiet", program: try Program.release())
    try #require(outcome.status == 0, "\(outcome.error)")
    let document = try JSONDecoder().decode(Document.self, from: outcome.output)
    return Dictionary(uniqueKeysWithValues: document.runs.map { ($0.scheduler, $0) })
  }

  @Test("On a dedicated cluster tensor parallelism beats the pipeline, and tp8 everyone")
  func dedicatedCluster() throws {
    let runs = try runs("dedicated-cluster")
    for (tensor, pipeline) in [("dp2-tp4", "dp2-pp4"), ("tp8", "pp8")] {
      let wins = try #require(runs[tensor])
      let loses = try #require(runs[pipeline])
      #expect(wins.latency.e2e.mean < loses.latency.e2e.mean, "\(tensor) and \(pipeline)")
      #expect(wins.latency.tpot.mean < loses.latency.tpot.mean, "\(tensor) and \(pipeline)")
    }
    let best = runs.values.min { $0.latency.e2e.mean < $1.latency.e2e.mean }
    #expect(best?.scheduler == "tp8")
    // Nothing has to be allocated or started, and nobody is overloaded.
    for run in runs.values {
      #expect(run.decomposition.parts["allocation_wait"] == 0, "\(run.scheduler)")
      #expect(run.decomposition.parts["cold_start"] == 0, "\(run.scheduler)")
      #expect(run.state == "stable", "\(run.scheduler)")
    }
  }

  @Test("On a slow network a pipeline across servers beats tensor parallelism: the links decide")
  func slowNetwork() throws {
    let runs = try runs("slow-network")
    let tensor = try #require(runs["tp4"])
    for name in ["tp2-pp2", "pp4"] {
      let other = try #require(runs[name])
      #expect(other.sloAttainment > tensor.sloAttainment, "\(name)")
      #expect(other.largestPart == "compute", "\(name)")
    }
    #expect(tensor.largestPart == "comm_tensor")
  }

  @Test("In the quickstart tp4 waits for GPUs and pp4 does not; every request completes")
  func quickstart() throws {
    let runs = try runs("quickstart")
    let tensor = try #require(runs["tp4"]?.decomposition.parts)
    let pipeline = try #require(runs["pp4"]?.decomposition.parts)
    #expect(try #require(tensor["allocation_wait"]) > 1)
    #expect(pipeline["allocation_wait"] == 0)
    // Both start cold.
    #expect(try #require(tensor["cold_start"]) > 1)
    #expect(try #require(pipeline["cold_start"]) > 1)
    #expect(runs.count == 5)
    for run in runs.values {
      #expect(run.requests > 1_000 && run.completed == run.requests, "\(run.scheduler)")
    }
  }

  @Test("README.md shows what the quickstart prints")
  func readme() throws {
    let outcome = try place.simpp(
      "run", Program.scenario("quickstart"), program: try Program.release())
    try #require(outcome.status == 0, "\(outcome.error)")
    let text = try String(contentsOfFile: Program.root + "README.md", encoding: .utf8)
    let block = try #require(
      fencedBlocks(in: text).first { $0.hasPrefix("quickstart\n") },
      "README.md has no fenced block that starts with the line 'quickstart'")
    #expect(block == outcome.text)
  }

  /// What stands between lines of three backticks, each line with its line feed.
  private func fencedBlocks(in text: String) -> [String] {
    var blocks: [String] = []
    var block: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        if let block { blocks.append(block) }
        block = block == nil ? "" : nil
      } else {
        block?.append(line + "\n")
      }
    }
    return blocks
  }
}
