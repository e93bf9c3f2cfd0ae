import JSON

/// A node of a Kubernetes cluster, as `kubectl get nodes -o json` tells it.
struct KubernetesNode: Sendable, Hashable {
  /// `metadata.name`.
  var name: String
  /// `metadata.labels`.
  var labels: [String: String] = [:]
  /// `status.capacity`.
  var capacity: [String: String] = [:]
  /// `status.allocatable`.
  var allocatable: [String: String] = [:]
  /// `spec.unschedulable`: the node is cordoned.
  var isUnschedulable = false
  /// The condition `Ready`; nil when the node tells none.
  var isReady: Bool?
  /// Taints that keep pods away, as `key=value:effect`.
  var taints: [Taint] = []
  /// Where it stands in the file.
  var path: JSONPath = .root
  /// Where it stands in the file.
  var origin = ValueOrigin.text(offset: 0)

  /// A taint whose effect is `NoSchedule` or `NoExecute`.
  struct Taint: Sendable, Hashable {
    var key: String
    var text: String
  }

  /// The whole number of a resource, nil when the node has none of that name.
  func count(of resource: String, in resources: [String: String]) -> Int? {
    resources[resource].flatMap { Int($0) }
  }

  /// Bytes of `status.capacity.memory`, nil when it is missing or no quantity.
  var memoryBytes: Int64? {
    guard let text = capacity["memory"] else { return nil }
    let digits = text.prefix { $0.isNumber || $0 == "." }
    let units: [(String, Double)] = [
      ("", 1), ("k", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("Ki", 0x1p10), ("Mi", 0x1p20),
      ("Gi", 0x1p30), ("Ti", 0x1p40), ("m", 1e-3),
    ]
    guard let number = Double(digits),
      let unit = units.first(where: { $0.0 == text.dropFirst(digits.count) })
    else { return nil }
    let bytes = number * unit.1
    return bytes < 0x1p62 ? Int64(bytes) : nil
  }
}

extension KubernetesNode {
  /// Reads what `kubectl get nodes -o json` or `kubectl get node NAME -o json` prints.
  static func nodes(in text: String, fileName: String) throws(ScenarioFaults) -> [KubernetesNode] {
    let faults = FaultCollector(lines: LineIndex(text), overrides: [])
    let nodes = nodes(in: text, into: faults)
    if !faults.isEmpty {
      throw ScenarioFaults(fileName: baseNameOf(fileName), faults: faults.faults)
    }
    return nodes
  }

  private static func nodes(in text: String, into faults: FaultCollector) -> [KubernetesNode] {
    var parser = JSONParser(text)
    let root: JSONNode
    do throws(JSONParser.SyntaxFault) {
      root = try parser.parse()
    } catch {
      faults.add(ScenarioProblem(error), at: error.path, from: .text(offset: error.offset))
      return []
    }
    let kind = root["kind"]?.text ?? ""
    let needed = "what 'kubectl get nodes -o json' prints: a list of nodes"
    if kind == "Node" { return [node(root, at: .root, into: faults)].compactMap { $0 } }
    guard case .array(let items)? = root["items"]?.value else {
      let found = kind.isEmpty ? root.found : "an object of kind \(shortened(kind))"
      faults.add(.unfit(found: found, needed: needed), at: .root, from: root.origin)
      return []
    }
    if items.isEmpty {
      faults.add(
        .unfit(found: "a list without items", needed: needed), at: .root, from: root.origin)
    }
    return items.enumerated().compactMap { index, item in
      node(item, at: JSONPath.root.key("items").index(index), into: faults)
    }
  }

  private static func node(
    _ item: JSONNode, at path: JSONPath, into faults: FaultCollector
  ) -> KubernetesNode? {
    if let kind = item["kind"]?.text, kind != "Node" {
      faults.add(
        .unfit(found: "an object of kind \(shortened(kind))", needed: "a node"), at: path,
        from: item.origin)
      return nil
    }
    guard let name = item["metadata"]?["name"]?.text, !name.isEmpty else {
      faults.add(
        .missing(needed: "the node's name"), at: path.key("metadata").key("name"),
        from: item.origin)
      return nil
    }
    var node = KubernetesNode(name: name, path: path, origin: item.origin)
    node.labels = item["metadata"]?["labels"]?.texts ?? [:]
    node.capacity = item["status"]?["capacity"]?.texts ?? [:]
    node.allocatable = item["status"]?["allocatable"]?.texts ?? [:]
    node.isUnschedulable = item["spec"]?["unschedulable"]?.value == .boolean(true)
    if case .array(let conditions)? = item["status"]?["conditions"]?.value {
      node.isReady = conditions.first { $0["type"]?.text == "Ready" }
        .map { $0["status"]?.text == "True" }
    }
    if case .array(let taints)? = item["spec"]?["taints"]?.value {
      node.taints = taints.compactMap(taint)
    }
    return node
  }

  private static func taint(_ node: JSONNode) -> Taint? {
    guard let key = node["key"]?.text, let effect = node["effect"]?.text,
      effect == "NoSchedule" || effect == "NoExecute"
    else { return nil }
    let value = node["value"]?.text.map { "=\($0)" } ?? ""
    return Taint(key: key, text: "\(key)\(value):\(effect)")
  }
}

extension JSONNode {
  /// The text of a text on one line, so that it may stand in a comment; nil for anything else.
  fileprivate var text: String? {
    guard case .string(let text) = value else { return nil }
    return String(text.map { $0.isNewline ? " " : $0 })
  }

  /// The members of an object whose values are texts or numbers, by their keys.
  fileprivate var texts: [String: String] {
    guard case .object(let members) = value else { return [:] }
    var texts: [String: String] = [:]
    for member in members {
      switch member.value.value {
      case .string: texts[member.key] = member.value.text
      case .number(let text): texts[member.key] = text
      default: continue
      }
    }
    return texts
  }
}

/// What follows the last slash of a path.
func baseNameOf(_ path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}
