import Foundation
import Testing

@Suite("simpp run --uncertainty")
struct UncertaintyTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private static let arguments =
    [
      "run", Program.scenario("quickstart"), "--set", "duration=1m", "--set", "warmup=0s",
      "--scheduler", "tp4", "--scheduler", "pp4", "--quiet",
    ]

  @Test("It prints the same bytes whatever the number of jobs, below the usual comparison")
  func determinism() throws {
    let plain = try place.simpp(Self.arguments)
    let outcomes = try ["1", "3"].map {
      try place.simpp(Self.arguments + ["--uncertainty", "--jobs", $0])
    }
    #expect(outcomes.allSatisfy { $0.status == 0 && $0.error.isEmpty })
    #expect(outcomes[0].output == outcomes[1].output)
    #expect(outcomes[0].text.hasPrefix(plain.text + "\nUncertainty: "))
    #expect(outcomes[0].lines.contains { $0.hasPrefix("attention slow ") })
    #expect(outcomes[0].lines.contains { $0.hasPrefix("all fast ") })
    #expect(!outcomes[0].lines.contains { $0.hasPrefix("experts ") })
    let last = try #require(outcomes[0].lines.last { !$0.isEmpty })
    #expect(last.hasPrefix("The verdict holds in all 12 variations."))
  }

  @Test("Nothing of it is stored, and JSON has it only when asked")
  func stored() throws {
    let plain = try place.simpp(Self.arguments + ["--json", "--db", "a.sqlite"])
    let varied = try place.simpp(Self.arguments + ["--json", "--uncertainty", "--db", "b.sqlite"])
    #expect(try place.number("SELECT count(*) FROM run", in: "b.sqlite") == 2)
    let first = try #require(
      try JSONSerialization.jsonObject(with: Data(plain.text.utf8)) as? [String: Any])
    var second = try #require(
      try JSONSerialization.jsonObject(with: Data(varied.text.utf8)) as? [String: Any])
    let uncertainty = try #require(second.removeValue(forKey: "uncertainty") as? [String: Any])
    #expect(first as NSDictionary == second as NSDictionary)
    #expect(uncertainty["holds"] as? Bool == true)
    #expect((uncertainty["variations"] as? [Any])?.count == 12)
  }

  @Test("A scenario that gives all step costs has nothing uncertain")
  func given() throws {
    let outcome = try place.simpp(
      "run", Program.root + "Scenarios/oracles/free-all-reduce.json", "--uncertainty", "--quiet")
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.text.contains(
        "\nUncertainty: Every step cost is given by the scenario: nothing is uncertain.\n"))
  }
}
