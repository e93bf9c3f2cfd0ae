import Foundation
import Testing

/// What pipelining changes, each by itself, in the scenarios of `Scenarios/effects`, and what it does not.
@Suite("The five effects of pipelining, kept apart")
struct EffectTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private struct Document: Decodable {
    struct Decomposition: Decodable {
      var parts: [String: Double]
    }
    struct Run: Decodable {
      var scheduler: String
      var completed: Int
      var requests: Int
      var decomposition: Decomposition
    }
    var runs: [Run]
  }

  /// Mean seconds per request by part, of each scheduler.
  private func parts(_ scenario: String, _ settings: String...) throws -> [String: [String: Double]]
  {
    let outcome = try place.simpp(
      ["run", Program.scenario(scenario), "--json", "--quiet"]
        + settings.flatMap { ["--set", $0] },
      program: try Program.release())
    try #require(outcome.status == 0, "\(outcome.error)")
    let document = try JSONDecoder().decode(Document.self, from: outcome.output)
    try #require(document.runs.count > 1)
    for run in document.runs { #expect(run.completed == run.requests, "\(run.scheduler)") }
    return Dictionary(
      uniqueKeysWithValues: document.runs.map { ($0.scheduler, $0.decomposition.parts) })
  }

  private func queueing(_ parts: [String: Double]?) throws -> Double {
    let parts = try #require(parts)
    return (parts["queue"] ?? 0) + (parts["pipeline_wait"] ?? 0)
  }

  /// Expects all parts but some to be those of the other, within a thousandth of a second.
  private func expectEqual(
    _ left: [String: Double]?, _ right: [String: Double]?, but exceptions: Set<String>
  ) throws {
    let (left, right) = (try #require(left), try #require(right))
    try #require(left.count > exceptions.count)
    for (part, seconds) in left where !exceptions.contains(part) {
      #expect(abs(seconds - (right[part] ?? .infinity)) < 1e-3, "\(part)")
    }
  }

  @Test("None: on the same warm GPUs a pipeline and a tensor-parallel group queue equally long")
  func sameGPUs() throws {
    let runs = try parts("pp-vs-tp-same-gpus")
    let (pipeline, group) = (try queueing(runs["pp4"]), try queueing(runs["tp4"]))
    #expect(abs(pipeline - group) < 1e-9)
    #expect(pipeline > 3)
    try expectEqual(runs["pp4"], runs["tp4"], but: ["compute"])
  }

  @Test("Allocation: scattered GPUs are there at once, four of one node are waited for")
  func allocation() throws {
    let runs = try parts("effects/allocation")
    #expect(runs["pp4"]?["allocation_wait"] == 0)
    #expect(try #require(runs["tp4"]?["allocation_wait"]) > 10)
    // Starts are as long; there are fewer where requests wait together for one.
    let starts = (
      try #require(runs["pp4"]?["cold_start"]), try #require(runs["tp4"]?["cold_start"])
    )
    #expect(starts.0 > 0.1)
    #expect(abs(starts.0 - starts.1) < 0.03)
    try expectEqual(
      runs["pp4"], runs["tp4"], but: ["allocation_wait", "compute", "cold_start", "queue"])
  }

  @Test("Multiplexing: two models share two GPUs, and it matters little how these are cut")
  func multiplexing() throws {
    let runs = try parts("effects/multiplexing")
    let dedicated = try queueing(runs["dedicated"])
    let (pipeline, group) = (try queueing(runs["pp2-shared"]), try queueing(runs["tp2-shared"]))
    #expect(dedicated > 10 * pipeline)
    #expect(abs(pipeline - group) < 1e-9)
    try expectEqual(runs["pp2-shared"], runs["tp2-shared"], but: ["compute"])
  }

  @Test("Links: without NVLink the group's all-reduces make it slower, with it the pipeline is")
  func links() throws {
    let poor = try parts("effects/links")
    let total = poor.mapValues { $0.values.reduce(0, +) }
    #expect(try #require(total["pp4"]) < #require(total["tp4"]))
    #expect(try #require(poor["tp4"]?["comm_tensor"]) > 0.3)
    #expect(poor["pp4"]?["comm_tensor"] == 0)
    for run in poor.values {
      #expect(run["allocation_wait"] == 0 && run["cold_start"] == 0)
    }
    let good = try parts(
      "effects/links", "cluster.nodes[0].gpu=a100-sxm", "cluster.nodes[0].nvlink=switch")
    let fast = good.mapValues { $0.values.reduce(0, +) }
    #expect(try #require(fast["tp4"]) < #require(fast["pp4"]))
  }

  @Test("Cold starts: over four cards weights come four times as fast, whatever cuts the model")
  func coldStart() throws {
    func starts(_ settings: String...) throws -> [String: Double] {
      let runs =
        settings.isEmpty
        ? try parts("effects/cold-start") : try parts("effects/cold-start", settings[0])
      return runs.compactMapValues { $0["cold_start"] }
    }
    let spread = try starts()
    let (together, group) = (try #require(spread["pp4-together"]), try #require(spread["tp4"]))
    #expect(abs(together / group - 1) < 1e-3)
    // The load over PCIe, 35.3 GB at 63 GB/s, is the same.
    let apart = try #require(spread["pp4-spread"])
    #expect(abs((group - 0.56) / (apart - 0.56) - 4) < 0.01)
    // A store that gives what one card takes binds instead.
    let bound = try starts("cluster.modelStore=3.125GB/s")
    try #require(bound.count == spread.count)
    for start in bound.values { #expect(abs(start / group - 1) < 1e-2) }
  }

  @Test("Any degree: six stages on six GPUs serve what four cannot, and nothing else differs")
  func degree() throws {
    let runs = try parts("effects/degree")
    #expect(try queueing(runs["tp4"]) > 10 * queueing(runs["pp6"]))
    try expectEqual(runs["pp6"], runs["tp4"], but: ["compute", "queue", "pipeline_wait"])
    let outcome = try place.simpp(
      "run", Program.scenario("effects/degree"), "--set", "schedulers.tp4.parallelism.tensor=6",
      program: try Program.release())
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("TP6 cannot cut m: 64 attention heads"))
  }
}
