import EventKernel

/// Writes requests as simpp's own CSV, from which they are read back exactly as they were.
public struct TraceCSV: Sendable {
  private let hasSessions: Bool
  private let tokensPerBlock: Int32

  /// Creates a writer.
  ///
  /// - Parameters:
  ///   - hasSessions: Whether there are columns `session` and `turn`.
  ///   - tokensPerBlock: Tokens of a block in the column of blocks; 0: there is none.
  public init(hasSessions: Bool, tokensPerBlock: Int32) {
    self.hasSessions = hasSessions
    self.tokensPerBlock = tokensPerBlock
  }

  /// The first line, ended by a line feed.
  public var header: String {
    "arrival_s,prompt_tokens,output_tokens" + (hasSessions ? ",session,turn" : "")
      + (tokensPerBlock > 0 ? ",blocks_\(tokensPerBlock)" : "") + "\n"
  }

  /// Appends a request's line, ended by a line feed.
  public func append(_ row: TraceRow, to bytes: inout [UInt8]) {
    appendSeconds(row.arrival, to: &bytes)
    append(Int64(row.promptTokens), after: ",", to: &bytes)
    append(Int64(row.outputTokens), after: ",", to: &bytes)
    if hasSessions {
      if row.session >= 0 {
        append(row.session, after: ",", to: &bytes)
        append(Int64(row.turn), after: ",", to: &bytes)
      } else {
        bytes.append(contentsOf: ",,".utf8)
      }
    }
    if tokensPerBlock > 0 {
      bytes.append(UInt8(ascii: ","))
      for (index, hash) in row.blocks.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: " ")) }
        bytes.append(contentsOf: String(hash, radix: 16).utf8)
      }
    }
    bytes.append(UInt8(ascii: "\n"))
  }

  private func append(_ number: Int64, after mark: Character, to bytes: inout [UInt8]) {
    bytes.append(contentsOf: String(mark).utf8)
    bytes.append(contentsOf: String(number).utf8)
  }

  /// Seconds with all digits of the nanoseconds that are not zero.
  private func appendSeconds(_ time: Nanoseconds, to bytes: inout [UInt8]) {
    if time < 0 { bytes.append(UInt8(ascii: "-")) }
    let (whole, fraction) = time.magnitude.quotientAndRemainder(dividingBy: 1_000_000_000)
    bytes.append(contentsOf: String(whole).utf8)
    guard fraction > 0 else { return }
    bytes.append(UInt8(ascii: "."))
    var rest = fraction
    var unit: UInt64 = 100_000_000
    while rest > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(rest / unit))
      rest %= unit
      unit /= 10
    }
  }
}
