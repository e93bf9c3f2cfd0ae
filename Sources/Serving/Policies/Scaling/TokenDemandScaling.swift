public import EventKernel

/// BlitzScale's band: as many replicas as the waiting tokens and the KV blocks in use keep between two loads.
///
/// Rule: `generate_scale_target` of blitz-serving/blitz-scale, router_v2/src/replica/cybernetics/planner.rs.
/// Below the band it goes to the band's middle, above it one replica goes, once that has been so for a while.
/// BlitzScale has pools for prefill and for decode; a replica here does both, so the larger number counts, and
/// the bandwidth between the pools plays no part.
public struct TokenDemandScaling: BoundedScalingPolicy {
  /// `token-demand`.
  public static let name = "token-demand"
  /// One line for help.
  public static let summary = "BlitzScale's band of waiting tokens and KV blocks"
  /// The rule's origin.
  public static let source = "blitz-serving/blitz-scale, router_v2/src/replica/cybernetics"
  /// Waiting tokens and blocks.
  public static let needs: ScalingNeeds = [.activity, .blocks]
  /// Bounds, the band, its clock.
  public static let options =
    [OptionDescription].bounds(minimum: 1, least: 1) + [
      OptionDescription(
        "prefillTokensPerSecond", .number(1...1e12), default: .number(13_000),
        "what a replica prefills (Llama-2-7B on an A800)"),
      OptionDescription(
        "prefillUpper", .number(0.001...1_000), default: .number(0.8),
        "most seconds of waiting prompts for each replica"),
      OptionDescription(
        "prefillLower", .number(0.001...1_000), default: .number(0.5), "fewest of them"),
      OptionDescription(
        "blocksUpper", .number(0.001...1), default: .number(0.95),
        "most KV blocks in use, as a share"),
      OptionDescription(
        "blocksLower", .number(0.001...1), default: .number(0.75), "fewest of them"),
      OptionDescription(
        "scaleDownDelay", .duration(0...3_600_000_000_000), default: .duration(333_000_000),
        "for how long there must be too many"),
      OptionDescription(
        "interval", .duration(1_000_000...3_600_000_000_000), default: .duration(100_000_000),
        "between decisions (BlitzScale's planner never sleeps)"),
    ]

  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// The planner's loop.
  public let interval: Nanoseconds?
  private let rate: Double
  private let prefill: (upper: Double, lower: Double)
  private let blocks: (upper: Double, lower: Double)
  private let delay: Nanoseconds
  /// Since when there have been too many; nil when there are not.
  private var surplusSince: Nanoseconds?

  /// Bounds, and bands whose upper end lies above the lower one.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    let bands = ["prefill", "blocks"].compactMap { band -> OptionFault? in
      let (lower, upper) = (values.number("\(band)Lower"), values.number("\(band)Upper"))
      guard lower > upper else { return nil }
      return OptionFault(
        key: "\(band)Lower", found: "\(lower)", expected: "at most \(band)Upper, \(upper)")
    }
    return ReplicaBounds.faults(in: values) + bands
  }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    interval = values.duration("interval")
    rate = values.number("prefillTokensPerSecond")
    prefill = (values.number("prefillUpper"), values.number("prefillLower"))
    blocks = (values.number("blocksUpper"), values.number("blocksLower"))
    delay = values.duration("scaleDownDelay")
  }

  /// At each turn of the loop.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let present = view.present
    let tokens = Double(view.waitingTokens)
    let capacity = Double(max(1, view.blocksPerReplica))
    func replicas(_ prefillLoad: Double, _ blockLoad: Double) -> Int {
      let forTokens = (tokens / prefillLoad / rate).rounded(.up)
      let forBlocks = (Double(view.blocksHeld) / blockLoad / capacity).rounded(.up)
      return Int(min(max(forTokens, forBlocks), 1e9))
    }
    let least = replicas(prefill.upper, blocks.upper)
    let most = max(least, replicas(prefill.lower, blocks.lower))
    var (desired, clause) = (present, "band")
    if least > present {
      (desired, clause) = ((least + most + 1) / 2, "below-band")
    } else if most < present, present > 1 {
      let since = surplusSince ?? view.now
      surplusSince = since
      clause = "above-band"
      if view.now - since >= delay { desired = present - 1 }
    }
    if most >= present || desired < present { surplusSince = nil }
    let bounded = bounds.clamped(desired)
    if bounded != desired { clause = bounded < desired ? "max" : "min" }
    let isQuiet = bounded == present && present == minimumReplicas && least <= present
    return ScalingDecision(
      desired: bounded, clause: ScalingClause(clause),
      figures: ScalingFigures(
        longWindow: tokens, shortWindow: Double(view.blocksHeld), target: rate, unlimited: desired),
      recheck: isQuiet ? .arrival : .tick)
  }
}
