import Foundation
import Testing

@Suite("Scenarios that are none")
struct BadScenarioTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  @Test("Every scenario of the repository is valid")
  func allValid() throws {
    let folder = URL(filePath: Program.root + "Scenarios").resolvingSymlinksInPath().path()
    // These replay traces made by others, which are no part of simpp and may not be there.
    let foreign =
      SharedData.folder == nil
      ? ["azure-conv.json", "batching-shootout.json", "mooncake.json"] : []
    let folders = [SharedData.azureConversation, SharedData.mooncake].flatMap {
      ["--trace-dir", URL(filePath: $0).deletingLastPathComponent().path()]
    }
    let paths = try #require(FileManager.default.enumerator(atPath: folder))
      .compactMap { $0 as? String }
      .filter { $0.hasSuffix(".json") && !foreign.contains($0) }.sorted()
    #expect(paths.count >= 10)
    let outcome = try place.simpp(["validate"] + folders + paths.map { folder + "/" + $0 })
    #expect(outcome.status == 0, "\(outcome.error)")
    // Only set-ups that others published go beyond what was measured, which notes say.
    let published = paths.filter { $0.hasPrefix("published/") }.map { $0.dropFirst(10) }
    let notes = outcome.error.split(whereSeparator: \.isNewline)
    #expect(
      notes.allSatisfy { note in
        note.contains(": note: ") && published.contains { note.hasPrefix($0) }
      }, "\(outcome.error)")
    #expect(outcome.lines.count == paths.count)
    for (line, path) in zip(outcome.lines, paths) {
      #expect(line.hasPrefix(URL(filePath: path).lastPathComponent + ": valid; "), "\(line)")
    }
  }

  @Test("validate --plans says what each plan puts on each stage, and which is the slowest")
  func plans() throws {
    let outcome = try place.simpp("validate", "--plans", Program.scenario("quickstart"))
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.lines.first?.hasPrefix("quickstart.json: valid; ") ?? false)
    for plan in ["tp4: llama-3.1-70b as TP4,", "pp4: llama-3.1-70b as PP4,"] {
      #expect(outcome.text.contains("\n" + plan))
    }
    #expect(outcome.text.contains("slowest in a decode step: stage 3, "))
    #expect(outcome.text.contains("KV cache of the replica: "))
  }

  @Test("Files that give no text: status 66; text that is no JSON: 65, with line and column")
  func noScenario() throws {
    try place.write("{\n  \"name\": 1,,\n}\n", to: "comma.json")
    try place.write("", to: "empty.json")
    try place.write("[]", to: "list.json")
    try Data([0x7b, 0xff, 0xfe]).write(to: URL(filePath: place.file("bytes.json")))
    try FileManager.default.createDirectory(
      atPath: place.file("folder"), withIntermediateDirectories: false)
    let cases: [(String, Int32, String)] = [
      ("missing.json", 66, "missing.json: no such file\n"),
      (place.file("nowhere/missing.json"), 66, "missing.json: no such file\n"),
      ("folder", 66, "folder: cannot be read: it is a directory\n"),
      ("comma.json", 65, "comma.json:2:13: found \",\", needs a key in double quotes or }\n"),
      ("bytes.json", 65, "bytes.json: is no UTF-8 text\n"),
      ("empty.json", 65, "empty.json:1:1: "), ("list.json", 65, "list.json:1:1: "),
    ]
    for (file, status, message) in cases {
      for command in ["validate", "run"] {
        let outcome = try place.simpp(command, file)
        #expect(outcome.status == status, "\(command) \(file)")
        #expect(outcome.error.hasPrefix(message), "\(outcome.error)")
        #expect(outcome.output.isEmpty)
      }
    }
    #expect(!(try place.names().contains("results.sqlite")))
  }

  static let faulty = """
    { "schemaVersion": 1, "name": "faulty", "duraton": "30m", "warmup": 5,
      "cluster": { "nodes": [{
        "count": -1, "gpu": "h100-sxmm", "gpusPerNode": 8, "nvlink": "switch",
        "nics": { "count": 1, "bandwidth": "400" }, "hostMemory": "2TB", "storage": "12GB/s" }] },
      "models": [{ "name": "llama-3.1-70b" }],
      "workloads": [],
      "schedulers": [] }
    """

  static let faults = [
    "faulty.json:1:1: duration: missing, needs a time",
    "faulty.json:1:41: duraton: unknown key; did you mean \"duration\"?",
    "faulty.json:1:69: warmup: found 5, needs a time with its unit",
    "faulty.json:3:14: cluster.nodes[0].count: found -1, needs a whole number",
    "faulty.json:3:25: cluster.nodes[0].gpu: found \"h100-sxmm\", needs a GPU type; "
      + "did you mean \"h100-sxm\"?",
    "faulty.json:4:40: cluster.nodes[0].nics.bandwidth: found \"400\", needs a bandwidth",
    "faulty.json:6:16: workloads: found an empty list, needs",
    "faulty.json:7:17: schedulers: found an empty list, needs",
  ]

  @Test("All faults at once, in the order of the text, each with place, path, found and needed")
  func allFaults() throws {
    try place.write(Self.faulty, to: "faulty.json")
    for command in ["validate", "run"] {
      let outcome = try place.simpp(command, "faulty.json")
      #expect(outcome.status == 65)
      let lines = outcome.error.split(separator: "\n")
      #expect(lines.count == Self.faults.count, "\(outcome.error)")
      for (line, fault) in zip(lines, Self.faults) { #expect(line.hasPrefix(fault)) }
    }
    #expect(try place.names() == ["faulty.json"])
  }

  @Test("validate goes through all files, whatever is wrong with one")
  func severalFiles() throws {
    try place.write(Self.faulty, to: "faulty.json")
    let quickstart = Program.scenario("quickstart")
    let outcome = try place.simpp("validate", "faulty.json", quickstart, "gone.json", quickstart)
    #expect(outcome.status == 65)
    #expect(outcome.lines.count == 2)
    #expect(outcome.error.split(separator: "\n").count == Self.faults.count + 1)
    #expect(try place.simpp("validate", "gone.json", "faulty.json").status == 66)
  }

  @Test("Overrides that lead nowhere or do not fit: status 65, each with its path, all at once")
  func overrides() throws {
    let outcome = try place.simpp(
      ["run", Program.scenario("quickstart")]
        + [
          "durtion=1m", "workloads.chat.arrivals.rate=often", "workloads.chta.slo.ttft=1s",
          "cluster.nodes[3].count=2", "schedulers.tp4.parallelism.tensor=3",
        ].flatMap { ["--set", $0] })
    #expect(outcome.status == 65)
    let lines = outcome.error.split(separator: "\n")
    let expected = [
      "--set durtion=1m: durtion: unknown key; did you mean \"duration\"?",
      "--set workloads.chat.arrivals.rate=often: workloads[0].arrivals.rate: found \"often\", needs",
      "--set workloads.chta.slo.ttft=1s: workloads: nothing here is called chta; "
        + "did you mean \"chat\"?",
      "--set cluster.nodes[3].count=2: cluster.nodes: nothing here is called [3]",
      "--set schedulers.tp4.parallelism.tensor=3: schedulers[0].parallelism",
    ]
    #expect(lines.count == expected.count, "\(outcome.error)")
    for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start)) }
    #expect(try place.names() == [])
  }

  @Test("A scheduler that the scenario has not: status 65, and the one that was meant")
  func unknownScheduler() throws {
    let outcome = try place.simpp(
      "run", Program.scenario("quickstart"), "--scheduler", "tp44", "--scheduler", "x")
    #expect(outcome.status == 65)
    let lines = outcome.error.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(
      lines.first.map(String.init)
        == "--scheduler: schedulers: found \"tp44\", needs a scheduler of the scenario; "
        + "did you mean \"tp4\"?")
    #expect(lines.last?.hasSuffix("known: tp4, pp4, tp2-pp2, ladder, dp2-tp4") == true)
    #expect(try place.names() == [])
  }
}
