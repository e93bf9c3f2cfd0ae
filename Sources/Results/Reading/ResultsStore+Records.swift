import GRDB
public import Serving

/// What of a run's records is read back; each kind is streamed, a row at a time.
extension ResultsStore {
  /// Hands over every kept request of a run, in order of arrival.
  public func requests(
    ofRun run: Int64, _ body: (StoredRequest) throws -> Void
  ) throws(ResultsError) {
    try records(ofRun: run) { try $0.requests(body) }
  }

  /// One request of a run, nil when its row was not kept or it never arrived.
  public func request(_ id: Int64, ofRun run: Int64) throws(ResultsError) -> StoredRequest? {
    try records(ofRun: run) { try $0.request(id) }
  }

  /// The replicas of a run, in order of demand.
  public func replicas(ofRun run: Int64) throws(ResultsError) -> [ReplicaRecord] {
    try list(run) { try $0.replicas($1) }
  }

  /// The stages of a run, by replica and place.
  public func stages(ofRun run: Int64) throws(ResultsError) -> [StageRecord] {
    try list(run) { try $0.stages($1) }
  }

  /// The GPUs of a run, by index.
  public func gpus(ofRun run: Int64) throws(ResultsError) -> [GPURecord] {
    try list(run) { try $0.gpus($1) }
  }

  /// The links of a run, by index.
  public func links(ofRun run: Int64) throws(ResultsError) -> [LinkRecord] {
    try list(run) { try $0.links($1) }
  }

  /// Hands over every demand for GPUs of a run, in the order of its end.
  public func allocations(
    ofRun run: Int64, _ body: (AllocationRecord) throws -> Void
  ) throws(ResultsError) {
    try records(ofRun: run) { try $0.allocations(body) }
  }

  /// Hands over every scaling decision of a run, in order of time.
  public func scalingDecisions(
    ofRun run: Int64, _ body: (ScalingRecord) throws -> Void
  ) throws(ResultsError) {
    try records(ofRun: run) { try $0.scalings(body) }
  }

  /// Hands over every sample of a run, in order of time.
  public func samples(
    ofRun run: Int64, _ body: (SampleRecord) throws -> Void
  ) throws(ResultsError) {
    try records(ofRun: run) { try $0.samples(body) }
  }

  private func list<Record>(
    _ run: Int64, _ read: (RecordReader, (Record) throws -> Void) throws -> Void
  ) throws(ResultsError) -> [Record] {
    try records(ofRun: run) { reader in
      var list: [Record] = []
      try read(reader) { list.append($0) }
      return list
    }
  }

  private func records<Value>(
    ofRun run: Int64, _ body: (RecordReader) throws -> Value
  ) throws(ResultsError) -> Value {
    try read { db in
      _ = try self.run(run, db)
      return try body(
        RecordReader(db, path: path, run: run, names: try names(ofRun: run, db)))
    }
  }
}
