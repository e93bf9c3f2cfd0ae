/// A 128-bit sum of keyed hashes: free of the order in which things are added.
///
/// Each item is hashed by SipHash-2-4 with 128-bit output (Aumasson and Bernstein, 2012) under a
/// fixed key; the digest is the sum modulo 2^128.
public struct DigestSum: Sendable, Hashable {
  /// The low half.
  public private(set) var low: UInt64 = 0
  /// The high half.
  public private(set) var high: UInt64 = 0

  /// The empty sum.
  public init() {}

  /// Adds an item's hash.
  public mutating func add(_ item: DigestItem) {
    let (itemLow, itemHigh) = item.finished()
    let (sum, carry) = low.addingReportingOverflow(itemLow)
    low = sum
    high = high &+ itemHigh &+ (carry ? 1 : 0)
  }

  /// 32 hexadecimal digits, high half first.
  public var text: String {
    func digits(_ value: UInt64) -> String {
      let short = String(value, radix: 16)
      return String(repeating: "0", count: 16 - short.count) + short
    }
    return digits(high) + digits(low)
  }
}

/// One item of a digest: 64-bit words, little-endian, hashed as they come.
public struct DigestItem {
  private var state: SipState
  private var words: UInt64 = 0

  /// Starts an item of a kind; the kind is its first word.
  public init(kind: UInt64) {
    // The key spells "simpp run digest" in ASCII, little-endian.
    state = SipState(key0: 0x7572_2070_706d_6973, key1: 0x7473_6567_6964_206e)
    append(kind)
  }

  /// Appends a word.
  @inline(__always)
  public mutating func append(_ word: UInt64) {
    state.absorb(word)
    words &+= 1
  }

  /// Appends a signed word in two's complement.
  @inline(__always)
  public mutating func append(_ word: Int64) { append(UInt64(bitPattern: word)) }

  /// Appends a presence word and the value; absent is 0, 0.
  public mutating func append(_ word: Int64?) {
    append(UInt64(word == nil ? 0 : 1))
    append(word ?? 0)
  }

  /// Appends a text: its length in bytes, then its UTF-8 bytes in words, zero-filled.
  public mutating func append(_ text: String) {
    append(UInt64(text.utf8.count))
    var word: UInt64 = 0
    var shift: UInt64 = 0
    for byte in text.utf8 {
      word |= UInt64(byte) << shift
      shift += 8
      if shift == 64 {
        append(word)
        word = 0
        shift = 0
      }
    }
    if shift > 0 { append(word) }
  }

  func finished() -> (low: UInt64, high: UInt64) {
    var copy = state
    return copy.finish(byteCount: words &* 8)
  }
}

/// SipHash-2-4 with 128-bit output over whole 64-bit words.
struct SipState {
  private var v0: UInt64
  private var v1: UInt64
  private var v2: UInt64
  private var v3: UInt64

  init(key0: UInt64, key1: UInt64) {
    v0 = key0 ^ 0x736f_6d65_7073_6575
    v1 = key1 ^ 0x646f_7261_6e64_6f6d ^ 0xee
    v2 = key0 ^ 0x6c79_6765_6e65_7261
    v3 = key1 ^ 0x7465_6462_7974_6573
  }

  @inline(__always)
  private mutating func round() {
    v0 = v0 &+ v1
    v1 = (v1 &<< 13 | v1 &>> 51) ^ v0
    v0 = v0 &<< 32 | v0 &>> 32
    v2 = v2 &+ v3
    v3 = (v3 &<< 16 | v3 &>> 48) ^ v2
    v0 = v0 &+ v3
    v3 = (v3 &<< 21 | v3 &>> 43) ^ v0
    v2 = v2 &+ v1
    v1 = (v1 &<< 17 | v1 &>> 47) ^ v2
    v2 = v2 &<< 32 | v2 &>> 32
  }

  @inline(__always)
  mutating func absorb(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  /// Ends the message; its length is a multiple of 8 bytes, so the last word holds it alone.
  mutating func finish(byteCount: UInt64) -> (low: UInt64, high: UInt64) {
    absorb((byteCount & 0xff) &<< 56)
    v2 ^= 0xee
    for _ in 0..<4 { round() }
    let low = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    for _ in 0..<4 { round() }
    return (low, v0 ^ v1 ^ v2 ^ v3)
  }
}
