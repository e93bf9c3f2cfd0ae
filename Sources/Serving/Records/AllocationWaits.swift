public import EventKernel

/// How long a demand for GPUs waited for what, in nanoseconds; the causes sum to its wait.
///
/// The cause is what stood in its way when it was last tried.
public struct AllocationWaits: Sendable, Hashable {
  /// For more free GPUs than there were.
  public var capacity: Nanoseconds = 0
  /// For free GPUs that lie together.
  public var contiguity: Nanoseconds = 0
  /// For its tenant's quota.
  public var quota: Nanoseconds = 0
  /// For older demands that nobody may pass.
  public var order: Nanoseconds = 0
  /// What it waits for now, and since when.
  var cause = AllocationObstacle.none
  var since: Nanoseconds = 0

  /// No wait.
  public init() {}

  /// The causes, in the order in which they are listed.
  public static let causes: [AllocationObstacle] = [.capacity, .contiguity, .quota, .order]

  /// All causes together.
  public var total: Nanoseconds { capacity + contiguity + quota + order }

  /// The wait for a cause.
  public subscript(cause: AllocationObstacle) -> Nanoseconds {
    get {
      switch cause {
      case .none: 0
      case .capacity: capacity
      case .contiguity: contiguity
      case .quota: quota
      case .order: order
      }
    }
    set {
      switch cause {
      case .none: break
      case .capacity: capacity = newValue
      case .contiguity: contiguity = newValue
      case .quota: quota = newValue
      case .order: order = newValue
      }
    }
  }

  /// Counts the time up to now, and waits for something from then on.
  mutating func wait(for next: AllocationObstacle, at now: Nanoseconds) {
    if cause != .none { self[cause] += now - since }
    cause = next
    since = next == .none ? 0 : now
  }

  /// Adds the causes of another.
  static func += (left: inout AllocationWaits, right: AllocationWaits) {
    left.capacity += right.capacity
    left.contiguity += right.contiguity
    left.quota += right.quota
    left.order += right.order
  }
}
