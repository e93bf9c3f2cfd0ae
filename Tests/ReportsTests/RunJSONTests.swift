import Foundation
import Reports
import Serving
import Testing

@Suite("What run --json prints")
struct RunJSONTests {
  private static let top = ["scenario", "scenarioDigest", "version", "runs"]
  private static let figures = [
    "latency", "decomposition", "ttftDecomposition", "tailDecomposition", "throughput",
    "sloAttainment", "goodputRequestsPerSecond",
  ]
  private static let counts = [
    "requests", "completed", "rejected", "rejectedFor", "failed", "unfinished",
  ]
  private static let run =
    ["scheduler", "seed", "replication", "digest", "simulatedSeconds", "state"] + counts + figures
    + [
      "gpuHours", "gpuUtilization", "bubbleFraction", "bubble", "straggler",
      "mfu", "mbu", "linkShare", "costUSD",
      "coldStarts", "preemptions", "backgroundWaitSeconds", "allocationWaits", "fragmentation",
    ]
    + ["workloads"]
  private static let metric = ["mean", "p50", "p90", "p95", "p99", "max"]
  private static let parts = [
    "allocation_wait", "cold_start", "queue", "pipeline_wait", "compute", "comm_tensor",
    "comm_pipeline", "comm_expert", "comm_kv", "preemption", "host",
  ]

  private func object(_ runs: [RunSummary]) throws -> [String: Any] {
    let text = RunJSON.text(runs, context: Fixture.context)
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    return try #require(value as? [String: Any])
  }

  private func member(_ value: Any?, _ path: String...) throws -> Any {
    try path.reduce(try #require(value)) { value, key in
      try #require((value as? [String: Any])?[key])
    }
  }

  private func expect(
    _ keys: [String], in value: Any, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let object = try #require(value as? [String: Any], sourceLocation: sourceLocation)
    #expect(object.keys.sorted() == keys.sorted(), sourceLocation: sourceLocation)
  }

  @Test("The object has exactly the keys that scripts rely on, at every level")
  func keys() throws {
    let document = try object(Fixture.two)
    try expect(Self.top, in: document)
    let runs = try #require(document["runs"] as? [Any])
    #expect(runs.count == 2)
    for run in runs {
      try expect(Self.run, in: run)
      try expect(["chat"], in: try member(run, "workloads"))
      let workload = try member(run, "workloads", "chat")
      try expect(Self.counts + Self.figures, in: workload)
      for figures in [run, workload] {
        try expect(["ttft", "tpot", "itl", "e2e"], in: try member(figures, "latency"))
        for name in ["ttft", "tpot", "itl", "e2e"] {
          try expect(Self.metric, in: try member(figures, "latency", name))
        }
        for name in ["decomposition", "ttftDecomposition", "tailDecomposition"] {
          try expect(
            ["compute", "communication", "queuing", "parts"], in: try member(figures, name))
          try expect(Self.parts, in: try member(figures, name, "parts"))
        }
        try expect(
          ["requestsPerSecond", "outputTokensPerSecond"], in: try member(figures, "throughput"))
      }
    }
  }

  @Test("Keys stand in the same order every time, runs in the order given")
  func order() throws {
    let text = RunJSON.text(Fixture.two, context: Fixture.context)
    #expect(text == RunJSON.text(Fixture.two, context: Fixture.context))
    #expect(text.hasPrefix("{\n  \"scenario\": \"burst\",\n  \"scenarioDigest\": \"5ce0a7\",\n"))
    #expect(text.hasSuffix("}\n"))
    let runs = try #require(try object(Fixture.two)["runs"] as? [[String: Any]])
    #expect(runs.map { $0["scheduler"] as? String } == ["tp4", "pp4"])
  }

  @Test("What does not exist is null, and never 0")
  func nulls() throws {
    var run = Fixture.run("tp4", Fixture.tensorParts, missed: 2)
    run.gpuUtilization = nil
    run.bubbleFraction = nil
    run.gpuHours = .infinity
    let value = try #require(try object([run])["runs"] as? [Any])[0]
    for name in [
      "sloAttainment", "goodputRequestsPerSecond", "gpuUtilization", "bubbleFraction", "gpuHours",
    ] {
      #expect(try member(value, name) is NSNull, "\(name)")
    }
    #expect(try member(value, "latency", "e2e", "p99") is NSNull)
    #expect(try member(value, "latency", "e2e", "max") is NSNull)
    #expect(try member(value, "latency", "e2e", "p95") as? Double == 5)
    #expect(try member(value, "workloads", "chat", "sloAttainment") is NSNull)
  }

  /// `JSONDecoder` reads a Double exactly; `JSONSerialization` goes through a decimal of its own.
  private struct Numbers: Decodable {
    struct Run: Decodable {
      struct Throughput: Decodable { let requestsPerSecond: Double }
      let seed: UInt64
      let preemptions: Int64
      let gpuHours, costUSD, bubbleFraction, simulatedSeconds: Double
      let throughput: Throughput
    }
    let runs: [Run]
  }

  @Test("Numbers read back as they were, to the last bit")
  func numbers() throws {
    var run = Fixture.two[0]
    run.seed = .max
    run.gpuHours = 0.1 + 0.2
    run.costUSD = 1e-7
    run.bubbleFraction = 1.0 / 3
    run.overall.requestsPerSecond = 1.25e19
    run.preemptions = 9_007_199_254_740_993
    let text = RunJSON.text([run], context: Fixture.context)
    let read = try JSONDecoder().decode(Numbers.self, from: Data(text.utf8)).runs[0]
    #expect(read.seed == .max)
    #expect(read.gpuHours == run.gpuHours && read.gpuHours != 0.3)
    #expect(read.costUSD == 1e-7)
    #expect(read.bubbleFraction == 1.0 / 3)
    #expect(read.throughput.requestsPerSecond == 1.25e19)
    #expect(read.preemptions == 9_007_199_254_740_993)
    #expect(read.simulatedSeconds == 1_812.5)
  }

  @Test("The parts sum to the components, and these to the mean end-to-end time")
  func sums() throws {
    let value = try #require(try object(Fixture.two)["runs"] as? [Any])[0]
    func number(_ path: String...) throws -> Double {
      let found = try path.reduce(value) { try member($0, $1) }
      return try #require(found as? Double)
    }
    #expect(try number("decomposition", "compute") == 1.1)
    #expect(try number("decomposition", "communication") == 0.5)
    #expect(try number("decomposition", "queuing") == 0.4)
    #expect(try number("decomposition", "parts", "comm_tensor") == 0.5)
    #expect(try number("tailDecomposition", "queuing") == 1.2)
    #expect(try number("latency", "e2e", "mean") == 2)
  }

  @Test("Names with quotes, backslashes, control characters and emoji read back")
  func strings() throws {
    let name = "a \"b\" \\ c/\u{1}\t\r\n\u{7f}\u{2028} é 🚀"
    var run = Fixture.two[0]
    run.scheduler = name
    run.workloads[0].name = name
    var context = Fixture.context
    context.scenario = name
    let text = RunJSON.text([run], context: context)
    let value = try JSONSerialization.jsonObject(with: Data(text.utf8))
    #expect(try member(value, "scenario") as? String == name)
    let first = try #require(try member(value, "runs") as? [Any])[0]
    #expect(try member(first, "scheduler") as? String == name)
    #expect(try #require(try member(first, "workloads") as? [String: Any]).keys.contains(name))
  }

  @Test("Without runs the list is empty")
  func none() throws {
    #expect(try #require(try object([])["runs"] as? [Any]).isEmpty)
  }
}
