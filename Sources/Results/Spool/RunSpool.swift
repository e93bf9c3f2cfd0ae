public import Serving

/// Which records of a run are kept.
public enum RecordsKept: String, Sendable, CaseIterable {
  /// All.
  case all
  /// One request in a hundred, chosen by its number alone; of everything else all.
  case sample
  /// No requests; of everything else all.
  case none

  /// Whether a request is kept; the same ones in every run.
  public func keeps(request: Int64) -> Bool {
    switch self {
    case .all: true
    case .none: false
    case .sample: Self.scattered(UInt64(bitPattern: request)) % 100 == 0
    }
  }

  /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014), so that no period of the arrivals
  /// meets the choice.
  private static func scattered(_ number: UInt64) -> UInt64 {
    var mixed = number &+ 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    return mixed ^ mixed >> 31
  }
}

/// Where a run's records wait: a file beside the database, written in batches, in bounded memory.
///
/// It is used by one run on one thread. Left without a commit it removes its file.
public final class RunSpool: RecordSink {
  /// What the records' numbers mean.
  public let names: RunNames
  /// Which records are kept.
  public let records: RecordsKept
  /// The first thing that went wrong; committing throws it, and a run may stop early for it.
  public var failure: ResultsError? { writer.failure }

  let file: SpoolFile
  private var writer: SpoolWriter
  private(set) var clauses: [String] = []
  /// The tiers of every replica, the fastest first.
  private(set) var tiers: [String] = []
  private var clauseNumbers: [String: Int32] = [:]

  init(_ file: SpoolFile, names: RunNames, records: RecordsKept) {
    self.file = file
    self.names = names
    self.records = records
    writer = SpoolWriter(file)
  }

  deinit { writer.deallocate() }

  /// Bytes of all records so far.
  public var byteCount: Int { writer.total }

  /// Keeps it, when its kind and number are kept.
  public func record(_ request: RequestRecord) {
    if records.keeps(request: request.requestID) { writer.append(request) }
  }

  /// Keeps it.
  public func record(_ replica: ReplicaRecord) {
    if let cache = replica.prefixCache, tiers.isEmpty { tiers = cache.tiers.map(\.name) }
    writer.append(replica)
  }

  /// Keeps it.
  public func record(_ stage: StageRecord) { writer.append(stage) }

  /// Keeps it.
  public func record(_ gpu: GPURecord) { writer.append(gpu) }

  /// Keeps it.
  public func record(_ link: LinkRecord) { writer.append(link) }

  /// Keeps it.
  public func record(_ allocation: AllocationRecord) { writer.append(allocation) }

  /// Keeps it.
  public func record(_ scaling: ScalingRecord) {
    let word = scaling.clause.name
    let number = clauseNumbers[word] ?? Int32(clauses.count)
    if Int(number) == clauses.count {
      clauses.append(word)
      clauseNumbers[word] = number
    }
    writer.append(scaling, clause: number)
  }

  /// Keeps it.
  public func record(_ sample: SampleRecord) { writer.append(sample) }

  /// Hands what is left to the file and frees the memory; nothing may be recorded afterwards.
  public func end() {
    writer.flush()
    writer.deallocate()
  }

  /// Removes the file now; nothing may be recorded or committed afterwards.
  public func discard() { file.remove() }

  /// Everything recorded, from the beginning, with the bytes there are.
  func finish() throws(ResultsError) -> (reader: SpoolReader, bytes: Int) {
    end()
    if let failure { throw failure }
    return (SpoolReader(file, total: writer.total), writer.total)
  }
}

extension ResultsStore {
  /// A spool for the records of one run, beside the file.
  ///
  /// - Parameters:
  ///   - names: What the records' numbers mean.
  ///   - records: Which records are kept.
  /// - Returns: The spool; it is to be committed, or it leaves no trace.
  /// - Throws: A folder that cannot be written.
  public func spool(for names: RunNames, records: RecordsKept = .all) throws(ResultsError)
    -> RunSpool
  {
    guard access != .reading else { throw openedForReading }
    return RunSpool(try SpoolFile.create(beside: path), names: names, records: records)
  }
}
