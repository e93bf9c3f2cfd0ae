public import EventKernel

/// A trace's arrivals as the keys of a scenario can say them.
public struct ArrivalSpecification: Sendable, Hashable {
  /// What makes the arrivals.
  public enum Process: Sendable, Hashable {
    /// Independent gaps of a law.
    case gaps(GapLaw)
    /// Poisson arrivals that come and go: their rate while they come, how long that lasts and how
    /// long they stay away, in seconds.
    case onOff(rate: Double, onSeconds: Double, offSeconds: Double)
  }

  /// A time in which the rate is another.
  public struct Segment: Sendable, Hashable {
    /// When it begins, in nanoseconds since the first arrival.
    public var start: Nanoseconds
    /// How long it lasts, in nanoseconds.
    public var duration: Nanoseconds
    /// The rate over the mean one.
    public var factor: Double
  }

  /// What makes the arrivals.
  public let process: Process
  /// Requests per second in the mean.
  public let rate: Double
  /// How the rate changes; empty where it does not.
  public let segments: [Segment]
  /// The Kolmogorov–Smirnov distance of drawn gaps to the trace's.
  public private(set) var gapDistance = 0.0
  /// The dispersions of drawn arrivals in the trace's windows, nil below two windows.
  public private(set) var dispersions: [Double?] = []
  private(set) var discrepancy = 0.0

  init(_ process: Process, rate: Double, segments: [Segment] = [], like original: TraceStatistics) {
    self.process = process
    self.rate = rate
    self.segments = segments
    let drawn = drawn(original.requests, windows: original.windows.map(\.window))
    gapDistance = DistributionDistance(drawn.gaps, original.gaps)?.kolmogorovSmirnov ?? 1
    dispersions = drawn.windows.map(\.dispersion)
    discrepancy = ArrivalCandidate.discrepancy(
      gapDistance: gapDistance,
      dispersionError: ArrivalCandidate.dispersionError(drawn.windows, original.windows))
  }

  /// Draws as many arrivals, always with the same random numbers.
  private func drawn(
    _ count: Int64, windows: [Nanoseconds]
  ) -> (gaps: ValueCounts, windows: [WindowCounts]) {
    let stream = RandomStream(seed: 0, name: "trace/specification")
    let sojourns = RandomStream(seed: 0, name: "trace/specification/sojourns")
    var gaps = ValueCounts.times
    var windows = windows.map { WindowCounts(window: $0) }
    var clock = RateClock(segments)
    var state = OnOffClock(process, sojourns)
    var first: Nanoseconds?
    var last: Nanoseconds = 0
    for index in 0..<UInt64(max(0, count)) {
      let seconds: Double
      switch process {
      case .gaps(let law): seconds = clock.advance(law.gap(stream, at: index) / rate)
      case .onOff(let on, _, _):
        seconds = state.advance(GapLaw.poisson.gap(stream, at: index) / on)
      }
      guard seconds < 9e9 else { break }
      let arrival = nanoseconds(fromSeconds: seconds)
      let start = first ?? arrival
      if first != nil { gaps.add(arrival - last) }
      first = start
      last = arrival
      for window in windows.indices { windows[window].add(arrival - start) }
    }
    return (gaps, windows)
  }
}

/// Turns time at the mean rate into time at a rate that changes.
private struct RateClock {
  private let segments: [ArrivalSpecification.Segment]
  private var next = 0
  private var now = 0.0

  init(_ segments: [ArrivalSpecification.Segment]) { self.segments = segments }

  /// The instant, in seconds, that lies so much time at the mean rate further.
  mutating func advance(_ seconds: Double) -> Double {
    var left = seconds
    while next < segments.count {
      let end = Double(segments[next].start + segments[next].duration) / 1e9
      let room = (end - now) * segments[next].factor
      if left < room {
        now += left / segments[next].factor
        return now
      }
      left -= room
      now = end
      next += 1
    }
    now += left
    return now
  }
}

/// Turns time while arrivals come into time with the pauses between.
private struct OnOffClock {
  private let onSeconds: Double
  private let offSeconds: Double
  private let stream: RandomStream
  private var index: UInt64 = 0
  private var now = 0.0
  private var left = 0.0

  init(_ process: ArrivalSpecification.Process, _ stream: RandomStream) {
    if case .onOff(_, let onSeconds, let offSeconds) = process {
      (self.onSeconds, self.offSeconds) = (onSeconds, offSeconds)
    } else {
      (onSeconds, offSeconds) = (1, 0)
    }
    self.stream = stream
    left = sojourn(onSeconds)
  }

  mutating func advance(_ seconds: Double) -> Double {
    var wanted = seconds
    while wanted >= left {
      wanted -= left
      now += left + sojourn(offSeconds)
      left = sojourn(onSeconds)
    }
    left -= wanted
    now += wanted
    return now
  }

  private mutating func sojourn(_ mean: Double) -> Double {
    defer { index += 1 }
    return mean > 0 ? Distribution.exponential(mean: mean).sample(stream, at: index) : 0
  }
}
