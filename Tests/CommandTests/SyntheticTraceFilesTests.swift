import Foundation
import Testing

@Suite("The traces in Traces")
struct SyntheticTraceFilesTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private static let folder = Program.root + "Traces/"

  /// Written by simpp-bench; the tests of published results hold its rows.
  private static let generated = "peers-8-per-second.csv"

  /// A row of the table in Traces/README.md.
  struct Made: Sendable, CustomTestStringConvertible {
    var file: String
    var arguments: [String]
    var needsData: Bool { arguments.contains { $0.contains("$SIMPP_DATA_DIR") } }
    var testDescription: String { file }
  }

  /// The commands that the README names.
  static let made: [Made] = {
    let text = (try? String(contentsOfFile: folder + "README.md", encoding: .utf8)) ?? ""
    return text.split(separator: "\n").compactMap { line in
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3, cells[2].hasPrefix("`simpp ") else { return nil }
      let words = cells[2].dropFirst(7).dropLast().split(separator: " ").map(String.init)
      return Made(file: String(cells[0].dropFirst().dropLast()), arguments: words)
    }
  }()

  /// The file as the README's command makes it, run beside the traces that the command may name.
  private func remade(_ made: Made) throws -> Data {
    let arguments = made.arguments.map { word in
      if word == made.file { return place.file(word) }
      return word.replacing("$SIMPP_DATA_DIR", with: SharedData.folder ?? "")
    }
    let outcome = try place.bash(
      #"cd "$2" && "$1" "${@:3}""#, [Self.folder] + arguments)
    #expect(outcome.status == 0, "\(outcome.error)")
    return try place.bytes(made.file)
  }

  @Test("Each is named in the README with its command, and holds at most 200 kB")
  func listed() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
      .filter { $0 != "README.md" && $0 != Self.generated }
    #expect(Set(names) == Set(Self.made.map(\.file)) && names.count >= 3)
    for name in names {
      #expect(try Data(contentsOf: URL(filePath: Self.folder + name)).count <= 200_000)
    }
  }

  @Test(
    "What was fitted to a trace of this folder is made again byte for byte",
    arguments: made.filter { !$0.needsData })
  func remadeFromHere(_ made: Made) throws {
    #expect(try remade(made) == Data(contentsOf: URL(filePath: Self.folder + made.file)))
  }

  @Test(
    "What was fitted to traces of others is made again byte for byte",
    .enabled(if: SharedData.folder != nil, "SIMPP_DATA_DIR names no data"),
    arguments: made.filter(\.needsData))
  func remadeFromData(_ made: Made) throws {
    #expect(try remade(made) == Data(contentsOf: URL(filePath: Self.folder + made.file)))
  }

  @Test("A scenario replays one without any data of others, and every request ends")
  func scenario() throws {
    let outcome = try place.simpp(
      "run", Program.scenario("azure-conv-like"), "--set", "duration=2m", "--set", "warmup=0s",
      "--json", "--quiet")
    #expect(outcome.status == 0, "\(outcome.error)")
    let object = try #require(
      try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
    let runs = try #require(object["runs"] as? [[String: Any]])
    let text = try String(contentsOfFile: Self.folder + "azure-conv-like.csv", encoding: .utf8)
    let early = text.split(separator: "\n").dropFirst().count { line in
      Double(line.prefix { $0 != "," }).map { $0 < 120 } ?? false
    }
    #expect(runs.count == 3)
    for run in runs {
      #expect(run["requests"] as? Int == early && run["completed"] as? Int == early)
    }
  }

  @Test("A run of a converted trace has the request records of a run of the original")
  func convertedRun() throws {
    // The same requests as an Azure file tells them: calendar times of 100 ns.
    var azure = "TIMESTAMP,ContextTokens,GeneratedTokens\r\n"
    for index in 0..<300 {
      let ticks = index * index * 3_333 + index * 777
      let digits = String(ticks % 10_000_000)
      let fraction = String(repeating: "0", count: 7 - digits.count) + digits
      azure += "2023-11-16 18:10:\(10 + ticks / 10_000_000).\(fraction),"
      azure += "\(50 + index * 37 % 900),\(1 + index * 13 % 200)\r\n"
    }
    try place.write(azure, to: "original.csv")
    #expect(try place.simpp("trace", "convert", "original.csv", "own.csv").status == 0)
    #expect(try place.simpp("trace", "convert", "own.csv", "again.csv").status == 0)
    #expect(try place.bytes("own.csv") == place.bytes("again.csv"))
    var digests: [String] = []
    for name in ["original.csv", "own.csv"] {
      let outcome = try place.simpp(
        "run", Program.scenario("azure-conv-like"), "--trace-dir", ".", "--scheduler", "tp8",
        "--set", "workloads.azure.trace={\"file\":\"\(name)\"}", "--set", "duration=2m",
        "--set", "warmup=0s", "--json", "--quiet", "--db", name + ".sqlite")
      #expect(outcome.status == 0, "\(outcome.error)")
      let object = try #require(
        try JSONSerialization.jsonObject(with: outcome.output) as? [String: Any])
      let runs = try #require(object["runs"] as? [[String: Any]])
      #expect(runs.first?["requests"] as? Int == 300)
      digests.append(try #require(runs.first?["digest"] as? String))
    }
    #expect(digests[0] == digests[1])
  }
}
