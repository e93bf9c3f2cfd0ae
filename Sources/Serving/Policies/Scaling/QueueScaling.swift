public import EventKernel

/// Starts replicas for the requests that wait beyond what starting replicas will take.
///
/// new = ceil((waiting − capacity of replicas still starting) / requests per replica), HydraServe's
/// rule (LLMServe/hydraserve); an idle replica is released after `keepAlive`, down to `min`.
public struct QueueScaling: BoundedScalingPolicy {
  /// `queue`.
  public static let name = "queue"
  /// One line for help.
  public static let summary = "replicas for the requests that wait; scale to zero after keepAlive"
  /// The rule's origin.
  public static let source = "HydraServe (LLMServe/hydraserve)"
  /// `min`, `max`, `initial`, `keepAlive`, `requestsPerReplica`, `mostAtOnce`.
  public static let options =
    [OptionDescription].bounds() + [
      OptionDescription(
        "keepAlive", .duration(0...Nanoseconds.max), default: .duration(60_000_000_000),
        "how long an idle replica is kept"),
      OptionDescription(
        "requestsPerReplica", .integer(1...1_000_000), default: .integer(16),
        "waiting requests that justify one more replica"),
      OptionDescription(
        "mostAtOnce", .integer(1...10_000),
        "most replicas demanded at once (default: no limit; HydraServe starts up to 4 together)"),
    ]

  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// How long an idle replica is kept, in nanoseconds.
  public let keepAlive: Nanoseconds?
  private let requestsPerReplica: Int
  private let mostAtOnce: Int

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    keepAlive = values.duration("keepAlive")
    requestsPerReplica = values.integer("requestsPerReplica")
    mostAtOnce = values.optionalInteger("mostAtOnce") ?? .max
  }

  /// One more replica for each `requestsPerReplica` uncovered waiting requests, or part of them.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let coming = view.starting + view.demanded
    let uncovered = view.waiting - coming * requestsPerReplica
    let more = uncovered > 0 ? (uncovered + requestsPerReplica - 1) / requestsPerReplica : 0
    let wanted = view.ready + coming + min(more, mostAtOnce)
    let desired = bounds.clamped(wanted)
    return ScalingDecision(
      desired: desired, clause: ScalingClause(wanted > maximumReplicas ? "max" : "queue"))
  }
}
