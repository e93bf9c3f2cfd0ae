/// A whole number with commas between thousands.
func grouped<Number: BinaryInteger>(_ number: Number) -> String {
  let digits = Array(String(number.magnitude))
  var text = ""
  for (index, digit) in digits.enumerated() {
    if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
    text.append(digit)
  }
  return number < 0 ? "-" + text : text
}

/// A number with so many digits behind the point, rounded half away from zero.
func fixed(_ number: Double, _ digits: Int) -> String {
  var scale: Int64 = 1
  for _ in 0..<digits { scale *= 10 }
  let scaled = Int64((number.magnitude * Double(scale)).rounded())
  let fraction = String(scaled % scale)
  let zeros = String(repeating: "0", count: max(0, digits - fraction.count))
  let sign = number < 0 && scaled > 0 ? "-" : ""
  return sign + grouped(scaled / scale) + (digits > 0 ? "." + zeros + fraction : "")
}

/// A number with three significant digits.
func significant(_ number: Double) -> String {
  switch number.magnitude {
  case 99.95...: fixed(number, 0)
  case 9.995...: fixed(number, 1)
  case 0.9995...: fixed(number, 2)
  case 0.09995...: fixed(number, 3)
  default: fixed(number, 4)
  }
}

/// Text filled up with blanks to a width, on the left or the right.
func padded(_ text: String, to width: Int, right: Bool = false) -> String {
  let blanks = String(repeating: " ", count: max(0, width - text.count))
  return right ? blanks + text : text + blanks
}
