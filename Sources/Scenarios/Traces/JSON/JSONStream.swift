import JSON

/// One large JSON value, of which a list's items are taken one by one.
final class JSONStream {
  private let stream: ByteStream
  /// Where the next byte stands.
  private var here = TextPosition(line: 1, column: 1)

  init(_ stream: ByteStream) { self.stream = stream }

  /// The file's base name.
  var fileName: String { stream.fileName }

  /// The next byte that is no blank, not taken; nil at the end.
  func peek() throws(TraceFault) -> UInt8? {
    while true {
      while stream.start < stream.end {
        let byte = stream.base[stream.start]
        guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
        pass(1)
      }
      if stream.isAtEnd { return nil }
      try stream.readMore()
    }
  }

  /// Takes a byte after blanks if it is the one given.
  func take(_ byte: UInt8) throws(TraceFault) -> Bool {
    guard try peek() == byte else { return false }
    pass(1)
    return true
  }

  /// Goes to the list that a key of the object here has; false when there is no such key.
  func enter(_ wanted: StaticString) throws(TraceFault) -> Bool {
    guard try take(UInt8(ascii: "{")) else { throw try fault(needed: "an object") }
    while try !take(UInt8(ascii: "}")) {
      guard try peek() == UInt8(ascii: "\"") else { throw try fault(needed: "a key") }
      let key = try value()
      let isWanted = UnsafeBufferPointer(rebasing: key.bytes.dropFirst().dropLast())
        .equals(wanted)
      guard try take(UInt8(ascii: ":")) else { throw try fault(needed: "a colon after the key") }
      if isWanted {
        guard try take(UInt8(ascii: "[")) else { throw try fault(needed: "a list") }
        return true
      }
      try skip()
      if try take(UInt8(ascii: ",")) { continue }
      guard try peek() == UInt8(ascii: "}") else { throw try fault(needed: "a comma or }") }
    }
    return false
  }

  /// Steps over a comma or over the list's end, behind an item or behind its opening bracket.
  ///
  /// - Returns: Whether another item follows.
  func hasNext(isFirst: Bool) throws(TraceFault) -> Bool {
    if try take(UInt8(ascii: "]")) { return false }
    if isFirst { return true }
    guard try take(UInt8(ascii: ",")) else { throw try fault(needed: "a comma or ]") }
    return true
  }

  /// A value's bytes, valid until more is taken, and where it begins.
  func value() throws(TraceFault) -> (bytes: UnsafeBufferPointer<UInt8>, position: TextPosition) {
    guard try peek() != nil else { throw try fault(needed: "a value") }
    let position = here
    var extent = JSONExtent()
    var length = 0
    while true {
      while stream.start + length < stream.end {
        let isMore = extent.add(stream.base[stream.start + length])
        if !isMore { break }
        length += 1
      }
      if extent.isWhole { break }
      if stream.isAtEnd {
        if extent.endsWithText, length > 0 { break }
        let problem = "the file ends in the middle of a value that begins here"
        throw TraceFault(fileName: fileName, position: position, problem: problem)
      }
      if length >= ByteStream.longest {
        stream.abandon()
        throw TraceFault(
          fileName: fileName, position: position,
          problem: "found a value of more than \(grouped(ByteStream.longest)) bytes, "
            + "needs shorter ones")
      }
      try stream.readMore()
    }
    guard length > 0 else { throw try fault(needed: "a value") }
    let start = stream.start
    pass(length)
    return (UnsafeBufferPointer(start: stream.base + start, count: length), position)
  }

  /// Steps over a value, however long.
  func skip() throws(TraceFault) {
    guard try peek() != nil else { throw try fault(needed: "a value") }
    let position = here
    var extent = JSONExtent()
    while true {
      var length = 0
      while stream.start + length < stream.end, extent.add(stream.base[stream.start + length]) {
        length += 1
      }
      pass(length)
      if extent.isWhole || stream.isAtEnd && extent.endsWithText { return }
      if stream.isAtEnd {
        let problem = "the file ends in the middle of a value that begins here"
        throw TraceFault(fileName: fileName, position: position, problem: problem)
      }
      try stream.readMore()
    }
  }

  /// A fault at the next byte; the stream ends with it.
  func fault(needed: String) throws(TraceFault) -> TraceFault {
    let byte = try peek()
    let found = byte.map { "\"\(String(decoding: [$0], as: UTF8.self))\"" } ?? "the end of the file"
    stream.abandon()
    return TraceFault(
      fileName: fileName, position: here, problem: "found \(found), needs \(needed)")
  }

  /// Takes bytes and keeps count of lines and characters.
  private func pass(_ count: Int) {
    for index in stream.start..<stream.start + count {
      let byte = stream.base[index]
      if byte == 0x0A {
        here = TextPosition(line: here.line + 1, column: 1)
      } else if byte & 0xC0 != 0x80 {
        here.column += 1
      }
    }
    stream.start += count
  }
}

/// Finds where a JSON value ends, byte by byte.
private struct JSONExtent {
  private var depth = 0
  private var isInText = false
  private var isEscaped = false
  /// Whether the last byte taken ends the value.
  private(set) var isWhole = false

  /// Whether the value may end where the file ends, as a bare number does.
  var endsWithText: Bool { depth == 0 && !isInText }

  /// Takes a byte; false when the value has ended before it.
  mutating func add(_ byte: UInt8) -> Bool {
    if isWhole { return false }
    if isInText {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else if byte == UInt8(ascii: "\"") {
        isInText = false
        isWhole = depth == 0
        return true
      }
      return true
    }
    switch byte {
    case UInt8(ascii: "\""): isInText = true
    case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
    case UInt8(ascii: "}"), UInt8(ascii: "]"):
      if depth == 0 {
        isWhole = true
        return false
      }
      depth -= 1
      isWhole = depth == 0
      return true
    case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D:
      if depth == 0 {
        isWhole = true
        return false
      }
    default: break
    }
    return true
  }
}
