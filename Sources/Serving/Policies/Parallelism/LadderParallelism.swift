public import EventKernel

/// Takes the best plan that the free GPUs allow now: the first rung that can be placed.
///
/// With patience each rung is waited for before the next one is tried too.
public struct LadderParallelism: ParallelismPolicy {
  /// `ladder`.
  public static let name = "ladder"
  /// One line for help.
  public static let summary = "the first of a list of plans that the free GPUs allow"
  /// The rule's origin.
  public static let source = "simpp; the choice HydraServe makes by bandwidth, made by free GPUs"
  /// `plans`, `patience`, `domain`.
  public static let options = [
    OptionDescription("plans", .plans, required: true, "the rungs, most wanted first"),
    OptionDescription(
      "patience", .durations(0...Nanoseconds.max),
      "how long each rung but the last is waited for before the next is tried too (default: 0s)"),
    domainOption,
  ]

  /// The rungs, most wanted first.
  public let rungs: [PlanShape]
  /// Whether a stage must lie inside one NVLink domain.
  public let requiresDomain: Bool
  /// How long a demand must have waited for each rung to be tried, in nanoseconds.
  private let openings: [Nanoseconds]

  /// A patience for every rung but the last.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    let rungs = values.plans("plans").count
    guard let patience = values.durations("patience"), patience.count != rungs - 1 else {
      return []
    }
    return [
      OptionFault(
        key: "patience",
        found: "\(patience.count) \(patience.count == 1 ? "time" : "times") for "
          + "\(rungs) \(rungs == 1 ? "plan" : "plans")",
        expected: "\(rungs - 1), one for each plan but the last")
    ]
  }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    rungs = values.plans("plans")
    requiresDomain = values.choice("domain") == "required"
    let patience =
      values.durations("patience") ?? Array(repeating: 0, count: max(0, rungs.count - 1))
    openings = patience.reduce(into: [0]) { sums, time in
      sums.append(sums[sums.count - 1].addingCapped(time))
    }
  }

  /// All rungs.
  public var allPlans: [PlanShape] { rungs }

  /// The rungs that are open by now, most wanted first.
  public func plans(for demand: DemandView) -> [PlanShape] {
    zip(rungs, openings).filter { $0.1 <= demand.waited }.map(\.0)
  }

  /// When the next rung opens.
  public func nextChange(after waited: Nanoseconds) -> Nanoseconds? {
    openings.first { $0 > waited && $0 < .max }.map { $0 - waited }
  }
}

extension Nanoseconds {
  /// The sum, at most the greatest time there is.
  fileprivate func addingCapped(_ other: Nanoseconds) -> Nanoseconds {
    let (sum, isTooMuch) = addingReportingOverflow(other)
    return isTooMuch ? .max : sum
  }
}
