import Foundation
import Testing

@Suite("Runs beyond physics")
struct PhysicsTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private static func scenario(_ model: String, profile: String) -> String {
    """
    {
      "schemaVersion": 1, "name": "claims", "duration": "20s", "warmup": "0s",
      "cluster": {
        "nodes": [{
          "gpu": "h100-sxm", \(profile) "gpusPerNode": 1, "nics": { "bandwidth": "400Gbps" }
        }],
        "modelStore": "none"
      },
      "models": [\(model)],
      "workloads": [{
        "name": "chat", "arrivals": { "process": "poisson", "rate": 1 },
        "prompt": { "distribution": "constant", "value": 1000 },
        "output": { "distribution": "constant", "value": 100 }
      }],
      "defaults": { "scaling": { "policy": "fixed", "replicas": 1 } },
      "schedulers": [{ "name": "one" }]
    }
    """
  }

  private static let predicted = #"{ "name": "llama-3.1-8b" }"#

  @Test("A profile whose memory beats the datasheet exits 65, and nothing is stored")
  func profile() throws {
    let path = Program.root + "Sources/Hardware/Profiles/h100-sxm.json"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let claimed = text.replacing(
      #""memoryBandwidth": { "value": 3350000000000, "low": 3350000000000, "high": 3350000000000"#,
      with: #""memoryBandwidth": { "value": 33500000000000, "low": 1, "high": 33500000000000"#)
    try #require(claimed != text)
    try place.write(claimed, to: "claimed.json")
    try place.write(
      Self.scenario(Self.predicted, profile: #""profile": "claimed.json","#), to: "s.json")
    let outcome = try place.simpp("run", "s.json", "--quiet")
    #expect(outcome.status == 65)
    #expect(
      outcome.error.hasPrefix("stage 0 of replica 0 on h100-sxm (GPUs 0) would do "),
      "\(outcome.error)")
    #expect(outcome.error.contains(" B/s of memory a GPU, at most 3.35e12 are possible: the GPU"))
    #expect(try place.number("SELECT count(*) FROM run", in: "results.sqlite") == 0)
  }

  @Test("The shipped profile stays below, and the results hold MFU, MBU and link shares")
  func shares() throws {
    try place.write(Self.scenario(Self.predicted, profile: ""), to: "s.json")
    let outcome = try place.simpp("run", "s.json", "--quiet", "--json")
    #expect(outcome.status == 0 && outcome.error.isEmpty)
    #expect(outcome.text.contains("\"mfu\": 0.") && outcome.text.contains("\"mbu\": 0."))
    #expect(
      try place.number(
        """
        SELECT count(*) FROM stage JOIN gpu USING (run_id) WHERE gpu.gpu = 0
          AND stage.mfu BETWEEN 0.001 AND 1 AND abs(stage.mfu / gpu.mfu - 1) < 1e-9
          AND stage.mbu BETWEEN 0.1 AND 1
          AND abs(stage.model_flops / (989e12 * stage.mfu * 1e-9
            * (stage.busy_ns + stage.exposed_communication_ns)) - 1) < 1e-9
        """, in: "results.sqlite") == 1)
    #expect(
      try place.number(
        "SELECT count(*) FROM link WHERE share < 0 OR share > 1 OR share IS NULL",
        in: "results.sqlite") == 0)
  }

  @Test("Given times promise no physics: a note, and the run is kept")
  func given() throws {
    let model = #"{ "name": "llama-3.1-8b", "cost": { "policy": "constant", "base": "1us" } }"#
    try place.write(Self.scenario(model, profile: ""), to: "s.json")
    let outcome = try place.simpp("run", "s.json")
    #expect(outcome.status == 0)
    #expect(
      outcome.error.contains("note: one: stage 0 of replica 0 on h100-sxm (GPUs 0) would do "))
    #expect(try place.simpp("run", "s.json", "--quiet").error.isEmpty)
    #expect(try place.number("SELECT count(*) FROM run", in: "results.sqlite") == 1)
  }
}
