import EventKernel
import JSON

extension ObjectReader {
  /// A whole number; nil when it is missing or unfit, which is then told.
  func integer(
    _ key: String, in limits: ClosedRange<Int64>, _ presence: Presence<Int64> = .required
  ) -> Int64? {
    let needed = Self.wholeNumber(in: limits)
    return read(key, presence, needed: needed, canonical: CanonicalValue.integer) { node in
      guard let number = node.wholeNumber, limits.contains(number) else { return nil }
      return number
    }
  }

  /// A number; nil when it is missing or unfit, which is then told.
  func number(
    _ key: String, in limits: NumberLimits, _ presence: Presence<Double> = .required,
    of what: String = "a number"
  ) -> Double? {
    let needed = what + " " + limits.description(readable)
    return read(key, presence, needed: needed, canonical: CanonicalValue.real) { node in
      guard let number = node.number, limits.contains(number) else { return nil }
      return number
    }
  }

  /// A time in nanoseconds; nil when it is missing or unfit, which is then told.
  func time(
    _ key: String, in limits: ClosedRange<Nanoseconds> = 0...Limit.time,
    _ presence: Presence<Nanoseconds> = .required
  ) -> Nanoseconds? {
    read(key, presence, .time, needed: Self.time(in: limits), canonical: CanonicalValue.time) {
      text in
      guard let parsed = UnitFamily.time.parse(text),
        let time = scaledExactly(parsed.number, by: parsed.unit.factor), limits.contains(time)
      else { return nil }
      return time
    }
  }

  /// An amount of memory in bytes; nil when it is missing or unfit, which is then told.
  func bytes(
    _ key: String, in limits: ClosedRange<Int64>, _ presence: Presence<Int64> = .required
  ) -> Int64? {
    let needed =
      "an amount of memory from \(grouped(limits.lowerBound / 1_000_000_000))GB to "
      + "\(grouped(limits.upperBound / 1_000_000_000))GB"
    return read(key, presence, .bytes, needed: needed, canonical: { .string("\($0)B") }) { text in
      guard let parsed = UnitFamily.bytes.parse(text),
        let bytes = scaledExactly(parsed.number, by: parsed.unit.factor), limits.contains(bytes)
      else { return nil }
      return bytes
    }
  }

  /// A bandwidth in bytes per second; nil when it is missing or unfit, which is then told.
  func bandwidth(_ key: String, _ presence: Presence<Double> = .required) -> Double? {
    let needed = "a bandwidth from 1B/s to 100TB/s"
    return read(
      key, presence, .bandwidth, needed: needed, canonical: { .string(plain($0) + "B/s") }
    ) { text in
      guard let parsed = UnitFamily.bandwidth.parse(text), let number = Double(parsed.number)
      else { return nil }
      let bandwidth = number * parsed.unit.factor
      return bandwidth >= 1 && bandwidth <= Limit.bandwidth ? bandwidth : nil
    }
  }

  /// A bandwidth, or the word `none`: `.some(nil)` for `none`, nil when it is unfit.
  func bandwidthOrNone(_ key: String, default standard: Double?) -> Double?? {
    if let located = value(key), case .string("none") = located.node.value {
      keep(key, .string("none"))
      return .some(nil)
    }
    if let located = value(key), let problem = UnitFamily.bandwidth.problem(of: located.node) {
      fault(key, problem.allowing("none"))
      return nil
    }
    guard let standard else {
      if has(key) { return bandwidth(key).map { .some($0) } }
      keep(key, .string("none"))
      return .some(nil)
    }
    return bandwidth(key, .standard(standard)).map { .some($0) }
  }

  /// US dollars; nil when they are missing or unfit, which is then told.
  func money(_ key: String, _ presence: Presence<Double>) -> Double? {
    let needed = "an amount of money from 0USD to 1,000,000USD"
    return read(
      key, presence, .money, needed: needed, canonical: { .string(plain($0) + "USD") }
    ) { text in
      guard let parsed = UnitFamily.money.parse(text), let dollars = Double(parsed.number),
        dollars >= 0, dollars <= 1e6
      else { return nil }
      return dollars
    }
  }

  /// Reads a value by a function that refuses it with nil, or takes the default.
  func read<Value>(
    _ key: String, _ presence: Presence<Value>, needed: String,
    canonical: (Value) -> CanonicalValue, parse: (JSONNode) -> Value?
  ) -> Value? {
    guard let located = value(key) else {
      switch presence {
      case .required:
        missing(key, needed: needed)
        return nil
      case .optional:
        return nil
      case .standard(let standard):
        keep(key, canonical(standard))
        return standard
      }
    }
    guard let value = parse(located.node) else {
      fault(key, .unfit(found: located.node.found, needed: needed))
      return nil
    }
    keep(key, canonical(value))
    return value
  }

  /// Reads a quantity; a number without a unit and an unknown unit are told as such.
  private func read<Value>(
    _ key: String, _ presence: Presence<Value>, _ units: UnitFamily, needed: String,
    canonical: (Value) -> CanonicalValue, parse: (String) -> Value?
  ) -> Value? {
    guard let located = value(key) else {
      return read(
        key, presence, needed: needed + ", such as \"\(units.example)\"", canonical: canonical
      ) { _ in nil }
    }
    let problem = units.problem(of: located.node)
    if let problem {
      fault(key, problem)
      return nil
    }
    return read(key, presence, needed: needed, canonical: canonical) { node in
      guard case .string(let text) = node.value else { return nil }
      return parse(text)
    }
  }

  /// `a whole number from 1 to 64`.
  static func wholeNumber(in limits: ClosedRange<Int64>) -> String {
    "a whole number from \(grouped(limits.lowerBound)) to \(grouped(limits.upperBound))"
  }

  /// `a time from 0s to 366d`.
  static func time(in limits: ClosedRange<Nanoseconds>) -> String {
    limits.upperBound == .max
      ? "a time of at least \(shortTime(limits.lowerBound))"
      : "a time from \(shortTime(limits.lowerBound)) to \(shortTime(limits.upperBound))"
  }
}

extension UnitFamily {
  /// Why a value is no quantity with a unit of this family; nil when it is one.
  func problem(of node: JSONNode) -> ScenarioProblem? {
    guard case .string(let text) = node.value else {
      return .unfit(found: node.found, needed: description)
    }
    if parse(text) != nil { return nil }
    let hint = corrected(text).map { "; did you mean \"\(shortened($0))\"?" } ?? ""
    return .unfit(found: node.found, needed: description + hint)
  }
}

extension JSONNode {
  /// A finite number, nil otherwise.
  var number: Double? {
    guard case .number(let text) = value, let number = Double(text), number.isFinite else {
      return nil
    }
    return number
  }

  /// A whole number that 64 bits hold, however it is written; nil otherwise.
  var wholeNumber: Int64? {
    guard case .number(let text) = value else { return nil }
    if let exact = Int64(text) { return exact }
    guard let number = Double(text), abs(number) < 0x1p53 else { return nil }
    return Int64(exactly: number)
  }
}
