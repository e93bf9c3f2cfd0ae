import Testing

@testable import Serving

@Suite("Options and their defaults")
struct OptionTests {
  private static let described = PolicyCatalogue.builtIn.kinds.flatMap { kind in
    kind.policies.map { (policy: "\(kind.key) \($0.name)", options: $0.options) }
  }

  @Test("Every default that ships is of its option's kind and within its limits")
  func defaults() {
    for (policy, options) in Self.described {
      for option in options {
        guard let value = option.defaultValue else { continue }
        #expect(Self.fits(value, option.kind), "\(policy) \(option.key)")
      }
    }
  }

  private static func fits(_ value: OptionValue, _ kind: OptionDescription.Kind) -> Bool {
    switch (kind, value) {
    case (.integer(let limits), .integer(let value)): limits.contains(value)
    case (.number(let limits), .number(let value)): limits.contains(value)
    case (.duration(let limits), .duration(let value)): limits.contains(value)
    case (.flag, .flag): true
    case (.choice(let words), .choice(let word)): words.contains(word)
    case (.integers(let limits), .integers(let list)): list.allSatisfy(limits.contains)
    case (.durations(let limits), .durations(let list)): list.allSatisfy(limits.contains)
    case (.plans, .plans(let plans)): !plans.isEmpty
    case (.tenants(let limits), .tenants(let numbers)): numbers.values.allSatisfy(limits.contains)
    default: false
    }
  }

  @Test("Each key is described once and in words; what is required has no default")
  func descriptions() {
    for (policy, options) in Self.described {
      #expect(Set(options.map(\.key)).count == options.count, "\(policy)")
      for option in options {
        #expect(!option.key.isEmpty && !option.summary.isEmpty, "\(policy)")
        #expect(!(option.isRequired && option.defaultValue != nil), "\(policy) \(option.key)")
      }
    }
    let required = Self.described.flatMap { policy, options in
      options.filter(\.isRequired).map { "\(policy) \($0.key)" }
    }
    #expect(required == ["parallelism ladder plans"])
  }

  @Test("Defaults are filled in; an option without one is not set")
  func filledIn() {
    let values = OptionValues(defaultsOf: VLLMBatching.options)
    #expect(values["maxBatchedTokens"] == .integer(2_048))
    #expect(values["maxSequences"] == .integer(256))
    #expect(values["waitsForOldest"] == .flag(true))
    #expect(values["depth"] == nil)
    #expect(values["maxbatchedtokens"] == nil)
    #expect(OptionValues(defaultsOf: LadderParallelism.options)["plans"] == nil)
    #expect(OptionValues(defaultsOf: []) == OptionValues(defaultsOf: FirstFitPlacement.options))
  }

  @Test("Values are read back as what they are, replaced and taken away")
  func values() {
    var values = OptionValues(defaultsOf: [])
    values["integer"] = .integer(-3)
    values["number"] = .number(0.25)
    values["duration"] = .duration(1_500_000_000)
    values["flag"] = .flag(false)
    values["choice"] = .choice("required")
    values["plans"] = .plans([PlanShape(tensor: 2, stages: 4)])
    #expect(values.integer("integer") == -3)
    #expect(values.number("number") == 0.25)
    #expect(values.duration("duration") == 1_500_000_000)
    #expect(values.flag("flag") == false)
    #expect(values.choice("choice") == "required")
    #expect(values.plans("plans") == [PlanShape(tensor: 2, stages: 4)])
    values["integer"] = .integer(8)
    #expect(values.integer("integer") == 8)
    values["integer"] = nil
    #expect(values["integer"] == nil)
    #expect(values["number"] == .number(0.25))
  }

  @Test("Equal when the same keys have the same values, in whatever order they were given")
  func equality() {
    var one = OptionValues(defaultsOf: [])
    one["a"] = .integer(1)
    one["b"] = .flag(true)
    var other = OptionValues(defaultsOf: [])
    other["b"] = .flag(true)
    #expect(one != other && other != one)
    other["a"] = .integer(1)
    #expect(one == other)
    #expect(one.hashValue == other.hashValue)
    other["a"] = .integer(2)
    #expect(one != other)
  }
}
