import GRDB
public import Serving

extension ResultsStore {
  /// What a run says as a whole, rebuilt from the tables: equal to what was committed.
  public func summary(ofRun run: Int64) throws(ResultsError) -> RunSummary {
    try read { db in try summary(ofRun: run, db) }
  }

  func summary(ofRun run: Int64, _ db: Database) throws -> RunSummary {
    let stored = try self.run(run, db)
    var summary = RunSummary()
    summary.scenario = stored.scenario
    summary.scheduler = stored.key.scheduler
    summary.seed = stored.key.seed
    summary.replication = stored.key.replication
    summary.digest = stored.digest
    summary.state = stored.state
    try readTotals(run, into: &summary, db)
    var workloads = try workloadSummaries(run, db)
    try readMetrics(run, into: &workloads, db)
    try readDecompositions(run, into: &workloads, db)
    guard let overall = workloads.first else {
      throw ResultsError(
        .badContent, path: path, found: "run \(run) without rows in workload", expected: "some")
    }
    summary.overall = overall
    summary.workloads = Array(workloads.dropFirst())
    return summary
  }

  private func readTotals(_ run: Int64, into summary: inout RunSummary, _ db: Database) throws {
    var row = try RowReader(db, .runTotal, path: path, run: run)
    guard try row.next() else { throw noRun(run) }
    row.skip()
    row.skip()
    summary.requests = try row.int64()
    summary.completed = try row.int64()
    summary.rejected = try row.int64()
    summary.failed = try row.int64()
    summary.unfinished = try row.int64()
    summary.simulated = try row.int64()
    summary.gpuHours = try row.real()
    summary.gpuUtilization = try row.optionalReal()
    summary.bubbleFraction = try row.optionalReal()
    summary.costUSD = try row.real()
    summary.coldStarts = try row.int64()
    summary.preemptions = try row.int64()
    summary.allocationsGranted = try row.int64()
    summary.meanAllocationWaitSeconds = try row.real()
    summary.meanBackgroundWaitSeconds = try row.real()
    summary.steps = try row.int64()
    summary.mfu = try row.optionalReal()
    summary.mbu = try row.optionalReal()
    summary.linkShare = try row.optionalReal()
    summary.bubble = try row.bubbles()
    summary.straggler = try straggler(&row)
    summary.rejections = try Self.rejections(&row)
    summary.prefixCache = try row.prefixCache()
    summary.weights = try row.weights()
    row = try RowReader(db, .tier, path: path, run: run)
    while try row.next() {
      row.skip()
      row.skip()
      summary.prefixCache?.tiers.append(try row.tier())
    }
    try readPlacement(run, into: &summary, db)
    let sql = "SELECT events FROM provenance WHERE run_id = ?"
    summary.events = try Int64.fetchOne(db, sql: sql, arguments: [run]) ?? 0
  }

  private func straggler(_ row: inout RowReader) throws -> Straggler? {
    let (replica, stage) = (try row.optionalInt64(), try row.optionalInt64())
    let (ratio, word) = (try row.optionalReal(), try row.optionalText())
    guard let replica, let stage, let ratio, let word else { return nil }
    guard let cause = Words.stragglers[word] else { throw row.misfit("a known cause", back: 1) }
    return Straggler(
      replicaID: Int32(clamping: replica), stage: Int32(clamping: stage), ratio: ratio,
      cause: cause)
  }

  /// Rejected requests by reason; none in rows of files that do not say.
  private static func rejections(_ row: inout RowReader) throws -> RejectionCounts {
    var counts = RejectionCounts()
    for reason in RejectionCounts.reasons { counts[reason] = try row.optionalInt64() ?? 0 }
    return counts
  }

  private func workloadSummaries(_ run: Int64, _ db: Database) throws -> [WorkloadSummary] {
    var row = try RowReader(db, .workload, path: path, run: run)
    var workloads: [WorkloadSummary] = []
    while try row.next() {
      row.skip()
      row.skip()
      var workload = WorkloadSummary()
      workload.name = try row.text()
      for _ in 0..<3 { row.skip() }
      workload.requests = try row.int64()
      workload.completed = try row.int64()
      workload.rejected = try row.int64()
      workload.failed = try row.int64()
      workload.unfinished = try row.int64()
      workload.requestsPerSecond = try row.real()
      workload.outputTokensPerSecond = try row.real()
      workload.sloAttainment = try row.optionalReal()
      workload.goodputRequestsPerSecond = try row.optionalReal()
      workload.rejections = try Self.rejections(&row)
      workloads.append(workload)
    }
    return workloads
  }

  private func readMetrics(
    _ run: Int64, into workloads: inout [WorkloadSummary], _ db: Database
  ) throws {
    let places = Self.places(of: workloads)
    var row = try RowReader(db, .metric, path: path, run: run)
    while try row.next() {
      row.skip()
      let place = try row.word(of: places)
      let metric = try row.word(of: Words.metrics)
      var figures = MetricSummary()
      figures.count = try row.int64()
      figures.mean = try row.optionalReal()
      figures.p50 = try row.optionalReal()
      figures.p90 = try row.optionalReal()
      figures.p95 = try row.optionalReal()
      figures.p99 = try row.optionalReal()
      figures.max = try row.optionalReal()
      guard let histogram = HistogramBlob.histogram(try row.blob()) else {
        throw row.misfit("a histogram", back: 1)
      }
      workloads[place][keyPath: metric.figures] = figures
      workloads[place][keyPath: metric.histogram] = histogram
    }
  }

  private func readDecompositions(
    _ run: Int64, into workloads: inout [WorkloadSummary], _ db: Database
  ) throws {
    let places = Self.places(of: workloads)
    var row = try RowReader(db, .decompositionSum, path: path, run: run)
    while try row.next() {
      row.skip()
      let place = try row.word(of: places)
      let (span, band) = (try row.text(), try row.text())
      let stored = StoredDecomposition.allCases.first { $0.span == span && $0.band == band }
      guard let stored else { throw row.misfit("a known band", back: 1) }
      let part = try row.word(of: Words.parts)
      row.skip()
      workloads[place][keyPath: stored.figures].count = try row.int64()
      workloads[place][keyPath: stored.figures].sums[part] = try row.int64()
    }
  }

  private static func places(of workloads: [WorkloadSummary]) -> [String: Int] {
    Dictionary(workloads.indices.map { (workloads[$0].name, $0) }) { first, _ in first }
  }
}
