import JSON

/// The keys of a `config.json`, each under the names that publishers use for it.
///
/// Keys that no family reads mean nothing here: these files hold much that decides no size. A key
/// whose value is null counts as missing, as it does where models are loaded.
final class ConfigObject {
  private let layers: [ObjectReader.Located]
  private let tell: (ScenarioProblem, JSONPath, ValueOrigin) -> Void
  /// What the family's own class takes for keys that are missing, by name.
  var defaults: [String: Int] = [:]
  /// Whether nothing was wrong so far; afterwards the values read are stand-ins.
  private(set) var isSound = true

  /// A reader of a file's object; the language model of a multimodal one lies in an object inside,
  /// whose keys come first.
  init(
    _ root: ObjectReader.Located, tell: @escaping (ScenarioProblem, JSONPath, ValueOrigin) -> Void
  ) {
    let inner = ["text_config", "language_config", "llm_config"].compactMap { key in
      root.node[key].map { ObjectReader.Located(node: $0, path: root.path.key(key)) }
    }.first { located in
      if case .object = located.node.value { true } else { false }
    }
    layers = (inner.map { [$0] } ?? []) + [root]
    self.tell = tell
  }

  /// The value of the first of some names that is there.
  func value(_ names: [String]) -> ObjectReader.Located? {
    for layer in layers {
      for name in names {
        if let node = layer.node[name], node.value != .null {
          return ObjectReader.Located(node: node, path: layer.path.key(name))
        }
      }
    }
    return nil
  }

  /// Whether one of some names is there.
  func has(_ names: String...) -> Bool { value(names) != nil }

  /// Adds a fault at a value, or at the object when none of the names is there.
  func fault(_ names: [String], _ problem: ScenarioProblem) {
    isSound = false
    if let located = value(names) {
      tell(problem, located.path, located.node.origin)
    } else if let object = layers.first, let name = names.first {
      tell(problem, object.path.key(name), object.node.origin)
    }
  }

  /// A whole number by one of its names; a missing one is told unless there is a default.
  func integer(
    _ names: String..., in limits: ClosedRange<Int> = 1...1_000_000, default standard: Int? = nil
  ) -> Int {
    let needed = ObjectReader.wholeNumber(in: Int64(limits.lowerBound)...Int64(limits.upperBound))
    guard let located = value(names) else {
      if let standard = names.compactMap({ defaults[$0] }).first ?? standard { return standard }
      fault(names, .missing(needed: needed))
      return limits.lowerBound
    }
    guard let number = located.node.wholeNumber, let whole = Int(exactly: number),
      limits.contains(whole)
    else {
      fault(names, .unfit(found: located.node.found, needed: needed))
      return limits.lowerBound
    }
    return whole
  }

  /// `true` or `false` by one of its names.
  func flag(_ names: String..., default standard: Bool) -> Bool {
    guard let located = value(names) else { return standard }
    guard case .boolean(let flag) = located.node.value else {
      fault(names, .unfit(found: located.node.found, needed: "true or false"))
      return standard
    }
    return flag
  }

  /// A text, nil when it is missing; another kind of value is told.
  func text(_ names: String...) -> String? {
    guard let located = value(names) else { return nil }
    guard case .string(let text) = located.node.value else {
      fault(names, .unfit(found: located.node.found, needed: "a text"))
      return nil
    }
    return text
  }

  /// The texts of a list, nil when it is missing; anything else in it is told.
  func texts(_ name: String) -> [String]? {
    guard let located = value([name]) else { return nil }
    guard case .array(let items) = located.node.value else {
      fault([name], .unfit(found: located.node.found, needed: "a list of texts"))
      return nil
    }
    return items.compactMap { item in
      if case .string(let text) = item.value { return text }
      fault([name], .unfit(found: item.found, needed: "a text"))
      return nil
    }
  }

  /// The whole numbers of a list, nil when it is missing; anything else in it is told.
  func integers(_ name: String) -> [Int]? {
    guard let located = value([name]) else { return nil }
    guard case .array(let items) = located.node.value else {
      fault([name], .unfit(found: located.node.found, needed: "a list of whole numbers"))
      return nil
    }
    return items.compactMap { item in
      if let number = item.wholeNumber { return Int(exactly: number) }
      fault([name], .unfit(found: item.found, needed: "a whole number"))
      return nil
    }
  }
}
