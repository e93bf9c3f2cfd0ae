/// Admits everything that can be served.
public struct AllAdmission: AdmissionPolicy {
  /// `all`.
  public static let name = "all"
  /// One line for help.
  public static let summary = "every request that can be served"
  /// The rule's origin.
  public static let source = "engines without admission control"
  /// None.
  public static let options: [OptionDescription] = []

  /// Creates the policy.
  public init(_ values: OptionValues) {}

  /// Never.
  public mutating func refusal(of request: AdmissionView) -> RequestReason { .none }
}
