import EventKernel

/// Refuses a request whose first token is predicted to come too late, before it costs anything.
///
/// A request that misses its target is worth nothing and makes others miss theirs. Too late is later
/// than `slack` times the workload's TTFT target, or than `ttft` where that is set; requests without
/// either are admitted, and so is whoever finds no replica ready, because cold starts are not
/// predicted. How the prediction is made and how far off it is: docs/policies.md.
public struct RejectEarlyAdmission: AdmissionPolicy {
  /// `reject-early`.
  public static let name = "reject-early"
  /// One line for help.
  public static let summary = "requests whose predicted TTFT meets the target"
  /// The rule's origin.
  public static let source = "Mooncake, early rejection based on prediction (Qin et al., FAST 2025)"
  /// `ttft`, `slack`.
  public static let options = [
    OptionDescription(
      "ttft", .duration(1_000...86_400_000_000_000),
      "target for every request (default: the workload's own)"),
    OptionDescription(
      "slack", .number(0.01...100), default: .number(0.8),
      "how many times the target the prediction may be, which errs a little low"),
  ]
  /// Predictions.
  public static let needsPrediction = true

  private let ttft: Nanoseconds?
  private let slack: Double

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    if case .duration(let time)? = values["ttft"] { ttft = time } else { ttft = nil }
    slack = values.number("slack")
  }

  /// Whether there is a target.
  public func concerns(_ objective: ServiceTargets) -> Bool { (ttft ?? objective.ttft) != nil }

  /// Refused when the prediction is later than the target.
  public mutating func refusal(of request: AdmissionView) -> RequestReason {
    guard let predicted = request.predictedTTFT, let target = ttft ?? request.targets.ttft else {
      return .none
    }
    return Double(predicted) > slack * Double(target) ? .predictedTooLate : .none
  }
}
