public import EventKernel

/// Chooses how a new replica cuts its model over GPUs.
public protocol ParallelismPolicy: Policy {
  /// The plans to try, most wanted first; the first that can be placed is taken, and when none can
  /// the demand waits for whichever fits first.
  func plans(for demand: DemandView) -> [PlanShape]
  /// Every plan that `plans(for:)` may ever return, so that validation can refuse illegal ones.
  var allPlans: [PlanShape] { get }
  /// Whether the tensor-parallel group must lie inside one NVLink domain.
  var requiresDomain: Bool { get }
  /// What becomes of a replica that serves; nil: it stays what it is.
  var consolidation: Consolidation? { get }
  /// How long after it was made a demand may get other plans than before, in nanoseconds after
  /// `waited`; nil: never by waiting alone.
  func nextChange(after waited: Nanoseconds) -> Nanoseconds?
}

extension ParallelismPolicy {
  /// Nothing.
  public var consolidation: Consolidation? { nil }
  /// Never.
  public func nextChange(after waited: Nanoseconds) -> Nanoseconds? { nil }
}

/// What becomes of a pipeline that serves: its model on one stage.
public struct Consolidation: Sendable, Hashable {
  /// The plan that it ends as, one stage; a replica that has it already does not change.
  public var end: PlanShape
  /// Whether the pipeline's requests move with their KV, else they finish on it.
  public var movesRequests: Bool
  /// Whether every stage becomes a replica by itself, else one does.
  public var allSurvive: Bool

  /// Creates a consolidation.
  public init(end: PlanShape, movesRequests: Bool, allSurvive: Bool) {
    self.end = end
    self.movesRequests = movesRequests
    self.allSurvive = allSurvive
  }

  /// The stage of a pipeline that becomes the replica where only one does.
  static let survivor = 0

  /// Whether a pipeline ends on GPUs of its own: one of its stages has as many as the end.
  public func isInPlace(from start: PlanShape) -> Bool {
    start.stages > 1 && start.tensor == end.tensor
  }
}

/// What a parallelism policy may know about a demand.
public struct DemandView: Sendable {
  /// Now, in nanoseconds.
  public var now: Nanoseconds
  /// How long the demand has waited, in nanoseconds.
  public var waited: Nanoseconds
}

/// The option shared by parallelism policies.
let domainOption = OptionDescription(
  "domain", .choice(["required", "preferred"]), default: .choice("required"),
  "whether a stage's GPUs must share one NVLink domain")
