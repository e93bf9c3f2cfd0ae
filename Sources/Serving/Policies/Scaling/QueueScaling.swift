public import EventKernel

/// Starts replicas for the requests that wait beyond what starting replicas will take.
///
/// new = ceil((waiting − capacity of replicas still starting) / requests per replica), HydraServe's
/// rule (LLMServe/hydraserve); an idle replica is released after `keepAlive`, down to `min`.
public struct QueueScaling: ScalingPolicy {
  /// `queue`.
  public static let name = "queue"
  /// One line for help.
  public static let summary = "replicas for the requests that wait; scale to zero after keepAlive"
  /// The rule's origin.
  public static let source = "HydraServe (LLMServe/hydraserve)"
  /// `min`, `max`, `initial`, `keepAlive`, `requestsPerReplica`, `mostAtOnce`.
  public static let options = [
    OptionDescription("min", .integer(0...10_000), default: .integer(0), "fewest replicas"),
    OptionDescription("max", .integer(1...10_000), default: .integer(8), "most replicas"),
    OptionDescription(
      "initial", .integer(0...10_000), "replicas up at the start (default: min)"),
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

  /// Replicas up at the start.
  public let initialReplicas: Int
  /// Fewest replicas.
  public let minimumReplicas: Int
  /// Most replicas.
  public let maximumReplicas: Int
  /// How long an idle replica is kept, in nanoseconds.
  public let keepAlive: Nanoseconds?
  private let requestsPerReplica: Int
  private let mostAtOnce: Int

  /// `min` and `initial` within `max`.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    let most = values.integer("max")
    var faults: [OptionFault] = []
    if values.integer("min") > most {
      faults.append(
        OptionFault(key: "min", found: "\(values.integer("min"))", expected: "at most max, \(most)")
      )
    }
    if case .integer(let initial)? = values["initial"], initial > most {
      faults.append(
        OptionFault(key: "initial", found: "\(initial)", expected: "at most max, \(most)"))
    }
    return faults
  }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    minimumReplicas = values.integer("min")
    maximumReplicas = values.integer("max")
    if case .integer(let initial)? = values["initial"] {
      initialReplicas = Int(initial)
    } else {
      initialReplicas = minimumReplicas
    }
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
    let desired = max(minimumReplicas, min(maximumReplicas, wanted))
    return ScalingDecision(
      desired: desired, clause: ScalingClause(wanted > maximumReplicas ? "max" : "queue"))
  }
}
