import EventKernel
import GRDB
import Serving

/// Reads one run's rows back as the records they were; one row in memory at a time.
struct RecordReader {
  private let db: Database
  private let path: String
  private let run: Int64
  private let workloads: [String: Int32]
  private let models: [String: Int32]
  private let modelNames: [String]

  init(_ db: Database, path: String, run: Int64, names: RunNames) {
    self.db = db
    self.path = path
    self.run = run
    workloads = Self.places(names.workloads.map(\.name))
    models = Self.places(names.models)
    modelNames = names.models
  }

  private static func places(_ names: [String]) -> [String: Int32] {
    Dictionary(names.indices.map { (names[$0], Int32($0)) }) { first, _ in first }
  }

  private func each(
    _ table: ResultsTable, _ body: (inout RowReader) throws -> Void
  ) throws {
    var rows = try RowReader(db, table, path: path, run: run)
    while try rows.next() {
      rows.skip()
      try body(&rows)
    }
  }

  /// Every request, in order of arrival.
  func requests(_ body: (StoredRequest) throws -> Void) throws {
    try each(.request) { try body(request(&$0)) }
  }

  /// One request, nil when it was not kept.
  func request(_ id: Int64) throws -> StoredRequest? {
    var rows = try RowReader(
      db, .request, path: path, sql: "SELECT * FROM request WHERE run_id = ? AND request_id = ?",
      arguments: [run, id])
    guard try rows.next() else { return nil }
    rows.skip()
    return try request(&rows)
  }

  private func request(_ row: inout RowReader) throws -> StoredRequest {
    var record = RequestRecord()
    record.requestID = try row.int64()
    let workload = try row.text()
    guard let place = workloads[workload] else { throw row.misfit("a workload's name", back: 1) }
    record.workload = place
    let tenant = try row.text()
    record.session = try row.optionalInt64() ?? -1
    record.model = try row.word(of: models)
    let labels = WorkloadLabels(
      name: workload, tenant: tenant, model: modelNames[Int(record.model)],
      priority: try row.text())
    record.arrival = try row.int64()
    record.firstToken = try row.optionalInt64()
    record.finish = try row.optionalInt64()
    record.end = try row.int64()
    record.promptTokens = try row.int32()
    record.cachedTokens = try row.int32()
    record.outputTokens = try row.int32()
    record.status = try row.word(of: Words.statuses)
    if let reason = try row.optionalText() {
      guard let known = Words.reasons[reason] else { throw row.misfit("a known reason", back: 1) }
      record.reason = known
    }
    record.attempts = try row.int32()
    record.replicaID = Int32(clamping: try row.optionalInt64() ?? -1)
    for label in LatencyLabel.allCases { record.parts[label] = try row.int64() }
    for label in LatencyLabel.allCases { record.firstTokenParts[label] = try row.int64() }
    record.batchInterference = try row.int64()
    return StoredRequest(record: record, labels: labels)
  }

  /// Every replica, in order of demand.
  func replicas(_ body: (ReplicaRecord) throws -> Void) throws {
    let tiers = try self.tiers()
    try each(.replica) { row in
      var record = ReplicaRecord()
      record.replicaID = try row.int32()
      record.model = try row.word(of: models)
      record.tensor = try row.int32()
      record.stages = try row.int32()
      record.demanded = try row.int64()
      record.granted = try row.optionalInt64()
      record.containerEnd = try row.optionalInt64()
      record.runtimeEnd = try row.optionalInt64()
      record.fetchEnd = try row.optionalInt64()
      record.loadEnd = try row.optionalInt64()
      record.ready = try row.optionalInt64()
      record.released = try row.int64()
      record.initial = try row.flag()
      record.requestsCompleted = try row.int64()
      record.tokensGenerated = try row.int64()
      record.keyValueBlocks = try row.int64()
      record.keyValueBlocksPeak = try row.int64()
      record.preemptions = try row.int64()
      record.prefixCache = try row.prefixCache()
      record.prefixCache?.tiers = tiers[record.replicaID] ?? []
      for phase in ColdStartMarks.phases {
        record.coldStart[phase] = try row.optionalInt64()
      }
      record.weights = try row.weights()
      record.replaces = Int32(clamping: try row.optionalInt64() ?? -1)
      try body(record)
    }
  }

  /// What each replica's tiers gave and took, the fastest first.
  private func tiers() throws -> [Int32: [TierSummary]] {
    var found: [Int32: [TierSummary]] = [:]
    try each(.replicaTier) { row in
      let replica = try row.int32()
      row.skip()
      found[replica, default: []].append(try row.tier())
    }
    return found
  }

  /// Every stage, by replica and place.
  func stages(_ body: (StageRecord) throws -> Void) throws {
    let spreads = try self.spreads()
    try each(.stage) { row in
      var record = StageRecord()
      record.replicaID = try row.int32()
      record.stage = try row.int32()
      record.layers = try row.int32()
      record.gpus = try row.list()
      record.starting = try row.int64()
      record.busy = try row.int64()
      record.exposedCommunication = try row.int64()
      record.bubble = try row.int64()
      record.starved = try row.int64()
      record.draining = try row.int64()
      record.failed = try row.int64()
      record.steps = try row.int64()
      record.tokens = try row.int64()
      // Files of the first schema have none of these.
      record.modelFLOPs = try row.optionalReal() ?? 0
      record.leastBytes = try row.optionalReal() ?? 0
      record.mfu = try row.optionalReal()
      record.mbu = try row.optionalReal()
      // Nor those of the second any of these.
      record.bubbleParts = try row.bubbles() ?? BubbleParts()
      record.stepTime = try row.optionalInt64() ?? 0
      record.samplingTime = try row.optionalInt64() ?? 0
      if let spread = spreads[StagePlace(replica: record.replicaID, stage: record.stage)] {
        record.stepTimes = spread.histogram
        record.straggler = spread.straggler
      }
      try body(record)
    }
  }

  /// How the steps of each stage are spread.
  private func spreads() throws -> [StagePlace: StageSpread] {
    var found: [StagePlace: StageSpread] = [:]
    try each(.stageHistogram) { row in
      let place = StagePlace(replica: try row.int32(), stage: try row.int32())
      for _ in 0..<6 { row.skip() }
      var spread = StageSpread()
      if let ratio = try row.optionalReal() {
        spread.straggler = Straggler(
          replicaID: place.replica, stage: place.stage, ratio: ratio,
          cause: try row.word(of: Words.stragglers))
      } else {
        row.skip()
      }
      guard let histogram = StepHistogramBlob.histogram(try row.blob()) else {
        throw row.misfit("a histogram", back: 1)
      }
      spread.histogram = histogram
      found[place] = spread
    }
    return found
  }

  /// Every GPU, by index.
  func gpus(_ body: (GPURecord) throws -> Void) throws {
    try each(.gpu) { row in
      var record = GPURecord()
      record.gpu = try row.int32()
      record.node = try row.int32()
      record.unallocated = try row.int64()
      record.background = try row.int64()
      record.starting = try row.int64()
      record.busy = try row.int64()
      record.reservedIdle = try row.int64()
      record.sleeping = try row.int64()
      record.failed = try row.int64()
      record.mfu = try row.optionalReal()
      record.mbu = try row.optionalReal()
      try body(record)
    }
  }

  /// Every link, by index.
  func links(_ body: (LinkRecord) throws -> Void) throws {
    try each(.link) { row in
      var record = LinkRecord()
      record.link = try row.int32()
      record.kind = try row.word(of: Words.links)
      record.owner = try row.int32()
      record.ordinal = try row.int32()
      record.capacityBytesPerSecond = try row.real()
      row.skip()
      record.bulkBytes = try row.int64()
      record.hopBytes = try row.int64()
      record.collectiveBytes = try row.int64()
      record.busy = try row.int64()
      record.share = try row.optionalReal()
      try body(record)
    }
  }

  /// Every demand for GPUs, in the order of its end.
  func allocations(_ body: (AllocationRecord) throws -> Void) throws {
    try each(.allocation) { row in
      row.skip()
      var record = AllocationRecord()
      record.kind = try row.word(of: Words.allocations)
      record.subject = try row.int32()
      if let model = try row.optionalText() {
        guard let place = models[model] else { throw row.misfit("a model's name", back: 1) }
        record.model = place
      }
      record.gpusAsked = try row.int32()
      record.demanded = try row.int64()
      record.granted = try row.optionalInt64()
      record.abandoned = try row.optionalInt64()
      row.skip()
      record.obstacle = try row.word(of: Words.obstacles)
      record.gpus = try row.list()
      for cause in AllocationWaits.causes { record.waits[cause] = try row.optionalInt64() ?? 0 }
      record.tensor = Int32(clamping: try row.optionalInt64() ?? 0)
      record.stages = Int32(clamping: try row.optionalInt64() ?? 0)
      try body(record)
    }
  }

  /// Every scaling decision, in order of time.
  func scalings(_ body: (ScalingRecord) throws -> Void) throws {
    try each(.scalingDecision) { row in
      row.skip()
      var record = ScalingRecord()
      record.time = try row.int64()
      record.model = try row.word(of: models)
      record.waiting = try row.int64()
      record.ready = try row.int32()
      record.starting = try row.int32()
      record.desired = try row.int32()
      record.clause = ScalingClause(try row.text())
      record.draining = try row.int32()
      let (long, short) = (try row.optionalReal(), try row.optionalReal())
      let (target, unlimited) = (try row.optionalReal(), try row.optionalInt64())
      let capacity = try row.optionalInt64()
      if let long, let target, let unlimited {
        record.figures = ScalingFigures(
          longWindow: long, shortWindow: short, target: target, unlimited: Int(unlimited),
          excessBurstCapacity: capacity.map { Int($0) })
      }
      try body(record)
    }
  }

  /// Every sample, in order of time.
  func samples(_ body: (SampleRecord) throws -> Void) throws {
    try each(.sample) { row in
      row.skip()
      var record = SampleRecord()
      record.time = try row.int64()
      record.waiting = try row.int64()
      record.inReplicas = try row.int64()
      record.ready = try row.int32()
      record.starting = try row.int32()
      record.freeGPUs = try row.int32()
      record.backgroundGPUs = try row.int32()
      record.strandedTP2 = try row.int32()
      record.strandedTP4 = try row.int32()
      record.strandedTP8 = try row.int32()
      record.keyValueBlocksUsed = try row.int64()
      record.keyValueBlocks = try row.int64()
      record.fragmentedGPUs = try row.optionalReal()
      record.largestBlock = try row.optionalInt64().map { Int32(clamping: $0) }
      record.waitingDemands = try row.optionalInt64().map { Int32(clamping: $0) }
      try body(record)
    }
  }
}

/// A stage of a run.
private struct StagePlace: Hashable {
  var replica: Int32
  var stage: Int32
}

/// What table `stage_histogram` says of a stage.
private struct StageSpread {
  var histogram = StepHistogram()
  var straggler: Straggler?
}
