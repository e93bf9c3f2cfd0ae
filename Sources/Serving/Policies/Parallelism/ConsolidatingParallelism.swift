/// Starts as a pipeline over whatever GPUs are free, and ends on one stage.
///
/// The weights of a pipeline come over as many links as it has stages, so it serves early (HydraServe).
/// Once it does, the model is loaded onto one stage: where that has as many GPUs as a stage of the
/// pipeline, onto the pipeline's own GPUs, beside what lies there already; else onto other GPUs, once
/// they are free in the shape it needs. Then new requests go there, and the pipeline's own finish where
/// they are or move with their KV.
public struct ConsolidatingParallelism: ParallelismPolicy {
  /// `pp-then-consolidate`.
  public static let name = "pp-then-consolidate"
  /// One line for help.
  public static let summary =
    "a pipeline over scattered GPUs first, then one stage once that is loaded"
  /// The rule's origin.
  public static let source =
    "HydraServe (LLMServe/hydraserve), PipeBoost and λScale for the end on single GPUs; the end as "
    + "TP is simpp's"
  /// `plans`, `endTensor`, `requests`, `survivors`, `domain`.
  public static let options = [
    OptionDescription(
      "plans", .plans, default: .plans([PlanShape(tensor: 1, stages: 4)]),
      "what a replica starts as, most wanted first"),
    OptionDescription(
      "endTensor", .integer(1...64), default: .integer(1),
      "GPUs of the one stage that it ends as"),
    OptionDescription(
      "requests", .choice(["finish", "move"]), default: .choice("finish"),
      "whether a pipeline's requests finish on it, or move with their KV"),
    OptionDescription(
      "survivors", .choice(["one", "all"]), default: .choice("one"),
      "whether one stage of the pipeline becomes a replica, or each of them"),
    domainOption,
  ]

  private let starts: [PlanShape]
  /// What becomes of a pipeline.
  public let consolidation: Consolidation?
  /// Whether a stage must lie inside one NVLink domain.
  public let requiresDomain: Bool

  /// Whatever is one stage of `endTensor` GPUs already does not consolidate; only stages of as many GPUs
  /// can all survive, and virtual stages have no place of their own to survive on.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    let plans = values.plans("plans")
    let tensor = values.integer("endTensor")
    var faults: [OptionFault] = []
    if !plans.contains(where: { $0.stages > 1 }) {
      faults.append(
        OptionFault(
          key: "plans", found: "no plan of several stages", expected: "a pipeline among them"))
    }
    if plans.contains(where: { $0.virtualStages > 1 }) {
      faults.append(
        OptionFault(
          key: "plans", found: "virtual stages", expected: "pipelines whose stages lie together"))
    }
    if values.choice("survivors") == "all", plans.contains(where: { $0.tensor != tensor }) {
      faults.append(
        OptionFault(
          key: "survivors",
          found: "\"all\", where stages have other numbers of GPUs than endTensor",
          expected: "\"one\", or plans of tensor \(tensor)"))
    }
    return faults
  }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    starts = values.plans("plans")
    requiresDomain = values.choice("domain") == "required"
    consolidation = Consolidation(
      end: PlanShape(tensor: values.integer("endTensor"), stages: 1),
      movesRequests: values.choice("requests") == "move",
      allSurvive: values.choice("survivors") == "all")
  }

  /// What it starts as, and what it ends as.
  public var allPlans: [PlanShape] {
    guard let end = consolidation?.end, !starts.contains(end) else { return starts }
    return starts + [end]
  }

  /// What it starts as, most wanted first.
  public func plans(for demand: DemandView) -> [PlanShape] { starts }
}
