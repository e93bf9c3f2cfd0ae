import Foundation
import GRDB
import Serving
import Testing

@testable import Results

@Suite("Opening a file")
struct OpeningTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The error of opening a file, as text, and its exit status.
  private func refusal(
    _ name: String, _ access: ResultsStore.Access
  ) throws -> (status: Int32, text: String) {
    do {
      _ = try ResultsStore(path: folder.file(name), access: access)
    } catch {
      return (error.exitStatus, error.description)
    }
    return (0, "opened")
  }

  @Test("A missing file can be created, but not read or updated")
  func missing() throws {
    #expect(
      try refusal("a.sqlite", .reading) == (66, "a.sqlite: No such file or directory"))
    #expect(try refusal("a.sqlite", .updating).status == 66)
    #expect(try folder.names() == [])
    #expect(try refusal("a.sqlite", .creating).status == 0)
    #expect(try ResultsStore(path: folder.file("a.sqlite"), access: .reading).runs().isEmpty)
  }

  @Test("Creating a file waits for no disk; whatever is written afterwards does")
  func durability() throws {
    for access in [ResultsStore.Access.creating, .updating, .creating] {
      let store = try ResultsStore(path: folder.file("a.sqlite"), access: access)
      let level = try store.queue.inDatabase { try Int.fetchOne($0, sql: "PRAGMA synchronous") }
      // 2 is FULL.
      #expect(level == 2)
    }
  }

  @Test("An empty file becomes a results file when it may")
  func empty() throws {
    try folder.write(Data(), to: "a.sqlite")
    #expect(
      try refusal("a.sqlite", .reading)
        == (65, "a.sqlite: an empty file; expected a results file written by simpp"))
    #expect(try refusal("a.sqlite", .creating).status == 0)
  }

  @Test("A file whose creation was cut short after the migrator's own table is created whole")
  func halfCreated() throws {
    try execute(
      "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)",
      on: folder.file("a.sqlite"))
    #expect(try refusal("a.sqlite", .reading).status == 65)
    #expect(try refusal("a.sqlite", .creating).status == 0)
    #expect(try ResultsStore(path: folder.file("a.sqlite"), access: .reading).runs().isEmpty)
  }

  @Test(
    "A file that is no database is refused, unread and unchanged",
    arguments: ResultsStore.Access.allCases)
  func noDatabase(access: ResultsStore.Access) throws {
    let text = Data("{ \"name\": \"this is a scenario\" }".utf8)
    try folder.write(text, to: "s.json")
    #expect(
      try refusal("s.json", access)
        == (65, "s.json: not a SQLite database; expected a results file written by simpp"))
    #expect(try folder.bytes("s.json") == text)
  }

  @Test("A folder is refused", arguments: ResultsStore.Access.allCases)
  func folderInstead(access: ResultsStore.Access) throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("d"), withIntermediateDirectories: false)
    #expect(try refusal("d", access).text.contains("not a regular file"))
  }

  @Test(
    "Another program's database is refused by its tables, unchanged",
    arguments: ResultsStore.Access.allCases)
  func foreign(access: ResultsStore.Access) throws {
    let path = folder.file("photos.sqlite")
    try execute("CREATE TABLE photo (id); CREATE TABLE album (id)", on: path)
    let before = try folder.bytes("photos.sqlite")
    let expected =
      "photos.sqlite: a database of another program (application id 0, tables album, photo); "
      + "expected a results file written by simpp"
    #expect(try refusal("photos.sqlite", access) == (65, expected))
    #expect(try folder.bytes("photos.sqlite") == before)
  }

  @Test("Another application id is refused even without tables")
  func foreignIdentifier() throws {
    try execute("PRAGMA application_id = 7; VACUUM", on: folder.file("a.sqlite"))
    #expect(try refusal("a.sqlite", .creating).text.contains("application id 7, no tables"))
  }

  @Test("A newer schema is refused by its number", arguments: ResultsStore.Access.allCases)
  func newer(access: ResultsStore.Access) throws {
    _ = try ResultsStore(path: folder.file("a.sqlite"))
    try execute("PRAGMA user_version = 6", on: folder.file("a.sqlite"))
    #expect(
      try refusal("a.sqlite", access)
        == (65, "a.sqlite: schema version 6, of a newer simpp; expected version 5 or older"))
  }

  @Test("An older schema is carried forward with its rows, also for reading")
  func older() throws {
    let path = folder.file("a.sqlite")
    let example = ExampleRun()
    try example.commit(to: try ResultsStore(path: path))
    var later = Schema.current
    later.steps.append(
      Schema.Step(version: 6, script: "CREATE TABLE later (run_id INTEGER PRIMARY KEY)"))
    let store = try ResultsStore(path: path, access: .reading, schema: later)
    #expect(try number("PRAGMA user_version", in: path) == 6)
    #expect(try number("SELECT count(*) FROM later", in: path) == 0)
    #expect(try store.summary(ofRun: 1) == example.summary)
  }

  @Test("A file of an older schema is read without reasons for rejected requests")
  func withoutReasons() throws {
    let path = folder.file("a.sqlite")
    let example = ExampleRun()
    try example.commit(to: try ResultsStore(path: path))
    let columns = ["context", "pool", "rate", "prediction"].map { "rejected_\($0) = NULL" }
    for table in ["run_total", "workload"] {
      try execute("UPDATE \(table) SET " + columns.joined(separator: ", "), on: path)
    }
    let summary = try ResultsStore(path: path, access: .reading).summary(ofRun: 1)
    #expect(summary.rejected == example.summary.rejected && summary.rejected > 0)
    #expect(summary.rejections == RejectionCounts())
    #expect(example.summary.rejections[.rateLimited] > 0)
  }

  @Test("A file of an older schema is read without what prefix caches found, and is sound")
  func withoutPrefixes() throws {
    let path = folder.file("a.sqlite")
    let example = ExampleRun()
    try example.commit(to: try ResultsStore(path: path))
    let names = ["lookups", "hits", "prompt_tokens", "cached_tokens", "hit_rate"]
    for table in ["run_total", "replica"] {
      let columns = names.map { "prefix_\($0) = NULL" }.joined(separator: ", ")
      try execute("UPDATE \(table) SET \(columns)", on: path)
    }
    try execute("DELETE FROM tier; DELETE FROM replica_tier", on: path)
    let store = try ResultsStore(path: path, access: .reading)
    #expect(try store.summary(ofRun: 1).prefixCache == nil)
    #expect(try store.replicas(ofRun: 1).allSatisfy { $0.prefixCache == nil })
    #expect(try store.verify().flatMap(\.faults) == [])
    #expect(example.summary.prefixCache?.tiers.count == 2)
  }

  @Test("A damaged file is refused or its reading fails, and nothing traps")
  func damaged() throws {
    let path = folder.file("a.sqlite")
    try ExampleRun(requests: 500).commit(to: try ResultsStore(path: path))
    let whole = try folder.bytes("a.sqlite")
    var random = RandomStreamOfTests(state: 11)
    var refused = 0
    for _ in 0..<30 {
      var bytes = whole
      // A scratched page: 200 bytes behind the header, of which most held something; what nothing
      // is written on may be scratched unseen.
      var start = 0
      repeat {
        start = 100 + Int(random.below(Int64(bytes.count - 300)))
      } while whole[start..<start + 200].count(where: { $0 == 0 }) > 100
      for place in start..<start + 200 { bytes[place] = UInt8(random.below(256)) }
      try folder.write(bytes, to: "b.sqlite")
      // One file counts once, whether it is called unsound, cannot be read, or both.
      var isRefused = false
      do {
        let store = try ResultsStore(path: folder.file("b.sqlite"), access: .reading)
        isRefused = !(try store.verify().allSatisfy(\.isSound))
        try store.exportAll { _ in }
      } catch let error as ResultsError {
        #expect([65, 74].contains(error.exitStatus), "\(error)")
        isRefused = true
      }
      if isRefused { refused += 1 }
    }
    #expect(refused > 25)
  }

  @Test("A truncated file is refused")
  func truncated() throws {
    let path = folder.file("a.sqlite")
    try ExampleRun(requests: 500).commit(to: try ResultsStore(path: path))
    try folder.write(try folder.bytes("a.sqlite").prefix(20_000), to: "a.sqlite")
    #expect(throws: ResultsError.self) {
      _ = try ResultsStore(path: path, access: .reading).verify()
    }
  }

  @Test("A file below something that is no folder cannot be created")
  func nowhere() throws {
    try folder.write(Data(), to: "file")
    let (status, text) = try refusal("file/a.sqlite", .creating)
    #expect(status == 73)
    #expect(text.hasPrefix("a.sqlite: "))
    #expect(try refusal("missing/a.sqlite", .creating).status == 73)
  }

  @Test("The header tells what the file is")
  func header() throws {
    _ = try ResultsStore(path: folder.file("a.sqlite"))
    #expect(try number("PRAGMA application_id", in: folder.file("a.sqlite")) == 0x7369_6d70)
    #expect(try number("PRAGMA user_version", in: folder.file("a.sqlite")) == 5)
  }
}
