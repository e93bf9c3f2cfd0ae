/// Reads JSON with `//` and `/* */` comments and trailing commas into a tree with positions.
///
/// Broken text ends the reading at the first fault; keys given twice are collected in `duplicates`.
public struct JSONParser {
  /// Deepest nesting; a scenario needs 8.
  public static let maximumDepth = 64
  /// Most bytes of a text.
  public static let maximumBytes = 64 << 20

  /// Where and why the text is not JSON.
  public struct SyntaxFault: Error, Hashable {
    /// The byte, counted from 0.
    public var offset: Int
    /// The way to the value.
    public var path: JSONPath
    /// Whether the text breaks off here or a value is too large to be read.
    public var isSyntax = true
    /// What stands there.
    public var found: String
    /// What would be right.
    public var needed: String
  }

  /// A key that an object already has.
  public struct DuplicateKey: Hashable {
    /// The byte of the second, counted from 0.
    public var offset: Int
    /// The byte of the first.
    public var firstOffset: Int
    /// The way to it.
    public var path: JSONPath
  }

  let bytes: [UInt8]
  var position = 0
  /// Keys given twice, in the order of the text; the first value counts.
  public private(set) var duplicates: [DuplicateKey] = []
  private var components: [JSONPath.Component] = []
  private let origin: ValueOrigin?

  /// A parser of a text; with `origin` all values are said to come from there.
  public init(_ text: String, origin: ValueOrigin? = nil) {
    bytes = Array(text.utf8)
    self.origin = origin
  }

  /// Reads the one value that the text holds.
  public mutating func parse() throws(SyntaxFault) -> JSONNode {
    guard bytes.count <= Self.maximumBytes else {
      throw SyntaxFault(
        offset: 0, path: .root, isSyntax: false, found: "\(grouped(bytes.count)) bytes",
        needed: "at most \(grouped(Self.maximumBytes)) bytes")
    }
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    try skipBlanks()
    let node = try value()
    try skipBlanks()
    if position < bytes.count { throw fault(needed: "the end of the text") }
    return node
  }

  private mutating func value() throws(SyntaxFault) -> JSONNode {
    let start = mark
    guard let byte = peek else { throw fault(needed: "a value") }
    switch byte {
    case UInt8(ascii: "{"): return JSONNode(value: .object(try members()), origin: start)
    case UInt8(ascii: "["): return JSONNode(value: .array(try items()), origin: start)
    case UInt8(ascii: "\""): return JSONNode(value: .string(try string()), origin: start)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return JSONNode(value: .number(try number()), origin: start)
    default:
      for (word, value) in Self.words where bytes[position...].starts(with: word.utf8) {
        let end = position + word.utf8.count
        if end < bytes.count, Self.isWordByte(bytes[end]) { continue }
        position = end
        return JSONNode(value: value, origin: start)
      }
      throw fault(
        needed: byte == UInt8(ascii: "'") ? "double quotes around a text" : "a value")
    }
  }

  private static let words: [(String, JSONNode.Value)] = [
    ("true", .boolean(true)), ("false", .boolean(false)), ("null", .null),
  ]

  private mutating func members() throws(SyntaxFault) -> [JSONMember] {
    try enter()
    var members: [JSONMember] = []
    var offsets: [String: Int] = [:]
    try skipBlanks()
    while peek != UInt8(ascii: "}") {
      guard peek == UInt8(ascii: "\"") else { throw fault(needed: "a key in double quotes or }") }
      let keyOrigin = mark
      let keyOffset = position
      let key = try string()
      components.append(.key(key))
      try skipBlanks()
      guard peek == UInt8(ascii: ":") else { throw fault(needed: "a colon after the key") }
      position += 1
      try skipBlanks()
      let node = try value()
      if let first = offsets[key] {
        duplicates.append(
          DuplicateKey(
            offset: keyOffset, firstOffset: first, path: JSONPath(components: components)))
      } else {
        offsets[key] = keyOffset
        members.append(JSONMember(key: key, origin: keyOrigin, value: node))
      }
      components.removeLast()
      try separator(before: UInt8(ascii: "}"), needed: "a comma or }")
    }
    leave()
    return members
  }

  private mutating func items() throws(SyntaxFault) -> [JSONNode] {
    try enter()
    var items: [JSONNode] = []
    try skipBlanks()
    while peek != UInt8(ascii: "]") {
      components.append(.index(items.count))
      items.append(try value())
      components.removeLast()
      try separator(before: UInt8(ascii: "]"), needed: "a comma or ]")
    }
    leave()
    return items
  }

  /// Steps over a comma, which may stand before the closing bracket too.
  private mutating func separator(before close: UInt8, needed: String) throws(SyntaxFault) {
    try skipBlanks()
    if peek == UInt8(ascii: ",") {
      position += 1
      try skipBlanks()
    } else if peek != close {
      throw fault(needed: needed)
    }
  }

  private var depth = 0

  private mutating func enter() throws(SyntaxFault) {
    depth += 1
    if depth > Self.maximumDepth {
      throw SyntaxFault(
        offset: position, path: JSONPath(components: components), isSyntax: false,
        found: "brackets nested \(depth) deep", needed: "at most \(Self.maximumDepth)")
    }
    position += 1
  }

  private mutating func leave() {
    depth -= 1
    position += 1
  }

  /// The byte here, nil at the end.
  var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

  private var mark: ValueOrigin { origin ?? .text(offset: position) }

  /// A fault at this byte: what stands here and what would be right.
  func fault(needed: String) -> SyntaxFault {
    SyntaxFault(
      offset: position, path: JSONPath(components: components), found: foundHere, needed: needed)
  }

  /// The word or the character that stands here.
  private var foundHere: String {
    guard let byte = peek else { return "the end of the text" }
    if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { return "the end of the line" }
    if byte < 0x20 { return "control character \(byte)" }
    if byte == UInt8(ascii: "\"") { return "a text in quotes" }
    var end = position
    while end < bytes.count, Self.isWordByte(bytes[end]), end - position < 30 { end += 1 }
    if end == position {
      end += 1
      while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
      return "\"" + String(decoding: bytes[position..<end], as: UTF8.self) + "\""
    }
    return String(decoding: bytes[position..<end], as: UTF8.self)
  }

  static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }
}
