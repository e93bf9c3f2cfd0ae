import EventKernel

/// How a Kubernetes HorizontalPodAutoscaler gets from a metric to a number of pods.
///
/// Rule: kubernetes/kubernetes, pkg/controller/podautoscaler: `GetExternalPerPodMetricReplicas` of
/// replica_calculator.go (a total over a target for each pod, with a tolerance), and
/// `recordInitialRecommendation` and `normalizeDesiredReplicasWithBehaviors` of horizontal.go
/// (stabilization windows, then rates), with the behaviour that the API server fills in (pkg/apis/autoscaling/v2/defaults.go) unless told.
struct HorizontalRules: Sendable {
  /// Rates and the window of one direction.
  struct Behaviour: Sendable {
    /// Percent of the pods, and pods, that may come or go in a period; the larger of both counts.
    var percent: Int
    var pods: Int
    var period: Nanoseconds
    var stabilization: Nanoseconds
  }

  /// What comes of a decision.
  struct Outcome: Sendable, Hashable {
    var desired: Int
    var unlimited: Int
    var clause: String
  }

  private struct Change: Sendable {
    var time: Nanoseconds
    var value: Int
  }

  let up: Behaviour
  let down: Behaviour
  let tolerance: Double
  /// Numbers wanted, within the longer window; nil before the first decision.
  private var recommendations: [Change]?
  private var changes: [Change] = []

  init(_ values: OptionValues) {
    tolerance = values.number("tolerance")
    up = Behaviour(
      percent: values.integer("scaleUpPercent"), pods: values.integer("scaleUpPods"),
      period: values.duration("scaleUpPeriod"), stabilization: values.duration("scaleUpWindow"))
    down = Behaviour(
      percent: values.integer("scaleDownPercent"), pods: values.integer("scaleDownPods"),
      period: values.duration("scaleDownPeriod"),
      stabilization: values.duration("scaleDownWindow"))
  }

  /// The behaviour's keys.
  static let options = [
    OptionDescription(
      "tolerance", .number(0...1), default: .number(0.1),
      "how far the metric may be off its target without any change, as a share of it"),
    OptionDescription(
      "scaleUpPercent", .integer(0...100_000), default: .integer(100),
      "replicas that may come in a period, in percent of those at its beginning"),
    OptionDescription(
      "scaleUpPods", .integer(0...10_000), default: .integer(4),
      "replicas that may come in a period, if that is more"),
    OptionDescription(
      "scaleUpPeriod", .duration(1_000_000...1_800_000_000_000), default: .duration(15_000_000_000),
      "that period"),
    OptionDescription(
      "scaleUpWindow", .duration(0...3_600_000_000_000), default: .duration(0),
      "over which the fewest replicas wanted count when more are wanted"),
    OptionDescription(
      "scaleDownPercent", .integer(0...100), default: .integer(100),
      "replicas that may go in a period, in percent of those at its beginning"),
    OptionDescription(
      "scaleDownPods", .integer(0...10_000), default: .integer(0),
      "replicas that may go in a period, if that is more"),
    OptionDescription(
      "scaleDownPeriod", .duration(1_000_000...1_800_000_000_000),
      default: .duration(15_000_000_000), "that period"),
    OptionDescription(
      "scaleDownWindow", .duration(0...3_600_000_000_000), default: .duration(300_000_000_000),
      "over which the most replicas wanted count when fewer are wanted"),
  ]

  /// Decides by the metric's total over all pods and the target of each.
  ///
  /// - Parameters:
  ///   - total: The metric.
  ///   - target: Of it for each pod, above 0.
  ///   - present: Pods that there are or that have been asked for, at least 1.
  ///   - bounds: Fewest and most pods.
  ///   - now: The time, in nanoseconds.
  /// - Returns: Pods, and the rule that decided.
  mutating func decide(
    total: Double, target: Double, present: Int, bounds: ClosedRange<Int>, at now: Nanoseconds
  ) -> Outcome {
    forget(before: now)
    // The pods found at first count as if they had been wanted: `recordInitialRecommendation`.
    if recommendations == nil { recommendations = [Change(time: now, value: present)] }
    let ratio = total / (target * Double(present))
    let isNear = abs(1 - ratio) <= tolerance
    let wanted = isNear ? present : Int(min((total / target).rounded(.up), 1e9))
    var outcome = Outcome(
      desired: wanted, unlimited: wanted, clause: isNear ? "tolerance" : "metric")
    if present > bounds.upperBound {
      outcome = Outcome(desired: bounds.upperBound, unlimited: wanted, clause: "max")
    } else if present < bounds.lowerBound {
      outcome = Outcome(desired: bounds.lowerBound, unlimited: wanted, clause: "min")
    } else {
      stabilize(&outcome, present: present, at: now)
      limit(&outcome, present: present, bounds: bounds, at: now)
    }
    if outcome.desired != present {
      changes.append(Change(time: now, value: outcome.desired - present))
    }
    return outcome
  }

  /// Whether nothing but the number wanted now is remembered.
  func isSettled(at now: Nanoseconds, _ wanted: Int) -> Bool {
    recommendations?.allSatisfy { $0.value == wanted || $0.time <= now - down.stabilization }
      ?? true
  }

  /// More only as far as the fewest of the window up, fewer only down to the most of the window down.
  private mutating func stabilize(
    _ outcome: inout Outcome, present: Int, at now: Nanoseconds
  ) {
    let wanted = outcome.desired
    var (fewest, most) = (wanted, wanted)
    for change in recommendations ?? [] {
      if change.time > now - up.stabilization { fewest = min(fewest, change.value) }
      if change.time > now - down.stabilization { most = max(most, change.value) }
    }
    recommendations?.append(Change(time: now, value: wanted))
    let desired = min(max(present, fewest), most)
    if desired != wanted { outcome.clause = "stabilization" }
    outcome.desired = desired
  }

  private func limit(
    _ outcome: inout Outcome, present: Int, bounds: ClosedRange<Int>, at now: Nanoseconds
  ) {
    if outcome.desired > present {
      let start = present - changed(within: up.period, at: now)
      let percent = (Double(start) * (1 + Double(up.percent) / 100)).rounded(.up)
      let rate = max(present, max(Int(percent), start + up.pods))
      let most = min(bounds.upperBound, rate)
      if outcome.desired > most {
        outcome.clause = rate < bounds.upperBound ? "scale-up-rate" : "max"
        outcome.desired = most
      }
    } else if outcome.desired < present {
      let start = present - changed(within: down.period, at: now)
      let percent = (Double(start) * (1 - Double(down.percent) / 100)).rounded(.down)
      let rate = min(present, min(Int(percent), start - down.pods))
      let least = max(bounds.lowerBound, rate)
      if outcome.desired < least {
        outcome.clause = rate > bounds.lowerBound ? "scale-down-rate" : "min"
        outcome.desired = least
      }
    }
  }

  /// Pods that came, less those that went, in a period.
  private func changed(within period: Nanoseconds, at now: Nanoseconds) -> Int {
    changes.reduce(0) { $0 + ($1.time > now - period ? $1.value : 0) }
  }

  private mutating func forget(before now: Nanoseconds) {
    let window = max(up.stabilization, down.stabilization)
    recommendations?.removeAll { $0.time <= now - window }
    changes.removeAll { $0.time <= now - max(up.period, down.period) }
  }
}

/// What a horizontal autoscaler measures of a model.
struct HorizontalMetric: Sendable {
  private let name: String
  private let window: Nanoseconds
  /// Of it for each replica.
  let target: Double

  init(_ values: OptionValues) {
    name = values.choice("metric")
    window = values.duration("metricWindow")
    target = values.number("target")
  }

  /// The metric's keys.
  static let options = [
    OptionDescription(
      "metric", .choice(["concurrency", "rps", "waiting"]), default: .choice("concurrency"),
      "what is measured: requests in the system, requests per second, requests without a replica"),
    OptionDescription(
      "target", .number(0.001...1e9), default: .number(10), "of it for each replica"),
    OptionDescription(
      "metricWindow", .duration(1_000_000...3_600_000_000_000), default: .duration(15_000_000_000),
      "over which concurrency and rps are averaged"),
  ]

  /// Its meter: buckets of a fifteenth of the window.
  var metering: ActivityMetering { ActivityMetering(bucket: max(1, window / 15), buckets: 15) }

  /// Its total over all replicas.
  func total(_ view: ScalingView) -> Double {
    switch name {
    case "rps": view.activity.arrivalsPerSecond(over: window)
    case "waiting": Double(view.waiting)
    default: view.activity.meanRequests(over: window)
    }
  }
}
