/// Philox2x64-10: ten rounds that turn a 128-bit counter and a 64-bit key into random bits.
///
/// Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011.
@usableFromInline
enum Philox {
  /// The two random words of the counter (low, high) under a key.
  @inlinable
  static func block(low: UInt64, high: UInt64, key: UInt64) -> (low: UInt64, high: UInt64) {
    var left = low
    var right = high
    var roundKey = key
    for _ in 0..<10 {
      let product = left.multipliedFullWidth(by: 0xD2B7_4407_B1CE_6E93)
      left = product.high ^ roundKey ^ right
      right = product.low
      roundKey &+= 0x9E37_79B9_7F4A_7C15
    }
    return (left, right)
  }
}
