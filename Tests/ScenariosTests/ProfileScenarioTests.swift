import Foundation
import Hardware
import Scenarios
import Serving
import Testing

@Suite("A GPU profile in a scenario")
struct ProfileScenarioTests {
  private let folder: URL

  init() throws {
    folder = URL(filePath: NSTemporaryDirectory()).appending(path: "simpp-profile-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  /// The profile of an H100 whose smallest product takes 4 µs.
  private var slower: GPUProfile {
    get throws {
      var profile = try #require(HardwareCatalogue.gpu(named: "h100-sxm"))
        .profile(software: "a test")
      var floor = try #require(profile.number("gemm", "floor"))
      (floor.value, floor.range) = (4_000, 3_900...4_100)
      profile.set(floor)
      return profile
    }
  }

  private func decoded(_ profile: String) throws -> DecodedScenario {
    try ScenarioDecoder(files: InputFiles(folders: [folder.path()])).decode(
      text: Fixture.small.replacing(
        "\"gpu\": \"h100-sxm\"", with: "\"gpu\": \"h100-sxm\", \"profile\": \(profile)"),
      fileName: "s.json")
  }

  private func line(_ profile: String) -> String? {
    do {
      _ = try decoded(profile)
      return nil
    } catch let faults as ScenarioFaults {
      return faults.lines.first
    } catch {
      return "\(error)"
    }
  }

  private func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  @Test("Its laws are those of the node group, by file, whole, and as stored")
  func forms() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    try write(slower.json, to: "mine.json")
    let named = try decoded("\"mine.json\"")
    let whole = try decoded(slower.json)
    #expect(named.scenario.cluster.nodes[0].gpu.laws.gemm.floorNanoseconds == 4_000)
    #expect(named.scenario.cluster == whole.scenario.cluster)
    #expect(named.canonicalJSON == whole.canonicalJSON)
    let stored = try ScenarioDecoder().decode(text: named.canonicalJSON, fileName: "stored")
    #expect(stored.canonicalJSON == named.canonicalJSON)
    #expect(stored.scenario.cluster == named.scenario.cluster)
  }

  @Test("What is wrong with a profile is told at its place in its own file")
  func faults() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let text = try slower.json
    try write(text.replacing("\"value\": 4000", with: "\"value\": 5000"), to: "range.json")
    #expect(
      line("\"range.json\"")?.hasPrefix("range.json:") == true
        && line("\"range.json\"")?.contains(
          "gemm.floor.value: found 5000, needs a number between low and high") == true
    )
    try write(text.replacing("\"gpu\": \"h100-sxm\"", with: "\"gpu\": \"l40s\""), to: "other.json")
    #expect(
      line("\"other.json\"")
        == "other.json:1:1: gpu: found a profile of l40s, needs one of h100-sxm")
    try write(text.replacing("\"math\"", with: "\"maths\""), to: "name.json")
    #expect(line("\"name.json\"")?.contains("gemm.math: found nothing, needs FLOP/s") == true)
    try write(String(text.dropLast(40)), to: "cut.json")
    #expect(line("\"cut.json\"")?.hasPrefix("cut.json:") == true)
    #expect(line("\"none.json\"")?.contains("no such file") == true)
    #expect(line("3")?.contains("found 3, needs the name of a GPU profile") == true)
  }
}
