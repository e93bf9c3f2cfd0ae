/// Reads numbers from bytes: exact, and without a text in between.
enum NumberText {
  /// What bytes stand for.
  enum Reading: Hashable {
    case value(Int64)
    /// A number too large for 64 bits.
    case tooLarge
    /// A negative number too large for 64 bits.
    case tooSmall
    /// No number of the kind that was wanted.
    case notANumber
  }

  /// A whole number; zeros behind a point are allowed, as spreadsheets write them.
  static func whole(_ bytes: UnsafeBufferPointer<UInt8>) -> Reading {
    var index = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { index = 1 }
    let first = index
    var value: Int64 = 0
    var overflows = false
    while index < bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      if digit > 9 { break }
      if value > 922_337_203_685_477_579 { overflows = true }
      value = overflows ? 0 : value &* 10 &+ Int64(digit)
      index += 1
    }
    if index == first { return .notANumber }
    if index < bytes.count {
      guard bytes[index] == UInt8(ascii: "."), index + 1 < bytes.count,
        bytes[(index + 1)...].allSatisfy({ $0 == UInt8(ascii: "0") })
      else { return .notANumber }
    }
    if overflows { return isNegative ? .tooSmall : .tooLarge }
    return .value(isNegative ? -value : value)
  }

  /// A decimal number, an exponent allowed, times 10 to the power of `scale`, rounded half up.
  ///
  /// With `scale` 9 a number of seconds becomes nanoseconds.
  static func decimal(_ bytes: UnsafeBufferPointer<UInt8>, scale: Int) -> Reading {
    var index = 0
    let isNegative = bytes.first == UInt8(ascii: "-")
    if isNegative || bytes.first == UInt8(ascii: "+") { index = 1 }
    var digits: UInt64 = 0
    var exponent = scale
    var digitCount = 0
    var isFraction = false
    while index < bytes.count {
      let byte = bytes[index]
      let digit = byte &- UInt8(ascii: "0")
      if digit <= 9 {
        digitCount += 1
        // Digits behind the 18th cannot matter to a whole number of 64 bits, but for its size.
        if digits < 100_000_000_000_000_000 {
          digits = digits &* 10 &+ UInt64(digit)
          if isFraction { exponent -= 1 }
        } else if !isFraction {
          exponent += 1
        }
      } else if byte == UInt8(ascii: "."), !isFraction {
        isFraction = true
      } else {
        break
      }
      index += 1
    }
    if digitCount == 0 { return .notANumber }
    if index < bytes.count {
      let rest = UnsafeBufferPointer(rebasing: bytes[(index + 1)...])
      guard bytes[index] | 0x20 == UInt8(ascii: "e"), !rest.contains(UInt8(ascii: ".")),
        case .value(let power) = whole(rest), power.magnitude < 1_000
      else { return .notANumber }
      exponent += Int(power)
    }
    guard let magnitude = scaled(digits, by: exponent) else {
      return isNegative ? .tooSmall : .tooLarge
    }
    return .value(isNegative ? -magnitude : magnitude)
  }

  /// `digits` times a power of ten, rounded half up; nil when 64 bits do not hold it.
  private static func scaled(_ digits: UInt64, by exponent: Int) -> Int64? {
    if digits == 0 || exponent < -19 { return 0 }
    if exponent > 18 { return nil }
    let power = powers[abs(exponent)]
    if exponent < 0 {
      let (quotient, rest) = digits.quotientAndRemainder(dividingBy: power)
      return Int64(quotient + (rest >= power - rest ? 1 : 0))
    }
    let (product, overflow) = digits.multipliedReportingOverflow(by: power)
    return overflow ? nil : Int64(exactly: product)
  }

  /// 10⁰ to 10¹⁹.
  private static let powers: [UInt64] = (0...19).map { count in
    (0..<count).reduce(UInt64(1)) { product, _ in product * 10 }
  }
}
