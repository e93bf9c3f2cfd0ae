import Foundation
import Testing

@Suite("Estimates before runs")
struct EstimateTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// The number before a word of a line, `1.2 million` as 1,200,000.
  private func number(before word: String, in text: String) throws -> Double {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init)
    let index = try #require(words.firstIndex { $0.hasPrefix(word) }, "\(word) in \(text)")
    let scales = ["million": 1e6, "billion": 1e9]
    let scale = scales[words[index - 1]]
    let digits = words[index - (scale == nil ? 1 : 2)].replacing(",", with: "")
    return try #require(Double(digits), "\(text)") * (scale ?? 1)
  }

  @Test("--dry-run says what a run will be within a factor of two, and runs nothing")
  func dryRun() throws {
    let arguments = [Program.scenario("quickstart"), "--set", "duration=10m", "--jobs", "1"]
    let dry = try place.simpp(["run"] + arguments + ["--dry-run"])
    #expect(dry.status == 0)
    #expect(dry.text == "")
    #expect(try place.names() == [])
    let estimate = try #require(dry.error.split(separator: "\n").first.map(String.init))
    let run = try place.simpp(["run"] + arguments)
    #expect(run.status == 0)
    let events = try number(before: "events", in: run.error)
    let foreseen = try number(before: "events", in: estimate)
    #expect(foreseen > events / 2 && foreseen < events * 2, "\(estimate)\n\(run.error)")
    let bytes = Double(try place.bytes("results.sqlite").count)
    let kilobytes = try number(before: "kB", in: estimate.components(separatedBy: "memory, ")[1])
    #expect(kilobytes * 1e3 > bytes / 2 && kilobytes * 1e3 < bytes * 2, "\(estimate) \(bytes)")
  }

  @Test("validate --estimate says it on standard error, a line for each scheduler")
  func validate() throws {
    let outcome = try place.simpp(
      "validate", "--estimate", Program.scenario("oracles/mm1"))
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
    #expect(outcome.error.hasPrefix("estimate: "))
    #expect(outcome.error.split(separator: "\n").count >= 2)
  }

  @Test("A run that no disk could hold is refused before it begins, a short one says nothing")
  func disk() throws {
    let huge = try place.simpp(
      "run", Program.scenario("quickstart"), "--set", "duration=300d", "--set",
      "workloads.chat.arrivals.rate=38", "--replications", "100000")
    #expect(huge.status == 73)
    #expect(huge.error.contains("note: results.sqlite: needs about"))
    #expect(try place.names() == [])
    let short = try place.simpp(["run"] + Workplace.quickstart + ["--scheduler", "tp4"])
    #expect(!short.error.contains("estimate"))
  }
}
