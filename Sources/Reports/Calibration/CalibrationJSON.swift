public import Calibration

/// What `simpp calibrate --json` prints: one object, its keys in a fixed order.
public enum CalibrationJSON {
  /// The object as text.
  public static func text(_ profile: CalibratedProfile) -> String {
    let document = JSONValue.object([
      ("gpu", .text(profile.gpu)), ("holdOut", .text(profile.holdOut.rawValue)),
      ("sections", .array(profile.sections.map(section))),
    ])
    return document.text() + "\n"
  }

  private static func section(_ section: CalibratedSection) -> JSONValue {
    .object([
      ("name", .text(section.name)), ("files", .array(section.files.map { .text($0) })),
      ("fittedRows", .integer(Int64(section.fittedRows))),
      (
        "coefficients",
        .array(
          section.coefficients.map {
            .object([
              ("name", .text($0.name)), ("unit", .text($0.unit)), ("meaning", .text($0.meaning)),
              ("start", .number($0.start)), ("value", .number($0.value)),
              ("low", .number($0.range.lowerBound)), ("high", .number($0.range.upperBound)),
            ])
          })
      ),
      ("start", errors(section.before)), ("fitted", errors(section.after)),
      (
        "roofline",
        .object(parts.map { ($0.name, FidelityJSON.summary(section.roofline($0.part))) })
      ),
      (
        "sizeClasses",
        .array(
          section.after.classes.map {
            .object([("name", .text($0.name)), ("errors", FidelityJSON.summary($0.summary))])
          })
      ),
    ])
  }

  private static let parts: [(name: String, part: FidelityGroup.Part)] = [
    ("heldOut", .heldOut), ("fitHalf", .fitted), ("servingSizes", .serving), ("all", .all),
  ]

  private static func errors(_ group: FidelityGroup) -> JSONValue {
    .object(parts.map { ($0.name, FidelityJSON.summary(group.summary($0.part))) })
  }
}
