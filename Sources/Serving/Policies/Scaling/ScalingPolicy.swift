public import EventKernel

/// Chooses how many replicas a model has; one instance per model.
public protocol ScalingPolicy: Policy {
  /// Replicas that are up at the start of the run, without a cold start.
  var initialReplicas: Int { get }
  /// Fewest replicas.
  var minimumReplicas: Int { get }
  /// Most replicas, demanded ones included.
  var maximumReplicas: Int { get }
  /// How long an idle replica is kept, in nanoseconds; nil: for ever.
  var keepAlive: Nanoseconds? { get }
  /// Replicas wanted, asked when a request finds no room.
  mutating func decide(_ view: ScalingView) -> ScalingDecision
}

/// What a scaling policy may know.
public struct ScalingView: Sendable {
  /// Now, in nanoseconds.
  public var now: Nanoseconds
  /// Requests waiting without a replica.
  public var waiting: Int
  /// Replicas ready.
  public var ready: Int
  /// Replicas granted, not ready.
  public var starting: Int
  /// Replicas demanded, not granted.
  public var demanded: Int
  /// Requests a replica takes at once.
  public var limitPerReplica: Int
}

/// Replicas wanted and the clause that says why.
public struct ScalingDecision: Sendable {
  /// Ready, starting and demanded replicas together.
  public var desired: Int
  /// The clause that fired.
  public var clause: ScalingClause

  /// Creates a decision.
  public init(desired: Int, clause: ScalingClause) {
    self.desired = desired
    self.clause = clause
  }
}
