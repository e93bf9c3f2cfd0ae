import Foundation
import Testing

/// What the program says and writes does not depend on whether it leaps.
@Suite("run with and without --no-leap")
struct LeapTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// Scenarios whose traces are made by others.
  private static let external = ["azure-conv", "batching-shootout", "mooncake"]

  /// Every other scenario of the repository, by its name without the ending.
  static let own: [String] = {
    let folder = Program.root + "Scenarios"
    let files = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }
      .filter { !external.contains($0) }.sorted()
  }()

  private func run(_ arguments: [String], _ place: Workplace) throws -> Outcome {
    let outcome = try place.simpp(["run"] + arguments, program: try Program.release())
    try #require(outcome.status == 0, "\(outcome.error)")
    return outcome
  }

  /// Events that the last line on standard error counts.
  private func events(_ outcome: Outcome) throws -> Int {
    let words = outcome.error.split(whereSeparator: \.isWhitespace)
    let place = try #require(words.lastIndex(of: "events"), "\(outcome.error)")
    return try #require(Int(words[place - 1]))
  }

  @Test("There are scenarios to compare")
  func scenarios() {
    #expect(Self.own.count >= 20)
    #expect(Self.own.contains("quickstart") && Self.own.contains("oracles/mm1"))
  }

  @Test("Every scenario prints the same bytes, digests included", arguments: own)
  func output(scenario: String) throws {
    let arguments = [Program.scenario(scenario), "--records", "none", "--json", "--quiet"]
    let leaping = try run(arguments, place)
    let stepping = try run(arguments + ["--no-leap"], place)
    #expect(leaping.text.contains(#""digest""#))
    #expect(leaping.output == stepping.output)
  }

  @Test(
    "Scenarios on traces of others print the same bytes",
    .enabled(if: SharedData.folder != nil), arguments: external)
  func externalTraces(scenario: String) throws {
    let folders = [SharedData.azureConversation, SharedData.mooncake].flatMap {
      ["--trace-dir", URL(filePath: $0).deletingLastPathComponent().path()]
    }
    let arguments =
      [Program.scenario(scenario), "--records", "none", "--json", "--quiet"] + folders
    #expect(try run(arguments, place).output == run(arguments + ["--no-leap"], place).output)
  }

  @Test(
    "The results files hold the same rows in the same order",
    arguments: ["quickstart", "slow-network", "published/vidur-e"])
  func rows(scenario: String) throws {
    let arguments = [Program.scenario(scenario), "--quiet"]
    _ = try run(arguments + ["--db", "leaps.sqlite"], place)
    _ = try run(arguments + ["--db", "steps.sqlite", "--no-leap"], place)
    for table in [
      "run", "run_total", "metric", "decomposition_sum", "request", "replica", "stage", "gpu",
      "link", "allocation", "scaling_decision", "sample",
    ] {
      let both = try ["leaps.sqlite", "steps.sqlite"].map {
        try place.simpp(
          "export", $0, "--format", "csv", "--table", table, program: try Program.release())
      }
      #expect(both[0].status == 0 && !both[0].output.isEmpty, "\(table): \(both[0].error)")
      #expect(both[0].output == both[1].output, "\(table)")
    }
  }

  @Test("explain, which takes every step, confirms the digest of runs that leapt")
  func explain() throws {
    _ = try run(Workplace.quickstart + ["--quiet"], place)
    let runs = try #require(try place.number("SELECT count(*) FROM run", in: "results.sqlite"))
    #expect(runs == 5)
    for number in 1...runs {
      let life = try place.simpp(
        "explain", "results.sqlite", "--request", "7", "--run", "\(number)",
        program: try Program.release())
      #expect(life.status == 0, "run \(number): \(life.error)")
    }
  }

  @Test("Leaping leaves out most events of the quickstart, and --no-leap none")
  func eventCounts() throws {
    let scenario = Program.scenario("quickstart")
    let leaping = try run([scenario, "--records", "none"], place)
    let stepping = try run([scenario, "--records", "none", "--no-leap"], place)
    #expect(leaping.output == stepping.output)
    #expect(try 4 * events(leaping) < events(stepping))
  }
}
