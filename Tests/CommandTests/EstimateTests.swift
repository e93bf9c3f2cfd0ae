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

  @Test("--dry-run says how large a timeline and an event log will be, within a factor of two")
  func files() throws {
    let arguments =
      ["run", Program.scenario("quickstart"), "--scheduler", "pp4", "--set", "duration=3m"]
      + ["--set", "warmup=0s", "--perfetto", "t.json"]
    let timeline = try place.simpp(arguments + ["--dry-run"])
    #expect(timeline.status == 0 && timeline.output.isEmpty)
    #expect(timeline.error.contains(" of timeline\n") && !timeline.error.contains(" of events"))
    let both = arguments + ["--events", "e.log"]
    let dry = try place.simpp(both + ["--dry-run"])
    #expect(try place.names() == [])
    let sizes = dry.error.matches(of: #/, ([\d.]+) (MB|kB) of (events|timeline)/#)
    // Once for all runs and once for the scheduler.
    #expect(sizes.map { $0.3 } == ["events", "timeline", "events", "timeline"], "\(dry.error)")
    #expect(try place.simpp(both).status == 0)
    for size in sizes {
      let foreseen = try #require(Double(size.1)) * (size.2 == "MB" ? 1e6 : 1e3)
      let bytes = Double(try place.bytes(size.3 == "events" ? "e.log" : "t.json").count)
      #expect(foreseen > bytes / 2 && foreseen < bytes * 2, "\(dry.error) \(bytes)")
    }
  }

  @Test("A timeline that no disk could hold is refused; a device takes any")
  func timelineOnDisk() throws {
    let arguments =
      ["run", Program.scenario("quickstart"), "--set", "duration=300d", "--records", "none"]
      + ["--replications", "1000", "--dry-run", "--perfetto"]
    let file = try place.simpp(arguments + ["t.json"])
    #expect(file.status == 73)
    #expect(file.error.contains("\nt.json: about ") && file.error.contains("\nnote: t.json: needs"))
    let device = try place.simpp(arguments + ["/dev/null"])
    #expect(device.status == 0 && !device.error.contains("note: null"), "\(device.error)")
    #expect(try place.names() == [])
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

  @Test("A run that no disk could hold ends with status 73 and no file; a short one says nothing")
  func disk() throws {
    let huge = try place.simpp(
      "run", Program.scenario("quickstart"), "--set", "duration=300d", "--set",
      "workloads.chat.arrivals.rate=38", "--replications", "100000")
    #expect(huge.status == 73)
    #expect(huge.error.contains("note: results.sqlite: needs about"))
    #expect(try place.names() == [])
    #expect(huge.output.isEmpty && huge.error.contains("0 of 500000 runs"))
    let short = try place.simpp(["run"] + Workplace.quickstart + ["--scheduler", "tp4"])
    #expect(!short.error.contains("estimate"))
  }

  @Test("What is refused leaves the earlier runs, and no file of events or timeline")
  func refused() throws {
    let file = try place.makeResults()
    let before = try place.bytes(file)
    let outcome = try place.simpp(
      "run", Program.scenario("quickstart"), "--set", "duration=300d", "--replications", "1000",
      "--events", "e.log", "--perfetto", "t.json")
    #expect(outcome.status == 73, "\(outcome.error)")
    #expect(outcome.error.contains("note: ") && outcome.output.isEmpty)
    #expect(try place.names() == [file])
    #expect(try place.bytes(file) == before)
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }
}
