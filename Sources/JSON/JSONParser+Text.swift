extension JSONParser {
  /// Steps over white space and comments.
  mutating func skipBlanks() throws(SyntaxFault) {
    while let byte = peek {
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
        position += 1
      case UInt8(ascii: "/"):
        try skipComment()
      default:
        return
      }
    }
  }

  private mutating func skipComment() throws(SyntaxFault) {
    let start = position
    let second = position + 1 < bytes.count ? bytes[position + 1] : 0
    if second == UInt8(ascii: "/") {
      while let byte = peek, byte != UInt8(ascii: "\n") { position += 1 }
      return
    }
    guard second == UInt8(ascii: "*") else { throw fault(needed: "// or /* for a comment") }
    position += 2
    while position + 1 < bytes.count {
      if bytes[position] == UInt8(ascii: "*"), bytes[position + 1] == UInt8(ascii: "/") {
        position += 2
        return
      }
      position += 1
    }
    position = start
    throw fault(needed: "a comment that is closed by */")
  }

  /// Reads a number's text by the grammar of JSON.
  mutating func number() throws(SyntaxFault) -> String {
    let start = position
    if peek == UInt8(ascii: "-") { position += 1 }
    if peek == UInt8(ascii: "0") {
      position += 1
    } else {
      try digits()
    }
    if peek == UInt8(ascii: ".") {
      position += 1
      try digits()
    }
    if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
      position += 1
      if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
      try digits()
    }
    if let byte = peek, Self.isWordByte(byte) || byte == UInt8(ascii: ".") {
      position = start
      throw fault(needed: "a plain number, or double quotes around a quantity with its unit")
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func digits() throws(SyntaxFault) {
    let start = position
    while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
    if position == start { throw fault(needed: "a digit") }
  }

  /// Reads a string from its opening quote to its closing one.
  mutating func string() throws(SyntaxFault) -> String {
    position += 1
    var content: [UInt8] = []
    while let byte = peek {
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return String(decoding: content, as: UTF8.self)
      case UInt8(ascii: "\\"):
        position += 1
        content.append(contentsOf: String(try escaped()).utf8)
      case 0..<0x20:
        throw fault(needed: "the closing quote of a string")
      default:
        content.append(byte)
        position += 1
      }
    }
    throw fault(needed: "the closing quote of a string")
  }

  private mutating func escaped() throws(SyntaxFault) -> Unicode.Scalar {
    let plain: Unicode.Scalar
    switch peek {
    case UInt8(ascii: "\""): plain = "\""
    case UInt8(ascii: "\\"): plain = "\\"
    case UInt8(ascii: "/"): plain = "/"
    case UInt8(ascii: "b"): plain = "\u{8}"
    case UInt8(ascii: "f"): plain = "\u{c}"
    case UInt8(ascii: "n"): plain = "\n"
    case UInt8(ascii: "r"): plain = "\r"
    case UInt8(ascii: "t"): plain = "\t"
    case UInt8(ascii: "u"):
      position += 1
      return try unicodeEscape()
    default: throw fault(needed: "one of \" \\ / b f n r t u after a backslash")
    }
    position += 1
    return plain
  }

  /// The scalar of four hexadecimal digits, or of two such escapes that form a surrogate pair.
  private mutating func unicodeEscape() throws(SyntaxFault) -> Unicode.Scalar {
    let start = position
    let first = try hexadecimal()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, bytes[position...].starts(with: "\\u".utf8) {
      position += 2
      let second = try hexadecimal()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    position = start
    throw fault(needed: "a whole surrogate pair")
  }

  private mutating func hexadecimal() throws(SyntaxFault) -> UInt32 {
    guard position + 4 <= bytes.count,
      bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw fault(needed: "four hexadecimal digits after \\u") }
    position += 4
    return value
  }
}
