import Foundation
import Testing

@Suite("simpp explain")
struct ExplainTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test("Every request's life ends with labels that sum to its stored time")
  func sums() throws {
    let outcome = try place.simpp(
      ["run"] + ResultsFileTests.hardTimes
        + ["--scheduler", "tp2-pp2", "--quiet"])
    try #require(outcome.status == 0, "\(outcome.error)")
    for status in ["completed", "rejected", "unfinished"] {
      let id = try #require(
        try place.number(
          "SELECT max(request_id) FROM request WHERE status = '\(status)'", in: "results.sqlite"))
      let time = try #require(
        try place.number(
          "SELECT end_ns - arrival_ns FROM request WHERE request_id = \(id)",
          in: "results.sqlite"))
      let life = try place.simpp("explain", "results.sqlite", "--request", "\(id)")
      #expect(life.status == 0 && life.error == "", "\(life.error)")
      #expect(life.text.hasPrefix("request \(id), tp2-pp2: "))
      #expect(life.lines[0].contains(status))
      #expect(life.text.contains("sum of the labels: \(time) ns; end − arrival: \(time) ns"))
    }
  }

  @Test("A run of another seed and replication, with overrides, is simulated again as it was")
  func otherRun() throws {
    let outcome = try place.simpp(
      ["run"] + Workplace.quickstart
        + [
          "--scheduler", "pp4", "--seed", "18446744073709551615", "--replications", "2", "--set",
          "workloads.chat.arrivals.rate=2", "--records", "none", "--quiet",
        ])
    try #require(outcome.status == 0, "\(outcome.error)")
    let one = try place.simpp("explain", "results.sqlite", "--request", "5", "--run", "1")
    let two = try place.simpp("explain", "results.sqlite", "--request", "5", "--run", "2")
    #expect(one.status == 0 && two.status == 0, "\(one.error)\(two.error)")
    #expect(one.output != two.output)
    #expect(try place.simpp("explain", "results.sqlite", "--request", "5").output == one.output)
  }

  @Test("A request or run that is not there: status 64, and what there is")
  func missing() throws {
    let file = try place.makeResults()
    let count = try #require(
      try place.number("SELECT count(*) FROM request WHERE run_id = 1", in: file))
    for id in ["\(count)", "-1", "9223372036854775807"] {
      let outcome = try place.simpp("explain", file, "--request", id)
      #expect(outcome.status == 64)
      #expect(outcome.error == "run 1 has no request \(id); its requests are 0 to \(count - 1)\n")
    }
    let run = try place.simpp("explain", file, "--request", "0", "--run", "3")
    #expect(run.status == 64)
    #expect(run.error == "\(file): no run 3; expected an id that `runs` lists\n")
  }

  @Test(
    "A file that was changed, or made by another version, is not explained",
    arguments: [
      ("UPDATE run SET digest = 'f' || substr(digest, 1, 31)", "simulated again its digest is"),
      ("UPDATE run SET seed = 2", "simulated again its digest is"),
      ("UPDATE run SET version = '0.0.9'", "was made by simpp 0.0.9"),
      ("UPDATE run SET scheduler = 'tp5' WHERE id = 1", "has no scheduler tp5"),
      ("UPDATE run SET scenario_json = '{}'", "run 1:1:1: schemaVersion: missing"),
      ("PRAGMA foreign_keys = OFF; DELETE FROM run", "holds no run; 'simpp run' writes some"),
    ])
  func changed(sql: String, message: String) throws {
    let file = try place.makeResults()
    try place.execute(sql, on: file)
    let outcome = try place.simpp("explain", file, "--request", "1")
    #expect(outcome.status == 65)
    #expect(outcome.error.contains(message), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
  }
}
