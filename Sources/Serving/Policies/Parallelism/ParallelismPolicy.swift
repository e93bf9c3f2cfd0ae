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
}

/// What a parallelism policy may know about a demand.
public struct DemandView: Sendable {
  /// Now, in nanoseconds.
  public var now: Nanoseconds
  /// How long the demand has waited, in nanoseconds.
  public var waited: Nanoseconds
  /// Requests that wait for a replica of this model.
  public var waitingRequests: Int
  /// GPUs nobody holds.
  public var freeGPUs: Int
}

/// The option shared by parallelism policies.
let domainOption = OptionDescription(
  "domain", .choice(["required", "preferred"]), default: .choice("required"),
  "whether a stage's GPUs must share one NVLink domain")
