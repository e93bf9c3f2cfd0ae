/// Numbers of bytes for people.
enum ByteText {
  private static let units: [(name: String, bytes: Double)] = [
    ("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3),
  ]

  /// Three significant digits in the unit that fits: `12.5 GB`.
  static func text(_ bytes: Int64) -> String {
    // From 999.5 on three digits are a thousand, of which the next unit has one.
    for unit in units where Double(bytes) >= 0.9995 * unit.bytes {
      return FixedPoint.three(Double(bytes) / unit.bytes) + " " + unit.name
    }
    return "\(bytes) B"
  }
}
