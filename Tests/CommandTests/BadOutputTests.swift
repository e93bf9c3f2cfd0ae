import Foundation
import Testing

@Suite("Files that are no results, places that take none, disks that are full")
struct BadOutputTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private func run(_ file: String) throws -> Outcome {
    try place.simpp(["run"] + Workplace.quickstart + ["--scheduler", "tp4", "--db", file])
  }

  /// Every command on a file that is not ours: the status, the words, and the file as it was.
  private func expectRefused(
    _ file: String, _ message: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let before = try place.bytes(file)
    var outcomes = [try run(file)]
    for command in ["runs", "verify", "report"] {
      outcomes.append(try place.simpp(command, file))
    }
    outcomes.append(try place.simpp("runs", file, "--delete", "1"))
    outcomes.append(try place.simpp("export", file, "--format", "csv"))
    outcomes.append(try place.simpp("explain", file, "--request", "1"))
    for outcome in outcomes {
      #expect(outcome.status == 65, sourceLocation: sourceLocation)
      #expect(
        outcome.error == "\(file): \(message)\n" && outcome.output.isEmpty,
        sourceLocation: sourceLocation)
    }
    #expect(try place.bytes(file) == before, sourceLocation: sourceLocation)
    #expect(try place.names() == [file], sourceLocation: sourceLocation)
  }

  @Test("A text file stays what it is")
  func text() throws {
    try place.write("dear diary, today I have served no tokens\n", to: "diary")
    try expectRefused(
      "diary", "not a SQLite database; expected a results file written by simpp")
  }

  @Test("Another program's database stays what it is")
  func foreign() throws {
    try place.execute("CREATE TABLE history(url TEXT)", on: "history.sqlite")
    try expectRefused(
      "history.sqlite",
      "a database of another program (application id 0, tables history); "
        + "expected a results file written by simpp")
  }

  @Test("A file of a newer simpp is refused")
  func newer() throws {
    let file = try place.makeResults()
    try place.execute("PRAGMA user_version = 99", on: file)
    try expectRefused(file, "schema version 99, of a newer simpp; expected version 5 or older")
  }

  @Test("A damaged file is told, not trusted")
  func damaged() throws {
    let file = try place.makeResults()
    var bytes = try place.bytes(file)
    bytes.replaceSubrange(8_192..<bytes.count, with: Data(count: bytes.count - 8_192))
    try bytes.write(to: URL(filePath: place.file(file)))
    for command in ["runs", "verify", "report"] {
      #expect(try place.simpp(command, file).status == 65, "\(command)")
    }
    #expect(try run(file).status == 65)
  }

  @Test("A results file that is not there: status 66")
  func missing() throws {
    for arguments in [
      ["runs"], ["verify"], ["report"], ["export", "--format", "csv"],
      ["explain", "--request", "1"],
    ] {
      let outcome = try place.simpp(arguments + ["gone.sqlite"])
      #expect(outcome.status == 66)
      #expect(outcome.error == "gone.sqlite: No such file or directory\n")
    }
    #expect(try place.names() == [])
  }

  @Test("A results file that cannot be created: status 73")
  func cannotCreate() throws {
    #expect(try run("nowhere/results.sqlite").status == 73)
    #expect(try run(".").status == 73)
    #expect(try place.names() == [])
    // Nobody may write there, not even root.
    #expect(try run("/sys/results.sqlite").status == 73)
  }

  @Test("An event file or page that cannot be created: status 73, and no run is begun")
  func cannotCreateOthers() throws {
    let file = try place.makeResults()
    let events = try place.simpp(["run"] + Workplace.quickstart + ["--events", "nowhere/e.log"])
    #expect(events.status == 73)
    #expect(events.error == "e.log: cannot be created: No such file or directory\n")
    let page = try place.simpp("report", file, "-o", "nowhere/page.html")
    #expect(page.status == 73)
    #expect(page.error == "page.html: cannot be created: No such file or directory\n")
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }

  @Test("No output takes the place of an input, by whatever name")
  func inputsStay() throws {
    let file = try place.makeResults()
    try FileManager.default.createSymbolicLink(
      atPath: place.file("page.html"), withDestinationPath: file)
    for output in [file, "./" + file, "page.html"] {
      let page = try place.simpp("report", file, "-o", output)
      #expect(page.status == 73)
      #expect(page.error.contains("cannot be created: it is results.sqlite, which this command"))
      let events = try place.simpp(["run"] + Workplace.quickstart + ["--events", output])
      #expect(events.status == 73)
    }
    try FileManager.default.copyItem(
      atPath: Program.scenario("quickstart"), toPath: place.file("s.json"))
    let before = try place.bytes("s.json")
    #expect(try place.simpp("run", "s.json", "--events", "s.json").status == 73)
    #expect(try place.simpp("run", "s.json", "--db", "s.json").status == 65)
    #expect(try place.bytes("s.json") == before)
    try FileManager.default.removeItem(atPath: place.file("page.html"))
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }

  @Test(
    "Standard output on a full disk: status 74",
    arguments: [
      "runs results.sqlite", "verify results.sqlite", "export results.sqlite --format csv",
      "explain results.sqlite --request 1", "policies", "gpus", "models",
    ])
  func fullOutput(command: String) throws {
    let file = try place.makeResults()
    let outcome = try place.bash(#"exec "$1" "# + command + " >/dev/full")
    #expect(outcome.status == 74)
    #expect(outcome.error == "standard output: cannot be written: No space left on device\n")
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }

  @Test("Page, event file and comparison on a full disk: status 74, the runs are kept")
  func fullOthers() throws {
    let file = try place.makeResults()
    let page = try place.simpp("report", file, "-o", "/dev/full")
    #expect(page.status == 74)
    #expect(page.error == "full: cannot be written: No space left on device\n")
    let small = ["run"] + Workplace.quickstart + ["--scheduler", "ladder", "--quiet"]
    let events = try place.simpp(small + ["--events", "/dev/full"])
    #expect(events.status == 74)
    #expect(events.error == "full: cannot be written: No space left on device\n")
    let comparison = try place.bash(#"exec "$@" >/dev/full"#, small)
    #expect(comparison.status == 74)
    try place.expectSound(file, schedulers: ["tp4", "pp4", "ladder"])
  }

  /// Kilobytes that a file may have, overrides, and where the end comes.
  @Test(
    "A disk that fills up while spooling or storing: status 74, the earlier runs stay",
    arguments: [
      (8, [], "results.sqlite"), (220, [], "results.sqlite"),
      (1_000, ["--set", "workloads.chat.arrivals.rate=60"], ".spool: File too large"),
    ])
  func fullDisk(kilobytes: Int, overrides: [String], place failing: String) throws {
    let file = try place.makeResults()
    let run =
      ["run"] + Workplace.quickstart + overrides
      + ["--scheduler", "tp4", "--set", "name=another", "--quiet"]
    let outcome = try place.bash(#"ulimit -f "# + "\(kilobytes)" + #"; exec "$@""#, run)
    #expect(outcome.status == 74, "\(outcome.error)")
    #expect(outcome.error.contains(failing), "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }

  @Test("A disk that fills up between many short runs keeps all that fitted, in their order")
  func fullDiskMidway() throws {
    let outcome = try place.bash(
      #"ulimit -f 1000; exec "$@""#,
      [
        "run", Program.scenario("quickstart"), "--scheduler", "tp4", "--set", "duration=30s",
        "--set", "warmup=0s", "--replications", "60", "--jobs", "4",
      ])
    #expect(outcome.status == 74, "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    let stored = try place.texts(
      "SELECT replication FROM run ORDER BY id", in: "results.sqlite")
    #expect((3..<60).contains(stored.count))
    #expect(stored == (0..<stored.count).map(String.init))
    #expect(outcome.error.contains("\(stored.count) of 60 runs in "), "\(outcome.error)")
    try place.expectSound(
      "results.sqlite", schedulers: Array(repeating: "tp4", count: stored.count))
  }
}
