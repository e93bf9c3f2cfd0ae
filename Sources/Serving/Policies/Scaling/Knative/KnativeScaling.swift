public import EventKernel

/// Knative's own autoscaler (KPA): the average concurrency of a minute, a panic mode for bursts, and zero.
///
/// Rule: knative/serving, pkg/autoscaler/scaling (autoscaler.go, multiscaler.go) for how many pods,
/// pkg/reconciler/autoscaling/kpa (kpa.go, scaler.go) for bounds and the way to zero. Options are named like
/// the keys of its ConfigMap `config-autoscaler` and its annotations, which scenarios may give as files.
public struct KnativeScaling: ScalingPolicy {
  /// `knative`.
  public static let name = "knative"
  /// One line for help.
  public static let summary = "Knative's KPA: stable and panic windows, scale to zero"
  /// The rule's origin.
  public static let source = "knative/serving, pkg/autoscaler and pkg/reconciler/autoscaling/kpa"
  /// What its pods and its activator report.
  public static let needs: ScalingNeeds = .activity

  /// Replicas up at the start.
  public let initialReplicas: Int
  /// Fewest replicas.
  public let minimumReplicas: Int
  /// Most replicas.
  public let maximumReplicas: Int
  /// Two seconds, unless told.
  public let interval: Nanoseconds?
  /// Buckets of half a tick, for the whole stable window.
  public let metering: ActivityMetering
  /// While nothing is wanted, the activator in the path calls for a replica with the first request.
  public var occasions: ScalingOccasions {
    wanted == 0 && inPathSince != nil ? .arrival : []
  }

  /// What Knative's PodAutoscaler says of a revision: whether it has the pods that it needs.
  private enum Condition { case activating, active, inactive }

  private let settings: KnativeSettings
  private var decider: KnativeDecider
  private var stable: KnativeWindow
  private var panic: KnativeWindow
  /// Buckets of the meter that have been read, and what the activator has told of the next one beforehand.
  private var read: Int64 = 0
  private var told = 0.0
  /// The decider's last word; -1 before it has measured anything.
  private var wanted = -1
  private var condition: Condition
  private var conditionSince: Nanoseconds = 0
  /// Since when the activator has been in the path; nil when it is not.
  private var inPathSince: Nanoseconds?

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    let settings = KnativeSettings(values)
    self.settings = settings
    initialReplicas = max(settings.initial, settings.minimum)
    minimumReplicas = settings.minimum
    maximumReplicas = settings.maximum
    interval = settings.tick
    let bucket = settings.tick / 2
    let buckets = Int((settings.stableWindow + bucket - 1) / bucket)
    metering = ActivityMetering(bucket: bucket, buckets: buckets + 2)
    stable = KnativeWindow(buckets: buckets)
    panic = KnativeWindow(buckets: Int((settings.panicWindow + bucket / 2) / bucket))
    decider = KnativeDecider(
      settings.specification, ready: initialReplicas, tick: settings.tick)
    condition = initialReplicas > 0 ? .active : .inactive
    let specification = settings.specification
    let burst = specification.targetBurstCapacity
    if burst < 0 || specification.total < burst { inPathSince = 0 }
  }

  /// Every tick, and with the first request after none were wanted.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    report(view)
    let bucket = view.now / metering.bucket
    var figures: ScalingFigures?
    var clause = "no-data"
    var capacity = 0
    if !stable.isEmpty(at: bucket) {
      let (long, short) = (stable.average(at: bucket), panic.average(at: bucket))
      let outcome = decider.decide(stable: long, panic: short, ready: view.ready, at: view.now)
      wanted = outcome.desired
      capacity = outcome.excessBurstCapacity
      clause = view.occasion == .arrival ? "from-zero" : outcome.clause
      figures = ScalingFigures(
        longWindow: long, shortWindow: short, target: settings.specification.target,
        unlimited: outcome.unlimited, excessBurstCapacity: capacity)
      if capacity >= 0 { inPathSince = nil } else { inPathSince = inPathSince ?? view.now }
    }
    var decision = reconcile(view, clause)
    decision.figures = figures
    return decision
  }

  /// Reads what pods and activator have reported since the last decision, by the bucket in which it arrives.
  private mutating func report(_ view: ScalingView) {
    let meter = view.activity
    let seconds = Double(meter.bucket) / 1e9
    for number in max(read, meter.ended - Int64(metering.buckets))..<max(read, meter.ended) {
      let activity = meter[number]
      var value =
        settings.countsRequests
        ? Double(activity.arrivals) / seconds
        : Double(activity.requestTime) / Double(meter.bucket)
      if told > 0 {
        value = max(0, value - told)
        told = 0
      }
      guard activity.isReported else { continue }
      stable.record(value, bucket: number + 1)
      panic.record(value, bucket: number + 1)
    }
    read = max(read, meter.ended)
    guard view.occasion == .arrival else { return }
    // The activator tells of the first request at once, and counts it less in its next report.
    let bucket = view.now / meter.bucket
    stable.record(1, bucket: bucket)
    panic.record(1, bucket: bucket)
    told = 1
  }

  /// Bounds, and the way to zero.
  private mutating func reconcile(_ view: ScalingView, _ clause: String) -> ScalingDecision {
    guard wanted >= 0 else {
      return ScalingDecision(
        desired: view.present, clause: ScalingClause(clause), recheck: .arrival)
    }
    var decision = ScalingDecision(desired: wanted, clause: ScalingClause(clause))
    if wanted < settings.minimum {
      decision = ScalingDecision(desired: settings.minimum, clause: ScalingClause("min-scale"))
    } else if wanted > settings.maximum {
      decision = ScalingDecision(desired: settings.maximum, clause: ScalingClause("max-scale"))
    }
    if decision.desired == 0 { decision = toZero(view) }
    if decision.clause.name == "activating" {
      note(nil, view)
    } else {
      let isLeaving = decision.clause.name == "grace"
      if isLeaving || decision.desired == 0 { inPathSince = inPathSince ?? view.now }
      note(isLeaving ? 0 : decision.desired, view)
    }
    if case .tick = decision.recheck, isQuiet(view, decision.desired) {
      decision.recheck = .arrival
    }
    return decision
  }

  /// Nothing is wanted: when the last pods may go.
  private mutating func toZero(_ view: ScalingView) -> ScalingDecision {
    func decision(
      _ desired: Int, _ clause: String, _ recheck: ScalingDecision.Recheck = .tick
    ) -> ScalingDecision {
      ScalingDecision(desired: desired, clause: ScalingClause(clause), recheck: recheck)
    }
    if !settings.scalesToZero { return decision(1, "scale-to-zero-off") }
    switch condition {
    case .activating:
      let limit = conditionSince + KnativeSettings.activationTimeout
      if view.now > limit { return decision(0, "activation-timeout") }
      return decision(view.present, "activating")
    case .active:
      let due = conditionSince + settings.stableWindow
      if view.now < due { return decision(1, "active-window", .instant(due)) }
      become(.inactive, at: view.now)
      inPathSince = inPathSince ?? view.now
    case .inactive: break
    }
    let inPath = (inPathSince ?? view.now) + settings.gracePeriod
    let retained = conditionSince + settings.retentionPeriod
    let due = min(
      conditionSince + max(settings.gracePeriod, settings.retentionPeriod), max(retained, inPath))
    if view.now >= due || view.present == 0 { return decision(0, "to-zero") }
    return decision(view.present, "grace", .instant(due))
  }

  /// Whether the revision has what it needs from now on; `want` is nil while that is not known.
  private mutating func note(_ want: Int?, _ view: ScalingView) {
    if want == 0 {
      become(.inactive, at: view.now)
    } else if want != nil || condition != .inactive {
      become(view.ready < max(1, settings.minimum) ? .activating : .active, at: view.now)
    }
  }

  private mutating func become(_ next: Condition, at now: Nanoseconds) {
    if condition != next { conditionSince = now }
    condition = next
  }

  /// Whether every tick until the next request would decide the same.
  private func isQuiet(_ view: ScalingView, _ desired: Int) -> Bool {
    let bucket = view.now / metering.bucket
    return desired == view.present && decider.panicTime == nil
      && stable.average(at: bucket) == 0 && decider.isSettled
  }
}
