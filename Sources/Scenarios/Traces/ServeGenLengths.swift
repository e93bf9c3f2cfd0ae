import EventKernel
import JSON

/// A client's lengths from an instant on, until the next window's.
struct ServeGenLengths: Sendable {
  /// When the window begins, in nanoseconds of the data's own clock.
  var start: Nanoseconds
  /// Where its key stands.
  var position: TextPosition
  /// Prompt lengths in tokens; nil when the window has none.
  var prompt: ValueTable?
  /// Output lengths in tokens; nil when the window has none.
  var output: ValueTable?

  /// The windows of a file, by their start.
  static func read(text: String, fileName: String) throws(TraceFault) -> [ServeGenLengths] {
    let file = ServeGenDictionary(lines: LineIndex(text), fileName: fileName)
    var parser = JSONParser(text)
    let root: JSONNode
    do throws(JSONParser.SyntaxFault) {
      root = try parser.parse()
    } catch {
      throw file.fault(ScenarioProblem(error).sentence, at: error.offset)
    }
    if let duplicate = parser.duplicates.first {
      throw file.fault("found a window a second time", at: duplicate.offset)
    }
    guard case .object(let members) = root.value, !members.isEmpty else {
      throw file.fault("found \(root.found), needs an object of windows", at: 0)
    }
    var windows: [ServeGenLengths] = []
    for member in members {
      let key = file.offset(member.origin)
      guard let seconds = Double(member.key), seconds >= 0,
        seconds <= Double(Limit.time / 1_000_000_000)
      else {
        throw file.fault(
          "found the key \"\(shortened(member.key))\", needs a window's start in seconds", at: key)
      }
      windows.append(
        ServeGenLengths(
          start: nanoseconds(fromSeconds: seconds), position: file.position(key),
          prompt: try file.table("input_tokens", of: member),
          output: try file.table("output_tokens", of: member)))
    }
    return windows.sorted { $0.start < $1.start }
  }
}

/// Reads texts such as `{63: 0.2, 64: 0.8}`, which the files hold as JSON strings.
private struct ServeGenDictionary {
  let lines: LineIndex
  let fileName: String

  func offset(_ origin: ValueOrigin) -> Int {
    if case .text(let offset) = origin { offset } else { 0 }
  }

  func position(_ offset: Int) -> TextPosition { lines.position(ofByte: offset) }

  func fault(_ problem: String, at offset: Int) -> TraceFault {
    TraceFault(fileName: fileName, position: position(offset), problem: problem)
  }

  /// The distribution of a key of a window; nil when it is empty.
  func table(_ key: String, of window: JSONMember) throws(TraceFault) -> ValueTable? {
    guard let node = window.value[key], case .string(let text) = node.value else {
      let found = window.value[key]?.found ?? "no \"\(key)\""
      let place = window.value[key] ?? window.value
      throw fault(
        "found \(found), needs \"\(key)\": a text such as {63: 0.2, 64: 0.8}",
        at: offset(place.origin))
    }
    // Behind the opening quote; nothing in such a text is ever escaped.
    return try table(text, at: offset(node.origin) + 1)
  }

  private func table(_ text: String, at offset: Int) throws(TraceFault) -> ValueTable? {
    let whole = text[...]
    guard whole.utf8.first == UInt8(ascii: "{"), whole.utf8.last == UInt8(ascii: "}"),
      whole.utf8.count >= 2
    else {
      throw fault(
        "found \"\(shortened(text))\", needs lengths and probabilities in braces", at: offset)
    }
    let inside = whole.dropFirst().dropLast()
    if inside.utf8.allSatisfy({ $0 == 0x20 }) { return nil }
    var values: [Double] = []
    var weights: [Double] = []
    for pair in inside.split(separator: ",", omittingEmptySubsequences: false) {
      let place = offset + text.utf8.distance(from: text.startIndex, to: pair.startIndex)
      let parts = pair.split(separator: ":", omittingEmptySubsequences: false)
      guard parts.count == 2, let length = Int64(Self.trimmed(parts[0])), length >= 1,
        Double(length) <= Limit.tokens, let share = Double(Self.trimmed(parts[1])), share >= 0,
        share <= 1.000001
      else {
        let found = shortened(String(Self.trimmed(pair)))
        throw fault(
          "found \"\(found)\", needs a length from 1 to \(readable(Limit.tokens)), a colon and a "
            + "probability", at: place)
      }
      values.append(Double(length))
      weights.append(share)
    }
    let sum = weights.reduce(0, +)
    guard abs(sum - 1) < 0.01 else {
      throw fault("found probabilities that sum to \(plain(sum)), needs 1", at: offset)
    }
    return ValueTable(values: values, weights: weights)
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while text.utf8.first == 0x20 { text = text.dropFirst() }
    while text.utf8.last == 0x20 { text = text.dropLast() }
    return text
  }
}
