/// What is stored about a run beside its summary and records.
public struct RunHeader: Sendable, Hashable {
  /// SHA-256 of the canonical scenario and of each input file's content, in hexadecimal.
  public var scenarioDigest: String
  /// The canonical scenario, defaults filled in.
  public var scenarioJSON: String
  /// Version of simpp.
  public var version: String
  /// When, where and how it was run.
  public var provenance: RunProvenance

  /// Creates a header.
  public init(
    scenarioDigest: String, scenarioJSON: String, version: String, provenance: RunProvenance
  ) {
    self.scenarioDigest = scenarioDigest
    self.scenarioJSON = scenarioJSON
    self.version = version
    self.provenance = provenance
  }
}

/// What tells one run from another: the same key again replaces the run.
public struct RunKey: Sendable, Hashable {
  /// Digest of the scenario.
  public var scenarioDigest: String
  /// The scheduler's name.
  public var scheduler: String
  /// The scenario's seed.
  public var seed: UInt64
  /// Which replication, from 0.
  public var replication: Int
  /// Version of simpp.
  public var version: String

  /// Creates a key.
  public init(
    scenarioDigest: String, scheduler: String, seed: UInt64, replication: Int, version: String
  ) {
    self.scenarioDigest = scenarioDigest
    self.scheduler = scheduler
    self.seed = seed
    self.replication = replication
    self.version = version
  }
}
