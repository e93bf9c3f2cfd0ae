import JSON
public import Serving

/// Turns a scenario's text into a checked scenario, or into all its faults at once.
public struct ScenarioDecoder: Sendable {
  /// The policies that scenarios may name.
  public var catalogue: PolicyCatalogue
  /// Where the files that a scenario names are looked for.
  public var files: InputFiles
  /// Whether the traces that a scenario names are opened and checked; without, the scenario can be
  /// described and not run.
  public var opensTraces = true
  /// Called now and then while a trace is checked, which may take seconds.
  public var progress: (@Sendable (TraceProgress) -> Void)?

  /// Creates a decoder.
  public init(catalogue: PolicyCatalogue = .builtIn, files: InputFiles = InputFiles()) {
    self.catalogue = catalogue
    self.files = files
  }

  /// Reads, overrides, checks and fills in a scenario.
  ///
  /// - Parameters:
  ///   - text: JSON; `//` and `/* */` comments and trailing commas are allowed.
  ///   - fileName: The text's name, for messages; only what follows its last slash is shown.
  ///   - overrides: Values put into the text's tree before it is checked, in this order.
  /// - Returns: The scenario, its canonical JSON and its digest.
  /// - Throws: `ScenarioFaults` with every fault of the text.
  public func decode(
    text: String, fileName: String, overrides: [ScenarioOverride] = []
  ) throws(ScenarioFaults) -> DecodedScenario {
    let faults = FaultCollector(lines: LineIndex(text), overrides: overrides)
    let decoded = decode(text: text, overrides: overrides, into: faults)
    guard faults.isEmpty, let decoded else {
      let name = fileName.split(separator: "/").last.map(String.init) ?? fileName
      throw ScenarioFaults(fileName: name, faults: faults.faults)
    }
    return decoded
  }

  /// The scenario, nil when there are faults, which then are in `faults`.
  func decode(
    text: String, overrides: [ScenarioOverride], into faults: FaultCollector
  ) -> DecodedScenario? {
    guard var root = Self.tree(of: text, into: faults) else { return nil }
    for (index, override) in overrides.enumerated() {
      do throws(JSONNode.LostPath) {
        root = try root.setting(override, index: index)
      } catch {
        faults.add(error.problem, at: error.path, from: .override(index: index))
      }
    }
    guard case .object = root.value else {
      faults.add(
        .unfit(found: root.found, needed: "an object, the scenario"), at: .root, from: root.origin)
      return nil
    }
    let reader = ObjectReader(
      [ObjectReader.Located(node: root, path: .root)], faults: faults, isPartial: false)
    let decoding = ScenarioDecoding(
      catalogue: catalogue, files: files, faults: faults, opensTraces: opensTraces,
      progress: progress)
    guard let scenario = decoding.scenario(reader), faults.isEmpty else { return nil }
    return DecodedScenario(
      scenario: scenario, canonicalJSON: CanonicalValue.object(reader.canonical).text,
      notes: faults.notes)
  }

  /// The tree of a text; broken text and keys given twice are told.
  static func tree(of text: String, into faults: FaultCollector) -> JSONNode? {
    var parser = JSONParser(text)
    do throws(JSONParser.SyntaxFault) {
      let root = try parser.parse()
      for duplicate in parser.duplicates {
        let line = faults.line(of: .text(offset: duplicate.firstOffset))
        faults.add(
          .duplicateKey(firstLine: line), at: duplicate.path,
          from: .text(offset: duplicate.offset))
      }
      return root
    } catch {
      faults.add(ScenarioProblem(error), at: error.path, from: .text(offset: error.offset))
      return nil
    }
  }
}

/// A scenario that was read and checked.
public struct DecodedScenario: Sendable {
  /// What a run takes.
  public var scenario: Scenario
  /// The whole scenario with every default filled in, in one fixed form; decoding it gives this
  /// scenario again.
  public let canonicalJSON: String
  /// SHA-256 of the canonical JSON, 64 hexadecimal digits.
  public let digest: String
  /// What the author should know though it is no fault, those of overrides first.
  public let notes: [ScenarioNote]

  init(scenario: Scenario, canonicalJSON: String, notes: [ScenarioNote] = []) {
    self.scenario = scenario
    self.canonicalJSON = canonicalJSON
    self.notes = notes
    digest = SHA256.hexadecimalDigest(of: canonicalJSON)
  }

  /// The same scenario with another seed; canonical JSON and digest stay, because results keep the
  /// seed beside them.
  public func seeded(_ seed: UInt64) -> DecodedScenario {
    var copy = self
    copy.scenario.seed = seed
    return copy
  }

  /// The same scenario with only these schedulers, in scenario order, all of them when none is
  /// named; canonical JSON and digest stay.
  ///
  /// - Throws: `ScenarioFaults` with every name that no scheduler has.
  public func selecting(schedulers names: [String]) throws(ScenarioFaults) -> DecodedScenario {
    if names.isEmpty { return self }
    let known = scenario.schedulers.map(\.name)
    let faults = names.filter { !known.contains($0) }.map { name in
      ScenarioFault(
        path: "schedulers", position: nil,
        problem: .unknownName(
          found: name, kind: "a scheduler of the scenario",
          suggestion: suggestion(for: name, among: known), known: known))
    }
    if !faults.isEmpty { throw ScenarioFaults(fileName: "--scheduler", faults: faults) }
    var copy = self
    copy.scenario.schedulers = scenario.schedulers.filter { names.contains($0.name) }
    return copy
  }
}
