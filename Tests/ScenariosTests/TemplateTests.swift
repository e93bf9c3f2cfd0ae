import Scenarios
import Serving
import Testing

@Suite("Scenarios to start from")
struct TemplateTests {
  @Test("Every template decodes without a note", arguments: ScenarioTemplate.allCases)
  func decodes(_ template: ScenarioTemplate) throws {
    #expect(faultLines(template.text) == [])
    #expect(try decode(template.text).notes == [])
  }

  @Test(
    "Every template runs to its end and serves its requests", arguments: ScenarioTemplate.allCases)
  func runs(_ template: ScenarioTemplate) throws {
    let scenario = try decode(template.text, ["duration=30s", "warmup=0s"]).scenario
    for scheduler in scenario.schedulers.indices {
      let summary = Simulation(scenario: scenario, scheduler: scheduler).run()
      #expect(summary.requests > 10)
      #expect(summary.completed == summary.requests, "\(scenario.schedulers[scheduler].name)")
    }
  }

  @Test("Every block of every template is explained", arguments: ScenarioTemplate.allCases)
  func explains(_ template: ScenarioTemplate) throws {
    let lines = template.text.split(separator: "\n", omittingEmptySubsequences: false)
    // Top-level keys stand two spaces deep; each has a comment beside, above or below it.
    let tops = lines.indices.filter { lines[$0].hasPrefix("  \"") }
    #expect(tops.count >= 9)
    for line in tops {
      let near = lines[max(0, line - 1)...min(lines.count - 1, line + 1)]
      #expect(near.contains { $0.contains("//") }, "\(lines[line])")
    }
  }
}
