import Hardware
import Testing

@Suite("GPU profiles")
struct ProfileTests {
  static let profile = GPUProfile(
    gpu: "h100-sxm", software: "vLLM \"0.24\"", kernels: .hopper,
    numbers: [
      ProfileNumber(
        section: "gemm", name: "floor", value: 2_600.5, range: 2_400...2_900, unit: "ns",
        origin: .fitted, source: "a table"),
      ProfileNumber(
        section: "gemm", name: "math", value: 0.81, unit: "share", origin: .measured,
        source: "another"),
      ProfileNumber(
        section: "experts", name: "floor", value: 20_000, range: 1_000...30_000, unit: "ns",
        origin: .derived, source: "a table"),
    ],
    coverage: [
      ProfileCoverage(section: "gemm", size: "rows", range: 1...4_353),
      ProfileCoverage(section: "gemm", size: "inputs", range: 32...65_536),
    ])

  @Test("A profile that is written and read again is the same, and so are its bytes")
  func roundTrip() throws {
    let read = try GPUProfile(json: Self.profile.json)
    #expect(read == Self.profile)
    #expect(read.json == Self.profile.json)
  }

  @Test(
    "What is wrong with a profile is told with its path",
    arguments: [
      ("\"value\": 2600.5, ", "", "gemm.floor.value: found nothing, needs a number"),
      ("2600.5", "3000", "gemm.floor.value: found 3000, needs a number between low and high"),
      ("\"fitted\"", "\"guessed\"", "gemm.floor.origin: found \"guessed\", needs one of measured"),
      ("\"source\": 0 }", "\"source\": 9 }", "gemm.floor.source: found 9, needs the place"),
      ("\"unit\": \"ns\"", "\"unit\": 3", "gemm.floor.unit: found 3, needs a text"),
      ("[1, 4353]", "[4353, 1]", "covers.gemm.rows: found a list of 2, needs the smallest"),
      ("\"profile\": 1", "\"profile\": 2", "profile: found 2, needs 1"),
      ("\"low\": 2400", "\"lowest\": 1, \"low\": 2400", "gemm.floor.lowest: found an unknown key"),
      ("\"gpu\": \"h100-sxm\",", "", "gpu: found nothing, needs a text"),
      ("\"value\": 2600.5,", "\"value\": 2600.5", "gemm.floor: found a text in quotes"),
    ])
  func faults(part: String, replacement: String, message: String) throws {
    var text = Self.profile.json
    let range = try #require(text.firstRange(of: part))
    text.replaceSubrange(range, with: replacement)
    let fault = #expect(throws: ProfileFault.self) { try GPUProfile(json: text) }
    #expect(fault?.sentence.hasPrefix(message) == true, "\(fault?.sentence ?? "no fault")")
  }

  @Test("A profile of more than 60 numbers is refused")
  func mostNumbers() throws {
    var profile = Self.profile
    profile.numbers += (0..<58).map {
      ProfileNumber(
        section: "gemm", name: "number\($0)", value: 1, unit: "ns", origin: .fitted, source: "a")
    }
    let fault = #expect(throws: ProfileFault.self) { try GPUProfile(json: profile.json) }
    #expect(fault?.sentence == "found 61 numbers, needs at most 60")
  }
}
