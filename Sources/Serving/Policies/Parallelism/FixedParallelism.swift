/// Always the same plan: waits until its GPUs are free in the shape it needs.
public struct FixedParallelism: ParallelismPolicy {
  /// `fixed`.
  public static let name = "fixed"
  /// One line for help.
  public static let summary = "one plan, waited for"
  /// The rule's origin.
  public static let source = "how vLLM and most serving stacks are deployed"
  /// The plan's own, `domain`.
  public static let options = PlanShape.options + [domainOption]

  /// The plan.
  public let plan: PlanShape
  /// Whether a stage must lie inside one NVLink domain.
  public let requiresDomain: Bool

  /// Those between the plan's options.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    PlanShape.faults(in: values)
  }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    plan = PlanShape(values)
    requiresDomain = values.choice("domain") == "required"
  }

  /// The one plan.
  public var allPlans: [PlanShape] { [plan] }

  /// The one plan.
  public func plans(for demand: DemandView) -> [PlanShape] { [plan] }
}
