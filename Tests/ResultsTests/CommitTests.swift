import Foundation
import Results
import Serving
import Testing

@Suite("Committing, replacing, deleting, merging")
struct CommitTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("results.sqlite")
  }

  @Test("The same run again replaces the first, keeps its id, and leaves others alone")
  func replace() throws {
    let store = try ResultsStore(path: path)
    let other = ExampleRun(scheduler: "pp4")
    let first = try ExampleRun(requests: 100).commit(to: store)
    let second = try other.commit(to: store)
    let again = ExampleRun(requests: 50, draw: 2)
    #expect(try again.commit(to: store) == first)
    #expect(try store.runs().map(\.id) == [first, second])
    #expect(try store.summary(ofRun: first) == again.summary)
    #expect(try store.summary(ofRun: second) == other.summary)
    #expect(try number("SELECT count(*) FROM request WHERE run_id = 1", in: path) == 50)
    #expect(try number("SELECT count(*) FROM stage", in: path) == 8)
  }

  /// A run whose records are in a spool.
  private func finished(_ example: ExampleRun, _ store: ResultsStore) throws -> FinishedRun {
    let spool = try store.spool(for: example.names)
    example.play(into: spool)
    return FinishedRun(header: example.header(), summary: example.summary, spool: spool)
  }

  @Test("Runs stored together get their ids in order, replace their like, and are all there")
  func together() throws {
    let store = try ResultsStore(path: path)
    try ExampleRun(requests: 40, replication: 1, draw: 8).commit(to: store)
    let examples = (0..<4).map { ExampleRun(requests: 30, replication: $0, draw: UInt64($0)) }
    let runs = try examples.map { try finished($0, store) }
    #expect(try store.commit(runs) == [2, 1, 3, 4])
    #expect(try store.runs().map(\.key.replication) == [1, 0, 2, 3])
    for (id, example) in zip([2, 1, 3, 4] as [Int64], examples) {
      #expect(try store.summary(ofRun: id) == example.summary)
    }
    #expect(try store.verify().flatMap(\.faults) == [])
    #expect(try store.commit([]) == [])
    #expect(try folder.names() == ["results.sqlite"])
  }

  @Test("One that cannot be stored keeps all that were to be stored with it out of the file")
  func notTogether() throws {
    let store = try ResultsStore(path: path)
    let earlier = ExampleRun(replication: 1)
    try earlier.commit(to: store)
    let runs = try (0..<3).map { try finished(ExampleRun(replication: $0, draw: 4), store) }
    runs[2].spool.record(ExampleRun().sink.requests[3])
    #expect(throws: ResultsError.self) { try store.commit(runs) }
    #expect(try store.runs().map(\.key.replication) == [1])
    #expect(try store.summary(ofRun: 1) == earlier.summary)
    // Their spools are still there.
    #expect(try store.commit(Array(runs[..<2])) == [2, 1])
    #expect(try store.verify().flatMap(\.faults) == [])
  }

  @Test("Another scenario, scheduler, seed, replication or version is another run")
  func keys() throws {
    let store = try ResultsStore(path: path)
    try ExampleRun(requests: 5).commit(to: store)
    try ExampleRun(requests: 5).commit(to: store, scenario: "d2")
    try ExampleRun(requests: 5, scheduler: "pp4").commit(to: store)
    try ExampleRun(requests: 5, seed: 8).commit(to: store)
    try ExampleRun(requests: 5, replication: 1).commit(to: store)
    try ExampleRun(requests: 5).commit(to: store, version: "0.2.0")
    #expect(try store.runs().count == 6)
    let key = RunKey(
      scenarioDigest: "d1", scheduler: "tp4", seed: 8, replication: 0, version: "0.1.0")
    #expect(try store.id(of: key) == 4)
    #expect(
      try store.id(
        of: RunKey(
          scenarioDigest: "d1", scheduler: "tp4", seed: 9, replication: 0, version: "0.1.0")) == nil
    )
  }

  @Test("A deleted run leaves no row behind, and deleting it again is an error")
  func delete() throws {
    let store = try ResultsStore(path: path)
    let gone = try ExampleRun(requests: 30).commit(to: store)
    try ExampleRun(requests: 20, scheduler: "pp4").commit(to: store)
    try store.delete(run: gone)
    for table in ResultsTable.allCases where !table.isView {
      let column = table == .run ? "id" : "run_id"
      let sql = "SELECT count(*) FROM \(table.rawValue) WHERE \(column) = \(gone)"
      #expect(try number(sql, in: path) == 0)
    }
    #expect(try store.runs().map(\.key.scheduler) == ["pp4"])
    #expect { try store.delete(run: gone) } throws: { ($0 as? ResultsError)?.kind == .notInFile }
  }

  @Test("With a sample of the records the same requests are kept in every run, about one in 100")
  func sample() throws {
    let store = try ResultsStore(path: path)
    let run = try ExampleRun(requests: 5_000).commit(to: store, records: .sample)
    var kept: [Int64] = []
    try store.requests(ofRun: run) { kept.append($0.record.requestID) }
    #expect(kept == (0..<5_000).filter { RecordsKept.sample.keeps(request: $0) })
    #expect((30...70).contains(kept.count))
    // No stretch of a hundred is better covered than another by construction.
    #expect(Set(kept.map { $0 % 100 }).count > 20)
    #expect(try store.replicas(ofRun: run).count == 2)
  }

  @Test("Runs committed from several threads are all there and sound")
  func threads() async throws {
    let store = try ResultsStore(path: path)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for replication in 0..<8 {
        group.addTask {
          try ExampleRun(requests: 300, replication: replication).commit(to: store)
        }
      }
      try await group.waitForAll()
    }
    let verified = try store.verify()
    #expect(verified.map(\.run.key.replication).sorted() == Array(0..<8))
    #expect(verified.flatMap(\.faults) == [])
  }

  @Test("Several that create the same file at once all get it")
  func creators() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for replication in 0..<8 {
        group.addTask { [path] in
          let store = try ResultsStore(path: path)
          try ExampleRun(requests: 20, replication: replication).commit(to: store)
        }
      }
      try await group.waitForAll()
    }
    let store = try ResultsStore(path: path, access: .reading)
    #expect(try store.runs().count == 8)
    #expect(try store.verify().flatMap(\.faults) == [])
  }

  @Test("A committed file is one file")
  func oneFile() throws {
    let store = try ResultsStore(path: path)
    try ExampleRun().commit(to: store)
    #expect(try folder.names() == ["results.sqlite"])
  }

  @Test("Reading does not change a byte of the file")
  func readingIsReading() throws {
    try ExampleRun().commit(to: try ResultsStore(path: path))
    let before = try folder.bytes("results.sqlite")
    let store = try ResultsStore(path: path, access: .reading)
    _ = try store.verify()
    _ = try store.summary(ofRun: 1)
    try store.exportAll { _ in }
    #expect(try folder.bytes("results.sqlite") == before)
    #expect { try store.delete(run: 1) } throws: { ($0 as? ResultsError)?.kind == .cannotCreate }
    #expect(throws: ResultsError.self) { try store.spool(for: ExampleRun().names) }
  }

  @Test("Merging copies what is missing, and merging again copies nothing")
  func merge() throws {
    let other = folder.file("shard-2.sqlite")
    try ExampleRun().commit(to: try ResultsStore(path: path))
    let shard = try ResultsStore(path: other)
    try ExampleRun().commit(to: shard)
    let extra = ExampleRun(scheduler: "pp4", draw: 3)
    try extra.commit(to: shard)
    let store = try ResultsStore(path: path)
    let first = try store.merge(from: other)
    #expect((first.copied, first.alreadyThere) == (1, 1))
    #expect(try store.merge(from: other).copied == 0)
    #expect(try store.summary(ofRun: 2) == extra.summary)
    #expect(try store.verify().flatMap(\.faults) == [])
  }

  @Test("A run with the same key and another digest ends a merge")
  func contradiction() throws {
    let other = folder.file("shard-2.sqlite")
    let store = try ResultsStore(path: path)
    let ours = ExampleRun()
    try ours.commit(to: store)
    try ExampleRun(draw: 9).commit(to: try ResultsStore(path: other))
    #expect { try store.merge(from: other) } throws: { error in
      let fault = error as? ResultsError
      return fault?.kind == .badContent && fault?.file == "shard-2.sqlite"
        && fault?.expected?.contains(ours.summary.digest) == true
    }
    #expect(try store.summary(ofRun: 1) == ours.summary)
  }
}
