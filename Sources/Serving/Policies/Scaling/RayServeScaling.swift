public import EventKernel

/// Ray Serve: ongoing requests over their target, smoothed, once enough decisions in a row agree.
///
/// Rule: ray-project/ray, python/ray/serve/autoscaling_policy.py
/// (`replica_queue_length_autoscaling_policy` under `_apply_default_params`). Without a replica the first request
/// starts one at once.
public struct RayServeScaling: BoundedScalingPolicy {
  /// `ray-serve`.
  public static let name = "ray-serve"
  /// One line for help.
  public static let summary = "Ray Serve: ongoing requests over their target, after a delay"
  /// The rule's origin.
  public static let source = "ray-project/ray, python/ray/serve/autoscaling_policy.py"
  /// Ongoing requests.
  public static let needs: ScalingNeeds = .activity
  private static let hour: Nanoseconds = 3_600_000_000_000
  /// Bounds as with `num_replicas="auto"`, and the keys of `AutoscalingConfig`.
  public static let options =
    [OptionDescription].bounds(minimum: 1, maximum: 100) + [
      OptionDescription(
        "targetOngoingRequests", .number(0.001...1e9), default: .number(2),
        "requests for each replica"),
      OptionDescription(
        "upscaleDelay", .duration(0...hour), default: .duration(30_000_000_000),
        "for how long more must be wanted"),
      OptionDescription(
        "downscaleDelay", .duration(0...hour), default: .duration(600_000_000_000),
        "for how long fewer must be wanted"),
      OptionDescription(
        "downscaleToZeroDelay", .duration(0...hour),
        "the same for the last replica (default: downscaleDelay)"),
      OptionDescription(
        "upscalingFactor", .number(0.001...1_000), default: .number(1),
        "how much of a step up is taken at once"),
      OptionDescription(
        "downscalingFactor", .number(0.001...1_000), default: .number(1),
        "how much of a step down is taken at once"),
      OptionDescription(
        "lookBackPeriod", .duration(1_000_000...hour), default: .duration(30_000_000_000),
        "over which requests are averaged"),
      OptionDescription(
        "interval", .duration(1_000_000...hour), default: .duration(100_000_000),
        "between decisions (the controller's loop)"),
    ]

  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// The controller's loop.
  public let interval: Nanoseconds?
  /// Thirty buckets for the look-back period.
  public var metering: ActivityMetering {
    ActivityMetering(bucket: max(1, lookBack / 30), buckets: 30)
  }
  private let target: Double
  private let lookBack: Nanoseconds
  private let factors: (up: Double, down: Double)
  /// Decisions in a row that must have agreed before one counts.
  private let periods: (up: Int64, down: Int64, toZero: Int64)
  /// Decisions in a row for more, above 0, or for fewer, below.
  private var agreed: Int64 = 0

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    target = values.number("targetOngoingRequests")
    lookBack = values.duration("lookBackPeriod")
    factors = (values.number("upscalingFactor"), values.number("downscalingFactor"))
    let interval = values.duration("interval")
    self.interval = interval
    let down = values.duration("downscaleDelay")
    var toZero = down
    if case .duration(let given)? = values["downscaleToZeroDelay"] { toZero = given }
    periods = (values.duration("upscaleDelay") / interval, down / interval, toZero / interval)
  }

  /// At each turn of the loop.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let total = view.activity.meanRequests(over: lookBack)
    let present = view.present
    guard view.ready > 0 else { return decision(view, total, withoutReplica(view), "from-zero") }
    let running = Double(view.ready)
    let ratio = total / (target * running)
    let wanted = smoothed(running * ratio, running)
    let bounded = bounds.clamped(wanted)
    var desired = present
    var clause = "steady"
    if bounded > present {
      agreed = max(agreed, 0) + 1
      clause = "upscale-delay"
      if agreed > periods.up { (desired, clause) = (bounded, "upscale") }
    } else if bounded < present {
      agreed = min(agreed, 0) - 1
      clause = "downscale-delay"
      let isLast = present == 1
      if agreed < -(isLast ? periods.toZero : periods.down) {
        (desired, clause) = (isLast ? bounded : max(1, bounded), "downscale")
      }
    }
    if desired != present || bounded == present { agreed = 0 }
    return decision(view, total, desired, clause, unlimited: wanted)
  }

  /// Nobody serves: one replica for the first request, without delay.
  private func withoutReplica(_ view: ScalingView) -> Int {
    if view.inFlight == 0 { return view.present }
    return min(maximumReplicas, max(Int(factors.up.rounded(.up)), view.present))
  }

  /// As much of the step as the factor says, and one at least on the way down.
  private func smoothed(_ desired: Double, _ running: Double) -> Int {
    let step = desired - running
    let factor = step > 0 ? factors.up : factors.down
    var scaled = (running + factor * step).rounded(.up)
    if desired.rounded(.up) < running, scaled == running { scaled -= 1 }
    return Int(min(scaled, 1e9))
  }

  private func decision(
    _ view: ScalingView, _ total: Double, _ desired: Int, _ clause: String, unlimited: Int? = nil
  ) -> ScalingDecision {
    let isQuiet = total == 0 && desired == view.present && agreed == 0
    return ScalingDecision(
      desired: desired, clause: ScalingClause(clause),
      figures: ScalingFigures(
        longWindow: total, target: target, unlimited: unlimited ?? desired),
      recheck: isQuiet ? .arrival : .tick)
  }
}
