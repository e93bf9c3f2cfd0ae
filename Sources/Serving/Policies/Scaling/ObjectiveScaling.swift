public import EventKernel

/// The Dynamo planner: replicas for the load of the last interval at what a replica does within its objectives.
///
/// Rule: ai-dynamo/dynamo, components/planner, `_compute_replica_requirements` and `make_adjustments` of
/// planner_core.py with the constant load predictor. Its tables of measured engines are here one figure each
/// for prefill and for decode, and as a replica here does both, their shares are added.
public struct ObjectiveScaling: BoundedScalingPolicy {
  /// `slo-aware`.
  public static let name = "slo-aware"
  /// One line for help.
  public static let summary = "the Dynamo planner: predicted tokens over what meets the objectives"
  /// The rule's origin.
  public static let source = "ai-dynamo/dynamo, components/planner (planner_core.py)"
  /// What was served in the last interval.
  public static let needs: ScalingNeeds = .activity
  /// Bounds, the interval, what a replica does, what is expected of it.
  public static let options =
    [OptionDescription].bounds(minimum: 1, least: 1) + [
      OptionDescription(
        "interval", .duration(1_000_000...86_400_000_000_000), default: .duration(180_000_000_000),
        "between decisions, and what each looks back over"),
      OptionDescription(
        "prefillTokensPerSecond", .number(1...1e12), default: .number(10_000),
        "prompt tokens that a replica takes within the TTFT objective"),
      OptionDescription(
        "decodeTokensPerSecond", .number(1...1e12), default: .number(2_000),
        "tokens that a replica generates within the ITL objective"),
      OptionDescription(
        "expectedTTFT", .duration(1...3_600_000_000_000),
        "TTFT that this is known to give (default: prefill is not corrected)"),
      OptionDescription(
        "expectedITL", .duration(1...3_600_000_000_000),
        "ITL that this is known to give (default: decode is not corrected)"),
    ]

  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// The adjustment interval.
  public let interval: Nanoseconds?
  /// The last interval, in one bucket.
  public var metering: ActivityMetering {
    ActivityMetering(bucket: max(1, interval ?? 1), buckets: 1)
  }
  private let prefillRate: Double
  private let decodeRate: Double
  private let expected: (firstToken: Double?, gap: Double?)

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    interval = values.duration("interval")
    prefillRate = values.number("prefillTokensPerSecond")
    decodeRate = values.number("decodeTokensPerSecond")
    func time(_ key: String) -> Double? {
      if case .duration(let time)? = values[key] { Double(time) } else { nil }
    }
    expected = (time("expectedTTFT"), time("expectedITL"))
  }

  /// After each interval; without traffic in it nothing changes.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let length = interval ?? 1
    let past = view.activity.last(length).activity
    guard past.completed > 0, past.arrivals > 0 else {
      let isIdle = past.arrivals == 0 && view.inFlight == 0
      return ScalingDecision(
        desired: max(view.present, minimumReplicas), clause: ScalingClause("no-traffic"),
        recheck: isIdle ? .arrival : .tick)
    }
    let seconds = Double(length) / 1e9
    let requests = Double(past.arrivals)
    let prompt = Double(past.promptTokens) / requests
    let output = Double(past.outputTokens) / Double(past.completed)
    let prefill = requests * prompt / seconds * min(1, firstTokenCorrection(past))
    let decode = requests * output / seconds * max(1, gapCorrection(past))
    let replicas = (prefill / prefillRate + decode / decodeRate).rounded(.up)
    let wanted = Int(min(replicas, 1e9))
    let desired = bounds.clamped(wanted)
    let clause = desired < wanted ? "max" : desired > wanted ? "min" : "load"
    return ScalingDecision(
      desired: desired, clause: ScalingClause(clause),
      figures: ScalingFigures(
        longWindow: prefill, shortWindow: decode, target: prefillRate, unlimited: wanted))
  }

  /// Observed over expected time to the first token: below 1 prefill has room.
  private func firstTokenCorrection(_ past: Activity) -> Double {
    guard let expected = expected.firstToken else { return 1 }
    return Double(past.timeToFirstToken) / Double(past.completed) / expected
  }

  /// Observed over expected time between tokens: above 1 decode must be slower loaded.
  private func gapCorrection(_ past: Activity) -> Double {
    let gaps = past.outputTokens - past.completed
    guard let expected = expected.gap, gaps > 0 else { return 1 }
    return Double(past.generationTime) / Double(gaps) / expected
  }
}
