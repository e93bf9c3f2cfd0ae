/// Always the same plan: waits until its GPUs are free in the shape it needs.
public struct FixedParallelism: ParallelismPolicy {
  /// `fixed`.
  public static let name = "fixed"
  /// One line for help.
  public static let summary = "one plan, waited for"
  /// The rule's origin.
  public static let source = "how vLLM and most serving stacks are deployed"
  /// `tensor`, `stages`, `layers`, `domain`.
  public static let options = [
    OptionDescription(
      "tensor", .integer(1...64), default: .integer(1), "GPUs of a stage (tensor-parallel degree)"),
    OptionDescription("stages", .integer(1...256), default: .integer(1), "pipeline stages"),
    OptionDescription(
      "layers", .integers(1...10_000), "layers of each stage, first to last (default: even)"),
    domainOption,
  ]

  /// The plan.
  public let plan: PlanShape
  /// Whether a stage must lie inside one NVLink domain.
  public let requiresDomain: Bool

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    var layers: [Int]?
    if case .integers(let list)? = values["layers"] { layers = list.map { Int($0) } }
    plan = PlanShape(
      tensor: values.integer("tensor"), stages: values.integer("stages"), layers: layers)
    requiresDomain = values.choice("domain") == "required"
  }

  /// The one plan.
  public var allPlans: [PlanShape] { [plan] }

  /// The one plan.
  public func plans(for demand: DemandView) -> [PlanShape] { [plan] }
}
