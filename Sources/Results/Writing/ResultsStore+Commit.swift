import GRDB
public import Serving

/// A run that has ended and is to be stored.
public struct FinishedRun {
  /// What is stored beside summary and records.
  public var header: RunHeader
  /// What the run says as a whole.
  public var summary: RunSummary
  /// The run's records.
  public var spool: RunSpool

  /// Puts together what is stored of a run.
  public init(header: RunHeader, summary: RunSummary, spool: RunSpool) {
    self.header = header
    self.summary = summary
    self.spool = spool
  }
}

extension ResultsStore {
  /// Stores a run with all its records in one transaction, and removes its spool.
  ///
  /// A run with the same key is replaced and keeps its id. When anything fails, the file holds what
  /// it held before.
  ///
  /// - Parameters:
  ///   - header: What is stored beside summary and records.
  ///   - summary: What the run says as a whole.
  ///   - spool: The run's records.
  ///   - progress: Called every two thousand rows with the share done, in 0 ... 1.
  /// - Returns: The run's id.
  /// - Throws: What failed while spooling, or fails now.
  @discardableResult
  public func commit(
    _ header: RunHeader, summary: RunSummary, spool: RunSpool, progress: ((Double) -> Void)? = nil
  ) throws(ResultsError) -> Int64 {
    try commit([FinishedRun(header: header, summary: summary, spool: spool)], progress: progress)[0]
  }

  /// Stores runs as `commit` does one, all of them or none in one transaction.
  ///
  /// Together they wait for the disk once, which takes longer than inserting a short run.
  ///
  /// - Parameters:
  ///   - runs: The runs, in the order in which they get their ids.
  ///   - progress: Called every two thousand rows with the share done of the present one, in 0 ... 1.
  /// - Returns: The runs' ids.
  /// - Throws: What failed while spooling, or fails now.
  @discardableResult
  public func commit(
    _ runs: [FinishedRun], progress: ((Double) -> Void)? = nil
  ) throws(ResultsError) -> [Int64] {
    if runs.isEmpty { return [] }
    let ids = try write { db in try runs.map { try insert($0, progress, db) } }
    for run in runs { run.spool.discard() }
    return ids
  }

  private func insert(
    _ run: FinishedRun, _ progress: ((Double) -> Void)?, _ db: Database
  ) throws -> Int64 {
    let id = try insertRun(run.header, run.summary, db)
    try insertTotals(id, run.header, run.summary, run.spool, db)
    try insertTiers(id, run.summary, db)
    try insertPlacement(id, run.summary, db)
    try insertNames(id, run.summary, run.spool.names, db)
    for workload in [run.summary.overall] + run.summary.workloads {
      try insertMetrics(id, workload, db)
      try insertDecompositions(id, workload, db)
    }
    var records = try RecordWriter(db, run: id, names: run.spool.names)
    try records.insert(run.spool, progress: progress)
    return id
  }

  /// Removes a run and all its rows.
  public func delete(run: Int64) throws(ResultsError) {
    try write { db in
      try Self.deleteRows(ofRun: run, db)
      if db.changesCount == 0 { throw self.noRun(run) }
    }
  }

  /// What is thrown for a run that is not there.
  func noRun(_ run: Int64) -> ResultsError {
    ResultsError(
      .notInFile, path: path, found: "no run \(run)", expected: "an id that `runs` lists")
  }

  /// Removes the rows of a run, its own row last.
  static func deleteRows(ofRun run: Int64, _ db: Database) throws {
    for table in ResultsTable.allCases.reversed() where !table.isView {
      try db.execute(
        sql: "DELETE FROM \(table.rawValue) WHERE \(table.runColumn) = ?", arguments: [run])
    }
  }

  private func insertRun(
    _ header: RunHeader, _ summary: RunSummary, _ db: Database
  ) throws -> Int64 {
    let key = RunKey(
      scenarioDigest: header.scenarioDigest, scheduler: summary.scheduler, seed: summary.seed,
      replication: summary.replication, version: header.version)
    let previous = try Self.id(of: key, db)
    if let previous { try Self.deleteRows(ofRun: previous, db) }
    var row = try RowWriter(db, .run)
    row.bind(previous)
    row.bind(summary.scenario)
    row.bind(key.scenarioDigest)
    row.bind(key.scheduler)
    row.bind(Int64(bitPattern: key.seed))
    row.bind(Int64(key.replication))
    row.bind(summary.digest)
    row.bind(header.scenarioJSON)
    row.bind(key.version)
    row.bind(summary.state.rawValue)
    try row.insert()
    return previous ?? db.lastInsertedRowID
  }

  private func insertTotals(
    _ run: Int64, _ header: RunHeader, _ summary: RunSummary, _ spool: RunSpool, _ db: Database
  ) throws {
    var row = try RowWriter(db, .runTotal)
    row.bind(run)
    row.bind(spool.records.rawValue)
    row.bind(summary.requests)
    row.bind(summary.completed)
    row.bind(summary.rejected)
    row.bind(summary.failed)
    row.bind(summary.unfinished)
    row.bind(summary.simulated)
    row.bind(summary.gpuHours)
    row.bind(summary.gpuUtilization)
    row.bind(summary.bubbleFraction)
    row.bind(summary.costUSD)
    row.bind(summary.coldStarts)
    row.bind(summary.preemptions)
    row.bind(summary.allocationsGranted)
    row.bind(summary.meanAllocationWaitSeconds)
    row.bind(summary.meanBackgroundWaitSeconds)
    row.bind(summary.steps)
    row.bind(summary.mfu)
    row.bind(summary.mbu)
    row.bind(summary.linkShare)
    row.bind(summary.bubble)
    row.bind(summary.straggler.map { Int64($0.replicaID) })
    row.bind(summary.straggler.map { Int64($0.stage) })
    row.bind(summary.straggler?.ratio)
    row.bind(summary.straggler?.cause.name)
    for reason in RejectionCounts.reasons { row.bind(summary.rejections[reason]) }
    row.bind(summary.prefixCache)
    row.bind(summary.weights)
    try row.insert()

    let provenance = header.provenance
    row = try RowWriter(db, .provenance)
    row.bind(run)
    row.bind(provenance.startedAt)
    row.bind(provenance.finishedAt)
    row.bind(provenance.wallSeconds)
    row.bind(summary.events)
    row.bind(header.version)
    row.bind(provenance.commandLine)
    row.bind(provenance.operatingSystem)
    row.bind(provenance.architecture)
    row.bind(Int64(provenance.processors))
    row.bind(provenance.memoryBytes)
    try row.insert()
  }

  private func insertTiers(_ run: Int64, _ summary: RunSummary, _ db: Database) throws {
    var row = try RowWriter(db, .tier)
    for (level, tier) in (summary.prefixCache?.tiers ?? []).enumerated() {
      row.bind(run)
      row.bind(tier, level: level)
      try row.insert()
    }
  }

  private func insertNames(
    _ run: Int64, _ summary: RunSummary, _ names: RunNames, _ db: Database
  ) throws {
    var row = try RowWriter(db, .model)
    for (position, model) in names.models.enumerated() {
      row.bind(run)
      row.bind(Int64(position))
      row.bind(model)
      try row.insert()
    }
    row = try RowWriter(db, .workload)
    for (position, workload) in ([summary.overall] + summary.workloads).enumerated() {
      // Position 0 is all together, position n the scenario's n-th workload.
      let labels = position == 0 ? nil : names.workloads[position - 1]
      row.bind(run)
      row.bind(Int64(position))
      row.bind(workload.name)
      row.bind(labels?.tenant)
      row.bind(labels?.model)
      row.bind(labels?.priority)
      row.bind(workload.requests)
      row.bind(workload.completed)
      row.bind(workload.rejected)
      row.bind(workload.failed)
      row.bind(workload.unfinished)
      row.bind(workload.requestsPerSecond)
      row.bind(workload.outputTokensPerSecond)
      row.bind(workload.sloAttainment)
      row.bind(workload.goodputRequestsPerSecond)
      for reason in RejectionCounts.reasons { row.bind(workload.rejections[reason]) }
      try row.insert()
    }
  }

  private func insertMetrics(_ run: Int64, _ workload: WorkloadSummary, _ db: Database) throws {
    var row = try RowWriter(db, .metric)
    for metric in StoredMetric.allCases {
      let figures = workload[keyPath: metric.figures]
      row.bind(run)
      row.bind(workload.name)
      row.bind(metric.rawValue)
      row.bind(figures.count)
      row.bind(figures.mean)
      row.bind(figures.p50)
      row.bind(figures.p90)
      row.bind(figures.p95)
      row.bind(figures.p99)
      row.bind(figures.max)
      row.bind(HistogramBlob.bytes(of: workload[keyPath: metric.histogram]))
      try row.insert()
    }
  }

  private func insertDecompositions(
    _ run: Int64, _ workload: WorkloadSummary, _ db: Database
  ) throws {
    var row = try RowWriter(db, .decompositionSum)
    for stored in StoredDecomposition.allCases {
      let figures = workload[keyPath: stored.figures]
      for label in LatencyLabel.allCases {
        row.bind(run)
        row.bind(workload.name)
        row.bind(stored.span)
        row.bind(stored.band)
        row.bind(label.name)
        row.bind(label.component.rawValue)
        row.bind(figures.count)
        row.bind(figures.sums[label])
        try row.insert()
      }
    }
  }
}
