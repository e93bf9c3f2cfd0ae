import Foundation
import Testing

@Suite("Runs that are cut short")
struct InterruptionTests {
  let place: Workplace

  init() throws { place = try Workplace() }

  /// A run that would take hours.
  private func startLongRun() throws -> Child {
    let child = try place.start(["run", Program.scenario("quickstart"), "--set", "duration=300d"])
    let hasSpool = poll(seconds: 30) {
      (try? place.names().contains { $0.hasSuffix(".spool") }) ?? false
    }
    #expect(hasSpool && child.isRunning)
    return child
  }

  @Test(
    "Ctrl-C and a polite kill end a run of minutes at once, status 130, and leave nothing of it",
    arguments: [SIGINT, SIGTERM])
  func longRun(signal: Int32) throws {
    let file = try place.makeResults()
    let child = try startLongRun()
    child.send(signal)
    let outcome = try child.wait()
    #expect(outcome.status == 130)
    #expect(outcome.error.contains("interrupted: 0 of 5 runs are in \(file); to do them all: "))
    #expect(outcome.output.isEmpty)
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }

  @Test("Ctrl-C between runs keeps the finished ones and prints the command to do them all")
  func manyRuns() throws {
    let arguments =
      ["run"] + Workplace.quickstart
      + [
        "--scheduler", "tp4", "--replications", "2000", "--set", "name=it's \"two words\" $HOME",
        "--db", "many.sqlite",
      ]
    let child = try place.start(arguments)
    let isOnItsWay = poll(seconds: 30) {
      (try? place.number("SELECT count(*) FROM run", in: "many.sqlite")) ?? 0 >= 3
    }
    #expect(isOnItsWay)
    child.send(SIGINT)
    let outcome = try child.wait()
    #expect(outcome.status == 130)
    let runs = try #require(try place.number("SELECT count(*) FROM run", in: "many.sqlite"))
    #expect((3..<2_000).contains(runs))
    let line = try #require(outcome.error.split(separator: "\n").last)
    let start = "interrupted: \(runs) of 2000 runs are in many.sqlite; to do them all: "
    try #require(line.hasPrefix(start), "\(line)")
    // A shell reads the command back as it was given.
    let words = try place.bash(#"printf '%s\n' "# + line.dropFirst(start.count))
    #expect(words.lines.map(String.init) == [Program.debug] + arguments)
    try place.expectSound("many.sqlite", schedulers: Array(repeating: "tp4", count: Int(runs)))
  }

  @Test("kill -9 leaves the earlier runs; the next open clears away what it left")
  func killed() throws {
    let file = try place.makeResults()
    let child = try startLongRun()
    child.send(SIGKILL)
    #expect(try child.wait().status == 128 + SIGKILL)
    #expect(try place.names().contains { $0.hasSuffix(".spool") })
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }

  @Test("The spool of a run that lives is left alone, and the file can be read meanwhile")
  func besideALivingRun() throws {
    let file = try place.makeResults()
    let child = try startLongRun()
    #expect(try place.simpp("runs", file).lines.count == 3)
    #expect(try place.names().contains { $0.hasSuffix(".spool") })
    child.send(SIGINT)
    #expect(try child.wait().status == 130)
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }

  @Test(
    "A trap inside simpp is told as its own fault, status 70, and leaves the earlier runs",
    arguments: [SIGILL, SIGTRAP, SIGSEGV, SIGABRT])
  func internalFault(signal: Int32) throws {
    let file = try place.makeResults()
    let child = try startLongRun()
    child.send(signal)
    let outcome = try child.wait()
    #expect(outcome.status == 70)
    // Before it only what was said of the run's length when it began.
    let said = outcome.error.split(separator: "\n")
    #expect(said.last?.hasPrefix("simpp: a fault of simpp itself; ") == true, "\(outcome.error)")
    #expect(
      said.dropLast().allSatisfy { $0.hasPrefix("estimate: ") || $0.hasPrefix("note: ") },
      "\(outcome.error)")
    #expect(outcome.output.isEmpty)
    try place.expectSound(file, schedulers: ["tp4", "pp4"])
  }
}
