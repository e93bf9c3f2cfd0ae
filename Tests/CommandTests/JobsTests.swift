import Foundation
import GRDB
import Testing

@Suite("Several runs at a time")
struct JobsTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// Every row of every table but the one with wall clock and host, in the order in which they lie.
  private func rows(of name: String) throws -> [String: [Row]] {
    let queue = try DatabaseQueue(path: place.file(name))
    defer { try? queue.close() }
    return try queue.read { db in
      let tables = try String.fetchAll(
        db, sql: "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'provenance'")
      return try Dictionary(
        uniqueKeysWithValues: tables.map { ($0, try Row.fetchAll(db, sql: "SELECT * FROM \($0)")) })
    }
  }

  private static let arguments = [
    "run", Program.scenario("quickstart"), "--set", "duration=1m", "--set", "warmup=0s",
    "--replications", "3",
  ]

  @Test(
    "One, two or seven at a time print the same bytes and store the same rows under the same ids",
    arguments: [["--json"], ["--records", "none"], ["--records", "sample"]])
  func sameWhateverTheNumber(variation: [String]) throws {
    let outcomes = try [1, 2, 7].map { jobs in
      try place.simpp(
        Self.arguments + variation + ["--jobs", "\(jobs)", "--db", "\(jobs).sqlite"],
        program: try Program.release())
    }
    for outcome in outcomes {
      #expect(outcome.status == 0, "\(outcome.error)")
      #expect(outcome.error.hasPrefix("15 of 15 runs"))
      #expect(outcome.output == outcomes[0].output)
    }
    let one = try rows(of: "1.sqlite")
    #expect(one["run"]?.count == 15 && one["request"] != nil)
    #expect(try rows(of: "2.sqlite") == one)
    #expect(try rows(of: "7.sqlite") == one)
    #expect(try place.names() == ["1.sqlite", "2.sqlite", "7.sqlite"])
  }

  /// One scheduler that serves two thousand tokens a request, four that reject them all at once.
  private static let lopsided = """
    {
      "schemaVersion": 1, "name": "lopsided", "seed": 1, "duration": "200000s", "warmup": "0s",
      "cluster": {
        "nodes": [{ "gpu": "h100-sxm", "gpusPerNode": 1, "nics": { "bandwidth": "400Gbps" } }],
        "modelStore": "none"
      },
      "models": [{ "name": "llama-3.1-8b" }],
      "workloads": [{
        "name": "chat", "model": "llama-3.1-8b", "arrivals": { "process": "poisson", "rate": 1 },
        "prompt": { "distribution": "constant", "value": 100 },
        "output": { "distribution": "constant", "value": 2000 }
      }],
      "defaults": { "scaling": { "policy": "fixed", "replicas": 1 } },
      "schedulers": [
        { "name": "long" },
        { "name": "short-1", "engine": { "keyValueBlocks": 1 } },
        { "name": "short-2", "engine": { "keyValueBlocks": 1 } },
        { "name": "short-3", "engine": { "keyValueBlocks": 1 } },
        { "name": "short-4", "engine": { "keyValueBlocks": 1 } }
      ]
    }
    """

  @Test("A long run keeps no core from the next ones, and they are kept when it is cut short")
  func longFirst() throws {
    try place.write(Self.lopsided, to: "lopsided.json")
    let child = try place.start(
      ["run", "lopsided.json", "--jobs", "2", "--no-leap"], program: try Program.release())
    // The long one's spool and those of the others, which wait for it to be committed first.
    let allBegan = poll(seconds: 60) {
      (try? place.names().count { $0.hasSuffix(".spool") }) == 5
    }
    #expect(allBegan && child.isRunning)
    // The fourth short one may still be under way.
    usleep(2_000_000)
    #expect(child.isRunning)
    child.send(SIGINT)
    let outcome = try child.wait()
    #expect(outcome.status == 130)
    #expect(outcome.error.contains("interrupted: 4 of 5 runs are in results.sqlite"))
    try place.expectSound(
      "results.sqlite", schedulers: ["short-1", "short-2", "short-3", "short-4"])
  }

  @Test("Memory does not grow with the number of runs")
  func memory() throws {
    let peaks = try [100, 500].map { replications in
      let outcome = try place.simpp(
        [
          "run", Program.scenario("quickstart"), "--scheduler", "tp4", "--set", "duration=3m",
          "--jobs", "1", "--replications", "\(replications)", "--records", "none",
        ], program: try Program.release())
      #expect(outcome.status == 0, "\(outcome.error)")
      return outcome.peakMemory
    }
    // A megabyte for each run would be 400 more; some wait to be stored.
    #expect(peaks[1] < peaks[0] + 60_000_000, "\(peaks)")
  }
}
