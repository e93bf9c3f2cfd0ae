import JSON
import Testing

@testable import Scenarios

@Suite("Notes")
struct NoteTests {
  private func collected(_ overrides: [String] = []) -> FaultCollector {
    FaultCollector(
      lines: LineIndex("{\n  \"name\": \"s\"\n}"),
      overrides: overrides.compactMap(ScenarioOverride.init))
  }

  @Test("Notes stand in the order of the text, overrides first, each once, and are no faults")
  func order() {
    let faults = collected(["seed=2"])
    faults.add(note: "late", at: .root.key("name"), from: .text(offset: 4))
    faults.add(note: "early", at: .root, from: .text(offset: 0))
    faults.add(note: "late", at: .root.key("name"), from: .text(offset: 4))
    faults.add(note: "set", at: .root.key("seed"), from: .override(index: 0))
    #expect(faults.isEmpty)
    #expect(
      faults.notes.map { $0.line(in: "dir/s.json") } == [
        "--set seed=2: note: seed: set", "s.json:1:1: note: early", "s.json:2:3: note: name: late",
      ])
  }

  @Test("Strictness refuses notes with their places, and a scenario without any passes")
  func strictness() throws {
    var decoded = try decode(Fixture.small)
    #expect(decoded.notes == [])
    try decoded.refusingNotes(fileName: "s.json")
    let note = ScenarioNote(
      path: "duration", position: TextPosition(line: 4, column: 3), sentence: "short")
    decoded = DecodedScenario(
      scenario: decoded.scenario, canonicalJSON: decoded.canonicalJSON, notes: [note])
    #expect(throws: ScenarioFaults.self) { try decoded.refusingNotes(fileName: "dir/s.json") }
    do throws(ScenarioFaults) {
      try decoded.refusingNotes(fileName: "dir/s.json")
    } catch {
      #expect(error.lines == ["s.json:4:3: duration: short"])
    }
  }
}
