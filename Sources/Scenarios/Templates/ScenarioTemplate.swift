/// A commented scenario to start from, which runs as it is.
public enum ScenarioTemplate: String, Sendable, CaseIterable {
  /// One node, one small model, three ways to use the GPUs.
  case quickstart
  /// A cluster that others have fragmented, cold starts, tensor against pipeline parallelism.
  case sharedCluster = "shared-cluster"

  /// One line for help.
  public var summary: String {
    switch self {
    case .quickstart: "one node of four GPUs, an 8B model, three ways to use them"
    case .sharedCluster: "a fragmented cluster of 64 GPUs, a 70B model that scales to zero"
    }
  }

  /// The scenario: JSON with comments that explain every block.
  public var text: String {
    switch self {
    case .quickstart: Self.quickstartText
    case .sharedCluster: Self.sharedClusterText
    }
  }
}
