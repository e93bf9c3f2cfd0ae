public import EventKernel
public import Serving

/// One run of a results file, as a list of runs shows it.
public struct StoredRun: Sendable, Hashable, Identifiable {
  /// Its id in the file.
  public var id: Int64
  /// The scenario's name.
  public var scenario: String
  /// Digest, scheduler, seed, replication and version: what tells it from others.
  public var key: RunKey
  /// 32 hexadecimal digits over everything that happened.
  public var digest: String
  /// Whether it kept up.
  public var state: RunState
  /// Which records were kept.
  public var records: RecordsKept
  /// Requests that arrived.
  public var requests: Int64
  /// Of these, completed.
  public var completed: Int64
  /// Length of the run, in nanoseconds.
  public var simulated: Nanoseconds
}

/// One request of a run, with its labels by name.
public struct StoredRequest: Sendable, Hashable {
  /// The request.
  public var record: RequestRecord
  /// The labels of its workload, as its row has them.
  public var labels: WorkloadLabels
}
