public import EventKernel

/// Chooses how long replicas that have nothing to do are kept; one instance per model.
///
/// It rules where the scaling policy leaves idle replicas to a timer, as `queue` does; a policy that
/// decides itself when replicas go has none.
public protocol KeepAlivePolicy: Policy {
  /// Whether idle replicas go as soon as another model's demand for GPUs finds no place, the least
  /// recently used first.
  var yieldsToDemands: Bool { get }
  /// Whether it must be told how long the model was idle before each request that ends that.
  static var observesIdleTimes: Bool { get }
  /// The model has been idle so long when a request came; nanoseconds.
  mutating func observe(idleTime: Nanoseconds)
  /// Where replicas sleep once they have been kept; nil: they are released.
  var tiers: SleepTiers? { get }
  /// What is to become of a replica that has nothing to do.
  func plan(_ view: IdleView) -> IdlePlan
}

extension KeepAlivePolicy {
  /// No.
  public var yieldsToDemands: Bool { false }
  /// Nowhere.
  public var tiers: SleepTiers? { nil }
  /// No.
  public static var observesIdleTimes: Bool { false }
  /// It learns nothing from that.
  public mutating func observe(idleTime: Nanoseconds) {}
}

/// What a keep-alive policy may know of a replica that has become idle.
public struct IdleView: Sendable {
  /// Now, in nanoseconds.
  public var now: Nanoseconds
  /// When the model's last request was done, in nanoseconds; now while some are in the system, or where
  /// it has had none.
  public var lastUse: Nanoseconds
  /// Whether requests of the model are in the system, at other replicas; only told to policies that
  /// observe idle times.
  public var isModelInUse = false

  /// Creates a view.
  public init(now: Nanoseconds, lastUse: Nanoseconds) {
    self.now = now
    self.lastUse = lastUse
  }
}

/// What becomes of an idle replica if no request comes.
public struct IdlePlan: Sendable, Hashable {
  /// How long it is kept, in nanoseconds; nil: for ever.
  public var keep: Nanoseconds?
  /// When a replica is asked for again though nothing waits for it, if none is there then; nanoseconds
  /// since the start of the run.
  public var preWarm: Nanoseconds?

  /// Creates a plan; without `preWarm` nothing is asked for before a request waits.
  public init(keep: Nanoseconds?, preWarm: Nanoseconds? = nil) {
    self.keep = keep
    self.preWarm = preWarm
  }
}
