public import EventKernel

/// Learns from a model's idle times when its next request is due: the replica goes at once, a new one is
/// asked for shortly before that, and is kept until the request should long have come.
///
/// Idle times are counted in bins over a range. The head percentile, rounded down to its bin, is the
/// pre-warm window; the tail percentile, rounded up, is until when a replica is kept; both with a margin.
/// Where the head lies in the first bin the replica simply stays. A fixed time holds instead while there
/// are too few observations, too many beyond the range, or counts too even to say anything (their
/// coefficient of variation over the bins).
public struct HistogramKeepAlive: KeepAlivePolicy {
  /// `histogram`.
  public static let name = "histogram"
  /// One line for help.
  public static let summary =
    "keeps and pre-warms by a histogram of each model's idle times; a fixed time until it is told enough"
  /// The rule's origin.
  public static let source =
    "hybrid histogram policy, Shahrad et al., Serverless in the Wild, USENIX ATC 2020 (a fixed time "
    + "stands in for its time series forecast)"
  /// Bins, percentiles and what a histogram must have to be believed.
  public static let options = [
    OptionDescription(
      "bin", .duration(1...Nanoseconds.max), default: .duration(60_000_000_000),
      "width of a bin of idle times"),
    OptionDescription(
      "range", .duration(1...Nanoseconds.max), default: .duration(14_400_000_000_000),
      "idle times that are counted in bins; whole bins"),
    OptionDescription(
      "head", .number(0...1), default: .number(0.05),
      "share of idle times before which a pre-warmed replica is there"),
    OptionDescription(
      "tail", .number(0...1), default: .number(0.99),
      "share of idle times for which a replica is kept"),
    OptionDescription(
      "margin", .number(0...1), default: .number(0.1),
      "share by which the pre-warm window is shortened and the end put off"),
    OptionDescription(
      "leastObservations", .integer(1...1_000_000), default: .integer(10),
      "idle times below which the fixed time holds"),
    OptionDescription(
      "mostOutside", .number(0...1), default: .number(0.5),
      "share of idle times beyond the range above which the fixed time holds"),
    OptionDescription(
      "leastVariation", .number(0...1_000), default: .number(2),
      "coefficient of variation of the bins' counts below which the fixed time holds"),
    OptionDescription(
      "fallback", .duration(0...Nanoseconds.max), default: .duration(14_400_000_000_000),
      "the fixed time"),
  ]

  private let bin: Nanoseconds
  private let head: Double
  private let tail: Double
  private let margin: Double
  private let leastObservations: Int64
  private let mostOutside: Double
  private let leastVariation: Double
  private let fallback: Nanoseconds
  private var counts: [Int64]
  private var inside: Int64 = 0
  private var outside: Int64 = 0
  private var squares: Int64 = 0

  /// Whole bins, not too many; the head before the tail.
  public static func faults(in values: OptionValues) -> [OptionFault] {
    let (bin, range) = (values.duration("bin"), values.duration("range"))
    var faults: [OptionFault] = []
    if range % bin != 0 || range / bin > 100_000 {
      faults.append(
        OptionFault(
          key: "range", found: "a range of \(text(range)) in bins of \(text(bin))",
          expected: "1 to 100,000 whole bins"))
    }
    if values.number("head") > values.number("tail") {
      faults.append(
        OptionFault(
          key: "head", found: "\(values.number("head"))",
          expected: "at most tail, \(values.number("tail"))"))
    }
    return faults
  }

  /// A time in the largest unit that gives a whole number, as scenarios write it.
  private static func text(_ time: Nanoseconds) -> String {
    let units: [(Nanoseconds, String)] = [
      (3_600_000_000_000, "h"), (60_000_000_000, "m"), (1_000_000_000, "s"), (1_000_000, "ms"),
      (1_000, "us"),
    ]
    let unit = units.first { time % $0.0 == 0 } ?? (1, "ns")
    return "\(time / unit.0)\(unit.1)"
  }

  /// Reads the checked options.
  public init(_ values: OptionValues) {
    bin = values.duration("bin")
    head = values.number("head")
    tail = values.number("tail")
    margin = values.number("margin")
    leastObservations = Int64(values.integer("leastObservations"))
    mostOutside = values.number("mostOutside")
    leastVariation = values.number("leastVariation")
    fallback = values.duration("fallback")
    counts = Array(repeating: 0, count: Int(values.duration("range") / bin))
  }

  /// Yes.
  public static var observesIdleTimes: Bool { true }

  /// Counts it in its bin, or as one beyond the range.
  public mutating func observe(idleTime: Nanoseconds) {
    let place = Int(idleTime / bin)
    guard place < counts.count else {
      outside += 1
      return
    }
    squares += 2 * counts[place] + 1
    counts[place] += 1
    inside += 1
  }

  /// By the histogram where it says enough, else for the fixed time.
  public func plan(_ view: IdleView) -> IdlePlan {
    guard isRepresentative else { return IdlePlan(keep: fallback) }
    let first = Double(bin) * Double(place(ofShare: head)) * (1 - margin)
    let last = Double(bin) * Double(place(ofShare: tail) + 1) * (1 + margin)
    // Limited so that no clock overflows.
    let end = view.lastUse + Nanoseconds(min(last, 1e17))
    guard place(ofShare: head) > 0, !view.isModelInUse else {
      return IdlePlan(keep: max(0, end - view.now))
    }
    let preWarm = view.lastUse + Nanoseconds(min(first, 1e17))
    // Whoever is idle once that has come has been asked for because of it.
    if view.now >= preWarm { return IdlePlan(keep: max(0, end - view.now)) }
    return IdlePlan(keep: 0, preWarm: preWarm)
  }

  private var isRepresentative: Bool {
    let all = inside + outside
    guard inside > 0, all >= leastObservations,
      Double(outside) <= mostOutside * Double(all)
    else { return false }
    let mean = Double(inside) / Double(counts.count)
    let variance = Double(squares) / Double(counts.count) - mean * mean
    return variance >= leastVariation * leastVariation * mean * mean
  }

  /// The bin up to which at least this share of the idle times within the range lies.
  private func place(ofShare share: Double) -> Int {
    var sum: Int64 = 0
    for (place, count) in counts.enumerated() {
      sum += count
      if count > 0, Double(sum) >= share * Double(inside) { return place }
    }
    return counts.count - 1
  }
}
