/// Serves requests in order of arrival; who was preempted goes first.
public struct FirstComeQueue: QueuePolicy {
  /// `fcfs`.
  public static let name = "fcfs"
  /// One line for help.
  public static let summary = "in order of arrival; who was preempted goes first"
  /// The rule's origin.
  public static let source = "vLLM's default scheduling policy"
  /// None.
  public static let options: [OptionDescription] = []
  /// Arrival.
  public static let order = QueueOrder.arrival

  /// Creates the policy.
  public init(_ values: OptionValues) {}
}
