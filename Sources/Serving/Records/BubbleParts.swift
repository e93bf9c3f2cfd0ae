public import EventKernel

/// Why a stage is idle while its replica has work; `docs/bubbles.md` says how they are told apart.
public enum BubbleCause: Int32, Sendable, CaseIterable {
  case shared, hop, host, sampling, partition, prefill, cohort, empty

  /// The word used in results.
  public var name: String {
    switch self {
    case .shared: "shared"
    case .hop: "hop"
    case .host: "host"
    case .sampling: "sampling"
    case .partition: "partition"
    case .prefill: "prefill"
    case .cohort: "cohort"
    case .empty: "empty"
    }
  }
}

/// Idle time of stages whose replica has work, by cause; nanoseconds.
@frozen
public struct BubbleParts: Sendable, Hashable {
  /// Its GPUs served another resident.
  public var shared: Nanoseconds = 0
  /// The micro-batch it waited for spent that time between stages.
  public var hop: Nanoseconds = 0
  /// That micro-batch waited for the CPU on other stages, in a pipe that is not full.
  public var host: Nanoseconds = 0
  /// The last stage takes longer than every other by its LM head and its sampler.
  public var sampling: Nanoseconds = 0
  /// The same micro-batch takes longer on another stage otherwise.
  public var partition: Nanoseconds = 0
  /// Micro-batches are unequal by what they prefill.
  public var prefill: Nanoseconds = 0
  /// The requests sit in too few micro-batches, or in unequal ones.
  public var cohort: Nanoseconds = 0
  /// There are fewer requests than stages, or the pipe fills and drains.
  public var empty: Nanoseconds = 0

  /// Nothing yet.
  @inlinable
  public init() {}

  /// The part of a cause, in nanoseconds.
  public subscript(cause: BubbleCause) -> Nanoseconds {
    get { self[keyPath: Self.path(cause)] }
    set { self[keyPath: Self.path(cause)] = newValue }
  }

  private static func path(_ cause: BubbleCause) -> WritableKeyPath<BubbleParts, Nanoseconds> {
    switch cause {
    case .shared: \.shared
    case .hop: \.hop
    case .host: \.host
    case .sampling: \.sampling
    case .partition: \.partition
    case .prefill: \.prefill
    case .cohort: \.cohort
    case .empty: \.empty
    }
  }

  /// All of it, in nanoseconds.
  public var total: Nanoseconds {
    shared + hop + host + sampling + partition + prefill + cohort + empty
  }

  /// Adds other idle time.
  public static func += (left: inout BubbleParts, right: BubbleParts) {
    left.shared += right.shared
    left.hop += right.hop
    left.host += right.host
    left.sampling += right.sampling
    left.partition += right.partition
    left.prefill += right.prefill
    left.cohort += right.cohort
    left.empty += right.empty
  }
}
