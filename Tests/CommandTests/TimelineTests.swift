import Foundation
import Testing

@Suite("Timelines and event logs as files")
struct TimelineTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  private let run = ["run"] + Workplace.quickstart + ["--scheduler", "tp4", "--scheduler", "pp4"]

  private func events(_ bytes: Data) throws -> [[String: Any]] {
    let document = try #require(try JSONSerialization.jsonObject(with: bytes) as? [String: Any])
    #expect(document["displayTimeUnit"] as? String == "ns")
    return try #require(document["traceEvents"] as? [[String: Any]])
  }

  private func processes(_ events: [[String: Any]]) -> [String] {
    events.filter { $0["name"] as? String == "process_name" }.compactMap {
      ($0["args"] as? [String: Any])?["name"] as? String
    }
  }

  @Test("--perfetto shows every run, and export makes the same bytes from the results file")
  func sameBytes() throws {
    let outcome = try place.simpp(run + ["--perfetto", "a.json", "--quiet", "--jobs", "2"])
    #expect(outcome.status == 0 && outcome.error.isEmpty, "\(outcome.error)")
    let bytes = try place.bytes("a.json")
    let names = processes(try events(bytes))
    #expect(names.count { $0.hasPrefix("tp4 · node ") } == 8)
    #expect(names.count { $0.hasPrefix("pp4 · node ") } == 8)
    #expect(names.contains("pp4 · replica 0, llama-3.1-70b"))
    let exported = try place.simpp("export", "results.sqlite", "--format", "perfetto")
    #expect(exported.status == 0 && exported.error.isEmpty, "\(exported.error)")
    // Apart, as a difference of so many bytes would take longer to tell than all the rest.
    let isSame = exported.output == bytes
    #expect(isSame, "\(exported.output.count) bytes exported, \(bytes.count) written")
    let one = try place.simpp("export", "results.sqlite", "--format", "perfetto", "--run", "2")
    let ofOne = processes(try events(one.output))
    #expect(ofOne == names.filter { $0.hasPrefix("pp4 ") })
  }

  @Test("No timeline is made of a results file that says something else, or of its tables")
  func refused() throws {
    let file = try place.makeResults()
    let tables = try place.simpp("export", file, "--format", "perfetto", "--table", "gpu")
    #expect(tables.status == 64 && tables.error.contains("a timeline has no tables"))
    try place.execute("UPDATE run SET digest = 'ab' || substr(digest, 3) WHERE id = 2", on: file)
    let outcome = try place.simpp("export", file, "--format", "perfetto")
    #expect(outcome.status == 65 && outcome.output.isEmpty)
    #expect(outcome.error.hasPrefix("run 2: simulated again its digest is "), "\(outcome.error)")
    #expect(try place.simpp("export", file, "--format", "perfetto", "--run", "1").status == 0)
  }

  @Test("A timeline in a place that takes none, or over another file of the command: status 73")
  func cannotCreate() throws {
    for arguments in [
      ["--perfetto", "nowhere/t.json"], ["--perfetto", "."],
      ["--events", "same", "--perfetto", "./same"], ["--perfetto", "results.sqlite"],
    ] {
      let outcome = try place.simpp(run + arguments)
      #expect(outcome.status == 73, "\(arguments)")
      #expect(outcome.error.contains("cannot be created: "), "\(outcome.error)")
      #expect(outcome.output.isEmpty)
    }
  }

  @Test("On a full disk: status 74, half a file is removed, a device stays, the runs are kept")
  func fullDisk() throws {
    for option in ["--perfetto", "--events"] {
      let device = try place.simpp(run + [option, "/dev/full", "--quiet"])
      #expect(device.status == 74)
      #expect(device.error == "full: cannot be written: No space left on device\n")
      #expect(FileManager.default.fileExists(atPath: "/dev/full"))
      // No file may have more than 1.2 MB; the results file has less.
      let outcome = try place.bash(
        #"ulimit -f 1200; exec "$@""#, run + [option, "large", "--quiet"])
      #expect(outcome.status == 74, "\(outcome.error)")
      #expect(outcome.error == "large: cannot be written: File too large\n")
      #expect(try place.names() == ["results.sqlite"])
      try place.expectSound("results.sqlite", schedulers: ["tp4", "pp4"])
    }
    _ = try place.makeResults("t.sqlite")
    let export = try place.bash(#"exec "$1" export t.sqlite --format perfetto >/dev/full"#)
    #expect(export.status == 74)
    #expect(export.error == "standard output: cannot be written: No space left on device\n")
    let pipe = try place.bash(#""$1" export t.sqlite --format perfetto | head -1"#)
    #expect(pipe.status == 0 && pipe.error.isEmpty && pipe.lines.count == 1)
  }

  @Test("What will be large is said in time; Ctrl-C leaves whole documents of what has been")
  func interrupted() throws {
    let child = try place.start([
      "run", Program.scenario("quickstart"), "--scheduler", "tp4", "--set", "duration=5d",
      "--perfetto", "t.json", "--events", "e.log",
    ])
    let isOnItsWay = poll(seconds: 200) {
      ((try? place.bytes("t.json").count) ?? 0) > 1_000_000
        && ((try? place.bytes("e.log").count) ?? 0) > 1_000_000
        && child.errorSoFar.contains("\nt.json: about ")
    }
    #expect(isOnItsWay && child.isRunning)
    child.send(SIGINT)
    let outcome = try child.wait()
    #expect(outcome.status == 130)
    let about =
      #/: about \d+(\.\d)? GB to come; --scheduler NAME and --set duration=… make it smaller\n/#
    #expect(outcome.error.contains("e.log: about ") && outcome.error.contains("\nt.json: about "))
    #expect(outcome.error.matches(of: about).count == 2, "\(outcome.error)")
    let events = try events(try place.bytes("t.json"))
    #expect(
      events.count { $0["ph"] as? String == "B" } == events.count { $0["ph"] as? String == "E" })
    let log = String(decoding: try place.bytes("e.log"), as: UTF8.self)
    #expect(log.hasPrefix("# scheduler tp4 replication 0\n0 link 0 ") && log.hasSuffix("\n"))
    #expect(
      log.split(separator: "\n").dropFirst().allSatisfy { $0.split(separator: " ").count == 9 })
  }
}
