import JSON

/// Walks through the bytes of one JSON value and picks what is wanted, without building a tree.
struct JSONCursor {
  /// Bytes of a text or a number, valid as long as the value's.
  typealias Part = UnsafeBufferPointer<UInt8>

  /// What is wrong at a byte of the value.
  struct Fault: Error {
    var offset: Int
    var problem: String
    /// Whether the value's bytes ended too early.
    var isEnd = false
  }

  let bytes: Part
  private(set) var index = 0
  /// Brackets that are open here.
  private var depth = 0

  init(_ bytes: Part) { self.bytes = bytes }

  /// Reads the members of an object; `read` takes each value after its key.
  mutating func object(
    _ read: (inout JSONCursor, Part) throws(Fault) -> Void
  ) throws(Fault) {
    try open(UInt8(ascii: "{"), needed: "an object")
    defer { depth -= 1 }
    while !take(UInt8(ascii: "}")) {
      let key = try text(needed: "a key in double quotes")
      guard take(UInt8(ascii: ":")) else { throw fault(needed: "a colon after the key") }
      try read(&self, key)
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "}")) else { throw fault(needed: "a comma or }") }
      return
    }
  }

  /// Reads the items of a list; `read` takes each.
  mutating func list(_ read: (inout JSONCursor) throws(Fault) -> Void) throws(Fault) {
    try open(UInt8(ascii: "["), needed: "a list")
    defer { depth -= 1 }
    while !take(UInt8(ascii: "]")) {
      try read(&self)
      if take(UInt8(ascii: ",")) { continue }
      guard take(UInt8(ascii: "]")) else { throw fault(needed: "a comma or ]") }
      return
    }
  }

  private mutating func open(_ bracket: UInt8, needed: String) throws(Fault) {
    guard peek() == bracket else { throw fault(needed: needed) }
    // Values are read by recursion, so their depth must have an end.
    guard depth < JSONParser.maximumDepth else {
      throw Fault(
        offset: index,
        problem: "found brackets nested \(depth + 1) deep, needs at most \(JSONParser.maximumDepth)"
      )
    }
    depth += 1
    index += 1
  }

  /// Steps over a byte after blanks if it is the one given.
  private mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    index += 1
    return true
  }

  /// The next byte that is no blank, which is stood before; nil at the end.
  mutating func peek() -> UInt8? {
    while index < bytes.count {
      switch bytes[index] {
      case 0x20, 0x09, 0x0A, 0x0D: index += 1
      default: return bytes[index]
      }
    }
    return nil
  }

  /// Checks that nothing follows.
  mutating func end() throws(Fault) {
    if peek() != nil { throw fault(needed: "nothing behind the value") }
  }

  /// The bytes between a text's quotes, escapes as they stand.
  mutating func text(needed: String = "a text in double quotes") throws(Fault) -> Part {
    guard take(UInt8(ascii: "\"")) else { throw fault(needed: needed) }
    let start = index
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        index += 1
        return Part(rebasing: bytes[start..<index - 1])
      case UInt8(ascii: "\\"): index += 2
      default: index += 1
      }
    }
    index = bytes.count
    throw Fault(
      offset: start - 1, problem: "found a text that is not closed, needs another quote",
      isEnd: true)
  }

  /// The bytes of a number, as far as they can belong to one.
  mutating func number(needed: String) throws(Fault) -> Part {
    guard let first = peek(), first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") <= 9 else {
      throw fault(needed: needed)
    }
    let start = index
    while index < bytes.count, Self.isNumberByte(bytes[index]) { index += 1 }
    return Part(rebasing: bytes[start..<index])
  }

  private static func isNumberByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
      UInt8(ascii: "+"), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  /// Steps over a value of any kind.
  mutating func skip() throws(Fault) {
    switch peek() {
    case UInt8(ascii: "{"): try object { (cursor, _) throws(Fault) in try cursor.skip() }
    case UInt8(ascii: "["): try list { cursor throws(Fault) in try cursor.skip() }
    case UInt8(ascii: "\""): _ = try text()
    case UInt8(ascii: "t"): try word("true")
    case UInt8(ascii: "f"): try word("false")
    case UInt8(ascii: "n"): try word("null")
    // Python writes numbers that JSON does not have.
    case UInt8(ascii: "N"): try word("NaN")
    case UInt8(ascii: "I"): try word("Infinity")
    default: _ = try number(needed: "a value")
    }
  }

  private mutating func word(_ word: String) throws(Fault) {
    guard bytes[index...].starts(with: word.utf8) else { throw fault(needed: "a value") }
    index += word.utf8.count
  }

  /// A fault at the next byte: what stands there and what would be right.
  func fault(needed: String) -> Fault {
    Fault(
      offset: index, problem: "found \(found), needs \(needed)", isEnd: index >= bytes.count)
  }

  private var found: String {
    guard index < bytes.count else { return "the end" }
    let rest = bytes[index...].prefix { $0 >= 0x20 && $0 != UInt8(ascii: ",") }
    return shortened(String(decoding: rest.prefix(60), as: UTF8.self))
  }

  /// A length in tokens.
  mutating func length(of what: String, atLeast least: Int64 = 1) throws(Fault) -> Int32 {
    let needed = "a whole number from \(least) to \(grouped(Int64(Limit.tokens)))"
    _ = peek()
    let start = index
    let part = try number(needed: needed)
    if case .value(let length) = NumberText.whole(part), length >= least,
      length <= Int64(Limit.tokens)
    {
      return Int32(length)
    }
    let text = String(decoding: part, as: UTF8.self)
    throw Fault(offset: start, problem: "found \(shortened(text)) \(what) tokens, needs \(needed)")
  }

  /// A time as nanoseconds; the number's unit is 10 to the power of `scale` nanoseconds.
  mutating func time(scale: Int, unit: String) throws(Fault) -> Int64 {
    let most = "366 days"
    _ = peek()
    let start = index
    let part = try number(needed: "a time in \(unit)")
    if case .value(let time) = NumberText.decimal(part, scale: scale), time >= 0,
      time <= Limit.time
    {
      return time
    }
    let text = String(decoding: part, as: UTF8.self)
    throw Fault(
      offset: start, problem: "found time \(shortened(text)), needs \(unit) from 0 to \(most)")
  }

  /// A clock's seconds as nanoseconds, since whatever instant.
  mutating func clock() throws(Fault) -> Int64 {
    _ = peek()
    let start = index
    let part = try number(needed: "a time in seconds")
    if case .value(let time) = NumberText.decimal(part, scale: 9), time >= 0 { return time }
    let text = shortened(String(decoding: part, as: UTF8.self))
    throw Fault(offset: start, problem: "found time \(text), needs seconds from 0")
  }

  /// How many characters the bytes of a text stand for.
  static func characterCount(of text: Part) -> Int {
    var count = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "\\"), index + 1 < text.count {
        let isUnicode = text[index + 1] == UInt8(ascii: "u")
        // The second half of a surrogate pair, DC00 to DFFF, is no character of its own.
        let isSecondHalf =
          isUnicode && index + 3 < text.count && text[index + 2] | 0x20 == UInt8(ascii: "d")
          && "cdefCDEF".utf8.contains(text[index + 3])
        if !isSecondHalf { count += 1 }
        index += isUnicode ? 6 : 2
      } else {
        if byte & 0xC0 != 0x80 { count += 1 }
        index += 1
      }
    }
    return count
  }
}

extension UnsafeBufferPointer<UInt8> {
  /// Whether the bytes are those of a word.
  func equals(_ word: StaticString) -> Bool {
    count == word.utf8CodeUnitCount
      && elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
  }
}
