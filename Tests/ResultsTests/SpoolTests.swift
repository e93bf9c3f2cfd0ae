import Foundation
import Serving
import Testing

@testable import Results

@Suite("The spool of a run")
struct SpoolTests {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("results.sqlite")
  }

  private func spools() throws -> [String] {
    try folder.names().filter { $0.hasSuffix(".spool") }
  }

  @Test("It lies beside the database while the run goes on, and is gone after its commit")
  func whereItLies() throws {
    let store = try ResultsStore(path: path)
    let example = ExampleRun()
    let spool = try store.spool(for: example.names)
    example.play(into: spool)
    let name = try #require(try spools().first)
    #expect(name.wholeMatch(of: /results\.sqlite\.[0-9a-f]{16}\.spool/) != nil)
    try store.commit(example.header(), summary: example.summary, spool: spool)
    #expect(try spools() == [])
  }

  @Test("A spool that is dropped without a commit removes its file")
  func dropped() throws {
    let store = try ResultsStore(path: path)
    do {
      let spool = try store.spool(for: ExampleRun().names)
      ExampleRun().play(into: spool)
      #expect(try spools().count == 1)
    }
    #expect(try spools() == [])
    #expect(try store.runs().isEmpty)
  }

  @Test("The next open removes orphans, but no living run's spool and no other file")
  func orphans() throws {
    let store = try ResultsStore(path: path)
    let spool = try store.spool(for: ExampleRun().names)
    let living = try spools()
    let strangers = [
      "results.sqlite.notes.spool", "results.sqlite.0123456789abcdeg.spool",
      "results.sqlite.0123456789abcdef0.spool", "other.sqlite.0123456789abcdef.spool",
      "results.sqlite.b.0123456789abcdef.spool",
    ]
    for name in strangers + ["results.sqlite.0123456789abcdef.spool"] {
      try folder.write(Data("left behind".utf8), to: name)
    }
    _ = try ResultsStore(path: path)
    #expect(try spools() == (living + strangers).sorted())
    spool.discard()
    #expect(try spools() == strangers.sorted())
  }

  @Test("Its memory is bounded: records leave in batches of a megabyte")
  func batches() throws {
    let store = try ResultsStore(path: path)
    let example = ExampleRun(requests: 1)
    let spool = try store.spool(for: example.names)
    var request = example.sink.requests[0]
    var sizes: Set<Int> = []
    for id in 0..<12_000 as Range<Int64> {
      request.requestID = id
      spool.record(request)
      if id % 1_000 == 0 { sizes.insert(try #require(try folder.size(of: spools()[0]))) }
    }
    // 276 bytes a request: two batches of 2^20 are full, the third is not.
    #expect(sizes == [0, 3_799 * 276, 2 * 3_799 * 276])
  }

  @Test("Without records no request goes through it, with a sample those alone that are kept")
  func kept() throws {
    let store = try ResultsStore(path: path)
    let example = ExampleRun(requests: 3_000)
    var bytes: [RecordsKept: Int] = [:]
    for records in RecordsKept.allCases {
      let spool = try store.spool(for: example.names, records: records)
      for request in example.sink.requests { spool.record(request) }
      var (reader, total) = try spool.finish()
      defer { reader.deallocate() }
      bytes[records] = total
      for request in example.sink.requests where records.keeps(request: request.requestID) {
        #expect(try reader.next() == .request)
        #expect(reader.takeRequest() == request)
      }
      #expect(try reader.next() == nil)
      #expect(try spools().count == 1)
    }
    #expect(bytes[.none] == 0)
    #expect(try #require(bytes[.sample]) * 50 < (try #require(bytes[.all])))
  }

  @Test("A list longer than a batch passes whole")
  func longList() throws {
    let store = try ResultsStore(path: path)
    var example = ExampleRun(requests: 10)
    example.sink.allocations[0].gpus = Array(0..<300_000)
    example.sink.allocations.append(example.sink.allocations[1])
    example.summarize()
    let run = try example.commit(to: store)
    var allocations: [AllocationRecord] = []
    try store.allocations(ofRun: run) { allocations.append($0) }
    #expect(allocations == example.sink.allocations)
    #expect(try store.verify().flatMap(\.faults) == [])
  }

  @Test("What comes out of a spool is what went in, in the same order")
  func order() throws {
    let file = try SpoolFile.create(beside: path)
    let spool = RunSpool(file, names: ExampleRun().names, records: .all)
    let example = ExampleRun(requests: 9_000)
    example.play(into: spool)
    var (reader, _) = try spool.finish()
    defer { reader.deallocate() }
    var requests: [RequestRecord] = []
    while try reader.next() == .request { requests.append(reader.takeRequest()) }
    #expect(requests == example.sink.requests)
  }
}
