import JSON

/// A value to put into a scenario before it is checked, as `--set PATH=VALUE` gives it.
///
/// The path names keys, and items of lists by index or by their `name`:
/// `workloads[0].arrivals.rate` or `workloads.chat.arrivals.rate`; `[+]` adds an item to a list.
/// The value is JSON, else a text.
public struct ScenarioOverride: Sendable, Hashable {
  /// Path and value as they were given.
  public let argument: String
  let path: String
  let value: String

  /// Splits `PATH=VALUE`; nil without a path or an equals sign.
  public init?(_ argument: String) {
    guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
      return nil
    }
    self.argument = argument
    path = String(argument[..<equals])
    value = String(argument[argument.index(after: equals)...])
  }

  /// The value as a tree: JSON if it is that, else the text itself.
  func node(origin: ValueOrigin) -> JSONNode {
    var parser = JSONParser(value, origin: origin)
    if let node = try? parser.parse(), parser.duplicates.isEmpty { return node }
    return JSONNode(value: .string(value), origin: origin)
  }
}

extension JSONNode {
  /// Where the path of an override ends without reaching a value.
  struct LostPath: Error, Hashable {
    var path: JSONPath
    var problem: ScenarioProblem
  }

  /// The tree with one value set; keys that are missing on the way are added, so that an option
  /// that rests on its default can be set, and the checks name those that nobody knows.
  func setting(_ override: ScenarioOverride, index: Int) throws(LostPath) -> JSONNode {
    let value = override.node(origin: .override(index: index))
    return try setting(value, at: override.path[...], from: .root)
  }

  private func setting(
    _ node: JSONNode, at rest: Substring, from here: JSONPath
  ) throws(LostPath) -> JSONNode {
    if rest.isEmpty { return node }
    switch value {
    case .array(let items) where rest.hasPrefix("[+]"):
      // What follows the sign is put into an item that is new and empty.
      let empty = JSONNode(value: .object([]), origin: node.origin)
      let added = try empty.setting(node, at: rest.dropFirst(3), from: here.index(items.count))
      return JSONNode(value: .array(items + [added]), origin: origin)
    case .array(let items):
      let (index, remaining) = try Self.item(of: items, in: rest, from: here)
      var changed = items
      changed[index] = try items[index].setting(node, at: remaining, from: here.index(index))
      return JSONNode(value: .array(changed), origin: origin)
    case .object(let members):
      let (key, remaining) = try Self.key(in: rest, from: here, known: members.map(\.key))
      var changed = members
      if let position = members.firstIndex(where: { $0.key == key }) {
        changed[position].value = try members[position].value.setting(
          node, at: remaining, from: here.key(key))
      } else {
        let isList = remaining.hasPrefix("[+]")
        let empty = JSONNode(value: isList ? .array([]) : .object([]), origin: node.origin)
        let added = try empty.setting(node, at: remaining, from: here.key(key))
        changed.append(JSONMember(key: key, origin: node.origin, value: added))
      }
      return JSONNode(value: .object(changed), origin: origin)
    case .null, .boolean, .number, .string:
      throw LostPath(
        path: here,
        problem: .overrideLeadsNowhere(at: Self.word(in: rest), suggestion: nil, known: []))
    }
  }

  /// The next key of a path, and what follows it.
  private static func key(
    in rest: Substring, from here: JSONPath, known: [String]
  ) throws(LostPath) -> (key: String, rest: Substring) {
    let path = rest.first == "." ? rest.dropFirst() : rest
    let key = path.prefix { $0 != "." && $0 != "[" }
    if key.isEmpty {
      throw LostPath(
        path: here,
        problem: .overrideLeadsNowhere(at: Self.word(in: rest), suggestion: nil, known: known))
    }
    return (String(key), path.dropFirst(key.count))
  }

  /// The next item of a path, `[3]` or a name, which may hold points; and what follows it.
  private static func item(
    of items: [JSONNode], in rest: Substring, from here: JSONPath
  ) throws(LostPath) -> (index: Int, rest: Substring) {
    let names = items.map { item -> String? in
      if case .string(let name)? = item["name"]?.value { return name }
      return nil
    }
    if rest.first == "[", let close = rest.firstIndex(of: "]") {
      let digits = rest[rest.index(after: rest.startIndex)..<close]
      if let index = Int(digits), items.indices.contains(index) {
        return (index, rest[rest.index(after: close)...])
      }
    }
    let path = rest.first == "." ? rest.dropFirst() : rest
    var best: (index: Int, length: Int)?
    for (index, name) in names.enumerated() {
      guard let name, path.hasPrefix(name), name.count > best?.length ?? 0 else { continue }
      let next = path.dropFirst(name.count).first
      if next == nil || next == "." || next == "[" { best = (index, name.count) }
    }
    if let best { return (best.index, path.dropFirst(best.length)) }
    let known = names.compactMap { $0 } + items.indices.map { "[\($0)]" }
    let word = Self.word(in: rest)
    throw LostPath(
      path: here,
      problem: .overrideLeadsNowhere(
        at: word, suggestion: suggestion(for: word, among: names.compactMap { $0 }), known: known))
  }

  /// The part of a path that comes next, for messages.
  private static func word(in rest: Substring) -> String {
    if rest.first == "[", let close = rest.firstIndex(of: "]") { return String(rest[...close]) }
    let path = rest.first == "." ? rest.dropFirst() : rest
    let word = path.prefix { $0 != "." && $0 != "[" }
    return String(word.isEmpty ? path : word)
  }
}
