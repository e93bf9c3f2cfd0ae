public import Calibration

/// What `simpp calibrate` prints: the coefficients before and after, and how far predictions are off.
public struct CalibrationText: Sendable {
  private let profile: CalibratedProfile

  /// Prepares the text.
  public init(_ profile: CalibratedProfile) { self.profile = profile }

  /// The text, each line ended, none wider than the style's width.
  public func text(_ style: TextStyle = TextStyle()) -> String {
    let blocks =
      [heading(style)] + profile.sections.flatMap { [coefficients($0, style), errors($0, style)] }
    return blocks.map { lines in lines.map { style.plain($0) + "\n" }.joined() }
      .joined(separator: "\n")
  }

  private func heading(_ style: TextStyle) -> [String] {
    let names = profile.sections.map(\.name).joined(separator: ", ")
    let rule =
      profile.holdOut == .half
      ? "Half of the shapes, chosen by a hash of their text, were held out from the fits: their errors "
        + "tell how well the laws predict shapes that nobody measured."
      : "All shapes were fitted: nothing tells how well the laws predict others."
    return WrappedText.lines(
      "\(profile.gpu): \(names) fitted; other laws stay as they were. " + rule, width: style.width)
  }

  private func coefficients(_ section: CalibratedSection, _ style: TextStyle) -> [String] {
    let files = section.files.joined(separator: ", ")
    let rows = FixedPoint.grouped(Int64(section.fittedRows))
    guard !section.coefficients.isEmpty else {
      return WrappedText.lines(
        "\(section.name): times by size from \(rows) rows of \(files)", width: style.width)
    }
    var table = TextTable()
    table.add(["\(section.name)", "start", "fitted", "low", "high", "unit"])
    for coefficient in section.coefficients {
      let (low, high) = (coefficient.range.lowerBound, coefficient.range.upperBound)
      table.add(
        ["  " + coefficient.name]
          + [coefficient.start, coefficient.value, low, high].map(Self.number)
          + [coefficient.unit])
    }
    return WrappedText.lines(
      "\(section.name), fitted to \(rows) rows of \(files); low and high: the 95 % interval",
      width: style.width) + table.lines(width: style.width)
  }

  private func errors(_ section: CalibratedSection, _ style: TextStyle) -> [String] {
    var table = TextTable()
    table.add([
      "\(section.name), error in %", "rows", "start", "fitted", "median", "p95", "bias", "roofline",
    ])
    let parts: [(String, FidelityGroup.Part)] =
      profile.holdOut == .half
      ? [
        ("held out, serving sizes", .heldOut), ("fit half, serving sizes", .fitted),
        ("all rows", .all),
      ] : [("serving sizes", .serving), ("all rows", .all)]
    for (name, part) in parts {
      guard let own = section.after.summary(part) else { continue }
      table.add(
        [
          "  " + name, FixedPoint.grouped(Int64(own.count)),
          section.before.summary(part).map { FidelityWords.percent($0.mean) } ?? style.missing,
        ] + [own.mean, own.median, own.p95, own.bias].map(FidelityWords.percent)
          + [section.roofline(part).map { FidelityWords.percent($0.mean) } ?? style.missing])
    }
    let halves: [(String, Bool)] =
      profile.holdOut == .half ? [("held out, ", true), ("fit half, ", false)] : [("", false)]
    for (name, isHeldOut) in halves {
      var group = section.after
      group.rows.removeAll { $0.row.comparison.isHeldOut != isHeldOut }
      for item in group.classes {
        let (own, size) = (item.summary, item.name)
        table.add(
          ["  " + name + size, FixedPoint.grouped(Int64(own.count)), ""]
            + [own.mean, own.median, own.p95, own.bias].map(FidelityWords.percent) + [""])
      }
    }
    return table.lines(width: style.width)
  }

  /// A coefficient with four significant digits.
  private static func number(_ value: Double) -> String {
    switch value.magnitude {
    case 1_000...: FixedPoint.text(value, decimals: 0)
    case 100...: FixedPoint.text(value, decimals: 1)
    case 10...: FixedPoint.text(value, decimals: 2)
    case 1...: FixedPoint.text(value, decimals: 3)
    case 0: "0"
    default: FixedPoint.text(value, decimals: 4)
    }
  }
}
