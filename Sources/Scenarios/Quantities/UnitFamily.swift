import JSON

/// The units of one kind of quantity, and how texts like `"30m"` become numbers of its base unit.
struct UnitFamily: Sendable {
  /// A unit and how many base units it is.
  struct Unit: Sendable {
    var symbol: String
    var factor: Double
  }

  /// The kind with its article: `a time`.
  let name: String
  /// A text that is right.
  let example: String
  /// The units, the base unit first; of two that fit a text the longer is meant.
  let units: [Unit]

  /// Times; base unit: nanoseconds.
  static let time = UnitFamily(
    name: "a time", example: "30s",
    units: [
      Unit(symbol: "ns", factor: 1), Unit(symbol: "us", factor: 1e3),
      Unit(symbol: "ms", factor: 1e6),
      Unit(symbol: "s", factor: 1e9), Unit(symbol: "m", factor: 60e9),
      Unit(symbol: "h", factor: 3_600e9), Unit(symbol: "d", factor: 86_400e9),
    ])

  /// Amounts of memory, `GB` decimal and `GiB` binary; base unit: bytes.
  static let bytes = UnitFamily(
    name: "an amount of memory", example: "80GB",
    units: [
      Unit(symbol: "B", factor: 1), Unit(symbol: "kB", factor: 1e3),
      Unit(symbol: "MB", factor: 1e6),
      Unit(symbol: "GB", factor: 1e9), Unit(symbol: "TB", factor: 1e12),
      Unit(symbol: "KiB", factor: 0x1p10), Unit(symbol: "MiB", factor: 0x1p20),
      Unit(symbol: "GiB", factor: 0x1p30), Unit(symbol: "TiB", factor: 0x1p40),
    ])

  /// Bandwidths, `GB/s` of bytes and `Gbps` of bits; base unit: bytes per second.
  static let bandwidth = UnitFamily(
    name: "a bandwidth", example: "200Gbps",
    units: [
      Unit(symbol: "B/s", factor: 1), Unit(symbol: "kB/s", factor: 1e3),
      Unit(symbol: "MB/s", factor: 1e6), Unit(symbol: "GB/s", factor: 1e9),
      Unit(symbol: "TB/s", factor: 1e12), Unit(symbol: "MiB/s", factor: 0x1p20),
      Unit(symbol: "GiB/s", factor: 0x1p30), Unit(symbol: "kbps", factor: 125),
      Unit(symbol: "Mbps", factor: 125e3), Unit(symbol: "Gbps", factor: 125e6),
      Unit(symbol: "Tbps", factor: 125e9),
    ])

  /// Amounts of money; base unit: US dollars.
  static let money = UnitFamily(
    name: "an amount of money", example: "2.5USD", units: [Unit(symbol: "USD", factor: 1)])

  /// What a text must look like, for messages: `a time with its unit, such as "30s" (ns, us, …)`.
  var description: String {
    let symbols = units.map(\.symbol).joined(separator: ", ")
    return "\(name) with its unit, such as \"\(example)\" (\(symbols))"
  }

  /// The number and the unit of a text, nil when it is no number followed by a known unit.
  func parse(_ text: String) -> (number: String, unit: Unit)? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || "+-.eE".contains($0)) }
    let symbol = text.dropFirst(number.count).drop { $0 == " " }
    guard let unit = units.first(where: { $0.symbol == symbol }), Self.isNumber(number) else {
      return nil
    }
    return (String(number), unit)
  }

  /// The unit that was probably meant, as a whole text: `80GB` for `80gb`.
  func corrected(_ text: String) -> String? {
    let number = text.prefix { $0.isASCII && ($0.isNumber || "+-.".contains($0)) }
    let symbol = String(text.dropFirst(number.count).drop { $0 == " " })
    guard Self.isNumber(number), !symbol.isEmpty else { return nil }
    let known = units.map(\.symbol)
    let synonym = Self.synonyms[symbol] ?? Self.synonyms[symbol.lowercased()]
    if let synonym, known.contains(synonym) { return number + synonym }
    return suggestion(for: symbol, among: known).map { number + $0 }
  }

  private static let synonyms = [
    "sec": "s", "secs": "s", "second": "s", "seconds": "s", "min": "m", "mins": "m",
    "minute": "m", "minutes": "m", "hour": "h", "hours": "h", "hr": "h", "day": "d", "days": "d",
    "µs": "us", "μs": "us", "msec": "ms", "Gb/s": "Gbps", "gbit/s": "Gbps", "gbit": "Gbps",
    "mbit/s": "Mbps",
    "gb": "GB", "gib": "GiB", "$": "USD",
  ]

  /// Whether a text is a plain number: no words, no hexadecimal digits.
  private static func isNumber(_ text: Substring) -> Bool {
    guard let first = text.first, first.isNumber || first == "-" || first == "." else {
      return false
    }
    return Double(text) != nil
  }
}

/// A number's text times a whole factor, rounded half up to a whole number; nil when it is too
/// large or too long to be exact.
func scaledExactly(_ text: String, by factor: Double) -> Int64? {
  guard let decimal = Decimal(text), let whole = UInt128(exactly: factor) else { return nil }
  var (product, overflow) = decimal.digits.multipliedReportingOverflow(by: whole)
  var exponent = decimal.exponent
  while exponent > 0, !overflow {
    (product, overflow) = product.multipliedReportingOverflow(by: 10)
    exponent -= 1
  }
  if overflow { return nil }
  if exponent < 0 {
    // Below half of the last place nothing is left.
    if exponent < -38 { return 0 }
    var divisor: UInt128 = 1
    for _ in exponent..<0 { divisor *= 10 }
    product = product / divisor + (product % divisor >= (divisor + 1) / 2 ? 1 : 0)
  }
  guard let magnitude = Int64(exactly: product) else { return nil }
  return decimal.isNegative ? -magnitude : magnitude
}

/// A decimal number as digits and a power of ten.
private struct Decimal {
  var digits: UInt128 = 0
  var exponent = 0
  var isNegative = false

  /// Reads a number's text; nil when it has more than 30 significant digits or is no number.
  init?(_ text: String) {
    var rest = text[...]
    if rest.first == "-" || rest.first == "+" { isNegative = rest.removeFirst() == "-" }
    let parts = rest.split(
      maxSplits: 1, omittingEmptySubsequences: false, whereSeparator: { $0 == "e" || $0 == "E" })
    if parts.count == 2 {
      guard let power = Int(parts[1]), power.magnitude <= 60 else { return nil }
      exponent = power
    }
    var isFraction = false
    for character in parts[0] {
      if character == ".", !isFraction {
        isFraction = true
        continue
      }
      guard let digit = character.wholeNumberValue,
        digits < 1_000_000_000_000_000_000_000_000_000_000
      else { return nil }
      digits = digits * 10 + UInt128(digit)
      if isFraction { exponent -= 1 }
    }
    if exponent > 40 { return nil }
  }
}

/// A time in nanoseconds as people write it: in the largest unit that gives a whole number.
func shortTime(_ nanoseconds: Int64) -> String {
  let sizes: [(Int64, String)] = [
    (86_400_000_000_000, "d"), (3_600_000_000_000, "h"), (60_000_000_000, "m"),
    (1_000_000_000, "s"), (1_000_000, "ms"), (1_000, "us"),
  ]
  if nanoseconds == 0 { return "0s" }
  for (size, symbol) in sizes where nanoseconds % size == 0 {
    return "\(grouped(nanoseconds / size))\(symbol)"
  }
  return "\(grouped(nanoseconds))ns"
}
