/// A curve in one line of characters.
enum Sparkline {
  private static let blocks: [Character] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
  private static let letters: [Character] = [".", ":", "-", "=", "+", "*", "#", "@"]

  /// One character for each value, the greatest the highest; where there is nothing, a dot or an
  /// underscore.
  static func text(_ values: [Int64], style: TextStyle) -> String {
    let steps = style.usesUnicode ? blocks : letters
    guard let greatest = values.max(), greatest > 0 else { return "" }
    return String(
      values.map { value in
        if value <= 0 { return style.usesUnicode ? "·" : "_" }
        // The least eighth that holds the value.
        return steps[max(0, (Int(value) * steps.count + Int(greatest) - 1) / Int(greatest) - 1)]
      })
  }
}
