/// Keeps idle replicas until another model needs their GPUs.
///
/// When a demand finds no place, those that have been idle longest go, just as many as let it be placed.
public struct LeastRecentlyUsedKeepAlive: KeepAlivePolicy {
  /// `lru`.
  public static let name = "lru"
  /// One line for help.
  public static let summary =
    "idle replicas are kept until another model's demand finds no place; the least recently used go first"
  /// The rule's origin.
  public static let source =
    "LRU as in FaasCache (Fuerst and Sharma, ASPLOS 2021), over whole replicas"
  /// None.
  public static let options: [OptionDescription] = []

  /// Yes.
  public var yieldsToDemands: Bool { true }

  /// There is nothing to read.
  public init(_ values: OptionValues) {}

  /// For ever, as long as nobody else asks.
  public func plan(_ view: IdleView) -> IdlePlan { IdlePlan(keep: nil) }
}
