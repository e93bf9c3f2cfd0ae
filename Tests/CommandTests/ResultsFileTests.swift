import Foundation
import Testing

@Suite("What a results file holds")
struct ResultsFileTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  static let parts = [
    "allocation_wait", "cold_start", "queue", "pipeline_wait", "compute", "comm_tensor",
    "comm_pipeline", "comm_expert", "comm_kv", "preemption", "host",
  ]

  /// A minute under which requests are completed, rejected and left unfinished.
  static let hardTimes = [
    Program.scenario("quickstart"),
    "--set", "duration=60s", "--set", "warmup=0s", "--set", "drainLimit=20s",
    "--set", "workloads.chat.prompt.mean=60000", "--set", "workloads.chat.prompt.max=400000",
    "--set", "workloads.chat.arrivals.rate=3",
  ]

  @Test("Every request's eleven parts sum to its time, to the first token and to the end")
  func conservation() throws {
    let outcome = try place.simpp(["run"] + Self.hardTimes + ["--quiet"])
    try #require(outcome.status == 0, "\(outcome.error)")
    let whole = Self.parts.map { $0 + "_ns" }.joined(separator: " + ")
    let first = Self.parts.map { "ttft_" + $0 + "_ns" }.joined(separator: " + ")
    func count(_ condition: String) throws -> Int64? {
      try place.number("SELECT count(*) FROM request WHERE " + condition, in: "results.sqlite")
    }
    for status in ["completed", "rejected", "unfinished"] {
      #expect(try count("status = '\(status)'") ?? 0 > 0, "\(status)")
    }
    #expect(try count("\(whole) IS NOT end_ns - arrival_ns") == 0)
    #expect(try count("first_token_ns IS NOT NULL") ?? 0 > 0)
    #expect(
      try count("first_token_ns IS NOT NULL AND \(first) IS NOT first_token_ns - arrival_ns") == 0)
    #expect(try count("(status = 'completed') <> (finish_ns IS NOT NULL)") == 0)
    try place.expectSound(
      "results.sqlite", schedulers: ["tp4", "pp4", "tp2-pp2", "ladder", "dp2-tp4"])
  }

  @Test("runs lists and deletes; a deleted run leaves no row")
  func delete() throws {
    let file = try place.makeResults()
    let listed = try place.simpp("runs", file)
    #expect(listed.lines.count == 3)
    #expect(listed.lines[0].hasPrefix("id  scenario"))
    let after = try place.simpp("runs", file, "--delete", "1")
    #expect(after.status == 0)
    #expect(after.lines.count == 2)
    try place.expectSound(file, schedulers: ["pp4"])
    for table in ["request", "metric", "gpu", "provenance", "sample", "stage"] {
      #expect(try place.number("SELECT count(*) FROM \(table) WHERE run_id = 1", in: file) == 0)
    }
    for id in ["1", "-1"] {
      let again = try place.simpp("runs", file, "--delete", id)
      #expect(again.status == 64)
      #expect(again.error == "\(file): no run \(id); expected an id that `runs` lists\n")
    }
  }

  @Test(
    "verify names the run of which one value was changed",
    arguments: [
      (
        "UPDATE request SET queue_ns = queue_ns + 1 WHERE run_id = 2 AND request_id = 3",
        "request 3"
      ),
      ("UPDATE request SET prompt_tokens = 7 WHERE run_id = 2 AND request_id = 3", "digest: "),
      ("DELETE FROM request WHERE run_id = 2 AND request_id = 3", "request rows"),
      ("UPDATE metric SET p99_s = p99_s * 2 WHERE run_id = 2 AND metric = 'e2e'", "p99"),
      ("UPDATE replica SET released_ns = released_ns + 1 WHERE run_id = 2", "stages"),
    ])
  func tampering(sql: String, message: String) throws {
    let file = try place.makeResults()
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
    try place.execute(sql, on: file)
    let outcome = try place.simpp("verify", file)
    #expect(outcome.status == 65)
    #expect(outcome.lines.first == "run 1 (quickstart, tp4): sound")
    #expect(outcome.lines.dropFirst().first == "run 2 (quickstart, pp4): NOT SOUND")
    #expect(outcome.lines.dropFirst(2).contains { $0.contains(message) }, "\(outcome.text)")
  }

  @Test("verify says what it cannot check when request rows were not kept")
  func withoutRows() throws {
    let run = try place.simpp(
      ["run"] + Workplace.quickstart + ["--scheduler", "tp4", "--records", "none"])
    #expect(run.status == 0)
    let outcome = try place.simpp("verify", "results.sqlite")
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("note: digest not verifiable from rows"))
  }

  @Test("CSV has a header and as many fields in every row as that; --run selects")
  func csv() throws {
    let file = try place.makeResults()
    let all = try place.simpp("export", file, "--format", "csv")
    #expect(all.status == 0 && all.error == "")
    let rows = all.lines.map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    let header = try #require(rows.first)
    #expect(header.prefix(2) == ["run_id", "request_id"])
    for part in Self.parts {
      #expect(header.contains("\(part)_ns") && header.contains("ttft_\(part)_ns"))
    }
    #expect(rows.allSatisfy { $0.count == header.count })
    let count = try place.number("SELECT count(*) FROM request", in: file)
    #expect(Int64(rows.count - 1) == count)
    let one = try place.simpp("export", file, "--format", "csv", "--run", "2")
    #expect(one.lines.dropFirst().allSatisfy { $0.hasPrefix("2,") })
    #expect(one.lines.count * 2 == all.lines.count + 1)
    #expect(try place.simpp("export", file, "--format", "csv", "--run", "9").status == 64)
  }

  @Test("JSON parses: every table and view of the contract, every row an object")
  func json() throws {
    let file = try place.makeResults()
    let outcome = try place.simpp("export", file, "--format", "json")
    #expect(outcome.status == 0 && outcome.error == "")
    let object = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: [[String: Any]]])
    let promised = [
      "run", "request", "metric", "replica", "stage", "stage_histogram", "gpu", "link",
      "allocation",
      "scaling_decision", "sample", "latency", "decomposition", "provenance",
    ]
    for table in promised { #expect(object[table]?.isEmpty == false, "\(table)") }
    #expect(object["run"]?.count == 2)
    // Nobody here has a prefix cache.
    #expect(object["tier"]?.isEmpty == true && object["replica_tier"]?.isEmpty == true)
    let alone = try place.simpp("export", file, "--format", "json", "--table", "latency")
    let rows = try #require(
      try JSONSerialization.jsonObject(with: alone.output) as? [[String: Any]])
    #expect(
      Set(try #require(rows.first).keys).isSuperset(of: [
        "run_id", "scheduler", "workload", "metric", "mean_s", "p50_s", "p90_s", "p95_s", "p99_s",
      ]))
  }

  @Test(
    "Who stops reading stops the program without a word",
    arguments: [
      "export results.sqlite --format json", "runs results.sqlite", "verify results.sqlite",
      "explain results.sqlite --request 1", "policies", "--help",
    ])
  func closedPipe(command: String) throws {
    _ = try place.makeResults()
    let outcome = try place.bash(#""$1" "# + command + #" | true; echo "${PIPESTATUS[0]}""#)
    #expect(outcome.text == "0\n")
    #expect(outcome.error == "")
  }

  @Test("report writes one page that names every run and loads nothing")
  func report() throws {
    let file = try place.makeResults()
    let outcome = try place.simpp("report", file, "-o", "page.html")
    #expect(outcome.status == 0)
    #expect(outcome.output.isEmpty)
    #expect(outcome.error == "wrote page.html\n")
    let page = String(decoding: try place.bytes("page.html"), as: UTF8.self)
    #expect(page.hasPrefix("<!DOCTYPE html>") || page.hasPrefix("<!doctype html>"))
    #expect(page.contains("tp4") && page.contains("pp4"))
    #expect(!page.contains("src=\"http") && !page.contains(place.path))
    #expect(try place.simpp("report", file).status == 0)
    #expect(try place.bytes("report.html") == place.bytes("page.html"))
  }
}
