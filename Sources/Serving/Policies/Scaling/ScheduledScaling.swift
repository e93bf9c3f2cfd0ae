import EventKernel

/// A time table of replicas, over and over again: as many as the hour is known to need.
public struct ScheduledScaling: ScalingPolicy {
  /// `scheduled`.
  public static let name = "scheduled"
  /// One line for help.
  public static let summary = "a time table of replicas, over and over again"
  /// The rule's origin.
  public static let source = "scheduled actions of cloud autoscalers; KEDA's cron trigger"
  /// The table, how long each entry holds, how early it is begun.
  public static let options = [
    OptionDescription(
      "replicas", .integers(0...10_000), default: .integers([1]),
      "replicas, one entry after another"),
    OptionDescription(
      "every", .duration(1_000_000...86_400_000_000_000 * 366),
      default: .duration(3_600_000_000_000),
      "how long an entry holds"),
    OptionDescription(
      "ahead", .duration(0...86_400_000_000_000), default: .duration(0),
      "how long before its time an entry with more replicas is begun"),
  ]

  /// Those of the first entry.
  public var initialReplicas: Int { table[0] }
  /// None: the table alone counts.
  public var minimumReplicas: Int { 0 }
  /// The most of the table.
  public var maximumReplicas: Int { table.max() ?? 0 }
  /// From the start.
  public var asksAtStart: Bool { true }
  /// Requests change nothing.
  public var occasions: ScalingOccasions { [] }
  /// What the table says is kept.
  public var demandsLapse: Bool { false }
  private let table: [Int]
  private let every: Nanoseconds
  private let ahead: Nanoseconds

  /// Entries are begun within the entry before.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    if values.integers("replicas").isEmpty {
      return [OptionFault(key: "replicas", found: "an empty list", expected: "at least one entry")]
    }
    let (ahead, every) = (values.duration("ahead"), values.duration("every"))
    return ahead < every
      ? []
      : [
        OptionFault(
          key: "ahead", found: "\(Double(ahead) / 1e9) s",
          expected: "less than every, \(Double(every) / 1e9) s")
      ]
  }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    table = values.integers("replicas").map { Int($0) }
    every = values.duration("every")
    ahead = values.duration("ahead")
  }

  /// The replicas of the entry that holds, or of the next one once that has begun.
  public mutating func decide(_ view: ScalingView) -> ScalingDecision {
    let entry = view.now / every
    let now = replicas(entry)
    let next = replicas(entry + 1)
    let change = (entry + 1) * every
    let begins = change - (next > now ? ahead : 0)
    let isAhead = view.now >= begins
    return ScalingDecision(
      desired: isAhead ? next : now, clause: ScalingClause(isAhead ? "ahead" : "table"),
      recheck: .instant(isAhead ? change : begins))
  }

  private func replicas(_ entry: Int64) -> Int { table[Int(entry % Int64(table.count))] }
}
