/// A value of a JSON text, with where it stands and its keys in their order.
///
/// The standard decoder will not do here: it ignores unknown keys, so that a misspelt option would
/// silently do nothing, and it reports broken JSON without a line.
public struct JSONNode: Sendable, Hashable {
  /// What a value is; numbers keep their text, so that no digit is lost before the checks.
  public enum Value: Sendable, Hashable {
    /// `null`.
    case null
    /// `true` or `false`.
    case boolean(Bool)
    /// A number, by its text.
    case number(String)
    /// A text.
    case string(String)
    /// A list.
    case array([JSONNode])
    /// An object, its keys in their order.
    case object([JSONMember])
  }

  /// What it is.
  public var value: Value
  /// Where it comes from.
  public var origin: ValueOrigin

  /// Creates a value.
  public init(value: Value, origin: ValueOrigin) {
    self.value = value
    self.origin = origin
  }

  /// The value of a key, nil when this is no object or has no such key.
  public subscript(key: String) -> JSONNode? {
    guard case .object(let members) = value else { return nil }
    return members.first { $0.key == key }?.value
  }

  /// The value as a fault shows what was found: short values whole, others by their kind.
  public var found: String {
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
public struct JSONMember: Sendable, Hashable {
  /// The key.
  public var key: String
  /// Where the key stands.
  public var origin: ValueOrigin
  /// Its value.
  public var value: JSONNode

  /// Creates a member.
  public init(key: String, origin: ValueOrigin, value: JSONNode) {
    self.key = key
    self.origin = origin
    self.value = value
  }
}

/// Where a value comes from: the text, or one of the overrides.
public enum ValueOrigin: Sendable, Hashable {
  /// A byte of the text, counted from 0.
  case text(offset: Int)
  /// An override, counted from 0.
  case override(index: Int)
}

/// Text that a message can hold: at most 60 characters, without line breaks.
public func shortened(_ text: String) -> String {
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
