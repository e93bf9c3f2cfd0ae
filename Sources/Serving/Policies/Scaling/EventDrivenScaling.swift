public import EventKernel

/// KEDA: between zero and one replica by polling and a cooldown, from one on by an HPA.
///
/// Rule: kedacore/keda, pkg/scaling/executor/scale_scaledobjects.go: a poll that finds the trigger active wakes
/// the model; when no poll has for longer than the cooldown, it goes to zero. In between the HPA that KEDA
/// creates decides by the same metric.
public struct EventDrivenScaling: BoundedScalingPolicy {
  /// `keda`.
  public static let name = "keda"
  /// One line for help.
  public static let summary = "KEDA: zero to one by polling and cooldown, an HPA from one on"
  /// The rule's origin.
  public static let source = "kedacore/keda, pkg/scaling/executor/scale_scaledobjects.go"
  /// Its metric.
  public static let needs: ScalingNeeds = .activity
  /// Bounds, metric, polling, and the keys of its HPA.
  public static let options =
    [OptionDescription].bounds(maximum: 100) + HorizontalMetric.options
    + [
      OptionDescription(
        "pollingInterval", .duration(1_000_000...3_600_000_000_000),
        default: .duration(30_000_000_000), "between polls of the trigger"),
      OptionDescription(
        "cooldownPeriod", .duration(0...86_400_000_000_000), default: .duration(300_000_000_000),
        "after the last active poll until the last replica goes"),
      OptionDescription(
        "activationTarget", .number(0...1e9), default: .number(0),
        "the trigger is active above this"),
      OptionDescription(
        "syncPeriod", .duration(1_000_000...3_600_000_000_000), default: .duration(15_000_000_000),
        "between the HPA's decisions"),
    ] + HorizontalRules.options

  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// Between polls.
  public var interval: Nanoseconds? { polling }
  /// Between the HPA's decisions.
  public var secondInterval: Nanoseconds? { syncPeriod }
  /// What the metric needs.
  public var metering: ActivityMetering { metric.metering }
  private let polling: Nanoseconds
  private let syncPeriod: Nanoseconds
  private let cooldown: Nanoseconds
  private let activation: Double
  private let metric: HorizontalMetric
  private var rules: HorizontalRules
  private var lastActive: Nanoseconds?

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    polling = values.duration("pollingInterval")
    syncPeriod = values.duration("syncPeriod")
    cooldown = values.duration("cooldownPeriod")
    activation = values.number("activationTarget")
    metric = HorizontalMetric(values)
    rules = HorizontalRules(values)
  }

  /// At each poll and at each sync.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let total = metric.total(view)
    var outcome = HorizontalRules.Outcome(
      desired: view.present, unlimited: view.present, clause: "wait")
    if view.now % polling == 0, let desired = poll(total, view) {
      outcome = desired
    } else if view.now % syncPeriod == 0, view.present > 0 {
      outcome = rules.decide(
        total: total, target: metric.target, present: view.present,
        bounds: max(1, minimumReplicas)...maximumReplicas, at: view.now)
    }
    let isQuiet = total == 0 && outcome.desired == 0
    return ScalingDecision(
      desired: outcome.desired, clause: ScalingClause(outcome.clause),
      figures: ScalingFigures(
        longWindow: total, target: metric.target, unlimited: outcome.unlimited),
      recheck: isQuiet ? .arrival : .tick)
  }

  /// Between zero and one; nil where the HPA decides.
  private mutating func poll(_ total: Double, _ view: ScalingView) -> HorizontalRules.Outcome? {
    if total > activation {
      lastActive = view.now
      if view.present > 0 { return nil }
      let desired = max(1, minimumReplicas)
      return HorizontalRules.Outcome(desired: desired, unlimited: 1, clause: "activation")
    }
    guard minimumReplicas == 0 else { return nil }
    if view.present == 0 {
      return HorizontalRules.Outcome(desired: 0, unlimited: 0, clause: "idle")
    }
    guard (lastActive ?? -cooldown - 1) + cooldown < view.now else { return nil }
    return HorizontalRules.Outcome(desired: 0, unlimited: 0, clause: "cooldown")
  }
}
