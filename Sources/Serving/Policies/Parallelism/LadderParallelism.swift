/// Takes the best plan that the free GPUs allow now: the first rung that can be placed.
public struct LadderParallelism: ParallelismPolicy {
  /// `ladder`.
  public static let name = "ladder"
  /// One line for help.
  public static let summary = "the first of a list of plans that the free GPUs allow"
  /// The rule's origin.
  public static let source = "simpp; the choice HydraServe makes by bandwidth, made by free GPUs"
  /// `plans`, `domain`.
  public static let options = [
    OptionDescription("plans", .plans, required: true, "the rungs, most wanted first"),
    domainOption,
  ]

  /// The rungs, most wanted first.
  public let rungs: [PlanShape]
  /// Whether a stage must lie inside one NVLink domain.
  public let requiresDomain: Bool

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    rungs = values.plans("plans")
    requiresDomain = values.choice("domain") == "required"
  }

  /// All rungs.
  public var allPlans: [PlanShape] { rungs }

  /// All rungs, most wanted first.
  public func plans(for demand: DemandView) -> [PlanShape] { rungs }
}
