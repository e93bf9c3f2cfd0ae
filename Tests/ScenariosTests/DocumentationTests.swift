import EventKernel
import FoundationEssentials
import Hardware
import Inference
import JSON
import Serving
import Testing

@testable import Scenarios

/// A file of the repository, found from this file's own place.
private func repositoryFile(_ path: String) throws -> String {
  let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  return try ScenarioFile.text(at: root.appending(path: path).path())
}

/// Every key that the decoder looks for, by its path without indexes.
///
/// Both distributions of times are one, as are those of lengths, and `defaults` is a scheduler.
private func knownKeys() -> Set<String> {
  // What the fixture leaves out: keys that exclude others.
  let variants = [
    [], ["cluster.background.lifetime.distribution=constant"],
    ["cluster.background.lifetime.distribution=lognormal"],
    ["workloads[0].trace.file=none.csv"],
    [#"workloads[0].trace={"format":"servegen","file":"none","clients":[1]}"#],
    ["cluster.background.trace.file=pods.csv"],
    ["cluster.background.arrangement=renewing", #"cluster.background.schedule=[{"at":"1m"}]"#],
    [#"workloads[0].prompt={"distribution":"trace"}"#],
    [#"workloads[1].models={"popularity":"shares"}"#],
    [#"schedulers[0].routing={"policy":"prefix-aware"}"#],
    [#"schedulers[0].routing={"policy":"split-pools"}"#],
    [#"schedulers[0].queue={"policy":"priority"}"#],
    [#"schedulers[0].queue={"policy":"shortest-first"}"#],
    [#"schedulers[0].queue={"policy":"vtc"}"#],
    [#"schedulers[0].admission={"policy":"reject-early"}"#],
    [#"schedulers[0].admission={"policy":"token-bucket"}"#],
    [#"schedulers[0].parallelism={"policy":"pp-then-consolidate"}"#],
  ]
  let policies = PolicyCatalogue.builtIn.batching.map { policy in
    [#"schedulers[0].batching={"policy":"\#(policy.name)"}"#]
  }
  let placements = PolicyCatalogue.builtIn.placement.map { policy in
    [#"schedulers[0].placement={"policy":"\#(policy.name)"}"#]
  }
  let scaling = PolicyCatalogue.builtIn.scaling.map { policy in
    [#"schedulers[0].scaling={"policy":"\#(policy.name)"}"#]
  }
  let keepAlives = PolicyCatalogue.builtIn.keepAlive.map { policy in
    [#"schedulers[0].keepAlive={"policy":"\#(policy.name)"}"#]
  }
  var keys: Set<String> = []
  for arguments in variants + policies + placements + scaling + keepAlives {
    let overrides = arguments.compactMap(ScenarioOverride.init)
    let faults = FaultCollector(lines: LineIndex(Fixture.everything), overrides: overrides)
    _ = ScenarioDecoder().decode(text: Fixture.everything, overrides: overrides, into: faults)
    keys.formUnion(faults.knownKeys.map(normalized))
  }
  return keys.filter {
    !$0.hasPrefix("cluster.background.sizes.") && !$0.hasPrefix("cluster.quotas.")
  }
}

private func normalized(_ key: String) -> String {
  let same = [
    ("cluster.background.placement.", "schedulers[].placement."), ("defaults.", "schedulers[]."),
    ("workloads[].output.", "workloads[].prompt."),
    ("models[].cost.stepTime.", "cluster.background.lifetime."),
    ("models[].shape.slidingWindow.layers.", "models[].shape.experts.layers."),
    ("workloads[].arrivals.think.", "cluster.background.lifetime."),
    ("workloads[].sessions.think.", "cluster.background.lifetime."),
    ("workloads[].sessions.turns.", "workloads[].prompt."),
    ("workloads[].sessions.followUp.", "workloads[].prompt."),
    ("workloads[].arrivals.base.", "workloads[].arrivals."),
  ]
  for (prefix, other) in same where key.hasPrefix(prefix) {
    return other + key.dropFirst(prefix.count)
  }
  return key
}

/// The first cell of each row below each heading's first path: `cluster.nodes[]` + `.` + `gpu`.
private func documentedKeys(_ text: String) -> Set<String> {
  var keys: Set<String> = []
  var prefix = ""
  for line in text.split(separator: "\n") {
    if line.hasPrefix("#") {
      let parts = line.split(separator: "`", omittingEmptySubsequences: false)
      prefix = parts.count > 1 ? parts[1] + "." : ""
    } else if line.hasPrefix("| `"), let key = line.dropFirst(3).split(separator: "`").first {
      keys.insert(prefix + key)
    }
  }
  return keys
}

/// The paths whose third cell is one word in backquotes, the word, and below a policy's heading
/// the override that names the policy.
private func documentedDefaults(
  _ text: String
) -> [(path: String, value: String, policy: [String])] {
  var defaults: [(path: String, value: String, policy: [String])] = []
  var prefix = ""
  var policy: [String] = []
  for line in text.split(separator: "\n") {
    if line.hasPrefix("#") {
      let parts = line.split(separator: "`", omittingEmptySubsequences: false)
      prefix = parts.count > 1 ? parts[1] + "." : ""
      policy = []
      if parts.count == 5, parts[2] == ": " {
        policy = [prefix.replacing("[]", with: "[0]") + "policy=" + parts[3]]
      }
    }
    let cells = line.split(separator: "|").map { $0.split(separator: "`") }
    guard line.hasPrefix("| `"), cells.count == 4, cells[2].count == 3, cells[2][0] == " ",
      cells[2][2] == " "
    else { continue }
    defaults.append((prefix + cells[0][1], String(cells[2][1]), policy))
  }
  return defaults
}

extension ScenarioFault {
  /// Whether the fault only says that the scenario lacks the part that a key belongs to.
  fileprivate var isAboutAbsentParts: Bool {
    switch problem {
    case .unknownKey, .missing, .overrideLeadsNowhere: true
    default: false
    }
  }
}

/// The part of a document below a policy's heading: its rows.
private func expectedSection(_ kind: String, _ policy: any Policy.Type) -> String {
  var lines = [
    "### `schedulers[].\(kind)`: `\(policy.name)`", "",
    policy.summary.prefix(1).uppercased() + policy.summary.dropFirst() + ".",
    "Source: \(policy.source).", "",
  ]
  if policy.options.isEmpty { return lines.joined(separator: "\n") }
  lines += ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
  for option in policy.options {
    let cells = ["`\(option.key)`", values(of: option), standard(of: option), option.summary]
    lines.append("| " + cells.joined(separator: " | ") + " |")
  }
  return lines.joined(separator: "\n") + "\n"
}

private func values(of option: OptionDescription) -> String {
  switch option.kind {
  case .integer(let limits):
    "whole number, \(grouped(limits.lowerBound)) to \(grouped(limits.upperBound))"
  case .number(let limits):
    "number, \(readable(limits.lowerBound)) to \(readable(limits.upperBound))"
  case .duration(let limits):
    "time, `\(shortTime(limits.lowerBound))` to `\(shortTime(min(limits.upperBound, Limit.time)))`"
  case .flag: "true or false"
  case .choice(let words): words.map { "`\($0)`" }.joined(separator: ", ")
  case .integers(let limits):
    "list of whole numbers, \(grouped(limits.lowerBound)) to \(grouped(limits.upperBound))"
  case .durations(let limits):
    "list of times, `\(shortTime(limits.lowerBound))` to `\(shortTime(min(limits.upperBound, Limit.time)))`"
  case .plans: "list of plans"
  case .tenants(let limits):
    "numbers by tenant, \(readable(limits.lowerBound)) to \(readable(limits.upperBound))"
  }
}

private func standard(of option: OptionDescription) -> String {
  switch option.defaultValue {
  case nil: option.isRequired ? "required" : "–"
  case .integer(let value): "`\(value)`"
  case .number(let value): "`\(plain(value))`"
  case .duration(let value): "`\(shortTime(value))`"
  case .flag(let value): "`\(value)`"
  case .choice(let word): "`\(word)`"
  case .integers(let list): "`\(list)`"
  case .plans(let plans):
    plans == [PlanShape(tensor: 1, stages: 4)] ? "one of 4 `stages`" : "see there"
  case .durations, .tenants: "see there"
  }
}

@Suite("Documents about scenarios")
struct DocumentationTests {
  @Test("docs/scenario.md lists exactly the keys that the decoder knows")
  func keys() throws {
    let documented = documentedKeys(try repositoryFile("docs/scenario.md"))
    let known = knownKeys().filter { !$0.hasSuffix(".policy") || $0 == "models[].cost.policy" }
    #expect(known.subtracting(documented).sorted() == [])
    #expect(documented.subtracting(known).sorted() == [])
    #expect(known.count > 100)
  }

  @Test("docs/scenario.md describes every policy in its own words, limits and defaults")
  func policies() throws {
    let text = try repositoryFile("docs/scenario.md")
    for (kind, policies) in PolicyCatalogue.builtIn.kinds {
      for policy in policies {
        let section = expectedSection(kind, policy)
        let isThere = text.contains(section)
        #expect(isThere, "\(section)")
      }
    }
  }

  @Test("Setting a documented default changes nothing")
  func defaults() throws {
    let sessions = """
      "sessions": { "turns": { "distribution": "constant", "value": 2 },
        "think": { "distribution": "constant", "value": "1s" } }, "slo": { "ttft": "2s" }
      """
    let plain = Fixture.small.replacing("\"count\": 2, ", with: "")
      .replacing("llama-3.1-70b", with: "llama-3.1-8b").replacing("\"tensor\": 4", with: "")
      .replacing("\"name\": \"chat\",", with: "\"name\": \"chat\", \"models\": {}, \(sessions),")
    var checked = 0
    for (path, value, policy) in documentedDefaults(try repositoryFile("docs/scenario.md")) {
      let override = path.replacing("[]", with: "[0]") + "=" + value
      do {
        let digest = try decode(plain, policy).digest
        #expect(try decode(plain, policy + [override]).digest == digest, "\(override)")
        checked += 1
      } catch let error as ScenarioFaults {
        // Keys of parts and policies that the small scenario does not have.
        let isAbsent = error.faults.allSatisfy { $0.isAboutAbsentParts }
        #expect(isAbsent, "\(error)")
      }
    }
    #expect(checked >= 44)
  }

  @Test("Documents and schema name everything that the catalogues have")
  func catalogues() throws {
    let documents = try ["docs/scenario.md", "docs/scenario.schema.json"].map(repositoryFile)
    let names =
      HardwareCatalogue.gpus.map(\.name) + ModelCatalogue.models.map(\.name)
      + AllReduceImplementation.allCases.map(\.rawValue)
      + PolicyCatalogue.builtIn.kinds.flatMap { $0.policies.map { $0.name } }
    for name in names {
      let isThere = documents.allSatisfy { $0.contains("`\(name)`") || $0.contains("\"\(name)\"") }
      #expect(isThere, "\(name)")
    }
  }

  @Test("docs/scenario.schema.json allows exactly the keys that the decoder knows")
  func schema() throws {
    var parser = JSONParser(try repositoryFile("docs/scenario.schema.json"))
    let allowed = SchemaWalk(root: try parser.parse()).keys
    let known = knownKeys()
    #expect(known.subtracting(allowed).sorted() == [])
    #expect(allowed.subtracting(known).sorted() == [])
  }

  @Test("Every scenario that comes with simpp decodes")
  func ownScenarios() throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Scenarios").resolvingSymlinksInPath()
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path())
      .filter { $0.hasSuffix(".json") }.sorted()
    #expect(!names.isEmpty)
    for name in names {
      let text = try ScenarioFile.text(at: folder.appending(path: name).path())
      // Traces made by others are no part of simpp.
      let faults = faultLines(text).filter { !$0.contains("no such file") }
      #expect(faults == [], "\(name)")
    }
  }
}

/// The properties of a JSON Schema by path, references followed.
private struct SchemaWalk {
  let root: JSONNode
  private(set) var keys: Set<String> = []

  init(root: JSONNode) {
    self.root = root
    visit(root, at: "", depth: 0)
  }

  private mutating func visit(_ node: JSONNode, at path: String, depth: Int) {
    guard depth < 30 else { return }
    if case .string(let reference)? = node["$ref"]?.value {
      var target = root
      for part in reference.split(separator: "/").dropFirst() {
        target = target[String(part)] ?? root
      }
      visit(target, at: path, depth: depth + 1)
    }
    for key in ["anyOf", "oneOf", "allOf"] {
      guard case .array(let parts)? = node[key]?.value else { continue }
      for part in parts { visit(part, at: path, depth: depth + 1) }
    }
    if let items = node["items"] { visit(items, at: path + "[]", depth: depth + 1) }
    guard case .object(let properties)? = node["properties"]?.value else { return }
    for property in properties {
      let key = path.isEmpty ? property.key : path + "." + property.key
      keys.insert(normalized(key))
      visit(property.value, at: key, depth: depth + 1)
    }
  }
}
