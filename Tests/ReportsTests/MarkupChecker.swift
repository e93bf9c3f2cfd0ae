/// Checks that tags are balanced, attributes quoted and ampersands escaped.
enum MarkupChecker {
  private static let void = ["meta", "wbr", "!DOCTYPE"]

  /// What is wrong first, nil when nothing is.
  static func fault(in page: String) -> String? {
    var open: [String] = []
    var rest = page[...]
    while let begin = rest.firstIndex(of: "<") {
      let text = rest[..<begin]
      if open.last != "style", text.contains(">") { return "a bare > in \(text.suffix(60))" }
      if let fault = ampersand(in: text) { return fault }
      let tail = rest[rest.index(after: begin)...]
      guard let end = tail.firstIndex(of: ">") else { return "an unclosed tag" }
      if let fault = read(tail[..<end], &open) { return fault }
      rest = tail[tail.index(after: end)...]
    }
    return open.isEmpty ? nil : "unclosed: \(open)"
  }

  private static func read(_ tag: Substring, _ open: inout [String]) -> String? {
    if tag.hasPrefix("/") {
      let name = String(tag.dropFirst())
      return open.popLast() == name ? nil : "</\(name)> closes nothing; open: \(open)"
    }
    let name = String(tag.prefix { $0 != " " && $0 != "/" })
    if let fault = attributes(tag.dropFirst(name.count), of: name) { return fault }
    if !tag.hasSuffix("/"), !void.contains(name) { open.append(name) }
    return nil
  }

  /// `name="value"` again and again, no name twice.
  private static func attributes(_ text: Substring, of tag: String) -> String? {
    guard tag != "!DOCTYPE" else { return nil }
    var seen: Set<Substring> = []
    var rest = text.drop { $0 == " " || $0 == "\n" }
    while !rest.isEmpty, rest != "/" {
      let name = rest.prefix { $0 != "=" }
      rest = rest.dropFirst(name.count + 1)
      guard rest.first == "\"", seen.insert(name).inserted else { return "<\(tag) \(name)" }
      let value = rest.dropFirst().prefix { $0 != "\"" }
      rest = rest.dropFirst(value.count + 1)
      guard rest.first == "\"" else { return "<\(tag) \(name) has no end" }
      if let fault = ampersand(in: value) { return fault }
      rest = rest.dropFirst().drop { $0 == " " || $0 == "\n" }
    }
    return nil
  }

  private static func ampersand(in text: Substring) -> String? {
    for part in text.split(separator: "&", omittingEmptySubsequences: false).dropFirst() {
      let name = part.prefix { $0 != ";" }
      guard part.count > name.count, ["amp", "lt", "gt", "quot", "#39"].contains(name) else {
        return "a bare & before \(part.prefix(20))"
      }
    }
    return nil
  }
}
