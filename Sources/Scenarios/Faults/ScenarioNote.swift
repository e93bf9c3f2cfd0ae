/// Something that a scenario's author should know and that is no fault.
///
/// The scenario runs, but perhaps not as was meant; `--strict` refuses it.
public struct ScenarioNote: Sendable, Hashable {
  /// The value's path, such as `cluster.background.trace`; empty for the whole text.
  public var path: String
  /// Where the value stands in the text; nil when an override brought it.
  public var position: TextPosition?
  /// The override that brought the value, as it was given.
  public var override: String?
  /// What there is to know, one line without a full stop.
  public var sentence: String

  /// Creates a note.
  public init(
    path: String, position: TextPosition?, override: String? = nil, sentence: String
  ) {
    self.path = path
    self.position = position
    self.override = override
    self.sentence = sentence
  }

  /// The note as one line: `s.json:9:5: note: cluster.background.trace: 12 pods are left out`.
  ///
  /// - Parameter fileName: The scenario's file; only what follows its last slash is shown.
  /// - Returns: The line.
  public func line(in fileName: String) -> String {
    let fault = ScenarioFault(
      path: path, position: position, override: override, problem: .noted(sentence))
    return fault.place(in: fileName) + ": note: " + fault.description
  }
}

extension DecodedScenario {
  /// Takes the notes for faults, as `--strict` asks.
  ///
  /// - Parameter fileName: The scenario's file; only what follows its last slash is shown.
  /// - Throws: `ScenarioFaults` with every note, when there is one.
  public func refusingNotes(fileName: String) throws(ScenarioFaults) {
    if notes.isEmpty { return }
    throw ScenarioFaults(
      fileName: fileName.split(separator: "/").last.map(String.init) ?? fileName,
      faults: notes.map {
        ScenarioFault(
          path: $0.path, position: $0.position, override: $0.override,
          problem: .noted($0.sentence))
      })
  }
}
