import Foundation
import Testing

/// What `run` prints is a function of scenario, seed and version.
@Suite("The same scenario prints the same bytes")
struct DeterminismTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// What every variation must print, comparison and JSON, made by one process each.
  private static let standard = Result {
    let place = try Workplace()
    let table = try place.simpp(["run"] + Workplace.quickstart)
    let json = try place.simpp(["run"] + Workplace.quickstart + ["--json"])
    return (table: table, json: json)
  }

  @Test(
    "Whatever jobs, records, event file, results file and talk",
    arguments: [
      [], ["--jobs", "1"], ["--jobs", "3"], ["--records", "sample"], ["--records", "none"],
      ["--events", "events.log"], ["--perfetto", "timeline.json"], ["--db", "other.sqlite"],
      ["--quiet"], ["--seed", "1"],
    ])
  func variations(_ variation: [String]) throws {
    let standard = try Self.standard.get()
    #expect(standard.table.status == 0, "\(standard.table.error)")
    #expect(standard.table.text.contains("Where the time goes"))
    #expect(standard.json.text.contains(#""digest""#))
    let table = try place.simpp(["run"] + Workplace.quickstart + variation)
    #expect(table.status == 0, "\(table.error)")
    #expect(table.output == standard.table.output)
    // The second run replaces the first one's rows.
    let json = try place.simpp(["run"] + Workplace.quickstart + ["--json"] + variation)
    #expect(json.status == 0, "\(json.error)")
    #expect(json.output == standard.json.output)
  }

  @Test("Another seed prints something else")
  func seed() throws {
    let json = try place.simpp(["run"] + Workplace.quickstart + ["--json", "--seed", "2"])
    #expect(json.status == 0, "\(json.error)")
    #expect(json.output != (try Self.standard.get()).json.output)
  }

  @Test("The optimised program prints what the other one prints")
  func release() throws {
    let json = try place.simpp(
      ["run"] + Workplace.quickstart + ["--json"], program: try Program.release())
    #expect(json.status == 0, "\(json.error)")
    #expect(json.output == (try Self.standard.get()).json.output)
  }

  @Test("The whole quickstart, twice, on one core and on several")
  func wholeQuickstart() throws {
    let release = try Program.release()
    let arguments = ["run", Program.scenario("quickstart")]
    let one = try place.simpp(arguments + ["--jobs", "1"], program: release)
    let many = try place.simpp(arguments + ["--jobs", "4", "--db", "b.sqlite"], program: release)
    #expect(one.status == 0 && many.status == 0, "\(one.error)\(many.error)")
    #expect(one.lines.count > 20)
    #expect(one.output == many.output)
  }

  @Test("Event files and stored rows are the same bytes too")
  func files() throws {
    for name in ["a", "b"] {
      let outcome = try place.simpp(
        ["run"] + Workplace.quickstart
          + ["--scheduler", "tp2-pp2", "--db", "\(name).sqlite", "--events", "\(name).log"])
      #expect(outcome.status == 0, "\(outcome.error)")
    }
    let events = try place.bytes("a.log")
    #expect(events.count > 10_000)
    #expect(events == (try place.bytes("b.log")))
    for table in ["request", "replica", "stage", "gpu", "link", "sample", "decomposition"] {
      let one = try place.simpp("export", "a.sqlite", "--format", "csv", "--table", table)
      let other = try place.simpp("export", "b.sqlite", "--format", "csv", "--table", table)
      #expect(one.status == 0 && one.lines.count > 1, "\(table)")
      #expect(one.output == other.output, "\(table)")
    }
  }
}
