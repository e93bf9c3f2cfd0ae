/// A JSON document with its keys in the order in which they were given.
enum JSONValue {
  case object([(key: String, value: JSONValue)])
  case array([JSONValue])
  case text(String)
  case integer(Int64)
  case unsigned(UInt64)
  /// Printed with the fewest digits that read back as the same Double; null unless finite.
  case number(Double)
  case flag(Bool)
  case null

  /// A number, or null without one.
  static func optional(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }

  /// The document, indented by two spaces a level.
  func text(indent: Int = 0) -> String {
    switch self {
    case .object(let members):
      let lines = members.map { "\(Self.quoted($0.key)): \($0.value.text(indent: indent + 2))" }
      return Self.block("{", lines, "}", indent)
    case .array(let values):
      return Self.block("[", values.map { $0.text(indent: indent + 2) }, "]", indent)
    case .text(let text): return Self.quoted(text)
    case .integer(let value): return String(value)
    case .unsigned(let value): return String(value)
    case .number(let value): return value.isFinite ? value.description : "null"
    case .flag(let value): return value ? "true" : "false"
    case .null: return "null"
    }
  }

  private static func block(
    _ open: String, _ lines: [String], _ close: String, _ indent: Int
  ) -> String {
    guard !lines.isEmpty else { return open + close }
    let inner = String(repeating: " ", count: indent + 2)
    let outer = String(repeating: " ", count: indent)
    return open + "\n" + lines.map { inner + $0 }.joined(separator: ",\n") + "\n" + outer + close
  }

  /// A string literal: quotes, backslashes and control characters escaped (RFC 8259, section 7).
  static func quoted(_ text: String) -> String {
    var quoted = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": quoted += "\\\""
      case "\\": quoted += "\\\\"
      case "\n": quoted += "\\n"
      case "\r": quoted += "\\r"
      case "\t": quoted += "\\t"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: quoted.unicodeScalars.append(scalar)
      }
    }
    return quoted + "\""
  }
}
