import JSON

/// One fault of a scenario: which value, where it stands, what is wrong with it.
public struct ScenarioFault: Sendable, Hashable, CustomStringConvertible {
  /// The value's path, such as `schedulers[1].batching.maxSequences`; empty for the whole text.
  public var path: String
  /// Where the value stands in the text; nil when an override brought it.
  public var position: TextPosition?
  /// The override that brought the value, as it was given.
  public var override: String?
  /// The file in which the value stands, if it is one that the scenario names: its base name.
  public var file: String?
  /// What is wrong.
  public var problem: ScenarioProblem

  /// Creates a fault.
  public init(
    path: String, position: TextPosition?, override: String? = nil, file: String? = nil,
    problem: ScenarioProblem
  ) {
    self.path = path
    self.position = position
    self.override = override
    self.file = file
    self.problem = problem
  }

  /// Path and sentence: `duration: found 30, needs a time …`.
  public var description: String {
    path.isEmpty ? problem.sentence : path + ": " + problem.sentence
  }

  /// Where the value stands: `quickstart.json:3:15`, or the override that brought it.
  func place(in fileName: String) -> String {
    if let override { return "--set " + shortened(override) }
    let name = file ?? fileName.split(separator: "/").last.map(String.init) ?? fileName
    return position.map { "\(name):\($0)" } ?? name
  }
}

/// A place in a text.
public struct TextPosition: Sendable, Hashable, Comparable, CustomStringConvertible {
  /// The line, counted from 1.
  public var line: Int
  /// The character of the line, counted from 1.
  public var column: Int

  /// Creates a position.
  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// `12:7`.
  public var description: String { "\(line):\(column)" }

  /// In the order of the text.
  public static func < (left: TextPosition, right: TextPosition) -> Bool {
    (left.line, left.column) < (right.line, right.column)
  }
}

/// All faults of a scenario, those of the overrides first, then in the order of the text.
public struct ScenarioFaults: Error, Sendable, Hashable, CustomStringConvertible {
  /// The text's name, as it stands in front of each line.
  public var fileName: String
  /// The faults, at least one.
  public var faults: [ScenarioFault]

  /// Creates the error.
  public init(fileName: String, faults: [ScenarioFault]) {
    self.fileName = fileName
    self.faults = faults
  }

  /// Whose fault it is: the files' or the system's only where no fault is the content's.
  public var kind: TraceFault.Kind {
    let kinds = faults.map(\.problem.kind)
    if kinds.contains(.content) { return .content }
    return kinds.contains(.noInput) ? .noInput : .inputOutput
  }

  /// One line per fault: `quickstart.json:3:15: duration: found 30, needs …`.
  public var lines: [String] {
    faults.map { $0.place(in: fileName) + ": " + $0.description }
  }

  /// The lines, one below the other.
  public var description: String { lines.joined(separator: "\n") }
}
