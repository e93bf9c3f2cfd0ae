import EventKernel
import Scenarios
import Serving
import Testing
import Workload

/// A folder with a trace, and the small scenario whose one workload replays it.
private final class TraceWorld {
  let folder: TraceFolder
  private let name: String

  init(_ trace: String, name: String = "t.csv") throws {
    folder = try TraceFolder()
    self.name = name
    _ = try folder.write(trace.utf8, to: name)
  }

  /// Rows of our own format.
  convenience init(rows: [String]) throws {
    try self.init("arrival_s,prompt_tokens,output_tokens\n" + rows.joined(separator: "\n") + "\n")
  }

  /// The scenario with further keys in `trace` and beside it.
  func text(_ keys: String = "", workload: String = "", duration: String = "1h") -> String {
    let parts = Fixture.small.split(separator: "\"workloads\": [")
    let rest = parts[1].split(separator: "\"schedulers\"")[1]
    let more = keys.isEmpty ? "" : ", " + keys
    let beside = workload.isEmpty ? "" : ", " + workload
    let head = parts[0].replacing(/"duration": "[^"]*"/, with: "\"duration\": \"\(duration)\"")
      .replacing(/"warmup": "[^"]*",?/, with: "")
    return head + "\"workloads\": [{ \"name\": \"w\", \"trace\": { \"file\": \"\(name)\"\(more) }"
      + beside + "}], \"schedulers\"" + rest
  }

  var decoder: ScenarioDecoder {
    ScenarioDecoder(files: InputFiles(folders: [String(folder.path)]))
  }

  func decode(
    _ keys: String = "", workload: String = "", duration: String = "1h"
  ) throws -> DecodedScenario {
    try decoder.decode(
      text: text(keys, workload: workload, duration: duration), fileName: "s.json")
  }

  /// What is wrong, without the places in the scenario.
  func faults(_ keys: String = "", workload: String = "", duration: String = "1h") -> [String] {
    do throws(ScenarioFaults) {
      _ = try decoder.decode(
        text: text(keys, workload: workload, duration: duration), fileName: "s.json")
      return []
    } catch {
      return error.faults.map(\.description)
    }
  }

  /// The requests that a run would see.
  func requests(
    _ keys: String = "", workload: String = "", duration: String = "1h", seed: UInt64 = 1
  ) throws -> [ArrivingRequest] {
    var stream = try decode(keys, workload: workload, duration: duration).scenario.source
      .open(seed: seed)
    var requests: [ArrivingRequest] = []
    while let time = stream.nextArrival, let request = stream.next() {
      #expect(request.arrival == time)
      requests.append(request)
    }
    #expect(stream.fault == nil)
    return requests
  }

  /// Arrivals in milliseconds.
  func times(_ keys: String = "", workload: String = "", duration: String = "1h") throws -> [Int64]
  {
    try requests(keys, workload: workload, duration: duration).map { $0.arrival / 1_000_000 }
  }
}

@Suite("Workloads that replay traces")
struct TraceScenarioTests {
  static let rows = ["0,10,1", "1,20,2", "1,30,3", "2.5,40,4", "10,50,5"]

  @Test("Every row is a request at its time with its lengths")
  func whole() throws {
    let requests = try TraceWorld(rows: Self.rows).requests()
    #expect(requests.map(\.arrival) == [0, 1, 1, 2.5, 10].map { Nanoseconds($0 * 1e9) })
    #expect(requests.map(\.promptTokens) == [10, 20, 30, 40, 50])
    #expect(requests.map(\.outputTokens) == [1, 2, 3, 4, 5])
    #expect(requests.allSatisfy { $0.workload == 0 && $0.session == -1 })
  }

  @Test("The duration cuts the trace, and may be the trace's own")
  func duration() throws {
    let world = try TraceWorld(rows: Self.rows)
    #expect(try world.times(duration: "2500ms") == [0, 1_000, 1_000])
    #expect(try world.decode(duration: "trace").scenario.duration == 11_000_000_000)
    #expect(try world.times(duration: "trace").count == 5)
    // Twice as fast, the last request comes at 5 s exactly, which is before 6 s.
    let fast = try world.decode("\"rateScale\": 2", duration: "trace").scenario
    #expect(fast.duration == 6_000_000_000)
    #expect(
      try world.decode("\"loop\": 3", duration: "trace").scenario.duration == 36_000_000_000)
    #expect(
      world.faults("\"loop\": true", duration: "trace") == [
        "duration: found \"trace\", needs a time, because no trace here tells when its last request "
          + "arrives"
      ])
  }

  @Test("A slice begins the run, a limit ends it")
  func slice() throws {
    let world = try TraceWorld(rows: Self.rows)
    #expect(try world.times("\"start\": \"1s\"") == [0, 0, 1_500, 9_000])
    #expect(try world.times("\"start\": \"1s\", \"length\": \"1500ms\"") == [0, 0])
    #expect(try world.times("\"limit\": 2") == [0, 1_000])
    #expect(
      world.faults("\"start\": \"11s\"") == [
        "workloads[0].trace.file: found no request in the slice, needs at least one"
      ])
  }

  @Test("A rate scale divides the times")
  func rateScale() throws {
    let world = try TraceWorld(rows: Self.rows)
    #expect(try world.times("\"rateScale\": 2.5") == [0, 400, 400, 1_000, 4_000])
    #expect(try world.times("\"rateScale\": 0.5") == [0, 2_000, 2_000, 5_000, 20_000])
  }

  @Test("A loop repeats the slice after its length, or after the last request and a mean gap")
  func loop() throws {
    let world = try TraceWorld(rows: Self.rows)
    // The mean gap is 10 s / 4.
    #expect(
      try world.times("\"loop\": 2")
        == [0, 1_000, 1_000, 2_500, 10_000, 12_500, 13_500, 13_500, 15_000, 22_500])
    #expect(
      try world.times("\"loop\": true, \"length\": \"2s\"", duration: "5s")
        == [0, 1_000, 1_000, 2_000, 3_000, 3_000, 4_000])
    #expect(
      try world.times("\"loop\": 2, \"limit\": 2, \"rateScale\": 2") == [0, 500, 1_000, 1_500])
  }

  @Test("Requests of one instant are spread evenly, up to the next instant at most")
  func spread() throws {
    let world = try TraceWorld(rows: ["0,1,1", "0,1,1", "0,1,1", "3,1,1", "3,1,1", "4,1,1"])
    #expect(try world.times("\"spread\": \"3s\"") == [0, 1_000, 2_000, 3_000, 3_500, 4_000])
    #expect(try world.times("\"spread\": \"300ms\"") == [0, 100, 200, 3_000, 3_150, 4_000])
    let looped = try world.times("\"spread\": \"3s\", \"loop\": 2, \"length\": \"6s\"")
    #expect(looped.count == 12 && looped[6...] == [6_000, 7_000, 8_000, 9_000, 9_500, 10_000])
  }

  @Test("A sample keeps its share, the same for every scheduler, and conversations whole")
  func sample() throws {
    let rows = (0..<10_000).map { "\($0),1,1,\($0 % 500),\($0 / 500)" }
    let world = try TraceWorld(
      "arrival_s,prompt_tokens,output_tokens,session,turn\n" + rows.joined(separator: "\n"))
    let kept = try world.requests("\"sample\": 0.3", duration: "3h")
    #expect(try world.requests("\"sample\": 0.3", duration: "3h") == kept)
    let sessions = Dictionary(grouping: kept, by: \.session)
    #expect(sessions.values.allSatisfy { $0.map(\.turn) == Array(0..<20) })
    // 500 draws with probability 0.3: six standard deviations are 61.
    #expect(abs(sessions.count - 150) < 62)
    #expect(try world.requests("\"sample\": 0.3", duration: "3h", seed: 2) != kept)
    let plain = try TraceWorld(rows: (0..<10_000).map { "\($0),1,1" })
    // 10,000 draws: six standard deviations are 275.
    #expect(abs(try plain.requests("\"sample\": 0.3", duration: "3h").count - 3_000) < 276)
  }

  @Test("Later laps' conversations and prompts are new ones")
  func laps() throws {
    let world = try TraceWorld(
      "arrival_s,prompt_tokens,output_tokens,session,turn,blocks_16\n0,32,1,4,0,a b\n1,16,1,,,a\n")
    var stream = try world.decode("\"loop\": 2").scenario.source.open(seed: 1)
    var sessions: [Int64] = []
    var blocks: [PrefixBlocks] = []
    while let request = stream.next() {
      sessions.append(request.session)
      blocks.append(stream.prefixBlocks)
    }
    #expect(sessions == [4, -1, 9, -1])
    #expect(blocks.allSatisfy { $0.tokensPerBlock == 16 })
    #expect(blocks[0].hashes == [0xa, 0xb] && blocks[1].hashes == [0xa])
    #expect(blocks[2].hashes[0] == blocks[3].hashes[0] && blocks[2].hashes[0] != 0xa)
  }

  @Test("Arrivals beside a trace replace its times and end with its rows")
  func retimed() throws {
    let arrivals = "\"arrivals\": { \"process\": \"constant\", \"rate\": 2 }"
    let world = try TraceWorld("num_prefill_tokens,num_decode_tokens\n7,8\n9,10\n")
    let requests = try world.requests(workload: arrivals)
    #expect(requests.map(\.arrival) == [500_000_000, 1_000_000_000])
    #expect(requests.map(\.promptTokens) == [7, 9])
    #expect(try world.times("\"loop\": true", workload: arrivals, duration: "3s").count == 5)
    #expect(
      world.faults() == [
        "workloads[0].trace.file: found a trace without times, needs \"arrivals\" in the workload, "
          + "which say when"
      ])
    #expect(
      world.faults("\"rateScale\": 2", workload: arrivals) == [
        "workloads[0].trace.rateScale: found it beside \"arrivals\", needs the times of a trace, "
          + "which are not used"
      ])
    let timed = try TraceWorld(rows: Self.rows)
    #expect(try timed.times("\"start\": \"1s\"", workload: arrivals) == [500, 1_000, 1_500, 2_000])
  }

  @Test("What does not go with a trace is told")
  func atOdds() throws {
    let world = try TraceWorld(rows: ["5,1,1", "5,2,2"])
    #expect(
      world.faults() == [
        "workloads[0].trace.file: found 2 requests at one time, 5 s, needs \"arrivals\" in the "
          + "workload, which say when"
      ])
    let length = "{ \"distribution\": \"constant\", \"value\": 5 }"
    #expect(
      try TraceWorld(rows: Self.rows).faults(workload: "\"prompt\": \(length)") == [
        "workloads[0].prompt: a trace brings its own requests; leave it out"
      ])
    #expect(
      try TraceWorld(rows: Self.rows).faults("\"loop\": 0, \"sample\": 0, \"format\": \"azur\"")
        == [
          "workloads[0].trace.loop: found 0, needs true, false or a whole number from 1 to 1,000,000",
          "workloads[0].trace.sample: found 0, needs a number above 0, at most 1",
          "workloads[0].trace.format: found \"azur\", needs a trace's format; did you mean \"azure\"?",
        ])
  }

  @Test("Every broken row is a fault of the scenario; after twenty they are counted")
  func brokenRows() throws {
    let world = try TraceWorld(rows: ["0,1,1"] + Array(repeating: "0,0,1", count: 23))
    let faults = world.faults()
    #expect(faults.count == 21)
    #expect(
      faults.first
        == "workloads[0].trace.file: t.csv:3:3: found 0 prompt tokens, needs a whole number from 1 "
        + "to 10,000,000")
    #expect(faults.last == "workloads[0].trace.file: t.csv: 3 more rows are broken")
  }

  @Test("The canonical scenario holds the content's digest and no folder, and decodes to itself")
  func canonical() throws {
    let world = try TraceWorld(rows: Self.rows)
    let decoded = try world.decode("\"spread\": \"1s\"", duration: "trace")
    #expect(decoded.canonicalJSON.contains("\"file\":\"t.csv\",\"format\":\"simpp\""))
    #expect(!decoded.canonicalJSON.contains(world.folder.path))
    let bytes = "arrival_s,prompt_tokens,output_tokens\n" + Self.rows.joined(separator: "\n") + "\n"
    #expect(decoded.canonicalJSON.contains(SHA256.hexadecimalDigest(of: bytes)))
    let again = try world.decoder.decode(text: decoded.canonicalJSON, fileName: "run 1")
    #expect(again.canonicalJSON == decoded.canonicalJSON && again.digest == decoded.digest)
    _ = try world.folder.write((bytes + "11,1,1\n").utf8, to: "t.csv")
    #expect(try world.decode("\"spread\": \"1s\"", duration: "trace").digest != decoded.digest)
    let changed = #expect(throws: ScenarioFaults.self) {
      try world.decoder.decode(text: decoded.canonicalJSON, fileName: "run 1")
    }
    #expect(changed?.faults.first?.path == "workloads[0].trace.sha256")
    #expect(changed?.kind == .content)
    let elsewhere = #expect(throws: ScenarioFaults.self) {
      try ScenarioDecoder().decode(text: decoded.canonicalJSON, fileName: "run 1")
    }
    #expect(elsewhere?.kind == .noInput)
    var describing = ScenarioDecoder()
    describing.opensTraces = false
    let described = try describing.decode(text: decoded.canonicalJSON, fileName: "run 1")
    #expect(described.scenario.workloads.map(\.name) == ["w"])
  }

  @Test("A trace that changes or breaks after the check ends the requests with a fault")
  func changed() throws {
    let world = try TraceWorld(rows: Self.rows)
    let source = try world.decode().scenario.source
    func fault() -> String? {
      var stream = source.open(seed: 1)
      while stream.next() != nil {}
      return stream.fault?.description
    }
    #expect(fault() == nil)
    let bytes = "arrival_s,prompt_tokens,output_tokens\n" + Self.rows.joined(separator: "\n") + "\n"
    // The same content, written anew.
    _ = try world.folder.write(bytes.utf8, to: "t.csv")
    #expect(fault() == nil)
    _ = try world.folder.write(bytes.replacing("2.5", with: "2.6").utf8, to: "t.csv")
    #expect(
      fault()
        == "t.csv: has changed since it was checked, needs to stay as it is during a run")
    _ = try world.folder.write(bytes.replacing("2.5", with: "0.5").utf8, to: "t.csv")
    #expect(fault()?.hasPrefix("t.csv:5:1: found time 0.5 s after 1 s") == true)
  }

  @Test("Rows left out and estimated lengths are noted")
  func notes() throws {
    let azure = try TraceWorld(
      "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,1,1\n"
        + "2023-11-16 18:17:04,1,0\n2023-11-16 18:17:05,1,1\n")
    #expect(
      try azure.decode().notes.map(\.sentence) == [
        "1 row is left out: calls without tokens, which have failed"
      ])
    let texts = try TraceWorld(#"{"prompt": "hello", "output_tokens": 3}"#)
    let arrivals = "\"arrivals\": { \"process\": \"constant\", \"rate\": 2 }"
    #expect(
      try texts.decode(workload: arrivals).notes.map(\.sentence) == [
        "lengths are estimated, 4 characters a token"
      ])
  }

  @Test(
    "A last row without its line feed is noted where files of the format have one",
    arguments: [
      ("arrival_s,prompt_tokens,output_tokens\n0,1,1\n1,374,4", true),
      ("arrival_s,prompt_tokens,output_tokens\n0,1,1\n1,374,44\n", false),
      ("arrived_at,num_prefill_tokens,num_decode_tokens\n0,1,1\n1,374,4\r", true),
      ("arrived_at,num_prefill_tokens,num_decode_tokens\n0,1,1\n1,374,44\r\n", false),
      (
        "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03,1,1\n2023-11-16 18:17:05,3,44",
        false
      ),
      (#"{"timestamp":0,"input_length":1,"output_length":44}"#, false),
    ])
  func cut(text: String, isNoted: Bool) throws {
    #expect(
      try TraceWorld(text).decode().notes.map(\.sentence)
        == (isNoted
          ? ["the file ends without a line feed; if it has been cut, its last number may be too"]
          : []))
  }
}
