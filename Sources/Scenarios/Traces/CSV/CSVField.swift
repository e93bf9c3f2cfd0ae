import EventKernel
import JSON

/// A field of a row: its bytes, without quotes and blanks around it, and what they may stand for.
struct CSVField {
  /// The bytes.
  let bytes: UnsafeBufferPointer<UInt8>
  /// Where the field after this one begins in its line; beyond the line's end after the last one.
  let next: Int
  private let line: LineReader.Line
  private let start: Int
  private let lines: LineReader

  /// The field that begins at a byte of a line.
  init(in line: LineReader.Line, at start: Int, _ lines: LineReader) throws(TraceFault) {
    self.line = line
    self.start = start
    self.lines = lines
    var low = start
    var end = start
    if start < line.count, line[start] == UInt8(ascii: "\"") {
      guard let close = Self.closingQuote(in: line, after: start) else {
        throw lines.fault(
          at: start, in: line, "found a quote that is not closed, needs another in the same line")
      }
      low = start + 1
      end = close + 1
      if end < line.count, line[end] != UInt8(ascii: ",") {
        throw lines.fault(
          at: end, in: line, "found text behind a closing quote, needs a comma or the line's end")
      }
      next = end + 1
      bytes = Self.trimmed(line, low, close)
      return
    }
    while end < line.count, line[end] != UInt8(ascii: ",") { end += 1 }
    next = end + 1
    bytes = Self.trimmed(line, low, end)
  }

  private static func closingQuote(in line: LineReader.Line, after start: Int) -> Int? {
    var index = start + 1
    while index < line.count {
      if line[index] == UInt8(ascii: "\"") {
        // Two quotes stand for one.
        guard index + 1 < line.count, line[index + 1] == UInt8(ascii: "\"") else { return index }
        index += 1
      }
      index += 1
    }
    return nil
  }

  private static func trimmed(
    _ line: LineReader.Line, _ low: Int, _ high: Int
  ) -> UnsafeBufferPointer<UInt8> {
    var low = low
    var high = high
    while low < high, line[low] == 0x20 || line[low] == 0x09 { low += 1 }
    while low < high, line[high - 1] == 0x20 || line[high - 1] == 0x09 { high -= 1 }
    return UnsafeBufferPointer(rebasing: line[low..<high])
  }

  /// A length in tokens.
  func length(of what: String, atLeast least: Int64) throws(TraceFault) -> Int32 {
    let most = Int64(Limit.tokens)
    let reading = NumberText.whole(bytes)
    if case .value(let length) = reading, length >= least, length <= most { return Int32(length) }
    let needed = "needs a whole number from \(least) to \(grouped(most))"
    switch reading {
    case .notANumber: throw fault("found \(text) as \(what) tokens, \(needed)")
    case .value(0): throw fault("found 0 \(what) tokens, \(needed)")
    case .value(..<0), .tooSmall:
      throw fault("found \(plainText) \(what) tokens, no length is negative, \(needed)")
    case .value, .tooLarge:
      throw fault("found \(plainText) \(what) tokens, more than any request has, \(needed)")
    }
  }

  /// A time in seconds as nanoseconds.
  func seconds(canBeNegative: Bool) throws(TraceFault) -> Nanoseconds {
    let reading = NumberText.decimal(bytes, scale: 9)
    if case .value(let time) = reading, time >= (canBeNegative ? -Limit.time : 0),
      time <= Limit.time
    {
      return time
    }
    let needed = "needs seconds from 0 to \(grouped(Limit.time / 1_000_000_000))"
    if case .notANumber = reading { throw fault("found \(text) as time, \(needed)") }
    throw fault("found time \(plainText) s, \(needed)")
  }

  /// A whole number from 0, or what an empty field stands for.
  func number(
    of what: String, upTo most: Int64, orEmpty empty: Int64
  ) throws(TraceFault) -> Int64 {
    if bytes.isEmpty { return empty }
    if case .value(let number) = NumberText.whole(bytes), 0...most ~= number { return number }
    throw fault(
      "found \(text) as \(what), needs a whole number from 0 to \(grouped(most)) or nothing")
  }

  /// Hexadecimal hashes with blanks between them.
  func hashes(tokensPerBlock: Int32) throws(TraceFault) -> [UInt64] {
    var hashes: [UInt64] = []
    var digits = 0
    var hash: UInt64 = 0
    for byte in bytes {
      if byte == 0x20 {
        if digits > 0 { hashes.append(hash) }
        digits = 0
        hash = 0
        continue
      }
      guard let digit = Self.hexadecimal(byte), digits < 16 else {
        throw fault(
          "found \(text) as blocks, needs hashes of 1 to 16 hexadecimal digits, blanks between them"
        )
      }
      hash = hash << 4 | digit
      digits += 1
    }
    if digits > 0 { hashes.append(hash) }
    return hashes
  }

  private static func hexadecimal(_ byte: UInt8) -> UInt64? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  /// The field for messages: in quotes, or `nothing`.
  var text: String { bytes.isEmpty ? "nothing" : "\"\(plainText)\"" }

  /// The field for messages, without quotes.
  var plainText: String { shortened(String(decoding: bytes, as: UTF8.self)) }

  /// A fault of this field.
  func fault(_ problem: String) -> TraceFault { lines.fault(at: start, in: line, problem) }
}
