import JSON
import Yams

/// A YAML file that a scenario names, its documents and what is wrong with them.
///
/// Yams is an implementation of YAML 1.1, the language of Kubernetes' files, with the line and column of
/// every value (`docs/decisions/0013-yams.md`).
final class YAMLFile {
  /// A value that is a text, under its key.
  struct Entry {
    var key: String
    /// The text; nil where the value is no string, which Kubernetes refuses.
    var text: String?
    /// What stands there, for faults.
    var found: String
    var keyPlace: TextPosition?
    var place: TextPosition?
  }

  /// One document of the file.
  struct Document {
    /// Its kind, as Kubernetes names it.
    let kind: String
    fileprivate let root: Node.Mapping
  }

  private let documents: [Node]
  private(set) var faults: [ScenarioFault] = []

  /// Reads the documents of a text; one that is no YAML is told.
  init(_ text: String) {
    var documents: [Node] = []
    var broken: ScenarioFault?
    do {
      let parser = try Parser(yaml: text)
      while let node = try parser.nextRoot() { documents.append(node) }
    } catch {
      broken = Self.fault(of: error)
    }
    self.documents = broken == nil ? documents : []
    if let broken { faults.append(broken) }
  }

  /// The first document of one of some kinds, as Kubernetes names them; a missing one is told.
  func document(ofKind kinds: [String]) -> Document? {
    let mappings = documents.compactMap(\.mapping)
    for root in mappings {
      if let kind = root["kind"]?.scalar?.string, kinds.contains(kind) {
        return Document(kind: kind, root: root)
      }
    }
    guard faults.isEmpty else { return nil }
    let kind = mappings.first?["kind"]
    fault(
      .missingDocument(kind: kinds.joined(separator: " or "), found: kind?.scalar?.string), "",
      kind?.position)
    return nil
  }

  /// The texts of a mapping below some keys; none where there is no such mapping.
  func entries(_ document: Document, _ path: [String]) -> [Entry] {
    var mapping = document.root
    for (depth, key) in path.enumerated() {
      guard let node = mapping[key] else { return [] }
      guard let inner = node.mapping else {
        if node.scalar?.tag.description == "tag:yaml.org,2002:null" { return [] }
        fault(
          .unfit(found: node.found, needed: "a mapping"),
          path[...depth].joined(separator: "."), node.position)
        return []
      }
      mapping = inner
    }
    return mapping.map { key, value in
      Entry(
        key: key.scalar?.string ?? "", text: value.isText ? value.scalar?.string : nil,
        found: value.found, keyPlace: key.position, place: value.position)
    }
  }

  /// A whole number below some keys; nil where there is none.
  func integer(
    _ document: Document, _ path: [String], in limits: ClosedRange<Int64>
  ) -> Int64? {
    var node: Node? = .mapping(document.root)
    for key in path { node = node?.mapping?[key] }
    guard let node else { return nil }
    if let number = node.scalar.flatMap({ Int64($0.string) }), !node.isText,
      limits.contains(number)
    {
      return number
    }
    fault(
      .unfit(found: node.found, needed: ObjectReader.wholeNumber(in: limits)),
      path.joined(separator: "."), node.position)
    return nil
  }

  /// Tells what is wrong with a value.
  func fault(_ problem: ScenarioProblem, _ path: String, _ place: TextPosition?) {
    faults.append(ScenarioFault(path: path, position: place, problem: problem))
  }

  private static func fault(of error: any Error) -> ScenarioFault {
    var (cause, mark): (String, Mark?) = ("broken text", nil)
    switch error as? YamlError {
    case .scanner(_, let problem, let place, _)?, .parser(_, let problem, let place, _)?,
      .composer(_, let problem, let place, _)?:
      (cause, mark) = (problem, place)
    case .duplicatedKeysInMapping(let duplicates, let context)?:
      let keys = duplicates.map { "\"\(shortened($0))\"" }.joined(separator: ", ")
      cause = "found the key \(keys) twice"
      mark = context.mark
    case .reader(let problem, _, _, _)?: cause = problem
    default: break
    }
    return ScenarioFault(
      path: "", position: mark.map { TextPosition(line: $0.line, column: $0.column) },
      problem: .notOfFormat("YAML", cause: cause))
  }
}

extension Node {
  /// Where it begins.
  fileprivate var position: TextPosition? {
    mark.map { TextPosition(line: $0.line, column: $0.column) }
  }

  /// Whether it is a string to Kubernetes: quoted, a block, or plain and neither number, truth value nor null.
  fileprivate var isText: Bool { tag.description == "tag:yaml.org,2002:str" }

  /// As faults show it.
  fileprivate var found: String {
    switch self {
    case .scalar(let scalar):
      isText ? "\"\(shortened(scalar.string))\"" : "\(shortened(scalar.string)) without quotes"
    case .mapping: "a mapping"
    case .sequence: "a list"
    default: "an alias"
    }
  }
}
