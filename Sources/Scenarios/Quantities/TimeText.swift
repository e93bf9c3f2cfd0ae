/// Times as commands take them: written as in scenarios.
public enum TimeText {
  /// Nanoseconds of a text such as `250ms`, at least 0 and at most a year and a day; else nil.
  public static func nanoseconds(_ text: String) -> Int64? {
    guard let parsed = UnitFamily.time.parse(text),
      let time = scaledExactly(parsed.number, by: parsed.unit.factor), time >= 0,
      time <= Limit.time
    else { return nil }
    return time
  }

  /// What such a text must look like, for messages.
  public static var description: String { UnitFamily.time.description }
}
