public import EventKernel

/// What must be known of a trace before its arrivals can be fitted; gathered in a first pass.
public struct TraceSurvey: Sendable {
  /// The trace's statistics.
  public private(set) var statistics: TraceStatistics
  /// From one instant with arrivals to the next, in nanoseconds.
  private(set) var instantGaps = ValueCounts.times
  /// The greatest common divisor of all gaps, in nanoseconds; 0 where no time passes.
  private(set) var unit: Nanoseconds = 0

  /// No requests yet.
  ///
  /// - Parameter windows: The windows in which burstiness is to be met, in nanoseconds.
  public init(windows: [Nanoseconds] = TraceStatistics.standardWindows) {
    statistics = TraceStatistics(windows: windows)
  }

  /// Takes the next request; arrivals never decrease.
  public mutating func add(_ request: ArrivingRequest, blocks: PrefixBlocks = .unknown) {
    if statistics.requests > 0, request.arrival > statistics.lastArrival {
      let gap = request.arrival - statistics.lastArrival
      instantGaps.add(gap)
      unit = Self.greatestCommonDivisor(unit, gap)
    }
    statistics.add(request, blocks: blocks)
  }

  private static func greatestCommonDivisor(_ left: Int64, _ right: Int64) -> Int64 {
    var (left, right) = (left, right)
    while right != 0 { (left, right) = (right, left % right) }
    return left
  }
}

/// Fits both kinds of arrivals and keeps the one that comes closer.
struct ArrivalFitter {
  private let survey: TraceSurvey
  private let unit: Nanoseconds
  private var overTime: SplitCascadeFitter
  private var overInstants: SplitCascadeFitter
  private var instant: Int64 = -1
  private var last: Nanoseconds = -1

  init(_ survey: TraceSurvey) {
    self.survey = survey
    let statistics = survey.statistics
    unit = max(1, survey.unit)
    overTime = SplitCascadeFitter(
      positions: statistics.span / unit + 1, arrivals: statistics.requests)
    let instants = survey.instantGaps.count + 1
    overInstants = SplitCascadeFitter(
      positions: instants, arrivals: statistics.requests - instants)
  }

  /// Takes an arrival, in nanoseconds since the first one.
  mutating func add(_ arrival: Nanoseconds) {
    overTime.add(arrival / unit)
    if arrival == last {
      overInstants.add(instant)
    } else {
      instant += 1
      last = arrival
    }
  }

  /// The closer model and how far each is from the trace.
  mutating func finish() -> (model: ArrivalModel, candidates: [ArrivalCandidate]) {
    let statistics = survey.statistics
    let instants = survey.instantGaps.count + 1
    let models = [
      ArrivalModel(
        kind: .cascade, unit: unit, gaps: nil, cascade: overTime.finish(), instants: 0,
        period: (statistics.span / unit + 1) * unit),
      ArrivalModel(
        kind: .renewal, unit: 1, gaps: QuantileTable(survey.instantGaps),
        cascade: overInstants.finish(), instants: instants, period: statistics.span),
    ]
    let candidates = models.map { ArrivalCandidate($0, like: statistics) }
    let best = candidates[1].discrepancy < candidates[0].discrepancy ? 1 : 0
    return (models[best], candidates)
  }
}

/// How close arrivals drawn from a model come to a trace's.
public struct ArrivalCandidate: Sendable, Hashable {
  /// The model's kind.
  public let kind: ArrivalModel.Kind
  /// The Kolmogorov–Smirnov distance of the gaps.
  public let gapDistance: Double
  /// The mean, over the windows, of the logarithm by which the index of dispersion is off.
  public let dispersionError: Double

  /// What the choice goes by: a dispersion off by a factor e counts as much as a distance of ¼.
  public var discrepancy: Double {
    Self.discrepancy(gapDistance: gapDistance, dispersionError: dispersionError)
  }

  static func discrepancy(gapDistance: Double, dispersionError: Double) -> Double {
    gapDistance + 0.25 * dispersionError
  }

  /// Draws as many arrivals as the trace has, always with the same random numbers.
  init(_ model: ArrivalModel, like statistics: TraceStatistics) {
    kind = model.kind
    var draw = ArrivalDraw(model, seed: 0)
    var gaps = ValueCounts.times
    var windows = statistics.windows.map { WindowCounts(window: $0.window) }
    var first: Nanoseconds?
    var last: Nanoseconds = 0
    for _ in 0..<statistics.requests {
      guard let arrival = draw.next() else { break }
      if first != nil { gaps.add(arrival - last) }
      last = arrival
      let start = first ?? arrival
      first = start
      for index in windows.indices { windows[index].add(arrival - start) }
    }
    gapDistance = DistributionDistance(gaps, statistics.gaps)?.kolmogorovSmirnov ?? 0
    dispersionError = Self.dispersionError(windows, statistics.windows)
  }

  /// The mean |log ratio| of two traces' dispersions in the same windows.
  static func dispersionError(_ drawn: [WindowCounts], _ original: [WindowCounts]) -> Double {
    let errors = zip(drawn, original).compactMap { drawn, original -> Double? in
      guard let found = drawn.dispersion, let wanted = original.dispersion else { return nil }
      // Below a thousandth counts are as good as constant.
      return DeterministicMath.log(max(found, 1e-3) / max(wanted, 1e-3)).magnitude
    }
    return errors.isEmpty ? 0 : errors.reduce(0, +) / Double(errors.count)
  }
}
