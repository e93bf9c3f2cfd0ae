import Foundation
import Testing

@Suite("simpp init")
struct InitTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test(
    "What init writes is valid, and runs as it is", arguments: ["quickstart", "shared-cluster"])
  func writes(_ template: String) throws {
    #expect(try place.simpp("init", "--template", template, "s.json").status == 0)
    let printed = try place.simpp("init", "--template", template)
    #expect(printed.output == (try place.bytes("s.json")))
    #expect(try place.simpp("validate", "--strict", "s.json").status == 0)
    let run = try place.simpp(
      "run", "s.json", "--set", "duration=20s", "--set", "warmup=0s", "--quiet")
    #expect(run.status == 0, "\(run.error)")
  }

  @Test("A file that is there already is kept, unless --force is given")
  func keeps() throws {
    try place.write("mine", to: "s.json")
    let refused = try place.simpp("init", "s.json")
    #expect(refused.status == 73)
    #expect(
      refused.error == "s.json: cannot be created: it is there already; --force replaces it\n")
    #expect(try place.bytes("s.json") == Data("mine".utf8))
    #expect(try place.simpp("init", "s.json", "--force").status == 0)
    #expect(try place.simpp("validate", "s.json").status == 0)
  }
}
