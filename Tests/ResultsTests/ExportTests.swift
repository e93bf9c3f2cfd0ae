import Foundation
import Results
import Testing

@Suite("Exporting")
struct ExportTests {
  let folder: TemporaryFolder
  let store: ResultsStore

  init() throws {
    folder = try TemporaryFolder()
    try folder.write(try CommittedFile.twoRuns.get(), to: "results.sqlite")
    store = try ResultsStore(path: folder.file("results.sqlite"))
  }

  private func export(
    _ table: ResultsTable, ofRun run: Int64? = nil, as format: ExportFormat
  ) throws -> String {
    var bytes: [UInt8] = []
    try store.export(table, ofRun: run, as: format) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test("CSV follows RFC 4180: quoted commas and quotes, CR LF, empty field for NULL")
  func csv() throws {
    let lines = try export(.workload, ofRun: 1, as: .csv).components(separatedBy: "\r\n")
    #expect(lines.count == 5)
    #expect(lines[0].hasPrefix("run_id,position,workload,tenant,model,priority,requests,"))
    #expect(lines[1].hasPrefix("1,0,\"\",,,,20,"))
    #expect(lines[2].hasPrefix("1,1,chat,acme,small,interactive,13,"))
    #expect(lines[3].hasPrefix("1,2,\"batch, \"\"night\"\"\",b,,batch,7,"))
    #expect(lines[4].isEmpty)
  }

  @Test("JSON is an array of objects that a reader understands, with every row")
  func json() throws {
    let data = Data(try export(.workload, as: .json).utf8)
    let rows = try #require(try JSONSerialization.jsonObject(with: data) as? [[String: Any]])
    #expect(rows.count == 6)
    #expect(rows[2]["workload"] as? String == "batch, \"night\"")
    #expect(rows[0]["tenant"] is NSNull)
    #expect(rows[1]["slo_attainment"] as? Double == 0.75)
  }

  @Test("Everything is one JSON object with an array per table and view")
  func everything() throws {
    var bytes: [UInt8] = []
    try store.exportAll { bytes += $0 }
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(bytes)) as? [String: [[String: Any]]])
    #expect(Set(object.keys) == Set(ResultsTable.allCases.map(\.rawValue)))
    #expect(object["request"]?.count == 30)
    #expect(object["run"]?[0]["scenario_json"] as? String == "{\"name\":\"example\"}")
    #expect(object["latency"]?.count == 24)
  }

  @Test("An empty table is an empty array, and a header alone")
  func empty() throws {
    let bare = try ResultsStore(path: folder.file("bare.sqlite"))
    var json: [UInt8] = []
    var csv: [UInt8] = []
    try bare.export(.sample, as: .json) { json += $0 }
    try bare.export(.latency, as: .csv) { csv += $0 }
    #expect(String(decoding: json, as: UTF8.self) == "[]\n")
    #expect(
      String(decoding: csv, as: UTF8.self)
        == "run_id,scheduler,workload,metric,mean_s,p50_s,p90_s,p95_s,p99_s\r\n")
  }

  @Test(
    "Every table and view leaves in the order of its key, the same each time",
    arguments: ResultsTable.allCases)
  func order(table: ResultsTable) throws {
    let first = try export(table, as: .csv)
    #expect(first == (try export(table, as: .csv)))
    let runs = first.split(separator: "\r\n").dropFirst().map { $0.prefix { $0 != "," } }
    #expect(runs == runs.sorted())
    let alone = try export(table, ofRun: 2, as: .csv).split(separator: "\r\n")
    #expect(alone.dropFirst().allSatisfy { $0.hasPrefix("2,") })
    #expect(alone.count > 1)
  }

  @Test("Control characters in a text come out escaped")
  func control() throws {
    try execute(
      "UPDATE run SET scenario = 'a' || char(9, 10, 34, 92, 1) WHERE id = 1",
      on: store.path)
    let text = try export(.run, ofRun: 1, as: .json)
    #expect(text.contains("\"scenario\":\"a\\u0009\\u000a\\\"\\\\\\u0001\""))
  }

  @Test("A large table comes in pieces of bounded size")
  func pieces() throws {
    try ExampleRun(requests: 3_000, scheduler: "big").commit(to: store)
    var sizes: [Int] = []
    try store.export(.request, as: .json) { sizes.append($0.count) }
    #expect(sizes.count > 10)
    #expect(sizes.allSatisfy { $0 < 80_000 })
  }

  @Test("What the receiver throws ends the export and arrives unchanged")
  func receiverThrows() throws {
    struct Closed: Error {}
    #expect(throws: Closed.self) { try store.export(.request, as: .csv) { _ in throw Closed() } }
    #expect(throws: ResultsError.self) { try export(.request, ofRun: 77, as: .csv) }
  }
}
