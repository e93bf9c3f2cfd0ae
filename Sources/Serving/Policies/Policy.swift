public import EventKernel

/// What every policy has: a name that scenarios write, a line that explains it, and its options.
///
/// A policy sees numbers and returns a choice; it never acts. Its options are checked against
/// `options` before `init` sees them, so an initialiser only reads.
public protocol Policy: Sendable {
  /// The word scenarios write, such as `least-loaded`.
  static var name: String { get }
  /// One line: what it chooses and why one would want it.
  static var summary: String { get }
  /// Where the rule comes from.
  static var source: String { get }
  /// Other names under which a scenario may ask for it.
  static var aliases: [PolicyAlias] { get }
  /// The options it takes, in the order in which help lists them.
  static var options: [OptionDescription] { get }
  /// Faults between options that are each legal alone.
  static func faults(in values: OptionValues) -> [OptionFault]
  /// Creates the policy from checked values.
  init(_ values: OptionValues)
}

extension Policy {
  /// No other names.
  public static var aliases: [PolicyAlias] { [] }

  /// No faults between options.
  public static func faults(in values: OptionValues) -> [OptionFault] { [] }

  /// Creates the policy with its defaults.
  public init() { self.init(OptionValues(defaultsOf: Self.options)) }
}

/// Another name of a policy.
public struct PolicyAlias: Sendable {
  /// The word that scenarios may write.
  public var name: String
  /// One line: why it is the same.
  public var reason: String

  /// Creates an alias.
  public init(_ name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

/// One option of a policy: its key, its kind with limits, its default.
public struct OptionDescription: Sendable {
  /// What values are legal.
  public enum Kind: Sendable {
    /// A whole number within limits.
    case integer(ClosedRange<Int64>)
    /// A finite number within limits.
    case number(ClosedRange<Double>)
    /// A time with a unit, in nanoseconds within limits.
    case duration(ClosedRange<Nanoseconds>)
    /// `true` or `false`.
    case flag
    /// One of these words.
    case choice([String])
    /// A list of whole numbers, each within limits.
    case integers(ClosedRange<Int64>)
    /// A list of times with units, each in nanoseconds within limits.
    case durations(ClosedRange<Nanoseconds>)
    /// A non-empty list of plans: objects with the keys of `PlanShape.options`.
    case plans
    /// An object of numbers within limits, each for a tenant of the scenario by name.
    case tenants(ClosedRange<Double>)
  }

  /// The key in the scenario.
  public var key: String
  /// What values are legal.
  public var kind: Kind
  /// The value when the key is missing; nil with `isRequired` false means "not set".
  public var defaultValue: OptionValue?
  /// Whether the key must be there.
  public var isRequired: Bool
  /// One line: what it does.
  public var summary: String

  /// Describes an option; without a default it is either required or simply not set.
  public init(
    _ key: String, _ kind: Kind, default defaultValue: OptionValue? = nil, required: Bool = false,
    _ summary: String
  ) {
    self.key = key
    self.kind = kind
    self.defaultValue = defaultValue
    self.isRequired = required
    self.summary = summary
  }
}

/// A checked value of an option.
public enum OptionValue: Sendable, Hashable {
  case integer(Int64)
  case number(Double)
  case duration(Nanoseconds)
  case flag(Bool)
  case choice(String)
  case integers([Int64])
  case durations([Nanoseconds])
  case plans([PlanShape])
  case tenants([String: Double])
}

/// A fault between options: which key, what was found, what would be right.
public struct OptionFault: Sendable, Hashable {
  /// The key to point at.
  public var key: String
  /// What was found.
  public var found: String
  /// What would be right.
  public var expected: String

  /// Creates a fault.
  public init(key: String, found: String, expected: String) {
    self.key = key
    self.found = found
    self.expected = expected
  }
}

/// The checked options of one policy, defaults filled in.
public struct OptionValues: Sendable, Hashable {
  private var entries: [(key: String, value: OptionValue)] = []

  /// Only the defaults of these options.
  public init(defaultsOf descriptions: [OptionDescription]) {
    for description in descriptions {
      if let value = description.defaultValue { entries.append((description.key, value)) }
    }
  }

  /// The value of a key; nil when it is not set.
  public subscript(key: String) -> OptionValue? {
    get { entries.first { $0.key == key }?.value }
    set {
      entries.removeAll { $0.key == key }
      if let newValue { entries.append((key, newValue)) }
    }
  }

  /// A whole number; a policy asks only for options that it describes with a default or requires.
  public func integer(_ key: String) -> Int {
    guard case .integer(let value)? = self[key] else { preconditionFailure("no integer \(key)") }
    return Int(value)
  }

  /// A whole number, where the option is set.
  public func optionalInteger(_ key: String) -> Int? {
    if case .integer(let value)? = self[key] { Int(value) } else { nil }
  }

  /// A time in nanoseconds.
  public func duration(_ key: String) -> Nanoseconds {
    guard case .duration(let value)? = self[key] else { preconditionFailure("no duration \(key)") }
    return value
  }

  /// Times in nanoseconds, where the option is set.
  public func durations(_ key: String) -> [Nanoseconds]? {
    if case .durations(let value)? = self[key] { value } else { nil }
  }

  /// A number.
  public func number(_ key: String) -> Double {
    guard case .number(let value)? = self[key] else { preconditionFailure("no number \(key)") }
    return value
  }

  /// Whole numbers.
  public func integers(_ key: String) -> [Int64] {
    guard case .integers(let value)? = self[key] else { preconditionFailure("no list \(key)") }
    return value
  }

  /// `true` or `false`.
  public func flag(_ key: String) -> Bool {
    guard case .flag(let value)? = self[key] else { preconditionFailure("no flag \(key)") }
    return value
  }

  /// A word.
  public func choice(_ key: String) -> String {
    guard case .choice(let value)? = self[key] else { preconditionFailure("no choice \(key)") }
    return value
  }

  /// The plans.
  public func plans(_ key: String) -> [PlanShape] {
    guard case .plans(let value)? = self[key] else { preconditionFailure("no plans \(key)") }
    return value
  }

  /// Numbers by tenant; none when the option is not set.
  public func tenants(_ key: String) -> [String: Double] {
    if case .tenants(let value)? = self[key] { value } else { [:] }
  }

  /// Equal when the same keys have the same values, whatever the order.
  public static func == (left: OptionValues, right: OptionValues) -> Bool {
    left.entries.count == right.entries.count
      && left.entries.allSatisfy { right[$0.key] == $0.value }
  }

  /// Hashes the number of keys only, which is free of their order.
  public func hash(into hasher: inout Hasher) { hasher.combine(entries.count) }
}
