/// Decimal numbers as text, the same on every machine and in every locale.
enum FixedPoint {
  private static let powers: [Double] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000]

  /// A number with a fixed count of decimals, rounded half away from zero, thousands grouped.
  static func text(_ value: Double, decimals: Int) -> String {
    let scaled = (value * powers[decimals]).rounded(.toNearestOrAwayFromZero)
    guard scaled.magnitude < 9e15 else { return value.description }
    let digits = Int64(scaled.magnitude)
    let unit = Int64(powers[decimals])
    let sign = scaled < 0 ? "-" : ""
    let whole = sign + grouped(digits / unit)
    guard decimals > 0 else { return whole }
    let fraction = String(digits % unit)
    return whole + "." + String(repeating: "0", count: decimals - fraction.count) + fraction
  }

  /// A number with three significant digits, at most three of them decimals.
  static func three(_ value: Double) -> String {
    value == 0 ? "0" : text(value, decimals: decimals(for: value))
  }

  /// The decimals that leave three significant digits; at most three.
  static func decimals(for value: Double) -> Int {
    switch value.magnitude {
    case 99.95...: 0
    case 9.995...: 1
    case 0.9995...: 2
    default: 3
    }
  }

  /// A whole number with thousands grouped: `1,234`.
  static func grouped(_ value: Int64) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return text
  }

  /// A share as a percentage: one decimal, two near the ends where they matter; only a whole is
  /// called 100 % and only nothing 0 %.
  static func percent(_ share: Double) -> String {
    let percent = share * 100
    if percent > 99, percent < 100 { return text(min(percent, 99.99), decimals: 2) + " %" }
    if percent > 0, percent < 1 { return text(max(percent, 0.01), decimals: 2) + " %" }
    return text(percent, decimals: 1) + " %"
  }
}

/// The unit in which a group of times reads best.
enum TimeUnit: String {
  case seconds = "s"
  case milliseconds = "ms"
  case microseconds = "µs"

  /// Seconds from one second on, else milliseconds or microseconds.
  init(fitting largestSeconds: Double) {
    switch largestSeconds.magnitude {
    case 0.9995...: self = .seconds
    case 0.000_999_5...: self = .milliseconds
    default: self = largestSeconds == 0 ? .seconds : .microseconds
    }
  }

  /// How many of the unit make a second.
  var perSecond: Double {
    switch self {
    case .seconds: 1
    case .milliseconds: 1e3
    case .microseconds: 1e6
    }
  }

  /// A time in this unit with three significant digits, the unit left out.
  func number(_ seconds: Double) -> String { FixedPoint.three(seconds * perSecond) }

  /// A time in this unit with three significant digits and the unit.
  func text(_ seconds: Double) -> String { number(seconds) + " " + rawValue }

  /// A time in the unit that fits it.
  static func text(_ seconds: Double) -> String { TimeUnit(fitting: seconds).text(seconds) }

  /// A time in nanoseconds in the unit that fits it.
  static func text(nanoseconds: Int64) -> String { text(Double(nanoseconds) / 1e9) }
}

/// Lengths of time for people: `30 min`, `1 h 5 min`, `90.5 s`.
enum SpanText {
  /// Whole hours and minutes where it is whole minutes, else seconds.
  static func text(nanoseconds: Int64) -> String {
    let minute: Int64 = 60_000_000_000
    guard nanoseconds >= minute, nanoseconds % minute == 0 else {
      return TimeUnit.text(Double(nanoseconds) / 1e9)
    }
    let minutes = nanoseconds / minute
    if minutes < 60 { return "\(minutes) min" }
    let rest = minutes % 60
    return FixedPoint.grouped(minutes / 60) + " h" + (rest == 0 ? "" : " \(rest) min")
  }
}
