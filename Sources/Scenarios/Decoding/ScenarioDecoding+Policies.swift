import EventKernel
import Inference
import JSON
import Serving

extension ScenarioDecoding {
  /// A policy that was chosen and its checked options.
  struct PolicyChoice {
    /// Which one of the list.
    var index: Int
    var values: OptionValues
    /// The object it was read from.
    var reader: ObjectReader
  }

  /// The policy that an object names, or the default one, with its options.
  ///
  /// Over `defaults` the options mix key by key as long as both name the same policy.
  func policy(
    _ key: String, of types: [any Policy.Type], default standard: String,
    in scheduler: ObjectReader
  ) -> PolicyChoice? {
    guard let merged = scheduler.object(key, .standard(())) else { return nil }
    var reader = merged.layersOfOnePolicy(default: standard, among: types)
    let names = types.map { $0.name }
    let aliases = types.flatMap { $0.aliases.map(\.name) }
    let word = reader.choice(
      "policy", among: names + aliases, .standard(standard), kind: "a policy")
    let name = word.map { types.policyName($0) }
    if let name, name != word { reader.keep("policy", .string(name)) }
    guard let name, let index = names.firstIndex(of: name) else {
      if name != nil { reader.fault("policy", noPolicy(standard, names)) }
      reader.skipAll()
      return nil
    }
    if types[index] == KnativeScaling.self { reader = withKnativeFiles(reader) }
    let values = options(types[index].options, of: reader)
    reader.finish()
    reader.keep("policy", .string(name))
    scheduler.keep(key, .object(reader.canonical))
    guard let values else { return nil }
    let optionFaults = types[index].faults(in: values)
    for fault in optionFaults {
      reader.fault(fault.key, .unfit(found: fault.found, needed: fault.expected))
    }
    return optionFaults.isEmpty
      ? PolicyChoice(index: index, values: values, reader: reader) : nil
  }

  private func noPolicy(_ name: String, _ names: [String]) -> ScenarioProblem {
    .unknownName(found: name, kind: "a policy", suggestion: nil, known: names)
  }

  /// The options of a policy; nil when one is missing or unfit, which is then told.
  private func options(_ options: [OptionDescription], of reader: ObjectReader) -> OptionValues? {
    var values = OptionValues(defaultsOf: [])
    var isWhole = true
    for option in options {
      if let value = value(of: option, in: reader) {
        values[option.key] = value
      } else if option.isRequired || reader.has(option.key) {
        isWhole = false
      }
    }
    return isWhole ? values : nil
  }

  private func value(of option: OptionDescription, in reader: ObjectReader) -> OptionValue? {
    let key = option.key
    switch option.kind {
    case .integer(let limits):
      return reader.integer(key, in: limits, option.presence(\.integerValue)).map(
        OptionValue.integer)
    case .number(let limits):
      let limits = NumberLimits.from(limits.lowerBound, to: limits.upperBound)
      return reader.number(key, in: limits, option.presence(\.numberValue)).map(OptionValue.number)
    case .duration(let limits):
      // Times beyond this would pass 63 bits once they are added to the clock.
      let limits = limits.clamped(to: 0...Limit.time)
      return reader.time(key, in: limits, option.presence(\.durationValue))
        .map(OptionValue.duration)
    case .flag:
      return reader.flag(key, option.presence(\.flagValue)).map(OptionValue.flag)
    case .choice(let words):
      return reader.choice(
        key, among: words, option.presence(\.choiceValue), kind: "a value of \"\(key)\""
      ).map(OptionValue.choice)
    case .integers(let limits):
      return integers(option, limits, in: reader).map(OptionValue.integers)
    case .durations(let limits):
      return durations(option, limits.clamped(to: 0...Limit.time), in: reader)
        .map(OptionValue.durations)
    case .plans:
      return plans(option, in: reader).map(OptionValue.plans)
    case .tenants(let limits):
      return tenants(option, limits, in: reader).map(OptionValue.tenants)
    }
  }

  private func integers(
    _ option: OptionDescription, _ limits: ClosedRange<Int64>, in reader: ObjectReader
  ) -> [Int64]? {
    guard reader.has(option.key) || option.isRequired else {
      guard case .integers(let standard)? = option.defaultValue else { return nil }
      reader.keep(option.key, .array(standard.map { .integer($0) }))
      return standard
    }
    guard let items = reader.list(option.key, of: "whole numbers", atMost: 10_000) else {
      return nil
    }
    var numbers: [Int64] = []
    for item in items {
      guard let number = item.node.wholeNumber, limits.contains(number) else {
        faults.add(
          .unfit(found: item.node.found, needed: ObjectReader.wholeNumber(in: limits)),
          at: item.path, from: item.node.origin)
        return nil
      }
      numbers.append(number)
    }
    reader.keep(option.key, .array(numbers.map { .integer($0) }))
    return numbers
  }

  /// A list of times that may be left out.
  private func durations(
    _ option: OptionDescription, _ limits: ClosedRange<Nanoseconds>, in reader: ObjectReader
  ) -> [Nanoseconds]? {
    let presence: Presence<Void> = option.isRequired ? .required : .optional
    guard let items = reader.list(option.key, of: "times", atMost: 10_000, presence) else {
      return nil
    }
    var times: [Nanoseconds] = []
    for item in items {
      guard case .string(let text) = item.node.value, let parsed = UnitFamily.time.parse(text),
        let time = scaledExactly(parsed.number, by: parsed.unit.factor), limits.contains(time)
      else {
        let problem = UnitFamily.time.problem(of: item.node)
        faults.add(
          problem ?? .unfit(found: item.node.found, needed: ObjectReader.time(in: limits)),
          at: item.path, from: item.node.origin)
        return nil
      }
      times.append(time)
    }
    reader.keep(option.key, .array(times.map(CanonicalValue.time)))
    return times
  }

  /// Numbers by tenant; which tenants there are is checked when the workloads are known.
  private func tenants(
    _ option: OptionDescription, _ limits: ClosedRange<Double>, in reader: ObjectReader
  ) -> [String: Double]? {
    let presence: Presence<Void> = option.isRequired ? .required : .optional
    guard let object = reader.object(option.key, presence) else { return nil }
    var numbers: [String: Double] = [:]
    var isWhole = true
    for name in object.memberNames {
      let limits = NumberLimits.from(limits.lowerBound, to: limits.upperBound)
      numbers[name] = object.number(name, in: limits)
      if numbers[name] == nil { isWhole = false }
    }
    reader.keep(option.key, .object(object.canonical))
    return isWhole ? numbers : nil
  }

  private func plans(_ option: OptionDescription, in reader: ObjectReader) -> [PlanShape]? {
    guard reader.has(option.key) || option.isRequired else {
      guard case .plans(let standard)? = option.defaultValue else { return nil }
      reader.keep(option.key, .array(standard.map(\.canonical)))
      return standard
    }
    guard let readers = reader.objects(option.key, of: "plans") else { return nil }
    let shapes = readers.map { plan($0) }
    let whole = shapes.compactMap { $0 }
    guard whole.count == shapes.count, !whole.isEmpty else { return nil }
    reader.keep(option.key, .array(whole.map(\.canonical)))
    return whole
  }

  private func plan(_ reader: ObjectReader) -> PlanShape? {
    let values = options(PlanShape.options, of: reader)
    reader.finish()
    guard let values else { return nil }
    let optionFaults = PlanShape.faults(in: values)
    for fault in optionFaults {
      reader.fault(fault.key, .unfit(found: fault.found, needed: fault.expected))
    }
    return optionFaults.isEmpty ? PlanShape(values) : nil
  }
}

extension PlanShape {
  /// The plan in its one form; what may be left out is left out where it says nothing new.
  var canonical: CanonicalValue {
    var members: [String: CanonicalValue] = [
      "tensor": .integer(tensor), "stages": .integer(stages),
    ]
    if let layers { members["layers"] = .array(layers.map { .integer($0) }) }
    if case .balanced(let step) = deal {
      members["partition"] = .string("balanced")
      members["balanceFor"] = .string(step.rawValue)
    }
    if virtualStages > 1 {
      members["virtualStages"] = .integer(virtualStages)
      members["topology"] = .string(topology.rawValue)
    }
    return .object(members)
  }
}

extension ObjectReader {
  /// The same object over those of the lower layers that name the same policy.
  ///
  /// A layer without a policy's name holds options of the default policy; the top one takes the
  /// name of the layer below it.
  fileprivate func layersOfOnePolicy(
    default standard: String, among types: [any Policy.Type]
  ) -> ObjectReader {
    guard let word = layers.compactMap(\.policyName).first else { return self }
    let name = types.policyName(word)
    let kept = layers.enumerated().filter { index, layer in
      index == 0 || types.policyName(layer.policyName ?? standard) == name
    }
    return ObjectReader(layers: kept.map(\.element), faults: faults, isPartial: isPartial)
  }
}

extension [any Policy.Type] {
  /// The name of the policy that a scenario's word asks for; the word itself if it is no alias.
  fileprivate func policyName(_ word: String) -> String {
    first { $0.aliases.contains { $0.name == word } }?.name ?? word
  }
}

extension ObjectReader.Layer {
  /// The policy that the layer names.
  fileprivate var policyName: String? {
    guard case .string(let name)? = members.first(where: { $0.key == "policy" })?.value.value
    else { return nil }
    return name
  }
}

extension OptionDescription {
  /// Whether the key must be there, and its default by the kind of its value.
  fileprivate func presence<Value>(_ kind: KeyPath<OptionValue, Value?>) -> Presence<Value> {
    if let standard = defaultValue?[keyPath: kind] { return .standard(standard) }
    return isRequired ? .required : .optional
  }
}

extension OptionValue {
  fileprivate var integerValue: Int64? {
    if case .integer(let value) = self { value } else { nil }
  }
  fileprivate var numberValue: Double? {
    if case .number(let value) = self { value } else { nil }
  }
  fileprivate var durationValue: Nanoseconds? {
    if case .duration(let value) = self { value } else { nil }
  }
  fileprivate var flagValue: Bool? {
    if case .flag(let value) = self { value } else { nil }
  }
  fileprivate var choiceValue: String? {
    if case .choice(let value) = self { value } else { nil }
  }
}
