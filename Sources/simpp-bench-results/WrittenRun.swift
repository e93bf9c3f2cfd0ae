import EventKernel
import Glibc
import Results
import Scenarios
import Serving

/// A run whose records are there already: those of a scenario's first scheduler, its requests
/// repeated with later numbers and times until there are enough.
struct WrittenRun {
  let sink = MemorySink()
  let summary: RunSummary
  let names: RunNames
  /// In the order in which they left the system.
  let rows: [RequestRecord]
  /// In order of their numbers.
  let rowsInOrder: [RequestRecord]

  init(scenario path: String, rows count: Int) throws {
    let decoder = ScenarioDecoder(files: InputFiles(besideScenario: path))
    let decoded = try decoder.decode(text: try ScenarioFile.text(at: path), fileName: path)
    summary = Simulation(scenario: decoded.scenario, scheduler: 0).run(into: sink)
    names = RunNames(decoded.scenario)
    let period = summary.simulated
    let simulated = sink.requests
    rows = (0..<count).map { index in
      var row = simulated[index % simulated.count]
      let round = Int64(index / simulated.count)
      row.requestID += round * Int64(simulated.count)
      row.arrival += round * period
      row.firstToken = row.firstToken.map { $0 + round * period }
      row.finish = row.finish.map { $0 + round * period }
      row.end += round * period
      return row
    }
    rowsInOrder = rows.sorted { $0.requestID < $1.requestID }
  }

  /// The way of a run: every record into the spool, then everything into the file.
  func writeAsRun() throws -> (spool: ProcessorTime, commit: ProcessorTime) {
    let folder = try TemporaryFolder()
    let store = try ResultsStore(path: folder.file("results.sqlite"))
    let begun = ProcessorTime.now
    let spool = try store.spool(for: names)
    for row in rows { spool.record(row) }
    for record in sink.replicas { spool.record(record) }
    for record in sink.stages { spool.record(record) }
    for record in sink.gpus { spool.record(record) }
    for record in sink.links { spool.record(record) }
    for record in sink.allocations { spool.record(record) }
    for record in sink.scalings { spool.record(record) }
    for record in sink.samples { spool.record(record) }
    let spooled = ProcessorTime.now
    let header = RunHeader(
      scenarioDigest: "", scenarioJSON: "{}", version: "",
      provenance: RunProvenance(
        startedAt: "", finishedAt: "", wallSeconds: 0, commandLine: "", operatingSystem: "",
        architecture: "", processors: 0, memoryBytes: 0))
    try store.commit(header, summary: summary, spool: spool)
    return (spooled - begun, .now - spooled)
  }

  /// The request rows alone, through SQLite's C interface into a table of the same definition and
  /// page size, in one transaction; in order of the key, or as they were recorded.
  func writeRaw(inKeyOrder: Bool) throws -> ProcessorTime {
    let folder = try TemporaryFolder()
    let model = folder.file("model.sqlite")
    _ = try ResultsStore(path: model)
    let definition = try RawDatabase(model).definition(ofTable: "request")
    let database = try RawDatabase(folder.file("raw.sqlite"))
    try database.execute(definition)
    let begun = ProcessorTime.now
    try database.execute("BEGIN IMMEDIATE")
    try database.insert(inKeyOrder ? rowsInOrder : rows, names)
    try database.execute("COMMIT")
    return .now - begun
  }
}

/// CPU time of the process in microseconds, in the program and in the kernel.
struct ProcessorTime {
  var user: Int64
  var system: Int64
  var total: Int64 { user + system }

  /// What the process has taken so far.
  static var now: ProcessorTime {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return ProcessorTime(
      user: Int64(usage.ru_utime.tv_sec) * 1_000_000 + Int64(usage.ru_utime.tv_usec),
      system: Int64(usage.ru_stime.tv_sec) * 1_000_000 + Int64(usage.ru_stime.tv_usec))
  }

  static func - (left: ProcessorTime, right: ProcessorTime) -> ProcessorTime {
    ProcessorTime(user: left.user - right.user, system: left.system - right.system)
  }
}

/// A folder of the process's own beside its working folder, removed with the files made in it.
final class TemporaryFolder {
  private let path: String
  private var files: [String] = []

  init() throws {
    var template = Array("simpp-bench-XXXXXX".utf8CString)
    guard let made = mkdtemp(&template) else { throw Failure(text: "no folder can be made here") }
    path = String(cString: made)
  }

  deinit {
    for file in files { unlink(file) }
    rmdir(path)
  }

  func file(_ name: String) -> String {
    files.append(path + "/" + name)
    return path + "/" + name
  }
}

/// Why nothing can be measured.
struct Failure: Error, CustomStringConvertible {
  var text: String
  var description: String { text }
}
