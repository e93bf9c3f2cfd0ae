public import EventKernel

/// The perfect system: as many replicas as the arrivals to come need, known beforehand.
///
/// At the beginning of each window it has ceil(lambda / mu) replicas, lambda being the requests per second
/// that will arrive in the window `lead` later and mu the `requestsPerSecond` of a replica within its
/// objectives; times GPUs per replica that is the bound of llm-d/llm-d-autoscaling#1499. Cold starts take
/// their time here as for everybody; with `lead` as long as one, replicas are ready when they are needed.
public struct OracleScaling: BoundedScalingPolicy {
  /// `oracle`.
  public static let name = "oracle"
  /// One line for help.
  public static let summary = "the perfect system's bound: replicas for the arrivals to come"
  /// The rule's origin.
  public static let source = "llm-d/llm-d-autoscaling#1499, the perfect-system lower bound"
  /// The future.
  public static let needs: ScalingNeeds = .future
  /// Bounds, what a replica does, the window, how early.
  public static let options =
    [OptionDescription].bounds(maximum: 10_000).filter { $0.key != "initial" } + [
      OptionDescription(
        "requestsPerSecond", .number(1e-6...1e9), default: .number(1),
        "what a replica serves within its objectives"),
      OptionDescription(
        "window", .duration(1_000_000...86_400_000_000_000), default: .duration(10_000_000_000),
        "over which arrivals are counted, and between decisions"),
      OptionDescription(
        "lead", .duration(0...86_400_000_000_000), default: .duration(0),
        "how long before a window its replicas are wanted"),
    ]

  /// None: the first decision demands them.
  public var initialReplicas: Int { 0 }
  /// Fewest, most and first replicas.
  public let bounds: ReplicaBounds
  /// A window.
  public let interval: Nanoseconds?
  /// From the start.
  public var asksAtStart: Bool { true }
  /// To the end of the window that is looked at.
  public var foresight: Nanoseconds { lead + window }
  private let rate: Double
  private let window: Nanoseconds
  private let lead: Nanoseconds

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bounds = ReplicaBounds(values)
    rate = values.number("requestsPerSecond")
    window = values.duration("window")
    lead = values.duration("lead")
    interval = window
  }

  /// At the beginning of each window, by the one that lies `lead` ahead.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let count = view.future.count(in: view.now + lead..<view.now + lead + window)
    let load = Double(count) * 1e9 / Double(window)
    let wanted = Int(min((load / rate).rounded(.up), 1e9))
    let desired = bounds.clamped(wanted)
    let clause = desired < wanted ? "max" : desired > wanted ? "min" : "perfect"
    return ScalingDecision(
      desired: desired, clause: ScalingClause(clause),
      figures: ScalingFigures(longWindow: load, target: rate, unlimited: wanted))
  }
}
