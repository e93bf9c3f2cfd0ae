import Hardware
import Testing

@Suite("Tables of collectives")
struct CollectiveTableTests {
  @Test("Times between sizes lie on a straight line, before the first and beyond the last too")
  func lines() {
    let table = Self.table(bytes: [1_024, 2_048, 8_192], nanoseconds: [5_000, 6_000, 18_000])
    let points = [
      (1.0, 5_000.0), (1_024, 5_000), (1_536, 5_500), (2_048, 6_000), (5_120, 12_000),
      (8_192, 18_000), (14_336, 30_000),
    ]
    for (bytes, time) in points {
      #expect(abs(table.nanoseconds(bytes: bytes) - time) < 1e-6, "\(bytes)")
    }
  }

  @Test("What noise adds to a shorter message than a quicker longer one is left out")
  func noise() {
    let table = Self.table(bytes: [1, 2, 3, 4, 5], nanoseconds: [90, 40, 120, 43, 50])
    #expect(table.nanoseconds == [40, 40, 43, 43, 50])
  }

  @Test("Every GPU of a measured set has each operation, as text and back")
  func texts() throws {
    for tables in CollectiveTables.all {
      #expect(!tables.source.isEmpty && tables.tables.count >= 4)
      let read = try CollectiveTables(json: tables.json)
      #expect(read == tables)
      #expect(read.json == tables.json)
      for table in tables.tables { #expect((11...16).contains(table.bytes.count)) }
    }
    let operations = Set(CollectiveTables.h100SXM.tables.map(\.operation))
    #expect(operations == Set(CollectiveOperation.allCases))
  }

  @Test(
    "What is wrong with a text of tables is told with its place",
    arguments: [
      ("{", "needs"), ("[]", "found an empty list, needs an object"),
      ("{\"collectives\": 2}", "collectives: found 2, needs 1"),
      ("{\"collectives\": 1}", "needs a key gpu"),
      (text(""), "tables: found nothing"), (text("{\"speed\": 1}"), "speed: found 1, needs one of"),
      (text(entry(ranks: "1")), "ranks: found 1, needs a whole number from 2 to 1,024"),
      (text(entry(link: "fibre")), "link: found \"fibre\", needs one of nvlink, pcie"),
      (text(entry(bytes: "2, 1")), "bytes: found a list of 2, needs ascending sizes above 0"),
      (text(entry(times: "1")), "microseconds: found a list of 1, needs 2 times above 0"),
      (text(entry(times: "1, 0")), "microseconds: found a list of 2, needs 2 times above 0"),
      (text(entry() + "," + entry()), "tables[1]: found an object, needs each link, operation"),
    ])
  func faults(text: String, message: String) {
    let fault = #expect(throws: ProfileFault.self) { try CollectiveTables(json: text) }
    let sentence = fault?.sentence ?? "no fault"
    if message.contains("found nothing") {
      #expect(sentence.hasPrefix("tables"), "\(sentence)")
    } else {
      #expect(sentence.contains(message), "\(sentence)")
    }
  }

  @Test("An all-reduce sends 2(n − 1)/n of its message, the others (n − 1)/n, a send all of it")
  func shares() {
    #expect(CollectiveOperation.allReduce.share(ranks: 8) == 1.75)
    #expect(CollectiveOperation.allGather.share(ranks: 4) == 0.75)
    #expect(CollectiveOperation.allToAll.share(ranks: 2) == 0.5)
    #expect(CollectiveOperation.sendReceive.share(ranks: 2) == 1)
    #expect(CollectiveOperation.allReduce.share(ranks: 1) == 0)
    // A switch that sums leaves an all-reduce one way.
    #expect(CollectiveOperation.allReduce.leastShare(ranks: 8) == 1)
  }

  private static func table(bytes: [Double], nanoseconds: [Double]) -> CollectiveTable {
    CollectiveTable(
      link: .nvlink, operation: .allGather, implementation: .nccl, ranks: 4, bytes: bytes,
      nanoseconds: nanoseconds)
  }

  private static func text(_ tables: String) -> String {
    "{\"collectives\": 1, \"gpu\": \"x\", \"source\": \"y\", \"tables\": "
      + (tables.isEmpty ? "null" : "[\(tables)]") + "}"
  }

  private static func entry(
    link: String = "nvlink", ranks: String = "2", bytes: String = "1, 2", times: String = "1, 2"
  ) -> String {
    "{\"link\": \"\(link)\", \"operation\": \"all-reduce\", \"implementation\": \"nccl\", "
      + "\"ranks\": \(ranks), \"bytes\": [\(bytes)], \"microseconds\": [\(times)]}"
  }
}
