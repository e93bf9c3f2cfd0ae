import Foundation
import Testing

@Suite("What prefix caches gave, from the run to the page")
struct PrefixCacheTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// Conversations on one GPU and on four in a line; the GPU's memory passes on what it has no room for.
  private static let sessions =
    [
      "run", Program.scenario("sessions"), "--scheduler", "dp4", "--scheduler", "pp4", "--set",
      "duration=3m",
    ]
    + ["dp4", "pp4"].flatMap { name in
      [
        "--set", "schedulers.\(name).engine.prefixCache=true", "--set",
        "schedulers.\(name).engine.keyValueBlocks=1500", "--set",
        "schedulers.\(name).engine.tiers[+]="
          + #"{"name":"host","capacity":"8GB","bandwidth":"20GB/s"}"#,
      ]
    }

  @Test("Line, JSON, tables, verify, explain and page agree")
  func everywhere() throws {
    let told = try place.simpp(Self.sessions + ["--quiet"])
    try #require(told.status == 0, "\(told.error)")
    let text = told.text.replacingOccurrences(of: "\n  ", with: " ")
    let run = try place.simpp(Self.sessions + ["--quiet", "--json"])
    try #require(run.status == 0, "\(run.error)")
    let object = try JSONSerialization.jsonObject(with: run.output) as? [String: Any]
    let runs = try #require(object?["runs"] as? [[String: Any]])
    for (index, run) in runs.enumerated() {
      let cache = try #require(run["prefixCache"] as? [String: Any])
      let found = try #require(cache["cachedTokens"] as? Int64)
      let prompts = try #require(cache["promptTokens"] as? Int64)
      let tier = try #require((cache["tiers"] as? [[String: Any]])?.first)
      #expect(found > 0 && found < prompts)
      #expect(tier["fetches"] as? Int64 ?? 0 > 0 && tier["bytesIn"] as? Int64 ?? 0 > 0)
      let tenths = (Double(found) / Double(prompts) * 1_000).rounded() / 10
      #expect(
        text.contains("\(try #require(run["scheduler"] as? String)) \(tenths) %, "), "\(text)")
      let columns: [(String, Any?)] = [
        ("prefix_lookups", cache["lookups"]), ("prefix_hits", cache["hits"]),
        ("prefix_prompt_tokens", prompts), ("prefix_cached_tokens", found),
      ]
      for (column, value) in columns {
        for table in ["run_total", "replica"] {
          let sql = "SELECT sum(\(column)) FROM \(table) WHERE run_id = \(index + 1)"
          #expect(try place.number(sql, in: "results.sqlite") == value as? Int64)
        }
      }
      for (column, key) in [("bytes_in", "bytesIn"), ("bytes_out", "bytesOut")] {
        for table in ["tier", "replica_tier"] {
          let sql = "SELECT sum(\(column)) FROM \(table) WHERE run_id = \(index + 1)"
          #expect(try place.number(sql, in: "results.sqlite") == tier[key] as? Int64)
        }
      }
    }
    try place.expectSound("results.sqlite", schedulers: ["dp4", "pp4"])
    let csv = try place.simpp("export", "results.sqlite", "--table", "tier", "--format", "csv")
    #expect(csv.lines.count == 3 && csv.lines[1].contains(",host,"))
    try explained()
    #expect(try place.simpp("report", "results.sqlite").status == 0)
    let page = String(decoding: try place.bytes("report.html"), as: UTF8.self)
    #expect(page.contains("What prefix caches gave") && page.contains("<td>host</td>"))
    #expect(page.contains("class=\"panels\"") && page.contains("4 stages of 1 GPU, 1 replica"))
  }

  private func explained() throws {
    let sql = "SELECT request_id FROM request WHERE run_id = 1 AND cached_tokens > 0"
    let id = try #require(try place.number(sql, in: "results.sqlite"))
    let tokens = try #require(
      try place.number(
        "SELECT cached_tokens FROM request WHERE run_id = 1 AND request_id = \(id)",
        in: "results.sqlite"))
    let life = try place.simpp("explain", "results.sqlite", "--request", "\(id)")
    #expect(life.status == 0 && life.text.contains("(\(tokens) of them found)"), "\(life.text)")
  }

  @Test("A changed tier is found by verify")
  func tampering() throws {
    try #require(try place.simpp(Self.sessions + ["--quiet"]).status == 0)
    try place.execute(
      "UPDATE tier SET bytes_out = bytes_out + 1 WHERE run_id = 2", on: "results.sqlite")
    let outcome = try place.simpp("verify", "results.sqlite")
    #expect(outcome.status == 65)
    #expect(outcome.text.contains("1 tiers whose fetches, tokens or bytes are not the sum of"))
  }
}
