import Foundation
import Serving
import Testing

@testable import Results

/// Each of these happens in a process of its own, which ends as real ones do.
@Suite("Crashes, full disks and protected folders")
struct CrashTests {
  let folder: TemporaryFolder
  let path: String
  let earlier = ExampleRun()

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("results.sqlite")
    try folder.write(try CommittedFile.oneRun.get(), to: "results.sqlite")
  }

  /// What every crash must leave: the run before it, sound, in one file, from the next open on.
  private func expectOnlyTheEarlierRun(_ access: ResultsStore.Access) throws {
    let store = try ResultsStore(path: path, access: access)
    #expect(try store.runs().map(\.key.scheduler) == ["tp4"])
    #expect(try store.summary(ofRun: 1) == earlier.summary)
    #expect(try store.verify().flatMap(\.faults) == [])
    #expect(try folder.names() == ["results.sqlite"])
  }

  @Test("kill -9 during a run leaves its spool to the next open, and the earlier runs")
  func killedWhileRunning() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try ResultsStore(path: path)
      let example = ExampleRun(requests: 5_000, scheduler: "pp4")
      let spool = try store.spool(for: example.names)
      example.play(into: spool)
      kill(getpid(), SIGKILL)
    }
    #expect(try folder.names().count == 2)
    try expectOnlyTheEarlierRun(.reading)
  }

  @Test(
    "kill -9 in the middle of a commit undoes it at the next open",
    arguments: ResultsStore.Access.allCases)
  func killedWhileCommitting(access: ResultsStore.Access) async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try ResultsStore(path: path)
      // The same run again, so that rows are deleted as well as inserted.
      let example = ExampleRun(requests: 25_000, draw: 5)
      let spool = try store.spool(for: example.names)
      example.play(into: spool)
      try store.commit(example.header(), summary: example.summary, spool: spool) { done in
        if done > 0.8 { kill(getpid(), SIGKILL) }
      }
    }
    // The transaction had reached the file, else this would show nothing.
    #expect(try folder.names().contains("results.sqlite-journal"))
    #expect(try #require(try folder.size(of: "results.sqlite")) > 1_500_000)
    try expectOnlyTheEarlierRun(access)
  }

  @Test("kill -9 in the middle of a commit of several runs leaves none of them")
  func killedWhileCommittingSeveral() async throws {
    await #expect(processExitsWith: .signal(SIGKILL)) { [path = path as String] in
      let store = try ResultsStore(path: path)
      let runs = try (0..<3).map { replication in
        let example = ExampleRun(requests: 15_000, replication: replication, draw: 5)
        let spool = try store.spool(for: example.names)
        example.play(into: spool)
        return FinishedRun(header: example.header(), summary: example.summary, spool: spool)
      }
      var calls = 0
      try store.commit(runs) { _ in
        calls += 1
        // Seven a run: the third is under way.
        if calls == 18 { kill(getpid(), SIGKILL) }
      }
    }
    #expect(try folder.names().contains("results.sqlite-journal"))
    #expect(try #require(try folder.size(of: "results.sqlite")) > 1_500_000)
    try expectOnlyTheEarlierRun(.reading)
  }

  @Test("A disk that fills up while spooling: status 74, the earlier runs stay")
  func spoolHitsLimit() async throws {
    await #expect(processExitsWith: .exitCode(74)) { [path = path as String] in
      let store = try ResultsStore(path: path)
      let example = ExampleRun(requests: 10_000, scheduler: "pp4")
      let spool = try store.spool(for: example.names)
      limitFiles(to: 2_000_000)
      example.play(into: spool)
      expectOrExit(spool.failure?.found == "File too large", 1)
      do throws(ResultsError) {
        try store.commit(example.header(), summary: example.summary, spool: spool)
      } catch {
        exit(error.exitStatus)
      }
    }
    try expectOnlyTheEarlierRun(.reading)
  }

  @Test("A disk that fills up while committing: status 74, the earlier runs stay")
  func commitHitsLimit() async throws {
    await #expect(processExitsWith: .exitCode(74)) { [path = path as String] in
      let store = try ResultsStore(path: path)
      let example = ExampleRun(requests: 10_000, scheduler: "pp4")
      let spool = try store.spool(for: example.names)
      example.play(into: spool)
      limitFiles(to: 2_000_000)
      do throws(ResultsError) {
        try store.commit(example.header(), summary: example.summary, spool: spool)
      } catch {
        exit(error.exitStatus)
      }
    }
    try expectOnlyTheEarlierRun(.reading)
  }

  @Test("A folder that may not be written: no new file, no spool, but reading goes on")
  func protectedFolder() async throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: folder.path)
    try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
    await #expect(processExitsWith: .success) { [path = path as String] in
      // Root may write everywhere.
      if getuid() == 0 { setuid(65_534) }
      let reader = try ResultsStore(path: path, access: .reading)
      expectOrExit(try reader.verify().count == 1, 1)
      expectOrExit(refusal { _ = try ResultsStore(path: path, access: .creating) } == 73, 2)
      expectOrExit(refusal { _ = try ResultsStore(path: path + "2", access: .creating) } == 73, 3)
    }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    try expectOnlyTheEarlierRun(.reading)
  }

  @Test("A file that may not be written in a folder that may: opened for reading only")
  func protectedFile() async throws {
    try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
    await #expect(processExitsWith: .success) { [path = path as String] in
      if getuid() == 0 { setuid(65_534) }
      expectOrExit(try ResultsStore(path: path, access: .reading).runs().count == 1, 1)
      expectOrExit(refusal { _ = try ResultsStore(path: path, access: .updating) } == 73, 2)
    }
    try expectOnlyTheEarlierRun(.reading)
  }
}

/// Makes every write beyond a size fail as on a full disk, from now on in this process.
private func limitFiles(to bytes: UInt) {
  signal(SIGXFSZ, SIG_IGN)
  var limit = rlimit(rlim_cur: rlim_t(bytes), rlim_max: rlim_t(bytes))
  #if os(Linux)
    setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
  #else
    setrlimit(RLIMIT_FSIZE, &limit)
  #endif
}

private func expectOrExit(_ holds: Bool, _ status: Int32) {
  if !holds { exit(status) }
}

/// The exit status of the error that is thrown; 0 when none is.
private func refusal(_ body: () throws -> Void) -> Int32 {
  do {
    try body()
  } catch {
    return (error as? ResultsError)?.exitStatus ?? -1
  }
  return 0
}
