import GRDB
import Serving

extension ResultsStore {
  /// Every run, in order of its id.
  public func runs() throws(ResultsError) -> [StoredRun] {
    try read { db in try Self.runs(db, path, only: nil) }
  }

  /// The run with an id.
  public func run(_ id: Int64) throws(ResultsError) -> StoredRun {
    try read { db in try self.run(id, db) }
  }

  /// The id of the run with a key, nil when the file has none: what is there need not run again.
  public func id(of key: RunKey) throws(ResultsError) -> Int64? {
    try read { db in try Self.id(of: key, db) }
  }

  /// The canonical scenario of a run, for running it again.
  public func scenarioJSON(ofRun run: Int64) throws(ResultsError) -> String {
    try read { db in
      let sql = "SELECT scenario_json FROM run WHERE id = ?"
      guard let text = try String.fetchOne(db, sql: sql, arguments: [run]) else { throw noRun(run) }
      return text
    }
  }

  /// When, where and how a run was made.
  public func provenance(ofRun run: Int64) throws(ResultsError) -> RunProvenance {
    try read { db in
      var row = try RowReader(db, .provenance, path: path, run: run)
      guard try row.next() else { throw noRun(run) }
      row.skip()
      let (started, finished, wall) = (try row.text(), try row.text(), try row.real())
      row.skip()
      row.skip()
      return RunProvenance(
        startedAt: started, finishedAt: finished, wallSeconds: wall, commandLine: try row.text(),
        operatingSystem: try row.text(), architecture: try row.text(),
        processors: Int(try row.int64()), memoryBytes: try row.int64())
    }
  }

  /// What the numbers in a run's records mean.
  public func names(ofRun run: Int64) throws(ResultsError) -> RunNames {
    try read { db in try names(ofRun: run, db) }
  }

  func names(ofRun run: Int64, _ db: Database) throws -> RunNames {
    var names = RunNames(workloads: [], models: [])
    var row = try RowReader(db, .model, path: path, run: run)
    while try row.next() {
      row.skip()
      row.skip()
      names.models.append(try row.text())
    }
    row = try RowReader(db, .workload, path: path, run: run)
    while try row.next() {
      row.skip()
      if try row.int64() == 0 { continue }
      names.workloads.append(
        WorkloadLabels(
          name: try row.text(), tenant: try row.text(), model: try row.optionalText(),
          priority: try row.text()))
    }
    return names
  }

  func run(_ id: Int64, _ db: Database) throws -> StoredRun {
    guard let run = try Self.runs(db, path, only: id).first else { throw noRun(id) }
    return run
  }

  static func id(of key: RunKey, _ db: Database) throws -> Int64? {
    try Int64.fetchOne(
      db,
      sql: """
        SELECT id FROM run WHERE scenario_digest = ? AND scheduler = ? AND seed = ?
          AND replication = ? AND version = ?
        """,
      arguments: [
        key.scenarioDigest, key.scheduler, Int64(bitPattern: key.seed), key.replication,
        key.version,
      ])
  }

  static func runs(_ db: Database, _ path: String, only id: Int64?) throws -> [StoredRun] {
    var row = try RowReader(
      db, .run, path: path,
      sql: """
        SELECT id, scenario, scenario_digest, scheduler, seed, replication, version, digest, state,
          records, requests, completed, simulated_ns
        FROM run LEFT JOIN run_total ON run_id = id WHERE ?1 IS NULL OR id = ?1 ORDER BY id
        """, arguments: [id])
    var runs: [StoredRun] = []
    while try row.next() {
      runs.append(
        StoredRun(
          id: try row.int64(), scenario: try row.text(),
          key: RunKey(
            scenarioDigest: try row.text(), scheduler: try row.text(),
            seed: UInt64(bitPattern: try row.int64()), replication: Int(try row.int64()),
            version: try row.text()),
          digest: try row.text(), state: try row.word(of: Words.states),
          records: try row.word(of: Words.records), requests: try row.int64(),
          completed: try row.int64(), simulated: try row.int64()))
    }
    return runs
  }
}
