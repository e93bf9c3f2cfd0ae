import Foundation
import Testing

@Suite("simpp run")
struct RunTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func json(_ arguments: String...) throws -> [String: Any] {
    let outcome = try place.simpp(
      ["run"] + Workplace.quickstart + ["--json", "--quiet"] + arguments)
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error == "")
    return try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
  }

  private func runs(_ object: [String: Any]) throws -> [[String: Any]] {
    try #require(object["runs"] as? [[String: Any]])
  }

  @Test("--json has every key that scripts rely on")
  func keys() throws {
    let object = try json("--scheduler", "tp4")
    #expect(Set(object.keys) == ["scenario", "scenarioDigest", "version", "runs"])
    let run = try #require(try runs(object).first)
    let figures: Set = [
      "latency", "decomposition", "ttftDecomposition", "tailDecomposition", "throughput",
      "sloAttainment", "goodputRequestsPerSecond",
    ]
    #expect(
      figures.union([
        "scheduler", "seed", "replication", "digest", "requests", "completed", "rejected", "failed",
        "unfinished", "simulatedSeconds", "state", "gpuHours", "gpuUtilization", "bubbleFraction",
        "costUSD", "coldStarts", "preemptions", "workloads",
      ]).isSubset(of: run.keys))
    let workloads = try #require(run["workloads"] as? [String: [String: Any]])
    #expect(Array(workloads.keys) == ["chat"])
    #expect(figures.isSubset(of: try #require(workloads["chat"]).keys))
    for owner in [run, try #require(workloads["chat"])] { try expectFigures(in: owner) }
    #expect(["stable", "backlogged", "overloaded"].contains(run["state"] as? String))
  }

  private func expectFigures(in owner: [String: Any]) throws {
    let latency = try #require(owner["latency"] as? [String: [String: Any]])
    #expect(Set(latency.keys) == ["ttft", "tpot", "itl", "e2e"])
    for metric in latency.values {
      #expect(Set(["mean", "p50", "p90", "p95", "p99", "max"]).isSubset(of: metric.keys))
    }
    for name in ["decomposition", "ttftDecomposition", "tailDecomposition"] {
      let parts = try #require(owner[name] as? [String: Any])
      #expect(Set(["compute", "communication", "queuing", "parts"]).isSubset(of: parts.keys))
      #expect((parts["parts"] as? [String: Any])?.count == 11)
    }
    let throughput = try #require(owner["throughput"] as? [String: Any])
    #expect(Set(throughput.keys) == ["requestsPerSecond", "outputTokensPerSecond"])
  }

  @Test("Compute, communication and queuing sum to the mean end-to-end time")
  func decomposition() throws {
    for run in try runs(try json()) {
      let parts = try #require(run["decomposition"] as? [String: Any])
      let latency = try #require(run["latency"] as? [String: [String: Any]])
      let components = ["compute", "communication", "queuing"].compactMap { parts[$0] as? Double }
      let eleven = try #require(parts["parts"] as? [String: Double])
      let mean = try #require(latency["e2e"]?["mean"] as? Double)
      #expect(abs(components.reduce(0, +) - mean) < 1e-9 * mean)
      #expect(abs(eleven.values.reduce(0, +) - mean) < 1e-9 * mean)
    }
  }

  @Test("--scheduler selects, in scenario order, and does not change the others' digest")
  func schedulers() throws {
    let all = try runs(try json())
    let two = try runs(try json("--scheduler", "ladder", "--scheduler", "pp4"))
    #expect(
      all.map { $0["scheduler"] as? String } == ["tp4", "pp4", "tp2-pp2", "ladder", "dp2-tp4"])
    #expect(two.map { $0["scheduler"] as? String } == ["pp4", "ladder"])
    #expect(two[0]["digest"] as? String == all[1]["digest"] as? String)
    #expect(two[1]["digest"] as? String == all[3]["digest"] as? String)
  }

  @Test("--seed and --replications: the seed stays, the replications differ")
  func replications() throws {
    let found = try runs(try json("--scheduler", "tp4", "--seed", "7", "--replications", "3"))
    #expect(found.map { $0["replication"] as? Int } == [0, 1, 2])
    #expect(found.allSatisfy { $0["seed"] as? Int == 7 })
    #expect(Set(found.compactMap { $0["digest"] as? String }).count == 3)
    #expect(try place.number("SELECT count(*) FROM run", in: "results.sqlite") == 3)
  }

  @Test("--set changes the scenario and its digest; running again replaces")
  func overrides() throws {
    let slow = try json("--scheduler", "tp4")
    let fast = try json("--scheduler", "tp4", "--set", "workloads.chat.arrivals.rate=3")
    #expect(slow["scenarioDigest"] as? String != fast["scenarioDigest"] as? String)
    let count = { (object: [String: Any]) in try runs(object)[0]["requests"] as? Int ?? 0 }
    #expect(try count(fast) > count(slow))
    let again = try json("--scheduler", "tp4")
    #expect(
      try runs(again)[0]["digest"] as? String == runs(slow)[0]["digest"] as? String)
    #expect(try place.number("SELECT count(*) FROM run", in: "results.sqlite") == 2)
  }

  @Test("Comments and figures of time go to standard error, --quiet stills it")
  func streams() throws {
    let arguments = ["run"] + Workplace.quickstart + ["--scheduler", "tp4"]
    let outcome = try place.simpp(arguments)
    #expect(outcome.error.contains(#/^1 of 1 runs in [0-9.]+ s, [0-9]+ events\n$/#))
    #expect(!outcome.text.contains(place.path))
    #expect(try place.simpp(arguments + ["--quiet"]).error == "")
    #expect(try place.names() == ["results.sqlite"])
  }
}
