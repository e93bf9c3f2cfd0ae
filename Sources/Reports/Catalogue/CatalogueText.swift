import EventKernel
public import Serving

/// The catalogues as `simpp policies`, `simpp gpus` and `simpp models` print them.
public enum CatalogueText {
  /// Every policy: kind, name, what it does, where it comes from, its options with their limits.
  public static func policiesText(_ catalogue: PolicyCatalogue = .builtIn) -> String {
    let blocks = catalogue.kinds.map { kind in
      kind.key + "\n" + kind.policies.map(policyText).joined()
    }
    return blocks.joined(separator: "\n")
  }

  private static func policyText(_ policy: any Policy.Type) -> String {
    var lines = WrappedText.lines(
      policy.summary, width: 100, first: "  " + policy.name.padded(to: 14) + " ",
      indent: String(repeating: " ", count: 17))
    let indent = String(repeating: " ", count: 4)
    lines += WrappedText.lines(
      "source: " + policy.source, width: 100, first: indent, indent: indent + "  ")
    for alias in policy.aliases {
      lines += WrappedText.lines(
        "also \(alias.name): " + alias.reason, width: 100, first: indent, indent: indent + "  ")
    }
    for option in policy.options {
      lines += WrappedText.lines(
        OptionText.limits(option) + ": " + option.summary, width: 100,
        first: indent + option.key.padded(to: 20) + " ",
        indent: String(repeating: " ", count: 25))
    }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The same as JSON: kind → list of policies.
  public static func policiesJSON(_ catalogue: PolicyCatalogue = .builtIn) -> String {
    let kinds = catalogue.kinds.map { kind in
      (kind.key, JSONValue.array(kind.policies.map(policyValue)))
    }
    return JSONValue.object(kinds).text() + "\n"
  }

  private static func policyValue(_ policy: any Policy.Type) -> JSONValue {
    .object([
      ("name", .text(policy.name)), ("summary", .text(policy.summary)),
      ("source", .text(policy.source)),
      (
        "aliases",
        .array(
          policy.aliases.map {
            .object([("name", .text($0.name)), ("reason", .text($0.reason))])
          })
      ),
      ("options", .array(policy.options.map(OptionText.value))),
    ])
  }
}

/// An option of a policy in words, its values as scenarios write them.
enum OptionText {
  /// What is legal, and what holds when the key is missing.
  static func limits(_ option: OptionDescription) -> String {
    if let value = option.defaultValue { return "\(kind(option.kind)), default \(text(value))" }
    return kind(option.kind) + (option.isRequired ? ", required" : ", optional")
  }

  static func value(_ option: OptionDescription) -> JSONValue {
    .object([
      ("key", .text(option.key)), ("kind", .text(kind(option.kind))),
      ("default", option.defaultValue.map { .text(text($0)) } ?? .null),
      ("required", .flag(option.isRequired)), ("summary", .text(option.summary)),
    ])
  }

  private static func kind(_ kind: OptionDescription.Kind) -> String {
    switch kind {
    case .integer(let range):
      "whole number" + limits(String(range.lowerBound), most(range.upperBound))
    case .number(let range):
      "number" + limits(number(range.lowerBound), number(range.upperBound))
    case .duration(let range):
      "time" + limits(duration(range.lowerBound), most(range.upperBound, duration))
    case .flag: "true or false"
    case .choice(let words): words.map { "\"\($0)\"" }.joined(separator: " or ")
    case .integers(let range):
      "list of whole numbers" + limits(String(range.lowerBound), most(range.upperBound))
    case .durations(let range):
      "list of times" + limits(duration(range.lowerBound), most(range.upperBound, duration))
    case .plans: "list of plans { tensor, stages }"
    case .tenants(let range):
      "object of numbers by tenant, each"
        + limits(number(range.lowerBound), number(range.upperBound))
    }
  }

  private static func limits(_ least: String, _ most: String?) -> String {
    most.map { " \(least) to \($0)" } ?? " from \(least)"
  }

  /// Nil for the greatest number there is, which is no limit.
  private static func most(
    _ value: Int64, _ text: (Int64) -> String = { String($0) }
  ) -> String? {
    value == .max ? nil : text(value)
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && value.magnitude < 1e15 ? String(Int64(value)) : value.description
  }

  /// A time as scenarios write it: `60s`, `250ms`.
  private static func duration(_ value: Nanoseconds) -> String {
    if value == 0 { return "0s" }
    for (unit, size) in [("s", 1_000_000_000), ("ms", 1_000_000), ("us", 1_000)]
      as [(String, Int64)]
    where value % size == 0 {
      return String(value / size) + unit
    }
    return "\(value)ns"
  }

  private static func text(_ value: OptionValue) -> String {
    switch value {
    case .integer(let value): String(value)
    case .number(let value): number(value)
    case .duration(let value): duration(value)
    case .flag(let value): value ? "true" : "false"
    case .choice(let word): "\"\(word)\""
    case .integers(let list): "[" + list.map { String($0) }.joined(separator: ", ") + "]"
    case .durations(let list): "[" + list.map { duration($0) }.joined(separator: ", ") + "]"
    case .plans(let plans):
      plans.map { "TP \($0.tensor) × PP \($0.stages)" }.joined(separator: ", ")
    case .tenants(let numbers):
      numbers.sorted { $0.key < $1.key }.map { "\($0.key): \(number($0.value))" }
        .joined(separator: ", ")
    }
  }
}
