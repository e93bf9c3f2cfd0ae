public import EventKernel

/// Kubernetes' HorizontalPodAutoscaler on a metric of the model: as many replicas as share it at its target.
///
/// It never goes to zero, waits before it takes replicas away, and doubles (or adds four) at most in fifteen
/// seconds.
public struct HorizontalPodScaling: BoundedScalingPolicy {
  /// `hpa`.
  public static let name = "hpa"
  /// One line for help.
  public static let summary = "Kubernetes' HPA: a metric over its target, with windows and rates"
  /// The rule's origin.
  public static let source = "kubernetes/kubernetes, pkg/controller/podautoscaler"
  /// Its metric.
  public static let needs: ScalingNeeds = .activity
  /// Bounds, metric, clock, behaviour.
  public static let options =
    [OptionDescription].bounds(minimum: 1, least: 1) + HorizontalMetric.options
    + [
      OptionDescription(
        "syncPeriod", .duration(1_000_000...3_600_000_000_000), default: .duration(15_000_000_000),
        "between decisions")
    ] + HorizontalRules.options

  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// One at least: the HPA never scales from zero.
  public var initialReplicas: Int { max(1, bounds.initial) }
  /// The sync period.
  public let interval: Nanoseconds?
  /// What the metric needs.
  public var metering: ActivityMetering { metric.metering }
  private let metric: HorizontalMetric
  private var rules: HorizontalRules

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    interval = values.duration("syncPeriod")
    metric = HorizontalMetric(values)
    rules = HorizontalRules(values)
  }

  /// At each sync.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let total = metric.total(view)
    let outcome = rules.decide(
      total: total, target: metric.target, present: max(1, view.present),
      bounds: minimumReplicas...maximumReplicas, at: view.now)
    let isQuiet =
      total == 0 && outcome.desired == view.present && outcome.desired == minimumReplicas
      && rules.isSettled(at: view.now, outcome.unlimited)
    return ScalingDecision(
      desired: outcome.desired, clause: ScalingClause(outcome.clause),
      figures: ScalingFigures(
        longWindow: total, target: metric.target, unlimited: outcome.unlimited),
      recheck: isQuiet ? .arrival : .tick)
  }
}
