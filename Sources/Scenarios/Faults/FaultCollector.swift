import JSON

/// Gathers the faults and notes of one decoding, so that all are told at once.
final class FaultCollector {
  /// Most faults told; beyond that a file is not a scenario with mistakes but something else.
  static let maximumFaults = 1_000

  private let lines: LineIndex
  private let overrides: [ScenarioOverride]
  private var entries: [(order: Int, fault: ScenarioFault)] = []
  private var seen: Set<ScenarioFault> = []
  private var noted: [(order: Int, note: ScenarioNote)] = []
  /// Every key that was looked for, by its path without indexes; tests compare documents with it.
  private(set) var knownKeys: Set<String> = []

  init(lines: LineIndex, overrides: [ScenarioOverride]) {
    self.lines = lines
    self.overrides = overrides
  }

  /// Whether nothing was wrong so far.
  var isEmpty: Bool { entries.isEmpty }

  /// Adds a fault; the same one again, as defaults of several schedulers give it, is left out.
  func add(_ problem: ScenarioProblem, at path: JSONPath, from origin: ValueOrigin) {
    let place = place(of: origin)
    let fault = ScenarioFault(
      path: path.description, position: place.position, override: place.override,
      problem: problem)
    guard entries.count < Self.maximumFaults, seen.insert(fault).inserted else { return }
    entries.append((place.order, fault))
  }

  /// Adds the faults of a file that the value at `origin` names.
  func add(_ faults: [ScenarioFault], ofFile name: String, from origin: ValueOrigin) {
    let order = place(of: origin).order
    for var fault in faults where entries.count < Self.maximumFaults {
      fault.file = name
      if seen.insert(fault).inserted { entries.append((order, fault)) }
    }
  }

  /// Adds a note: what the author should know though it is no fault.
  ///
  /// The sentence is one line without a full stop.
  func add(note sentence: String, at path: JSONPath, from origin: ValueOrigin) {
    let place = place(of: origin)
    let note = ScenarioNote(
      path: path.description, position: place.position, override: place.override,
      sentence: sentence)
    guard noted.count < Self.maximumFaults, !noted.contains(where: { $0.note == note }) else {
      return
    }
    noted.append((place.order, note))
  }

  /// Where a value stands, and the order of that among all places: overrides first.
  private func place(
    of origin: ValueOrigin
  ) -> (position: TextPosition?, override: String?, order: Int) {
    switch origin {
    case .text(let offset): (lines.position(ofByte: offset), nil, offset)
    case .override(let index): (nil, overrides[index].argument, index - overrides.count)
    }
  }

  /// Notes that a key is known.
  func note(knownKey path: JSONPath) { knownKeys.insert(path.pattern) }

  /// The line of a byte of the text, 0 for a value that an override brought.
  func line(of origin: ValueOrigin) -> Int {
    guard case .text(let offset) = origin else { return 0 }
    return lines.position(ofByte: offset).line
  }

  /// The faults by their place; at one place in the order in which they were found.
  var faults: [ScenarioFault] {
    entries.enumerated().sorted { left, right in
      (left.element.order, left.offset) < (right.element.order, right.offset)
    }.map(\.element.fault)
  }

  /// The notes, in the same order as faults.
  var notes: [ScenarioNote] {
    noted.enumerated().sorted { left, right in
      (left.element.order, left.offset) < (right.element.order, right.offset)
    }.map(\.element.note)
  }
}

/// Where the lines of a text begin.
struct LineIndex {
  private let bytes: [UInt8]
  private let starts: [Int]

  init(_ text: String) {
    bytes = Array(text.utf8)
    var starts = [0]
    for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(index + 1)
    }
    self.starts = starts
  }

  /// Line and column, both from 1; columns count characters as Unicode scalars.
  func position(ofByte offset: Int) -> TextPosition {
    var low = 0
    var high = starts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if starts[middle] <= offset { low = middle } else { high = middle }
    }
    let before = bytes[starts[low]..<min(offset, bytes.count)]
    let column = before.reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
    return TextPosition(line: low + 1, column: column)
  }
}
