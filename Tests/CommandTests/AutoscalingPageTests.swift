import Foundation
import Testing

/// What docs/autoscaling.md reads in `Scenarios/knative-burst.json`.
@Suite("The burst is decided as its page says")
struct AutoscalingPageTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private struct Document: Decodable {
    struct Latency: Decodable {
      struct Metric: Decodable {
        var p99: Double?
      }
      var ttft: Metric
    }
    struct Workload: Decodable {
      var latency: Latency
    }
    struct Run: Decodable {
      var scheduler: String
      var gpuHours: Double
      var workloads: [String: Workload]
    }
    var runs: [Run]
  }

  /// The rows of an exported table, by column.
  private func rows(_ csv: String) throws -> [[String: String]] {
    let lines = csv.split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    let header = try #require(lines.first)
    return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(header, $0)) }
  }

  @Test("Each decision that the page shows is in the log with its figures, and so are both sums")
  func decisions() throws {
    let program = try Program.release()
    let run = try place.simpp(
      "run", Program.scenario("knative-burst"), "--json", "--quiet", "--db", "r.sqlite",
      program: program)
    try #require(run.status == 0, "\(run.error)")
    let export = try place.simpp(
      "export", "r.sqlite", "--format", "csv", "--table", "scaling_decision", "--run", "1",
      program: program)
    try #require(export.status == 0, "\(export.error)")
    let log = try rows(export.text)
    let columns = [
      "long": "long_window", "short": "short_window", "without limits": "unlimited",
      "wanted": "desired",
    ]
    let table = try PageTable("autoscaling.md", header: ["time", "ready + coming", "clause"])
    try #require(Set(columns.keys).isSubset(of: table.header))
    for cells in table.rows {
      let time = try #require(StatedFigure(cells[0])).value * 1e9
      let row = try #require(
        log.first { $0["time_ns"] == String(Int64(time)) }, "no decision at \(cells[0])")
      #expect("\(row["ready"] ?? "") + \(row["starting"] ?? "")" == cells[1], "\(cells[0])")
      #expect(row["clause"] == cells[2], "\(cells[0])")
      for (title, cell) in zip(table.header, cells) {
        guard let column = columns[title] else { continue }
        try expectStated(cell, row[column].flatMap(Double.init), "\(cells[0]) \(title)")
      }
    }
    let runs = try JSONDecoder().decode(Document.self, from: run.output).runs
    try prose(runs)
  }

  private func prose(_ runs: [Document.Run]) throws {
    let text = try String(contentsOfFile: Program.root + "docs/autoscaling.md", encoding: .utf8)
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let byName = Dictionary(uniqueKeysWithValues: runs.map { ($0.scheduler, $0) })
    let wait = try #require(text.firstMatch(of: /\(p99 of its TTFT ([0-9.]+ s)\)/)).1
    try expectStated(
      String(wait), byName["kpa"]?.workloads["burst"]?.latency.ttft.p99, "the burst's TTFT")
    let hours = try #require(text.firstMatch(of: /GPU-hours \(([0-9.]+) against ([0-9.]+)\)/))
    try expectStated(String(hours.1), byName["hpa"]?.gpuHours, "GPU-hours of hpa")
    try expectStated(String(hours.2), byName["kpa"]?.gpuHours, "GPU-hours of kpa")
  }
}
