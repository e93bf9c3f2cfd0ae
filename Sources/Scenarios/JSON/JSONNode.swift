/// A value of a scenario's text, with where it stands and its keys in their order.
///
/// The standard decoder will not do here: it ignores unknown keys, so that a misspelt option would
/// silently do nothing, and it reports broken JSON without a line.
struct JSONNode: Sendable, Hashable {
  /// What a value is; numbers keep their text, so that no digit is lost before the checks.
  enum Value: Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(String)
    case string(String)
    case array([JSONNode])
    case object([JSONMember])
  }

  /// What it is.
  var value: Value
  /// Where it comes from.
  var origin: ValueOrigin

  /// The value of a key, nil when this is no object or has no such key.
  subscript(key: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The value as a fault shows what was found: short values whole, others by their kind.
  var found: String {
    switch value {
    case .null: "null"
    case .boolean(let flag): flag ? "true" : "false"
    case .number(let text): shortened(text)
    case .string(let text): "\"" + shortened(text) + "\""
    case .array(let items): items.isEmpty ? "an empty list" : "a list of \(items.count)"
    case .object(let members): members.isEmpty ? "an empty object" : "an object"
    }
  }
}

/// A key of an object and its value.
struct JSONMember: Sendable, Hashable {
  /// The key.
  var key: String
  /// Where the key stands.
  var origin: ValueOrigin
  /// Its value.
  var value: JSONNode
}

/// Where a value comes from: the text, or one of the overrides.
enum ValueOrigin: Sendable, Hashable {
  /// A byte of the text, counted from 0.
  case text(offset: Int)
  /// An override, counted from 0.
  case override(index: Int)
}

/// Text that a message can hold: at most 60 characters, without line breaks.
func shortened(_ text: String) -> String {
  // Control characters of a file that is no text must not reach a terminal.
  let plain = String(
    text.map { (character: Character) -> Character in
      if character.isNewline || character == "\t" { return " " }
      let isControl = character.unicodeScalars.contains {
        $0.properties.generalCategory == .control
      }
      return isControl ? "\u{FFFD}" : character
    })
  return plain.count <= 60 ? plain : plain.prefix(57) + "..."
}
