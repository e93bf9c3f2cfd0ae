import JSON

/// A value of the canonical scenario: everything filled in, one way to write it.
enum CanonicalValue: Sendable, Hashable {
  case boolean(Bool)
  case number(String)
  case string(String)
  case array([CanonicalValue])
  case object([String: CanonicalValue])

  /// A whole number.
  static func integer(_ number: some BinaryInteger) -> CanonicalValue { .number("\(number)") }

  /// A finite number in its one fixed form.
  static func real(_ number: Double) -> CanonicalValue { .number(plain(number)) }

  /// A time.
  static func time(_ nanoseconds: Int64) -> CanonicalValue { .string("\(nanoseconds)ns") }

  /// JSON without white space, keys in the order of their UTF-8 bytes.
  var text: String {
    var text = ""
    write(to: &text)
    return text
  }

  private func write(to text: inout String) {
    switch self {
    case .boolean(let flag): text += flag ? "true" : "false"
    case .number(let number): text += number
    case .string(let string): Self.write(string, to: &text)
    case .array(let items):
      text += "["
      for (index, item) in items.enumerated() {
        if index > 0 { text += "," }
        item.write(to: &text)
      }
      text += "]"
    case .object(let members):
      text += "{"
      let keys = members.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      for (index, key) in keys.enumerated() {
        if index > 0 { text += "," }
        Self.write(key, to: &text)
        text += ":"
        members[key]?.write(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
