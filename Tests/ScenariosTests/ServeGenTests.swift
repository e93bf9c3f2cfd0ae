import EventKernel
import Foundation
import Serving
import Testing
import Workload

@testable import Scenarios

/// A folder of ServeGen data that a test writes.
private struct ClientFolder {
  let path: String

  init(_ files: [String: String]) throws {
    path = NSTemporaryDirectory() + "servegen-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    for (name, text) in files {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path + "/" + name))
    }
  }

  func remove() { try? FileManager.default.removeItem(atPath: path) }

  /// The message with which a reader of the data fails; nil when it does not.
  func fault(clients: [Int]? = nil, fallback: RequestLengths? = nil) -> String? {
    do throws(TraceFault) {
      let data = try ServeGenData(folder: path, clients: clients)
      _ = try ServeGenReader(data, seed: 1, name: "w", fallback: fallback)
      return nil
    } catch {
      return error.description
    }
  }
}

/// A file that is wrong, and what is said about it.
private struct BrokenClient: Sendable {
  var trace = "0,1,1,Gamma,1,1\n600,1,1,Gamma,1,1\n"
  var dataset = #"{"0": {"input_tokens": "{5: 1.0}", "output_tokens": "{7: 1.0}"}}"#
  var message: String
}

@Suite("ServeGen client data")
struct ServeGenTests {
  private static let dataset = """
    {
      "0": {"input_tokens": "{5: 0.25, 6: 0.75}", "output_tokens": "{1: 1.0}"},
      "1200": {"input_tokens": "{900: 1.0}", "output_tokens": "{2: 0.5, 3: 0.5}"}
    }
    """

  /// Client 1 sends 300, 0, 60 and 6 requests in windows of 10 min, client 2 a burst.
  private static let files = [
    "chunk-1-trace.csv": """
    0,0.5,1.2,Gamma,0.7,1
    600,0,0,,0,0
    1200,0.1,3,Weibull,0.3,0.01
    1800,0.01,0,,0,0

    """,
    "chunk-1-dataset.json": dataset,
    "chunk-2-trace.csv": "600,2,1,Gamma,1,0.5\r\n1200,0,0,,0,0\r\n",
    "chunk-2-dataset.json": #"{"0": {"input_tokens": "{70: 1}", "output_tokens": "{80: 1}"}}"#,
  ]

  private static func rows(
    _ folder: ClientFolder, seed: UInt64 = 1, from start: Nanoseconds = 0
  ) throws -> [TraceRow] {
    let data = try ServeGenData(folder: folder.path)
    var reader = try ServeGenReader(data, seed: seed, name: "w", from: start)
    var rows: [TraceRow] = []
    while let row = reader.next() { rows.append(row) }
    return rows
  }

  @Test("Each window has exactly the requests that were counted, in order over all clients")
  func counts() throws {
    let folder = try ClientFolder(Self.files)
    defer { folder.remove() }
    let rows = try Self.rows(folder)
    #expect(zip(rows, rows.dropFirst()).allSatisfy { $0.arrival <= $1.arrival })
    func count(_ minutes: Range<Int64>, _ prompts: Set<Int32>) -> Int {
      rows.count {
        prompts.contains($0.promptTokens) && minutes.contains($0.arrival / 60_000_000_000)
      }
    }
    #expect(count(0..<10, [5, 6]) == 300)
    #expect(count(10..<20, [70]) == 1_200)
    #expect(count(20..<30, [900]) == 60)
    #expect(count(30..<40, [900]) == 6)
    #expect(rows.count == 1_566)
    #expect(rows.filter { $0.promptTokens == 70 }.allSatisfy { $0.outputTokens == 80 })
    #expect(rows.filter { $0.promptTokens == 900 }.allSatisfy { 2...3 ~= $0.outputTokens })
  }

  @Test("A start leaves out the windows before it and changes nothing behind it")
  func start() throws {
    let folder = try ClientFolder(Self.files)
    defer { folder.remove() }
    let all = try Self.rows(folder)
    let late = try Self.rows(folder, from: 1_200_000_000_000)
    #expect(late == all.filter { $0.arrival >= 1_200_000_000_000 })
    #expect(late.count == 66)
    #expect(try Self.rows(folder, seed: 2) != all)
  }

  @Test("Gaps have the window's family and shape", arguments: ["Gamma,0.25,1", "Weibull,0.6,1"])
  func gaps(family: String) throws {
    let folder = try ClientFolder([
      "chunk-1-trace.csv": "0,40,2,\(family)\n600,0,0,,0,0\n", "chunk-1-dataset.json": Self.dataset,
    ])
    defer { folder.remove() }
    let times = try Self.rows(folder).map { Double($0.arrival) / 1e9 }
    let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
    let mean = gaps.reduce(0, +) / Double(gaps.count)
    let squares = gaps.map { (gap: Double) -> Double in (gap / mean - 1) * (gap / mean - 1) }
    let cv: Double = squares.reduce(0, +) / Double(gaps.count)
    // Gamma: 1/0.25. Weibull: Γ(1 + 2/0.6)/Γ(1 + 1/0.6)² − 1.
    let theory = family.hasPrefix("Gamma") ? 4 : 3.0907
    let sum: Double = squares.reduce(0) { $0 + ($1 - cv) * ($1 - cv) }
    let error = sum.squareRoot() / Double(gaps.count)
    #expect(abs(cv - theory) < 4 * error, "cv² \(cv)")
    #expect(abs(mean - 0.025) < 0.0005)
  }

  @Test("Clients without lengths take the fallback, or are a fault")
  func fallback() throws {
    var files = Self.files
    files["chunk-2-dataset.json"] = nil
    let folder = try ClientFolder(files)
    defer { folder.remove() }
    #expect(
      folder.fault() == """
        chunk-2-trace.csv: found no chunk-2-dataset.json beside it, needs the client's lengths, or \
        "prompt" and "output" for clients without lengths
        """)
    #expect(folder.fault(clients: [1]) == nil)
    let data = try ServeGenData(folder: folder.path)
    #expect(data.clientsWithoutLengths == [2])
    let eleven = LengthDistribution(distribution: .constant(11))
    var reader = try ServeGenReader(
      data, seed: 1, name: "w", fallback: .separate(prompt: eleven, output: eleven))
    var lengths: [Int32: Int] = [:]
    while let row = reader.next() { lengths[row.promptTokens, default: 0] += 1 }
    #expect(lengths[11] == 1_200)
    #expect(lengths[900] == 66)
  }

  private static let broken = [
    BrokenClient(
      trace: "0,1,1,Gamma,1,1\n600,-1,1,Gamma,1,1\n",
      message: """
        chunk-1-trace.csv:2:5: found "-1", needs a rate in requests per second, from 0 to 1,000,000
        """),
    BrokenClient(
      trace: "0,1,1,Gamma,1,1\n600,1,1,Pareto,1,1\n",
      message: #"chunk-1-trace.csv:2:9: found "Pareto", needs Gamma, Weibull or nothing"#),
    BrokenClient(
      trace: "0,1,1,Gamma,0,1\n600,1,1,Gamma,1,1\n",
      message: "chunk-1-trace.csv:1:13: found a shape of 0, needs at least 0.01"),
    BrokenClient(
      trace: "0,1,1,Gamma,1,1\n600,1,1\n",
      message: "chunk-1-trace.csv:2:8: found the line's end, needs Gamma, Weibull or nothing"),
    BrokenClient(
      trace: "0,1,1,Gamma,1,1,8\n600,1,1,Gamma,1,1\n",
      message: "chunk-1-trace.csv:1:17: found 7 fields, needs 6"),
    BrokenClient(
      trace: "600,1,1,Gamma,1,1\n600,1,1,Gamma,1,1\n",
      message: """
        chunk-1-trace.csv:2:1: found a window that begins at 10m, needs one after 10m
        """),
    BrokenClient(
      trace: "0,1,1,Gamma,1,1\n",
      message: """
        chunk-1-trace.csv: found 1 windows, needs at least two, so that their length is known
        """),
    BrokenClient(
      trace: "0,1,1,Gamma,1,1\n600,1000000,1,,0,0\n2000,1,1,,0,0\n",
      message: """
        chunk-1-trace.csv:2:5: found 1,400,000,000 requests in a window, 1000000 per second over \
        1,400s, needs at most 1,000,000,000
        """),
    BrokenClient(
      dataset: #"{"0": {"input_tokens": "{5: 1.0}"}}"#,
      message: """
        chunk-1-dataset.json:1:7: found no "output_tokens", needs "output_tokens": a text such as \
        {63: 0.2, 64: 0.8}
        """),
    BrokenClient(
      dataset: #"{"0": {"input_tokens": "{5: 0.5, x: 0.5}", "output_tokens": "{}"}}"#,
      message: """
        chunk-1-dataset.json:1:33: found "x: 0.5", needs a length from 1 to 10,000,000, a colon and \
        a probability
        """),
    BrokenClient(
      dataset: #"{"0": {"input_tokens": "{5: 0.5}", "output_tokens": "{}"}}"#,
      message: "chunk-1-dataset.json:1:25: found probabilities that sum to 0.5, needs 1"),
    BrokenClient(
      dataset: #"{"0": {"input_tokens": "{}", "output_tokens": "{5: 1}"}}"#,
      message: """
        chunk-1-dataset.json:1:2: found no lengths for the 600 requests of line 1 of \
        chunk-1-trace.csv, needs them, or "prompt" and "output" for clients without lengths
        """),
    BrokenClient(
      dataset: #"{"0": {"input_tokens": "{5: 1}", "outp"#,
      message:
        "chunk-1-dataset.json:1:39: found the end of the text, needs the closing quote of a string"),
  ]

  @Test("A fault names file, line and column", arguments: broken)
  private func faults(client: BrokenClient) throws {
    let folder = try ClientFolder([
      "chunk-1-trace.csv": client.trace, "chunk-1-dataset.json": client.dataset,
    ])
    defer { folder.remove() }
    #expect(folder.fault() == client.message)
  }

  @Test("A folder without clients, and one that is not there, are faults")
  func noClients() throws {
    let folder = try ClientFolder(["notes.txt": ""])
    defer { folder.remove() }
    let name = folder.path.split(separator: "/").last.map(String.init) ?? ""
    #expect(
      folder.fault() == """
        \(name): is a folder without files chunk-N-trace.csv, needs a trace or a folder of ServeGen \
        client data
        """)
    #expect(throws: TraceFault.self) { _ = try ServeGenData(folder: folder.path + "/none") }
    let other = try ClientFolder(Self.files)
    defer { other.remove() }
    #expect(other.fault(clients: [4]) == "chunk-4-trace.csv: no such file")
  }

  @Test("A workload takes a slice of the data, at another pace, in part")
  func workload() throws {
    let folder = try ClientFolder(Self.files)
    defer { folder.remove() }
    let data = try ServeGenData(folder: folder.path)
    func sent(_ change: (inout ServeGenRequests) -> Void) -> [ArrivingRequest] {
      var source = ServeGenRequests(name: "w", data: data, duration: 10_000_000_000_000)
      change(&source)
      var stream = source.open(seed: 1)
      var requests: [ArrivingRequest] = []
      while let request = stream.next() { requests.append(request) }
      #expect(stream.fault == nil)
      return requests
    }
    let all = sent { _ in }
    #expect(all.map(\.arrival) == (try Self.rows(folder)).map(\.arrival))
    let slice = sent {
      $0.start = 600_000_000_000
      $0.length = 600_000_000_000
    }
    #expect(slice.count == 1_200)
    #expect(slice.allSatisfy { 0..<600_000_000_000 ~= $0.arrival })
    let fast = sent { $0.rateScale = 2 }
    #expect(fast.count == all.count)
    #expect(zip(fast, all).allSatisfy { abs(2 * $0.arrival - $1.arrival) <= 2 })
    let part = sent { $0.sample = 0.25 }
    // 0.25 · 1,566 ± four standard deviations.
    #expect(abs(Double(part.count) - 391.5) < 4 * 17.13)
    let short = sent { $0.duration = 300_000_000_000 }
    #expect(short == all.filter { $0.arrival < 300_000_000_000 })
  }

  @Test("Requests slowed down beyond all times never come")
  func slowest() throws {
    let folder = try ClientFolder([
      "chunk-1-trace.csv": "0,0.001,1,,0,0\n20000,0.01,1,,0,0\n",
      "chunk-1-dataset.json": Self.dataset,
    ])
    defer { folder.remove() }
    // The second window's requests come after 20,000 s / 1e-6, 634 years.
    var stream = ServeGenRequests(
      name: "w", data: try ServeGenData(folder: folder.path), rateScale: 1e-6,
      duration: Limit.time
    ).open(seed: 1)
    while let request = stream.next() { #expect(request.arrival < Limit.time) }
    #expect(stream.fault == nil)
  }

  @Test("A folder is a trace for every reader of traces; clients without lengths are left out")
  func traceReader() throws {
    var files = Self.files
    files["chunk-2-dataset.json"] = nil
    let folder = try ClientFolder(files)
    defer { folder.remove() }
    #expect(try TraceFile.format(ofFileAt: folder.path) == .servegen)
    var reader = try TraceFile.open(path: folder.path)
    var count = 0
    var last: Nanoseconds = 0
    while let row = try reader.next() {
      #expect(row.arrival >= last)
      last = row.arrival
      count += 1
    }
    #expect(count == 366)
  }

  @Test("A scenario names a folder, and keeps the digest of what is in it")
  func scenario() throws {
    let folder = try ClientFolder(Self.files)
    defer { folder.remove() }
    let name = folder.path.split(separator: "/").last.map(String.init) ?? ""
    let start = Fixture.small.replacing(
      #""arrivals": { "process": "poisson", "rate": 2 },"#,
      with: #""trace": { "file": "\#(name)", "format": "servegen", "clients": [2, 1] },"#)
    func decoded(_ files: InputFiles, _ text: String? = nil) throws -> DecodedScenario {
      try ScenarioDecoder(files: files).decode(text: text ?? start, fileName: "s.json")
    }
    let files = InputFiles(folders: [NSTemporaryDirectory()])
    let scenario = try decoded(files)
    #expect(try decoded(InputFiles(folders: [folder.path])).digest == scenario.digest)
    var stream = scenario.scenario.source.open(seed: 1)
    var count = 0
    while stream.next() != nil { count += 1 }
    // The duration is 10 min.
    #expect(count == 300)
    #expect(try decoded(files, scenario.canonicalJSON).digest == scenario.digest)
    try Data("0,0.4,1.2,Gamma,0.7,1\n600,0,0,,0,0\n".utf8).write(
      to: URL(fileURLWithPath: folder.path + "/chunk-1-trace.csv"))
    #expect(try decoded(files).digest != scenario.digest)
    #expect(throws: ScenarioFaults.self) { _ = try decoded(files, scenario.canonicalJSON) }
    #expect(throws: ScenarioFaults.self) { _ = try decoded(InputFiles(folders: ["/none"])) }
  }

  @Test("Client data that are broken and data that are not there are told apart")
  func kinds() throws {
    func faults(_ files: [String: String], clients: String) throws -> ScenarioFaults? {
      let folder = try ClientFolder(files)
      defer { folder.remove() }
      let name = folder.path.split(separator: "/").last.map(String.init) ?? ""
      let text = Fixture.small.replacing(
        #""arrivals": { "process": "poisson", "rate": 2 },"#,
        with: #""trace": { "file": "\#(name)", "format": "servegen", "clients": \#(clients) },"#)
      return #expect(throws: ScenarioFaults.self) {
        try ScenarioDecoder(files: InputFiles(folders: [NSTemporaryDirectory()]))
          .decode(text: text, fileName: "s.json")
      }
    }
    let absent = try faults(Self.files, clients: "[7]")
    #expect(absent?.kind == .noInput)
    #expect(absent?.description.contains("chunk-7-trace.csv: no such file") == true)
    var files = Self.files
    files["chunk-1-trace.csv"] = "0,x,1,,0,0\n600,1,1,,0,0\n"
    let broken = try faults(files, clients: "[1]")
    #expect(broken?.kind == .content)
    #expect(broken?.description.contains("chunk-1-trace.csv:1:3: found \"x\"") == true)
  }

  @Test("Lengths may be drawn from the column of a trace")
  func lengthsOfATrace() throws {
    let folder = try ClientFolder([
      "t.csv": "arrival_s,prompt_tokens,output_tokens\n0,5,70\n1,9,80\n2,5,90\n3,5,80\n"
    ])
    defer { folder.remove() }
    let text = Fixture.small.replacing(
      #""distribution": "constant", "value": 500"#,
      with: #""distribution": "trace", "file": "t.csv", "column": "prompt""#)
    let decoder = ScenarioDecoder(files: InputFiles(folders: [folder.path]))
    let scenario = try decoder.decode(text: text, fileName: "s.json")
    let prompt = LengthDistribution(
      distribution: .table(ValueTable(values: [5, 9], weights: [3, 1])))
    let output = LengthDistribution(distribution: .constant(100))
    #expect(
      scenario.scenario.workloads[0].drawn?.lengths == .separate(prompt: prompt, output: output))
    let again = try decoder.decode(text: scenario.canonicalJSON, fileName: "s.json")
    #expect(again.digest == scenario.digest)
  }

  @Test(
    "Real clients send the requests that were counted",
    .enabled(if: sharedData != nil, "SIMPP_DATA_DIR names no data"))
  func realClients() throws {
    let folder = (sharedData ?? "") + "/traces/servegen/m-small"
    let data = try ServeGenData(folder: folder)
    #expect(data.clientNumbers == [13, 14, 18, 38])
    #expect(data.clientsWithoutLengths == [38])
    #expect(data.extent == 0..<1_209_600_000_000_000)
    // The sums of rate · 600 s over each file, by awk.
    let sums = data.clients.map { $0.windows.reduce(0) { $0 + $1.count } }
    #expect(sums == [7_678_734, 125_181_546, 17_395_888, 311_068_156])
    let known = try ServeGenData(folder: folder, clients: [13, 14, 18])
    // Windows 1,500 and 1,501 of 10 min, from 900,000 s on.
    let start: Nanoseconds = 900_000_000_000_000
    var reader = try ServeGenReader(known, seed: 1, name: "w", from: start)
    let windows = known.clients.flatMap { $0.windows[1_500...1_501] }
    let expected = windows.reduce(0) { $0 + $1.count }
    var count: Int64 = 0
    var last = start
    while let row = reader.next(), row.arrival < start + 1_200_000_000_000 {
      #expect(row.arrival >= last)
      last = row.arrival
      count += 1
    }
    #expect(count == expected)
    #expect(count > 1_000)
  }
}
