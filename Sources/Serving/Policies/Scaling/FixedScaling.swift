/// A constant number of replicas, up from the start.
public struct FixedScaling: ScalingPolicy {
  /// `fixed`.
  public static let name = "fixed"
  /// One line for help.
  public static let summary = "a constant number of replicas, up from the start"
  /// The rule's origin.
  public static let source = "a dedicated cluster"
  /// `replicas`.
  public static let options = [
    OptionDescription("replicas", .integer(1...10_000), default: .integer(1), "how many")
  ]

  /// How many.
  public let initialReplicas: Int
  /// The same number.
  public var minimumReplicas: Int { initialReplicas }
  /// The same number.
  public var maximumReplicas: Int { initialReplicas }
  /// None: it has said at the start what it will ever say.
  public var occasions: ScalingOccasions { [] }

  /// Reads the checked options.
  public init(_ values: OptionValues) { initialReplicas = values.integer("replicas") }

  /// The same number.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    ScalingDecision(desired: initialReplicas, clause: ScalingClause("fixed"))
  }
}
