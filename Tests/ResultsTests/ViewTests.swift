import EventKernel
import Results
import Serving
import Testing

@Suite("What SQL sees")
struct ViewTests {
  let folder: TemporaryFolder
  let path: String
  let example = ExampleRun()

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("results.sqlite")
    try folder.write(try CommittedFile.oneRun.get(), to: "results.sqlite")
  }

  @Test("For every request the eleven parts sum to its time, up to its first token as well")
  func partsSum() throws {
    func sum(_ prefix: String) -> String {
      LatencyLabel.allCases.map { "\(prefix)\($0.name)_ns" }.joined(separator: " + ")
    }
    let wrong = "SELECT count(*) FROM request WHERE \(sum("")) <> end_ns - arrival_ns"
    #expect(try number(wrong, in: path) == 0)
    let wrongFirst =
      "SELECT count(*) FROM request WHERE \(sum("ttft_")) <> first_token_ns - arrival_ns"
    #expect(try number(wrongFirst, in: path) == 0)
    #expect(try number("SELECT count(*) FROM request", in: path) == 200)
  }

  @Test("latency holds mean and nearest-rank percentiles of the request rows")
  func latency() throws {
    // Seventeen rejected or unfinished of 200: ranks 100 and 180 fall among completed requests.
    let mean = try #require(
      try number(
        """
        SELECT avg(finish_ns - arrival_ns) / 1e9 FROM request WHERE status = 'completed'
        """, in: path))
    let view = "FROM latency WHERE run_id = 1 AND scheduler = 'tp4' AND workload = ''"
    let stored = try #require(
      try number("SELECT mean_s \(view) AND metric = 'e2e'", in: path))
    #expect(abs(stored - mean) <= 1e-12)
    for (column, rank) in [("p50_s", 100), ("p90_s", 180)] {
      let expected = try number(
        """
        SELECT (finish_ns - arrival_ns) / 1e9 FROM request WHERE status = 'completed'
        ORDER BY 1 LIMIT 1 OFFSET \(rank - 1)
        """, in: path)
      #expect(try number("SELECT \(column) \(view) AND metric = 'e2e'", in: path) == expected)
      #expect(expected != nil)
    }
  }

  @Test("A percentile that falls among missed requests is NULL")
  func missed() throws {
    let sql = "SELECT p99_s FROM latency WHERE workload = '' AND metric = 'ttft'"
    #expect(try number(sql, in: path) == nil)
    #expect(try number(sql.replacing("p99_s", with: "p50_s"), in: path) != nil)
  }

  @Test("latency has the rows of every workload and metric")
  func latencyRows() throws {
    #expect(try number("SELECT count(*) FROM latency", in: path) == 12)
  }

  @Test("decomposition is the mean of each part over completed requests, and its share")
  func decomposition() throws {
    for label in LatencyLabel.allCases {
      let expected = try #require(
        try number(
          """
          SELECT avg(\(label.name)_ns) / 1e9 FROM request
          WHERE status = 'completed' AND workload = 'chat'
          """, in: path))
      let row = "FROM decomposition WHERE workload = 'chat' AND band = 'all' AND part"
      let stored = try #require(
        try number("SELECT seconds \(row) = '\(label.name)'", in: path))
      #expect(abs(stored - expected) <= 1e-12)
      #expect(
        try text("SELECT component \(row) = '\(label.name)'", in: path)
          == label.component.rawValue)
    }
  }

  @Test("The bands of decomposition are the requests at or above that quantile of e2e")
  func bands() throws {
    let done = example.sink.requests.filter { $0.status == .completed }
    for (band, percent) in [("p90", 90), ("p99", 99)] {
      let tail = example.atOrAbove(percent, done)
      let mean = Double(tail.reduce(0) { $0 + $1.parts.queue }) / Double(tail.count) / 1e9
      let stored = try number(
        """
        SELECT seconds FROM decomposition
        WHERE workload = '' AND band = '\(band)' AND part = 'queue'
        """, in: path)
      #expect(stored == mean)
    }
  }

  @Test("The shares of each workload and band sum to one")
  func shares() throws {
    let sql = """
      SELECT count(*) FROM (
        SELECT sum(share) AS total FROM decomposition GROUP BY run_id, workload, band
      ) WHERE abs(total - 1) < 1e-12
      """
    #expect(try number(sql, in: path) == 9)
    let first = "SELECT sum(share) FROM ttft_decomposition WHERE workload = 'chat'"
    let total = try #require(try number(first, in: path))
    #expect(abs(total - 1) < 1e-12)
  }

  @Test("Three requests give the figures that one works out by hand")
  func byHand() throws {
    var run = ExampleRun(requests: 0, scheduler: "hand")
    for (id, seconds) in [1, 2, 6].enumerated() {
      var record = RequestRecord()
      record.requestID = Int64(id)
      record.outputTokens = 5
      record.parts.queue = Int64(seconds) * 250_000_000
      record.parts.compute = Int64(seconds) * 750_000_000
      record.firstTokenParts.queue = record.parts.queue
      record.firstToken = record.parts.queue
      record.end = record.parts.total
      record.finish = record.end
      run.sink.requests.append(record)
    }
    run.summarize()
    try run.commit(to: try ResultsStore(path: path))
    let view = "FROM latency WHERE scheduler = 'hand' AND workload = 'chat' AND metric ="
    #expect(try number("SELECT mean_s \(view) 'e2e'", in: path) == 3)
    #expect(try number("SELECT p50_s \(view) 'e2e'", in: path) == 2)
    #expect(try number("SELECT p99_s \(view) 'e2e'", in: path) == 6)
    #expect(try number("SELECT mean_s \(view) 'ttft'", in: path) == 0.75)
    #expect(try number("SELECT p50_s \(view) 'tpot'", in: path) == 0.375)
    let part = "FROM decomposition WHERE scheduler = 'hand' AND workload = 'chat' AND part ="
    #expect(try number("SELECT seconds \(part) 'queue' AND band = 'all'", in: path) == 0.75)
    #expect(try number("SELECT share \(part) 'queue' AND band = 'all'", in: path) == 0.25)
    #expect(try number("SELECT seconds \(part) 'compute' AND band = 'p90'", in: path) == 4.5)
  }

  @Test("The views serve without request rows as well")
  func withoutRows() throws {
    let bare = folder.file("bare.sqlite")
    try example.commit(to: try ResultsStore(path: bare), records: .none)
    #expect(try number("SELECT count(*) FROM request", in: bare) == 0)
    for view in ResultsTable.allCases where view.isView {
      let without = try exported(view, from: bare)
      let with = try exported(view, from: path)
      #expect(without == with)
      #expect(without.count > 200)
    }
  }

  private func exported(_ table: ResultsTable, from path: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    let store = try ResultsStore(path: path, access: .reading)
    try store.export(table, as: .csv) { bytes += $0 }
    return bytes
  }

  @Test("run and request have the columns that the contract names")
  func columns() throws {
    func columns(_ table: String) throws -> String? {
      try text("SELECT group_concat(name, ' ') FROM pragma_table_info('\(table)')", in: path)
    }
    #expect(
      try columns("run")
        == "id scenario scenario_digest scheduler seed replication digest scenario_json "
        + "version state"
    )
    let parts = LatencyLabel.allCases.map { "\($0.name)_ns" }.joined(separator: " ")
    let first = LatencyLabel.allCases.map { "ttft_\($0.name)_ns" }.joined(separator: " ")
    #expect(
      try columns("request")
        == "run_id request_id workload tenant session model priority arrival_ns first_token_ns "
        + "finish_ns end_ns prompt_tokens cached_tokens output_tokens status reason attempts "
        + "replica_id \(parts) \(first) batch_interference_ns")
    #expect(
      try columns("latency")
        == "run_id scheduler workload metric mean_s p50_s p90_s p95_s p99_s")
    #expect(
      try columns("decomposition") == "run_id scheduler workload band component part seconds share")
  }
}
