import EventKernel

/// A rate as max-min filling finds it: what a link has left over the flows that share it.
struct FairShare: Sendable {
  let numerator: Double
  let count: Int32
  let bytesPerSecond: Double

  init(of numerator: Double, among count: Int32) {
    self.numerator = numerator
    self.count = count
    bytesPerSecond = numerator / Double(count)
  }

  /// When `bytes` sent from `start` at this rate are through, rounded up to whole nanoseconds.
  ///
  /// `grain` is the size of the whole flow, in which earlier rounding is measured.
  func completion(
    ofBytes bytes: Double, from start: Nanoseconds, grain: Double
  ) -> Nanoseconds {
    let scale = 1e9 * Double(count) / numerator
    let duration = bytes * 1e9 * Double(count) / numerator
    // A quotient this near to a whole number may lie on either side of it by rounding alone.
    let tolerance = (duration + grain * scale) * 0x1p-49
    guard duration < 0x1p62 else { return .max }
    let nearest = Nanoseconds(duration + 0.5)
    guard abs(duration - Double(nearest)) <= tolerance else {
      return start + roundedUp(duration)
    }
    let isShort = sends(fewerThan: bytes, in: nearest)
    return start + nearest + (isShort ? 1 : 0)
  }

  /// Whether `duration` ns are certainly too short; decided exactly for whole numbers, and
  /// taken for rounding otherwise.
  private func sends(fewerThan bytes: Double, in duration: Nanoseconds) -> Bool {
    let whole = Int64(bytes)
    let rate = Int64(numerator)
    guard Double(whole) == bytes, Double(rate) == numerator else { return false }
    return Int128(duration) * Int128(rate)
      < Int128(whole) * Int128(1_000_000_000 * Int64(count))
  }
}

/// The least whole number not below `value`, which is not negative and below 2^63.
///
/// The standard library's rounding calls the C mathematics library on some processors, which a
/// program without Foundation does not link.
func roundedUp(_ value: Double) -> Int64 {
  let whole = Int64(value)
  return Double(whole) < value ? whole + 1 : whole
}
