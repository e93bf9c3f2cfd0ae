import JSON

extension ObjectReader {
  /// A text of 1 to 200 characters on one line; nil when it is missing or unfit, which is told.
  func name(_ key: String, _ presence: Presence<String> = .required) -> String? {
    let needed = "a name of 1 to 200 characters"
    return read(key, presence, needed: needed, canonical: CanonicalValue.string) { node in
      guard case .string(let text) = node.value, !text.isEmpty, text.count <= 200,
        text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7f })
      else { return nil }
      return text
    }
  }

  /// `true` or `false`; nil when it is unfit, which is then told.
  func flag(_ key: String, _ presence: Presence<Bool>) -> Bool? {
    read(key, presence, needed: "true or false", canonical: CanonicalValue.boolean) { node in
      guard case .boolean(let flag) = node.value else { return nil }
      return flag
    }
  }

  /// One of some words; nil when it is missing or unfit, which is then told.
  ///
  /// `kind` says what the word names, such as `a GPU type`.
  func choice(
    _ key: String, among words: [String], _ presence: Presence<String> = .required, kind: String
  ) -> String? {
    if let located = value(key), case .string(let text) = located.node.value, !words.contains(text)
    {
      fault(
        key,
        .unknownName(
          found: text, kind: kind, suggestion: suggestion(for: text, among: words), known: words))
      return nil
    }
    let needed = kind + ", one of " + words.joined(separator: ", ")
    return read(key, presence, needed: needed, canonical: CanonicalValue.string) { node in
      guard case .string(let text) = node.value else { return nil }
      return text
    }
  }

  /// A case of an enumeration by its word.
  func choice<Choice: RawRepresentable & CaseIterable>(
    _ key: String, _ presence: Presence<Choice> = .required, kind: String
  ) -> Choice? where Choice.RawValue == String {
    let words = Choice.allCases.map(\.rawValue)
    let standard: Presence<String>
    switch presence {
    case .required: standard = .required
    case .optional: standard = .optional
    case .standard(let value): standard = .standard(value.rawValue)
    }
    return choice(key, among: words, standard, kind: kind).flatMap(Choice.init(rawValue:))
  }
}
