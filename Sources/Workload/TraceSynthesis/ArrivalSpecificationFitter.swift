import EventKernel

/// Fits arrivals that a scenario's keys can say: several laws, the closest one is taken.
public struct ArrivalSpecificationFitter {
  /// Pauses, as multiples of the median gap, from which arrivals count as away.
  private static let pauses: [Int64] = [30, 100, 300]

  private let statistics: TraceStatistics
  private let segments: [ArrivalSpecification.Segment]
  private var normalized = ValueCounts.times
  private var away: [Away]
  private var last: Nanoseconds = 0
  private var requests: Int64 = 0

  /// What gaps above a pause have shown.
  private struct Away {
    var pause: Nanoseconds
    var count: Int64 = 0
    var seconds = 0.0
  }

  /// A fitter of the trace that the survey has seen.
  public init(_ survey: TraceSurvey) {
    statistics = survey.statistics
    let rate = statistics.requestsPerSecond ?? 1
    let shown = statistics.timeline.shown(cells: 32)
    segments = shown.counts.enumerated().map { index, count in
      // The last cell ends with the trace.
      let start = Int64(index) * shown.cell
      let duration = max(1, min(shown.cell, survey.statistics.span + 1 - start))
      return ArrivalSpecification.Segment(
        start: start, duration: duration, factor: Double(count) / (Double(duration) / 1e9) / rate)
    }
    let median = max(1, statistics.gaps.quantile(permille: 500))
    away = Self.pauses.map { pause in
      let (product, isOverflow) = pause.multipliedReportingOverflow(by: median)
      return Away(pause: isOverflow ? .max : product)
    }
  }

  /// Takes the next request; the same ones in the same order as the survey.
  public mutating func add(_ request: ArrivingRequest) {
    let time = request.arrival - statistics.firstArrival
    defer {
      last = time
      requests += 1
    }
    guard requests > 0 else { return }
    let gap = time - last
    // A crowded segment's factor may stretch a gap beyond 292 years, where an Int64 ends.
    normalized.add(Int64(min(9e18, (Double(gap) * factor(at: last)).rounded())))
    for index in away.indices where gap > away[index].pause {
      away[index].count += 1
      away[index].seconds += Double(gap) / 1e9
    }
  }

  private func factor(at time: Nanoseconds) -> Double {
    guard let cell = segments.first?.duration, !segments.isEmpty else { return 1 }
    return segments[min(Int(time / cell), segments.count - 1)].factor
  }

  /// The closest of the candidates; of two that are alike the simpler one.
  public func finish() -> ArrivalSpecification {
    let rate = statistics.requestsPerSecond ?? 1
    var candidates = laws(of: statistics.gaps).map {
      ArrivalSpecification(.gaps($0), rate: rate, like: statistics)
    }
    for found in away where found.count > 0 {
      let on = Double(statistics.span) / 1e9 - found.seconds
      // As short as this, arrivals would be single instants.
      guard on > 1e-3 * Double(found.count + 1) else { continue }
      let periods = Double(found.count + 1)
      let process = ArrivalSpecification.Process.onOff(
        rate: Double(statistics.requests - found.count) / on, onSeconds: on / periods,
        offSeconds: found.seconds / Double(found.count))
      candidates.append(ArrivalSpecification(process, rate: rate, like: statistics))
    }
    if segments.count > 1 {
      candidates += laws(of: normalized).map {
        ArrivalSpecification(.gaps($0), rate: rate, segments: segments, like: statistics)
      }
    }
    var best = candidates[0]
    // Random numbers alone make a hundredth or two of a difference.
    for candidate in candidates.dropFirst() where candidate.discrepancy < best.discrepancy - 0.02 {
      best = candidate
    }
    return best
  }

  /// The simplest law, the likeliest one, and the gamma law with the gaps' own spread.
  private func laws(of gaps: ValueCounts) -> [GapLaw] {
    var laws: [GapLaw] = [.poisson, GapLaw(likeliestFor: gaps), .gamma(cv: max(0.01, gaps.cv))]
    if laws[1] == .poisson { laws.remove(at: 1) }
    return laws
  }
}
