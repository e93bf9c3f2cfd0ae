/// A scaling policy whose user sets `min`, `max` and `initial`.
public protocol BoundedScalingPolicy: ScalingPolicy {
  /// Fewest, most and first replicas.
  var bounds: ReplicaBounds { get }
}

extension BoundedScalingPolicy {
  /// Those of the bounds.
  public var initialReplicas: Int { bounds.initial }
  /// That of the bounds.
  public var minimumReplicas: Int { bounds.minimum }
  /// That of the bounds.
  public var maximumReplicas: Int { bounds.maximum }

  /// `min` and `initial` within `max`.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    ReplicaBounds.faults(in: values)
  }
}

/// Fewest, most and first replicas, read from the options of `bounds`.
public struct ReplicaBounds: Sendable {
  /// Fewest replicas.
  public let minimum: Int
  /// Most replicas, demanded ones included.
  public let maximum: Int
  /// Replicas that are up at the start.
  public let initial: Int

  /// Reads the checked options.
  init(_ values: OptionValues) {
    minimum = values.integer("min")
    maximum = values.integer("max")
    initial = values.optionalInteger("initial") ?? minimum
  }

  /// `min` and `initial` within `max`.
  static func faults(in values: OptionValues) -> [OptionFault] {
    let most = values.integer("max")
    return ["min", "initial"].compactMap { key in
      guard let found = values.optionalInteger(key), found > most else { return nil }
      return OptionFault(key: key, found: "\(found)", expected: "at most max, \(most)")
    }
  }

  /// The nearest number of replicas within the bounds.
  func clamped(_ wanted: Int) -> Int { max(minimum, min(maximum, wanted)) }
}

extension [OptionDescription] {
  /// `min`, `max` and `initial`, as every policy with bounds takes them.
  static func bounds(
    minimum: Int64 = 0, least: Int64 = 0, maximum: Int64 = 8
  ) -> [OptionDescription] {
    [
      OptionDescription(
        "min", .integer(least...10_000), default: .integer(minimum), "fewest replicas"),
      OptionDescription("max", .integer(1...10_000), default: .integer(maximum), "most replicas"),
      OptionDescription(
        "initial", .integer(0...10_000), "replicas up at the start (default: min)"),
    ]
  }
}
