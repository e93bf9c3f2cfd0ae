/// A whole number with its digits in groups of three: `1,000,000`.
public func grouped(_ number: some BinaryInteger) -> String {
  let digits = number.magnitude.description
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return number < 0 ? "-" + text : text
}

/// A finite number in one fixed form: whole numbers below 2⁵³ without a point, others by the
/// shortest digits that give the number again.
public func plain(_ number: Double) -> String {
  if let whole = Int64(exactly: number), whole.magnitude < 1 << 53 { return "\(whole)" }
  return "\(number)"
}
