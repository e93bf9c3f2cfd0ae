import GRDB
import Serving

extension ResultsStore {
  /// Recomputes every run's digest from its rows, and checks what must add up.
  ///
  /// - Parameter progress: Called after each run with how many are done and how many there are.
  /// - Returns: What was found, run by run, in order of their ids.
  /// - Throws: A file that cannot be read; what its rows contradict is in the runs returned.
  public func verify(
    progress: ((_ done: Int, _ of: Int) -> Void)? = nil
  ) throws(ResultsError) -> [VerifiedRun] {
    let runs = try self.runs()
    var verified: [VerifiedRun] = []
    for run in runs {
      verified.append(try read { db in try verify(run, db) })
      progress?(verified.count, runs.count)
    }
    return verified
  }

  private func verify(_ run: StoredRun, _ db: Database) throws -> VerifiedRun {
    var result = VerifiedRun(run: run)
    for check in RowCheck.all {
      let count = try Int64.fetchOne(db, sql: check.sql, arguments: ["run": run.id]) ?? 0
      if count > 0 { result.faults.append("\(count) \(check.contradiction)") }
    }
    do {
      try verifyDigest(into: &result, db)
      let summary = try summary(ofRun: run.id, db)
      for workload in [summary.overall] + summary.workloads {
        result.faults += MetricCheck.contradictions(in: workload)
      }
    } catch let fault as ResultsError where fault.kind == .badContent {
      result.faults.append(fault.expected.map { "\(fault.found); expected \($0)" } ?? fault.found)
    }
    return result
  }

  /// Adds every record to a fresh digest, in whatever order: its sum does not depend on it.
  private func verifyDigest(into result: inout VerifiedRun, _ db: Database) throws {
    let run = result.run
    let names = try names(ofRun: run.id, db)
    let reader = RecordReader(db, path: path, run: run.id, names: names)
    var digest = RunDigest(
      workloadNames: names.workloads.map(\.name),
      asksSeveralModels: names.workloads.map { $0.model == nil }, modelNames: names.models)
    var tally = RequestTally()
    try reader.requests {
      digest.add($0.record)
      tally.add($0, names: names, kept: run.records)
    }
    result.faults += tally.contradictions
    try reader.replicas { digest.add($0) }
    try reader.allocations { digest.add($0) }
    try reader.scalings { digest.add($0) }
    digest.add(itl: try summary(ofRun: run.id, db).overall.itlHistogram)
    guard run.records == .all else {
      result.notes.append(
        "digest not verifiable from rows: request rows were not kept (records \(run.records))")
      return
    }
    result.recomputedDigest = digest.text
    if digest.text != run.digest {
      result.faults.append("digest: the rows give \(digest.text), stored is \(run.digest)")
    }
  }
}

/// What the request rows of a run must satisfy one by one.
private struct RequestTally {
  private var unbalanced: [Int64] = []
  private var unbalancedFirstToken: [Int64] = []
  private var mislabelled: [Int64] = []
  private var unexpected: [Int64] = []

  mutating func add(_ request: StoredRequest, names: RunNames, kept: RecordsKept) {
    let record = request.record
    if total(record.parts) != record.end &- record.arrival { unbalanced.append(record.requestID) }
    let untilFirstToken = record.firstToken.map { $0 &- record.arrival } ?? 0
    if total(record.firstTokenParts) != untilFirstToken {
      unbalancedFirstToken.append(record.requestID)
    }
    var labels = names.workloads[Int(record.workload)]
    // Where its workload asks for several models any of them is right.
    if labels.model == nil { labels.model = request.labels.model }
    if request.labels != labels {
      mislabelled.append(record.requestID)
    }
    if !kept.keeps(request: record.requestID) { unexpected.append(record.requestID) }
  }

  /// Wraps around, since a changed file may hold anything.
  private func total(_ parts: LatencyParts) -> Int64 {
    LatencyLabel.allCases.reduce(0) { $0 &+ parts[$1] }
  }

  var contradictions: [String] {
    let found = [
      (unbalanced, "whose eleven parts do not sum to end_ns − arrival_ns"),
      (unbalancedFirstToken, "whose ttft parts do not sum to first_token_ns − arrival_ns"),
      (mislabelled, "whose tenant, model or priority is not its workload's"),
      (unexpected, "that the run's choice of records leaves out"),
    ]
    return found.filter { !$0.0.isEmpty }.map { ids, what in
      "\(ids.count) requests \(what) (first: request \(ids[0]))"
    }
  }
}
