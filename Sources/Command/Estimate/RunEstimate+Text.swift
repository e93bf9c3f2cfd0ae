extension RunEstimate {
  /// Whether a user wants to know before it begins.
  var isLarge: Bool {
    seconds > 10 || resultBytes + spoolBytes + eventFileBytes + timelineBytes > 1e9
  }

  /// One line: `estimate: 5 runs of about 1,800 requests: 2.1 million events, 4 s on 2 cores, …`.
  var line: String {
    let mean = parts.reduce(0) { $0 + $1.requests } / Double(max(1, parts.count))
    let events = parts.reduce(0) { $0 + $1.events } / Double(max(1, parts.count)) * Double(runs)
    var words =
      "estimate: \(runs) \(runs == 1 ? "run" : "runs") of about \(Self.count(mean)) requests: "
      + "\(Self.count(events)) events, \(Self.duration(seconds)) with \(jobs) at a time, \(Self.bytes(memoryBytes)) of memory, "
      + "\(Self.bytes(resultBytes)) of results"
    if spoolBytes > 1e6 { words += " and \(Self.bytes(spoolBytes)) beside them meanwhile" }
    return words + Self.files(events: eventFileBytes, timeline: timelineBytes)
  }

  /// A line for each scheduler.
  var lines: [String] {
    parts.map { part in
      "  \(part.scheduler): \(Self.count(part.requests)) requests, "
        + "\(Self.count(part.outputTokens)) output tokens, \(Self.count(part.events)) events, "
        + Self.duration(part.seconds)
        + Self.files(events: part.eventFileBytes, timeline: part.timelineBytes)
    }
  }

  /// `, 61 MB of events, 197 MB of timeline`; what is not asked for is left out.
  private static func files(events: Double, timeline: Double) -> String {
    (events > 0 ? ", \(bytes(events)) of events" : "")
      + (timeline > 0 ? ", \(bytes(timeline)) of timeline" : "")
  }

  /// What to say of the files made from events when they are of no usable size.
  ///
  /// Viewers hold a timeline in a browser's memory, so a tenth of what an editor takes is much.
  ///
  /// - Parameters:
  ///   - events: The name of the file of events, when there is one.
  ///   - timeline: The timeline's name, when there is one.
  /// - Returns: A line for each file that is too large.
  func warnings(events: String?, timeline: String?) -> [String] {
    let files = [(events, eventFileBytes, 2e9), (timeline, timelineBytes, 2e8)]
    return files.compactMap { name, bytes, most in
      guard let name, bytes > most else { return nil }
      return "\(name): about \(Self.bytes(bytes)) to come; "
        + "--scheduler NAME and --set duration=… make it smaller"
    }
  }

  /// Two digits that mean something: `1,800`, `2.1 million`.
  static func count(_ number: Double) -> String {
    if number >= 1e9 { return twoDigits(number / 1e9) + " billion" }
    if number >= 1e6 { return twoDigits(number / 1e6) + " million" }
    if number >= 1e3 {
      let digits = twoDigits(number / 1e3)
      return digits.contains(".") ? digits.replacing(".", with: ",") + "00" : digits + ",000"
    }
    return twoDigits(number)
  }

  /// `8 MB`, `1.2 GB`.
  static func bytes(_ bytes: Double) -> String {
    for (unit, size) in [("TB", 1e12), ("GB", 1e9), ("MB", 1e6)] where bytes >= size {
      return twoDigits(bytes / size) + " " + unit
    }
    return twoDigits(bytes / 1e3) + " kB"
  }

  /// `0.4 s`, `12 s`, `3.5 min`, `2.1 h`.
  static func duration(_ seconds: Double) -> String {
    if seconds >= 5_400 { return twoDigits(seconds / 3_600) + " h" }
    if seconds >= 90 { return twoDigits(seconds / 60) + " min" }
    return twoDigits(seconds) + " s"
  }

  /// Two significant digits, at most one of them behind the point.
  private static func twoDigits(_ number: Double) -> String {
    if number < 9.95 {
      let tenths = Int((number * 10).rounded())
      return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }
    var whole = number.rounded()
    var scale = 1.0
    while whole / scale >= 100 { scale *= 10 }
    whole = (whole / scale).rounded() * scale
    return "\(Int(whole))"
  }
}
