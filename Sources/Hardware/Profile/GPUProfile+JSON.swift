public import JSON

extension GPUProfile {
  /// The version of the text's form.
  private static let version = 1

  /// Reads a profile.
  ///
  /// - Parameter text: the JSON text, as `json` writes it.
  /// - Throws: `ProfileFault` for broken text, keys that mean nothing, missing values, numbers
  ///   outside their range, and more than `mostNumbers` of them.
  public init(json text: String) throws(ProfileFault) {
    var parser = JSONParser(text)
    let root: JSONNode
    do throws(JSONParser.SyntaxFault) {
      root = try parser.parse()
    } catch {
      throw ProfileFault(
        path: error.path, offset: error.offset, found: error.found, needed: error.needed)
    }
    if let repeated = parser.duplicates.first {
      throw ProfileFault(
        path: repeated.path, offset: repeated.offset, found: "the key a second time",
        needed: "each key once")
    }
    try self.init(root)
  }

  /// Reads a profile from a text's tree.
  ///
  /// - Parameter root: the object.
  /// - Throws: `ProfileFault`, with paths from this object.
  public init(_ root: JSONNode) throws(ProfileFault) {
    self = try ProfileReader().profile(root)
  }

  /// The profile as JSON text: one line for each number, the same bytes for the same profile.
  public var json: String {
    var sources: [String] = []
    for number in numbers where !sources.contains(number.source) { sources.append(number.source) }
    var text = "{\n  \"profile\": \(Self.version),\n  \"gpu\": \(quoted(gpu)),\n"
    text += "  \"software\": \(quoted(software)),\n"
    text += "  \"kernels\": \(quoted(kernels.rawValue)),\n  \"sources\": [\n"
    text += sources.map { "    " + quoted($0) }.joined(separator: ",\n") + "\n  ]"
    for section in sections {
      text += ",\n  \(quoted(section)): {\n"
      text += numbers.filter { $0.section == section }.map { number in
        "    \(quoted(number.name)): { \"value\": \(plain(number.value))"
          + ", \"low\": \(plain(number.range.lowerBound))"
          + ", \"high\": \(plain(number.range.upperBound)), \"unit\": \(quoted(number.unit))"
          + ", \"origin\": \(quoted(number.origin.rawValue))"
          + ", \"source\": \(sources.firstIndex(of: number.source) ?? 0) }"
      }.joined(separator: ",\n")
      text += "\n  }"
    }
    if !coverage.isEmpty {
      text += ",\n  \"covers\": {\n" + coverageLines.joined(separator: ",\n") + "\n  }"
    }
    return text + "\n}\n"
  }

  private var coverageLines: [String] {
    var names: [String] = []
    for item in coverage where !names.contains(item.section) { names.append(item.section) }
    return names.map { name in
      let sizes = coverage.filter { $0.section == name }.map {
        "\(quoted($0.size)): [\($0.range.lowerBound), \($0.range.upperBound)]"
      }
      return "    \(quoted(name)): { \(sizes.joined(separator: ", ")) }"
    }
  }
}

/// A text in JSON's quotes.
func quoted(_ text: String) -> String {
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\" + String(scalar)
    case "\n": result += "\\n"
    default: result.unicodeScalars.append(scalar)
    }
  }
  return result + "\""
}

/// Reads the tree of a profile.
private struct ProfileReader {
  private static let frame = [
    "profile", "gpu", "software", "kernels", "sources", "covers",
  ]
  private static let keys = ["value", "low", "high", "unit", "origin", "source"]

  func profile(_ root: JSONNode) throws(ProfileFault) -> GPUProfile {
    guard case .object(let members) = root.value else {
      throw fault(root, .root, needed: "an object")
    }
    let version = try number(of: "profile", in: root, .root)
    guard version == 1 else {
      throw fault(root["profile"] ?? root, JSONPath.root.key("profile"), needed: "1")
    }
    let sources = try self.sources(of: root)
    let kernelsPath = JSONPath.root.key("kernels")
    guard let kernels = GEMMKernels(rawValue: try text(of: "kernels", in: root, .root)) else {
      throw fault(
        root["kernels"] ?? root, kernelsPath,
        needed: "one of " + GEMMKernels.allCases.map(\.rawValue).joined(separator: ", "))
    }
    var profile = GPUProfile(
      gpu: try text(of: "gpu", in: root, .root),
      software: try text(of: "software", in: root, .root),
      kernels: kernels, numbers: [])
    for member in members where !Self.frame.contains(member.key) {
      let path = JSONPath.root.key(member.key)
      for (name, node) in try object(member.value, path) {
        profile.numbers.append(
          try number(node, path.key(name), section: member.key, name: name, sources))
      }
    }
    if profile.numbers.count > GPUProfile.mostNumbers {
      throw ProfileFault(
        path: .root, offset: 0, found: "\(profile.numbers.count) numbers",
        needed: "at most \(GPUProfile.mostNumbers)")
    }
    if let covers = root["covers"] { profile.coverage = try coverage(covers) }
    return profile
  }

  private func number(
    _ node: JSONNode, _ path: JSONPath, section: String, name: String, _ sources: [String]
  ) throws(ProfileFault) -> ProfileNumber {
    for (key, value) in try object(node, path) where !Self.keys.contains(key) {
      throw ProfileFault(
        path: path.key(key), offset: offset(value), found: "an unknown key",
        needed: "one of " + Self.keys.joined(separator: ", "))
    }
    let value = try number(of: "value", in: node, path)
    let low = try number(of: "low", in: node, path)
    let high = try number(of: "high", in: node, path)
    guard low <= value, value <= high else {
      throw fault(node["value"] ?? node, path.key("value"), needed: "a number between low and high")
    }
    let word = try text(of: "origin", in: node, path)
    guard let origin = FigureOrigin(rawValue: word) else {
      throw fault(
        node["origin"] ?? node, path.key("origin"),
        needed: "one of " + FigureOrigin.allCases.map(\.rawValue).joined(separator: ", "))
    }
    let place = try number(of: "source", in: node, path)
    guard let index = Int(exactly: place), sources.indices.contains(index) else {
      throw fault(
        node["source"] ?? node, path.key("source"), needed: "the place of a source, from 0")
    }
    return ProfileNumber(
      section: section, name: name, value: value, range: low...high,
      unit: try text(of: "unit", in: node, path), origin: origin, source: sources[index])
  }

  private func coverage(_ node: JSONNode) throws(ProfileFault) -> [ProfileCoverage] {
    let path = JSONPath.root.key("covers")
    var all: [ProfileCoverage] = []
    for (section, sizes) in try object(node, path) {
      for (size, range) in try object(sizes, path.key(section)) {
        guard case .array(let ends) = range.value, ends.count == 2,
          case .number(let low) = ends[0].value, case .number(let high) = ends[1].value,
          let first = Int(low), let last = Int(high), first <= last
        else {
          throw fault(
            range, path.key(section).key(size), needed: "the smallest and the largest size")
        }
        all.append(ProfileCoverage(section: section, size: size, range: first...last))
      }
    }
    return all
  }

  private func sources(of root: JSONNode) throws(ProfileFault) -> [String] {
    let path = JSONPath.root.key("sources")
    guard let node = root["sources"], case .array(let items) = node.value else {
      throw fault(root["sources"] ?? root, path, needed: "a list of texts")
    }
    var sources: [String] = []
    for (index, item) in items.enumerated() {
      guard case .string(let text) = item.value else {
        throw fault(item, path.index(index), needed: "a text")
      }
      sources.append(text)
    }
    return sources
  }

  private func object(
    _ node: JSONNode, _ path: JSONPath
  ) throws(ProfileFault) -> [(key: String, value: JSONNode)] {
    guard case .object(let members) = node.value else {
      throw fault(node, path, needed: "an object")
    }
    return members.map { ($0.key, $0.value) }
  }

  private func number(
    of key: String, in node: JSONNode, _ path: JSONPath
  ) throws(ProfileFault) -> Double {
    guard case .number(let text)? = node[key]?.value, let value = Double(text), value.isFinite
    else { throw fault(node[key], in: node, path.key(key), needed: "a number") }
    return value
  }

  private func text(
    of key: String, in node: JSONNode, _ path: JSONPath
  ) throws(ProfileFault) -> String {
    guard case .string(let text)? = node[key]?.value else {
      throw fault(node[key], in: node, path.key(key), needed: "a text")
    }
    return text
  }

  private func fault(
    _ node: JSONNode?, in parent: JSONNode, _ path: JSONPath, needed: String
  ) -> ProfileFault {
    ProfileFault(
      path: path, offset: offset(node ?? parent), found: node?.found ?? "nothing", needed: needed)
  }

  private func fault(_ node: JSONNode, _ path: JSONPath, needed: String) -> ProfileFault {
    fault(node, in: node, path, needed: needed)
  }

  private func offset(_ node: JSONNode) -> Int {
    if case .text(let offset) = node.origin { return offset }
    return 0
  }
}
