public import EventKernel

/// Keeps every idle replica for the same time.
public struct FixedKeepAlive: KeepAlivePolicy {
  /// `fixed`.
  public static let name = "fixed"
  /// One line for help.
  public static let summary = "an idle replica is kept for a fixed time"
  /// The rule's origin.
  public static let source = "the keep-alive of serverless platforms"
  /// `duration`.
  public static let options = [
    OptionDescription(
      "duration", .duration(0...Nanoseconds.max), default: .duration(60_000_000_000),
      "how long an idle replica is kept")
  ]

  private let duration: Nanoseconds

  /// Reads the checked options.
  public init(_ values: OptionValues) { duration = values.duration("duration") }

  /// Keeps idle replicas for so many nanoseconds.
  public init(duration: Nanoseconds) { self.duration = duration }

  /// The same for all.
  public func plan(_ view: IdleView) -> IdlePlan { IdlePlan(keep: duration) }
}
