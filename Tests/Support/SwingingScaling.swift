public import EventKernel
public import Serving

/// Wants another number of replicas at every tick, whatever happens: replicas are demanded and given up, drain
/// and take requests again.
public struct SwingingScaling: ScalingPolicy {
  /// `swinging`.
  public static let name = "swinging"
  /// One line.
  public static let summary = "another number at every tick"
  /// The tests.
  public static let source = "tests"
  /// `interval`, `replicas`, `seed`.
  public static let options = [
    OptionDescription("interval", .duration(1...1_000_000_000), required: true, "a tick"),
    OptionDescription("replicas", .integer(1...100), required: true, "the most"),
    OptionDescription("seed", .integer(0...Int64.max), default: .integer(0), "which numbers"),
  ]

  /// None.
  public var initialReplicas: Int { 0 }
  /// None.
  public var minimumReplicas: Int { 0 }
  /// The most.
  public let maximumReplicas: Int
  /// For ever.
  public var keepAlive: Nanoseconds? { nil }
  /// A tick.
  public let interval: Nanoseconds?
  private let seed: UInt64

  /// Reads the options.
  public init(_ values: OptionValues) {
    interval = values.duration("interval")
    maximumReplicas = values.integer("replicas")
    seed = UInt64(values.integer("seed"))
  }

  /// Wants up to `replicas` at each tick.
  public init(interval: Nanoseconds, replicas: Int, seed: UInt64) {
    self.interval = interval
    maximumReplicas = replicas
    self.seed = seed
  }

  /// The tick's own number, and never too long none.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let tick = UInt64(view.now / (interval ?? 1))
    let draw = RandomStream(seed: seed, name: "swinging").bits(at: tick)
    let desired = tick % 4 == 0 ? maximumReplicas : Int(draw % UInt64(maximumReplicas + 1))
    return ScalingDecision(desired: desired, clause: ScalingClause("swing"))
  }
}
