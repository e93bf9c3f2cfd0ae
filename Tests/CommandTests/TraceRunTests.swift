import Foundation
import Testing

/// Where real data made by others lies; nil when the environment does not say.
private let sharedData = ProcessInfo.processInfo.environment["SIMPP_DATA_DIR"].map {
  $0.hasPrefix("/") ? $0 : Program.root + $0
}

@Suite("Runs that replay traces")
struct TraceRunTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private static let parts = ResultsFileTests.parts.map { $0 + "_ns" }.joined(separator: " + ")

  /// Writes a trace of our own format and a scenario of constant step times that replays it.
  private func prepare(rows: [String]) throws {
    try place.write(
      "arrival_s,prompt_tokens,output_tokens\n" + rows.joined(separator: "\n") + "\n", to: "t.csv")
    try place.write(Self.scenario(trace: "t.csv"), to: "s.json")
  }

  static func scenario(trace: String) -> String {
    """
    { "schemaVersion": 1, "name": "replay", "duration": "trace",
      "cluster": { "nodes": [{ "gpu": "h100-sxm", "gpusPerNode": 1,
        "nics": { "bandwidth": "100Gbps" } }] },
      "models": [{ "name": "llama-3.1-8b", "cost": { "policy": "constant", "base": "1ms" } }],
      "workloads": [{ "name": "w", "trace": { "file": "\(trace)" } }],
      "schedulers": [{ "name": "one", "scaling": { "policy": "fixed", "replicas": 1 } }] }
    """
  }

  @Test("A trace beside its scenario is found, run, and explained from the results file")
  func smallTrace() throws {
    try prepare(rows: ["0.5,100,3", "0.5,200,1", "2.000000001,300,2"])
    let validated = try place.simpp("validate", "s.json")
    #expect(validated.status == 0, "\(validated.error)")
    let run = try place.simpp("run", "s.json", "--quiet")
    try #require(run.status == 0, "\(run.error)")
    let rows = try place.texts(
      "SELECT arrival_ns || ' ' || prompt_tokens || ' ' || output_tokens || ' ' || status "
        + "FROM request ORDER BY request_id", in: "results.sqlite")
    #expect(
      rows == [
        "500000000 100 3 completed", "500000000 200 1 completed", "2000000001 300 2 completed",
      ])
    #expect(try place.simpp("explain", "results.sqlite", "--request", "2").status == 0)
    #expect(try place.simpp("report", "results.sqlite").status == 0)
    try place.expectSound("results.sqlite", schedulers: ["one"])
  }

  @Test("Without the trace a stored run cannot be explained, with another trace neither")
  func explainNeedsTheTrace() throws {
    try prepare(rows: ["0,100,3", "1,100,3"])
    #expect(try place.simpp("run", "s.json", "--quiet").status == 0)
    _ = try place.bash("mkdir elsewhere && mv t.csv elsewhere")
    let missing = try place.simpp("explain", "results.sqlite", "--request", "1")
    #expect(missing.status == 66)
    #expect(missing.error.contains("t.csv: no such file"))
    let found = try place.simpp(
      "explain", "results.sqlite", "--request", "1", "--trace-dir", "elsewhere")
    #expect(found.status == 0, "\(found.error)")
    try place.write("arrival_s,prompt_tokens,output_tokens\n0,100,3\n1,100,4\n", to: "t.csv")
    let changed = try place.simpp("explain", "results.sqlite", "--request", "1")
    #expect(changed.status == 65)
    #expect(changed.error.contains("workloads[0].trace.sha256: found t.csv with SHA-256"))
    // A page tells of what is stored; it needs no trace.
    _ = try place.bash("rm t.csv")
    #expect(try place.simpp("report", "results.sqlite").status == 0)
  }

  @Test("Broken rows and missing traces are told before anything is run")
  func brokenTraces() throws {
    try prepare(rows: ["0,100,3", "1,-5,3", "0.5,1,1", "2,x,1", "3,1"])
    for command in ["validate", "run"] {
      let outcome = try place.simpp(command, "s.json")
      #expect(outcome.status == 65)
      let lines = outcome.error.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines.allSatisfy { $0.contains("workloads[0].trace.file: t.csv:") })
    }
    #expect(try place.names() == ["s.json", "t.csv"])
    _ = try place.bash("gzip t.csv && mv t.csv.gz t.csv")
    let compressed = try place.simpp("validate", "s.json")
    #expect(compressed.status == 65)
    #expect(compressed.error.hasSuffix("t.csv: is gzip-compressed; decompress it first\n"))
    _ = try place.bash("rm t.csv")
    #expect(try place.simpp("run", "s.json").status == 66)
    _ = try place.bash("mkdir t.csv")
    #expect(try place.simpp("run", "s.json").status == 66)
  }

  @Test("A trace that changes during a run ends it with status 65, and nothing is stored")
  func changedMidway() throws {
    try prepare(rows: (0..<200_000).map { "\($0),100,50" })
    let child = try place.start(["run", "s.json"])
    // The database comes into being after the check.
    #expect(
      poll(seconds: 50) { FileManager.default.fileExists(atPath: place.file("results.sqlite")) })
    let script = #"printf 'arrival_s,prompt_tokens,output_tokens\n0,1,1\n' > new && mv new t.csv"#
    _ = try place.bash(script)
    let outcome = try child.wait()
    #expect(outcome.status == 65)
    #expect(outcome.error.contains("t.csv: has changed since it was checked"))
    #expect(outcome.text == "")
    #expect(try place.number("SELECT count(*) FROM run", in: "results.sqlite") == 0)
    #expect(try place.number("SELECT count(*) FROM request", in: "results.sqlite") == 0)
  }

  /// That every scheduler accounts for all requests, each with its reason where it has no answer.
  private func expectAccounted(_ requests: Int64, schedulers: [String], in file: String) throws {
    #expect(
      try place.texts("SELECT scheduler FROM run ORDER BY id", in: file) == schedulers)
    for (index, scheduler) in schedulers.enumerated() {
      let run = "run_id = \(index + 1)"
      func count(_ condition: String) throws -> Int64 {
        try place.number("SELECT count(*) FROM request WHERE \(run) AND \(condition)", in: file)
          ?? -1
      }
      #expect(try count("1") == requests, "\(scheduler)")
      let statuses = try ["completed", "rejected", "failed", "unfinished"].map {
        try count("status = '\($0)'")
      }
      #expect(statuses.reduce(0, +) == requests, "\(scheduler)")
      #expect(try count("status <> 'completed' AND reason IS NULL") == 0, "\(scheduler)")
      // Nobody waits for ever: what is left at the end of the drain is there for that reason.
      #expect(try count("status = 'unfinished' AND reason <> 'drain-limit'") == 0, "\(scheduler)")
      #expect(try count("\(Self.parts) IS NOT end_ns - arrival_ns") == 0, "\(scheduler)")
      #expect(try count("status = 'rejected' AND end_ns <> arrival_ns") == 0, "\(scheduler)")
    }
  }

  private func runShared(_ scenario: String, folder: String) throws {
    let data = try #require(sharedData) + "/traces/" + folder
    let arguments = [
      "run", Program.scenario(scenario), "--trace-dir", data, "--db", "a.sqlite", "--quiet",
    ]
    let outcome = try place.start(arguments, program: try Program.release()).wait(seconds: 300)
    try #require(outcome.status == 0, "\(outcome.error)")
    #expect(!outcome.text.contains(data))
  }

  @Test(
    "All 19,366 conversations of Azure's trace are accounted for in every scheduler",
    .enabled(if: sharedData != nil, "SIMPP_DATA_DIR names no data"))
  func azure() throws {
    try runShared("azure-conv", folder: "azure_llm_2023")
    try expectAccounted(19_366, schedulers: ["tp4", "pp4", "tp2-pp2"], in: "a.sqlite")
    // As awk counts them in the file.
    #expect(
      try place.texts(
        "SELECT sum(prompt_tokens) || ' ' || sum(output_tokens) || ' ' || max(arrival_ns) "
          + "FROM request GROUP BY run_id", in: "a.sqlite")
        == Array(repeating: "22361870 4088665 3501721937000", count: 3))
    #expect(
      try place.number("SELECT count(*) FROM request WHERE status = 'completed'", in: "a.sqlite")
        == 3 * 19_366)
  }

  @Test(
    "Mooncake's 6,000 long requests are answered or rejected with their reason in every scheduler",
    .enabled(if: sharedData != nil, "SIMPP_DATA_DIR names no data"))
  func mooncake() throws {
    try runShared("mooncake", folder: "mooncake_fast25")
    let schedulers = ["dp8", "tp4", "pp4", "tp2-pp2"]
    try expectAccounted(6_000, schedulers: schedulers, in: "a.sqlite")
    let query = """
      SELECT scheduler || ' ' || count(*) FILTER (WHERE status = 'rejected')
        || ' ' || count(*) FILTER (WHERE status = 'unfinished')
      FROM request JOIN run ON run.id = run_id GROUP BY run_id ORDER BY run_id
      """
    let counts = try place.texts(query, in: "a.sqlite")
    // Prompt and output beyond the model's 40,960 tokens, as Python counts them in the file.
    #expect(counts == schedulers.map { $0 + " 318 0" })
  }
}
