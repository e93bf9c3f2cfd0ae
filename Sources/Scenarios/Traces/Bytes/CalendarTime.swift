import EventKernel

/// Times of day as traces write them: `2023-11-16 18:17:03.9799600`, with or without an offset.
enum CalendarTime {
  /// What such a time looks like, for messages.
  static let example = "2023-11-16 18:17:03.97996"

  /// Nanoseconds since 1970-01-01 00:00:00, UTC unless an offset stands there; nil when the bytes
  /// are no time from 1970 to 2199.
  static func nanoseconds(_ bytes: UnsafeBufferPointer<UInt8>) -> Nanoseconds? {
    guard bytes.count >= 19, bytes[4] == dash, bytes[7] == dash,
      bytes[10] == UInt8(ascii: " ") || bytes[10] == UInt8(ascii: "T"),
      bytes[13] == colon, bytes[16] == colon,
      let year = number(bytes, 0, 4), let month = number(bytes, 5, 2),
      let day = number(bytes, 8, 2), let hour = number(bytes, 11, 2),
      let minute = number(bytes, 14, 2), let second = number(bytes, 17, 2),
      1970...2199 ~= year, 1...12 ~= month, 1...days(inMonth: month, of: year) ~= day,
      hour < 24, minute < 60, second < 60
    else { return nil }
    var index = 19
    var fraction: Nanoseconds = 0
    if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
      index += 1
      var place: Nanoseconds = 100_000_000
      let first = index
      while index < bytes.count, bytes[index] &- UInt8(ascii: "0") <= 9 {
        fraction += Nanoseconds(bytes[index] &- UInt8(ascii: "0")) * place
        place /= 10
        index += 1
      }
      if index == first || index - first > 9 { return nil }
    }
    guard let offset = offsetMinutes(bytes, from: index) else { return nil }
    let dayNumber = daysSince1970(year: year, month: month, day: day)
    let seconds = ((dayNumber * 24 + hour) * 60 + minute - offset) * 60 + second
    return Nanoseconds(seconds) * 1_000_000_000 + fraction
  }

  /// A time as `nanoseconds` reads it, in UTC, without trailing zeros.
  static func text(_ nanoseconds: Nanoseconds) -> String {
    let day: Nanoseconds = 86_400_000_000_000
    var days = nanoseconds / day
    var rest = nanoseconds % day
    if rest < 0 {
      rest += day
      days -= 1
    }
    var year = 1970
    while days >= (isLeap(year) ? 366 : 365) {
      days -= isLeap(year) ? 366 : 365
      year += 1
    }
    var month = 1
    while days >= Self.days(inMonth: month, of: year) {
      days -= Nanoseconds(Self.days(inMonth: month, of: year))
      month += 1
    }
    let seconds = rest / 1_000_000_000
    let clock = [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, to: 2) }
    var fraction = padded(rest % 1_000_000_000, to: 9)
    while fraction.last == "0" { fraction.removeLast() }
    return "\(year)-\(padded(month, to: 2))-\(padded(days + 1, to: 2)) "
      + clock.joined(separator: ":") + (fraction.isEmpty ? "" : "." + fraction)
  }

  private static let dash = UInt8(ascii: "-")
  private static let colon = UInt8(ascii: ":")

  private static func padded(_ number: some BinaryInteger, to width: Int) -> String {
    let digits = "\(number)"
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  /// `count` digits as a number, nil when one is none.
  private static func number(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ count: Int
  ) -> Int? {
    var value = 0
    for index in start..<start + count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      if digit > 9 { return nil }
      value = value * 10 + Int(digit)
    }
    return value
  }

  /// The minutes east of UTC that `Z`, `+00:00` or nothing says; nil when it is something else.
  private static func offsetMinutes(
    _ bytes: UnsafeBufferPointer<UInt8>, from index: Int
  ) -> Int? {
    let rest = bytes.count - index
    if rest == 0 || rest == 1 && bytes[index] == UInt8(ascii: "Z") { return 0 }
    guard rest == 6, bytes[index + 3] == colon, let hours = number(bytes, index + 1, 2),
      let minutes = number(bytes, index + 4, 2), hours < 24, minutes < 60
    else { return nil }
    switch bytes[index] {
    case UInt8(ascii: "+"): return hours * 60 + minutes
    case dash: return -(hours * 60 + minutes)
    default: return nil
    }
  }

  private static func isLeap(_ year: Int) -> Bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
  }

  private static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  /// Days of the Gregorian calendar since 1970-01-01, for years from 1970.
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    // Counted from March, so that the leap day is the last of its year.
    let marchYear = month > 2 ? year : year - 1
    let marchMonth = (month + 9) % 12
    let leapDays = marchYear / 4 - marchYear / 100 + marchYear / 400
    // 153 days are five months from March or August on.
    let dayOfYear = (153 * marchMonth + 2) / 5 + day - 1
    // 719,468 days lie between 0000-03-01 and 1970-01-01.
    return 365 * marchYear + leapDays + dayOfYear - 719_468
  }
}
