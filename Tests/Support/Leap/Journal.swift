public import Serving

/// Keeps every record of a run in the one order in which they come, whatever their kind.
public final class Journal: RecordSink {
  /// A record of any kind.
  public enum Entry: Sendable, Hashable {
    case request(RequestRecord)
    case replica(ReplicaRecord)
    case stage(StageRecord)
    case gpu(GPURecord)
    case link(LinkRecord)
    case allocation(AllocationRecord)
    case scaling(ScalingRecord)
    case sample(SampleRecord)
  }

  /// The records so far.
  public private(set) var entries: [Entry] = []

  /// Creates an empty journal.
  public init() {}

  /// Keeps it.
  public func record(_ request: RequestRecord) { entries.append(.request(request)) }
  /// Keeps it.
  public func record(_ replica: ReplicaRecord) { entries.append(.replica(replica)) }
  /// Keeps it.
  public func record(_ stage: StageRecord) { entries.append(.stage(stage)) }
  /// Keeps it.
  public func record(_ gpu: GPURecord) { entries.append(.gpu(gpu)) }
  /// Keeps it.
  public func record(_ link: LinkRecord) { entries.append(.link(link)) }
  /// Keeps it.
  public func record(_ allocation: AllocationRecord) { entries.append(.allocation(allocation)) }
  /// Keeps it.
  public func record(_ scaling: ScalingRecord) { entries.append(.scaling(scaling)) }
  /// Keeps it.
  public func record(_ sample: SampleRecord) { entries.append(.sample(sample)) }
}

/// A run's summary and all its records in their order.
public struct JournalledRun: Sendable {
  /// What it says as a whole.
  public var summary: RunSummary
  /// Its records in the order in which they came.
  public var entries: [Journal.Entry]

  /// The requests in the order in which they ended.
  public var requests: [RequestRecord] {
    entries.compactMap { if case .request(let record) = $0 { record } else { nil } }
  }

  /// The replicas in the order of their release.
  public var replicas: [ReplicaRecord] {
    entries.compactMap { if case .replica(let record) = $0 { record } else { nil } }
  }

  /// The stages, after their replica.
  public var stages: [StageRecord] {
    entries.compactMap { if case .stage(let record) = $0 { record } else { nil } }
  }

  /// The links by index.
  public var links: [LinkRecord] {
    entries.compactMap { if case .link(let record) = $0 { record } else { nil } }
  }

  /// The scaling decisions in order of time.
  public var scalings: [ScalingRecord] {
    entries.compactMap { if case .scaling(let record) = $0 { record } else { nil } }
  }

  /// The samples in order of time.
  public var samples: [SampleRecord] {
    entries.compactMap { if case .sample(let record) = $0 { record } else { nil } }
  }

  /// The demands for GPUs in the order of their end.
  public var allocations: [AllocationRecord] {
    entries.compactMap { if case .allocation(let record) = $0 { record } else { nil } }
  }
}

extension Simulation {
  /// Runs with or without leaps and keeps everything.
  public func journalled(leaps: Bool, checksInvariants: Bool = false) -> JournalledRun {
    let journal = Journal()
    let summary = run(into: journal, checksInvariants: checksInvariants, leaps: leaps)
    return JournalledRun(summary: summary, entries: journal.entries)
  }

  /// How the run differs when it leaps from when it does not, in one line; nil when it does not.
  public func leapDifference(checksInvariants: Bool = false) -> String? {
    difference(
      leaping: journalled(leaps: true, checksInvariants: checksInvariants),
      stepping: journalled(leaps: false, checksInvariants: checksInvariants))
  }

  /// How two of its runs differ: which run, and the first unlike field of the first unlike record,
  /// with both values; nil when they do not.
  public func difference(leaping: JournalledRun, stepping: JournalledRun) -> String? {
    leaping.difference(from: stepping).map {
      "scenario \(scenario.name), seed \(scenario.seed), replication \(replication), "
        + "scheduler \(scenario.schedulers[scheduler].name): \($0)"
    }
  }
}
