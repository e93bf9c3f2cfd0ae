import JSON

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The lines of a file, one at a time; LF and CR LF end a line, the last one needs no end.
final class LineReader {
  /// The bytes of a line, valid until the next one is read.
  typealias Line = UnsafeBufferPointer<UInt8>

  let stream: ByteStream
  /// The number of the line read last, from 1.
  private(set) var number = 0
  /// Whether the file ends behind the line read last, without an end of line.
  private(set) var isCutShort = false

  init(_ stream: ByteStream) { self.stream = stream }

  /// The file's base name.
  var fileName: String { stream.fileName }

  /// The next line that is not blank, without its end; nil after the last.
  ///
  /// - Throws: A fault of this line, after which the next one can be read; or of the file, after
  ///   which there is none.
  func next() throws(TraceFault) -> Line? {
    while let line = try nextOfAll() {
      if line.contains(where: { $0 != 0x20 && $0 != 0x09 }) { return line }
    }
    return nil
  }

  private func nextOfAll() throws(TraceFault) -> Line? {
    var searched = 0
    while true {
      let bytes = stream.bytes
      if bytes.count > searched, let first = bytes.baseAddress,
        let found = memchr(first + searched, 0x0A, bytes.count - searched)
      {
        let length = UnsafeRawPointer(found) - UnsafeRawPointer(first)
        return try take(length, andEnd: 1)
      }
      searched = bytes.count
      if stream.isAtEnd {
        if bytes.isEmpty { return nil }
        return try take(bytes.count, andEnd: 0)
      }
      if searched >= ByteStream.longest {
        number += 1
        stream.abandon()
        throw fault(
          at: 0, in: Line(start: nil, count: 0),
          "found a line of more than \(grouped(ByteStream.longest)) bytes, needs shorter lines")
      }
      try stream.readMore()
    }
  }

  /// Takes a line of `length` bytes and the bytes that end it.
  private func take(_ length: Int, andEnd endLength: Int) throws(TraceFault) -> Line {
    number += 1
    isCutShort = endLength == 0
    var line = Line(rebasing: stream.bytes[..<length])
    stream.start += length + endLength
    if line.last == 0x0D { line = Line(rebasing: line.dropLast()) }
    if Self.isUnusual(line) { try check(line) }
    return line
  }

  /// Whether a line holds anything but printable ASCII.
  private static func isUnusual(_ line: Line) -> Bool {
    guard let base = line.baseAddress else { return false }
    let ones: UInt64 = 0x0101_0101_0101_0101
    var unusual: UInt64 = 0
    var offset = 0
    while offset + 8 <= line.count {
      // The high bit of a byte that is 0x80 or more, or below 0x20.
      let word = UnsafeRawPointer(base + offset).loadUnaligned(as: UInt64.self)
      unusual |= (word | (word &- ones &* 0x20)) & (ones &* 0x80)
      offset += 8
    }
    while offset < line.count {
      unusual |= UInt64(base[offset] | (base[offset] &- 0x20)) & 0x80
      offset += 1
    }
    return unusual != 0
  }

  /// Refuses control characters and broken UTF-8.
  private func check(_ line: Line) throws(TraceFault) {
    for (offset, byte) in line.enumerated() where byte < 0x20 && byte != 0x09 {
      if byte == 0x0D {
        throw fault(
          at: offset, in: line,
          "found a carriage return alone, needs lines that end in LF or CR LF")
      }
      throw fault(at: offset, in: line, "found control character \(byte), needs text")
    }
    if String(validating: line, as: UTF8.self) != nil { return }
    let offset = Self.firstBrokenByte(of: line)
    let digits = String(line[offset], radix: 16, uppercase: true)
    throw fault(at: offset, in: line, "found byte 0x\(digits), which is no UTF-8, needs UTF-8 text")
  }

  private static func firstBrokenByte(of line: Line) -> Int {
    var low = 0
    var high = line.count
    // A prefix is broken from its first broken byte on, or cut inside a character.
    while high - low > 8 {
      let middle = (low + high) / 2
      let isWhole = (0...3).contains { cut in
        middle - cut >= low && String(validating: line[..<(middle - cut)], as: UTF8.self) != nil
      }
      if isWhole { low = max(low, middle - 3) } else { high = middle }
    }
    return (low..<high).last { String(validating: line[..<$0], as: UTF8.self) != nil } ?? low
  }

  /// A fault at a byte of the line read last.
  func fault(at offset: Int, in line: Line, _ problem: String) -> TraceFault {
    TraceFault(
      fileName: fileName,
      position: TextPosition(line: number, column: Self.column(ofByte: offset, in: line)),
      problem: problem)
  }

  /// The character of the line that a byte belongs to, counted from 1.
  static func column(ofByte offset: Int, in line: Line) -> Int {
    line.prefix(offset).reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
  }
}
