public import EventKernel

/// Chooses how many replicas a model has; one instance per model.
///
/// It is asked at the instants that it names: when a request finds no room, when one arrives, at ticks of
/// its own clock.
public protocol ScalingPolicy: Policy {
  /// What must be counted for it, beyond numbers of requests and replicas.
  static var needs: ScalingNeeds { get }
  /// Replicas that are up at the start of the run, without a cold start.
  var initialReplicas: Int { get }
  /// Fewest replicas.
  var minimumReplicas: Int { get }
  /// Most replicas, demanded ones included.
  var maximumReplicas: Int { get }
  /// How long an idle replica is kept, in nanoseconds; nil: until the policy wants fewer.
  var keepAlive: Nanoseconds? { get }
  /// The time between its ticks, in nanoseconds, which fall on whole multiples of it; nil: no ticks but
  /// those that its decisions ask for.
  var interval: Nanoseconds? { get }
  /// The time between ticks of a second clock beside that one, in nanoseconds, which fall on whole
  /// multiples of it too; nil: there is none.
  var secondInterval: Nanoseconds? { get }
  /// What else than a tick makes it decide, as things stand.
  var occasions: ScalingOccasions { get }
  /// Whether it decides at the start of the run too, once its first replicas are up.
  var asksAtStart: Bool { get }
  /// Whether a demand for GPUs lapses by itself once nothing waits and the floor is kept without it.
  var demandsLapse: Bool { get }
  /// How the model's activity is counted, where it needs that.
  var metering: ActivityMetering { get }
  /// How far it looks ahead, where it needs requests that have not arrived yet; nanoseconds.
  var foresight: Nanoseconds { get }
  /// Replicas wanted.
  mutating func decide(_ view: ScalingView) -> ScalingDecision
}

extension ScalingPolicy {
  /// Nothing.
  public static var needs: ScalingNeeds { [] }
  /// Until the policy wants fewer.
  public var keepAlive: Nanoseconds? { nil }
  /// No ticks.
  public var interval: Nanoseconds? { nil }
  /// No second clock.
  public var secondInterval: Nanoseconds? { nil }
  /// A request that finds no room, where it has no ticks.
  public var occasions: ScalingOccasions { interval == nil ? .waiting : [] }
  /// No: what `initialReplicas` says holds until the first occasion.
  public var asksAtStart: Bool { false }
  /// Yes, where it has no ticks to take demands back at.
  public var demandsLapse: Bool { interval == nil }
  /// Whether it decides at times of its own.
  public var hasClock: Bool { interval != nil || asksAtStart }
  /// Seconds, and a minute of them.
  public var metering: ActivityMetering { ActivityMetering() }
  /// Not at all.
  public var foresight: Nanoseconds { 0 }
}

/// What makes a scaling policy decide, beside its ticks.
public struct ScalingOccasions: OptionSet, Sendable, Hashable {
  /// One bit for each.
  public var rawValue: UInt8
  /// Creates a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A request finds no room; the decision only ever adds replicas.
  public static let waiting = ScalingOccasions(rawValue: 1)
  /// A request arrives.
  public static let arrival = ScalingOccasions(rawValue: 2)
}

/// What a scaling policy reads that costs time or memory to keep.
public struct ScalingNeeds: OptionSet, Sendable, Hashable {
  /// One bit for each.
  public var rawValue: UInt8
  /// Creates a set from its bits.
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// What the model's requests do from one bucket of time to the next.
  public static let activity = ScalingNeeds(rawValue: 1)
  /// KV blocks of the ready replicas, and those that sequences hold.
  public static let blocks = ScalingNeeds(rawValue: 2)
  /// Requests that have not arrived yet.
  public static let future = ScalingNeeds(rawValue: 4)
}

/// What a scaling policy may know.
public struct ScalingView: Sendable {
  /// Now, in nanoseconds.
  public var now: Nanoseconds
  /// Requests waiting without a replica.
  public var waiting: Int
  /// Replicas ready, those that drain left out.
  public var ready: Int
  /// Replicas granted, not ready.
  public var starting: Int
  /// Replicas demanded, not granted.
  public var demanded: Int
  /// Requests a replica takes at once.
  public var limitPerReplica: Int
  /// Why it is asked: one of the occasions, or none of them at a tick.
  public var occasion: ScalingOccasions = []
  /// Replicas that finish what they have and take nothing new.
  public var draining: Int = 0
  /// Requests of the model that have been admitted and are not done.
  public var inFlight: Int = 0
  /// Prompt tokens of the requests that wait without a replica; with `blocks`, those too that wait at one.
  public var waitingTokens: Int64 = 0
  /// What its requests did until now; empty unless the policy needs `activity`.
  public var activity = ActivityMeter(ActivityMetering())
  /// KV blocks that sequences of ready replicas hold; 0 unless the policy needs `blocks`.
  public var blocksHeld: Int64 = 0
  /// KV blocks of one replica; 0 unless the policy needs `blocks`, and while none has been ready.
  public var blocksPerReplica: Int64 = 0
  /// Requests to come; empty unless the policy needs `future`.
  public var future = ArrivalForecast()

  /// Replicas that are there or asked for.
  public var present: Int { ready + starting + demanded }
}

/// Replicas wanted and the clause that says why.
public struct ScalingDecision: Sendable {
  /// When the policy wants to be asked again.
  public enum Recheck: Sendable, Hashable {
    /// At its next tick.
    case tick
    /// When a request arrives: until then every tick would decide the same. Held to only while nothing is
    /// in flight, starting or demanded.
    case arrival
    /// At this instant, in nanoseconds, and at no tick before; as soon as a request arrives, at ticks again.
    case instant(Nanoseconds)
  }

  /// Ready, starting and demanded replicas together.
  public var desired: Int
  /// The clause that fired.
  public var clause: ScalingClause
  /// What was measured and held against what, where the policy measures.
  public var figures: ScalingFigures?
  /// When to ask again.
  public var recheck: Recheck

  /// Creates a decision.
  public init(
    desired: Int, clause: ScalingClause, figures: ScalingFigures? = nil, recheck: Recheck = .tick
  ) {
    self.desired = desired
    self.clause = clause
    self.figures = figures
    self.recheck = recheck
  }
}
