public import EventKernel

/// When the requests of one workload arrive, or its sessions begin.
public enum ArrivalProcess: Sendable, Hashable {
  /// Gaps drawn independently from a distribution of seconds (a renewal process).
  ///
  /// Poisson arrivals are exponential gaps; burstier than Poisson is a gamma gap with a coefficient
  /// of variation above 1.
  case renewal(gapSeconds: Distribution)
  /// A renewal process whose clock runs at the curve's rate.
  ///
  /// An arrival comes when the curve's integral reaches the sum of the gaps; with exponential gaps
  /// this is exactly the Poisson process of the rate that varies.
  case varying(gapSeconds: Distribution, RateCurve)
  /// `count` requests together at `start`, and again every `every` nanoseconds (0: only once).
  case burst(count: Int, start: Nanoseconds, every: Nanoseconds)
  /// The instants themselves, ascending, in nanoseconds.
  case instants([Nanoseconds])
  /// Clients that each wait for an answer before they send again.
  case closedLoop(ClosedLoop)

  /// The same process at a share above 0 of its rate, and with a swing; nil where it has no rate, or
  /// swings already.
  public func scaled(by share: Double, swing: Swing? = nil) -> ArrivalProcess? {
    switch self {
    case .renewal(let gapSeconds):
      guard let gaps = gapSeconds.scaled(by: 1 / share) else { return nil }
      return swing.map { .varying(gapSeconds: gaps, RateCurve(swing: $0)) }
        ?? .renewal(gapSeconds: gaps)
    case .varying(let gapSeconds, var curve):
      guard let gaps = gapSeconds.scaled(by: 1 / share), swing == nil || curve.swing == nil else {
        return nil
      }
      if let swing { curve.swing = swing }
      return .varying(gapSeconds: gaps, curve)
    case .burst, .instants, .closedLoop: return nil
    }
  }
}

/// A fixed number of clients, each with at most one request (or session) under way.
public struct ClosedLoop: Sendable, Hashable {
  /// The clients.
  public var clients: Int
  /// From an answer's end to the client's next request, in seconds.
  public var thinkSeconds: Distribution
  /// Client c of n sends its first request at c/n of this time, in nanoseconds.
  public var rampUp: Nanoseconds
  /// The least time to the next request after one that was not completed, in nanoseconds.
  public var retryAfter: Nanoseconds

  /// Creates a closed loop.
  public init(
    clients: Int, thinkSeconds: Distribution, rampUp: Nanoseconds = 0,
    retryAfter: Nanoseconds = 1_000_000_000
  ) {
    self.clients = clients
    self.thinkSeconds = thinkSeconds
    self.rampUp = rampUp
    self.retryAfter = retryAfter
  }
}

/// How a rate varies: a product of factors of time, each never negative.
public struct RateCurve: Sendable, Hashable {
  /// A sinusoid about 1.
  public var swing: Swing?
  /// One factor for each hour of the day; empty, or 24 of them.
  public var hourly: [Double]
  /// The time of day at which the run begins, in nanoseconds; it shifts `swing` and `hourly`.
  public var startOfDay: Nanoseconds
  /// Times at which the rate is another.
  public var spikes: [Spike]
  /// Random factors.
  public var modulators: [Modulator]

  /// Creates a curve; without arguments it is 1 for ever.
  public init(
    swing: Swing? = nil, hourly: [Double] = [], startOfDay: Nanoseconds = 0, spikes: [Spike] = [],
    modulators: [Modulator] = []
  ) {
    self.swing = swing
    self.hourly = hourly
    self.startOfDay = startOfDay
    self.spikes = spikes
    self.modulators = modulators
  }

  /// Whether the curve is 1 for ever.
  public var isConstant: Bool {
    swing == nil && hourly.isEmpty && spikes.isEmpty && modulators.isEmpty
  }

  /// The factor's mean over a long time, spikes that do not recur left out.
  public var mean: Double {
    var mean = hourly.isEmpty ? 1 : hourly.reduce(0, +) / Double(hourly.count)
    for spike in spikes where spike.every > 0 {
      mean *= 1 + (spike.factor - 1) * (Double(spike.duration) / Double(spike.every))
    }
    return modulators.reduce(mean) { $0 * $1.mean }
  }
}

/// The factor 1 + amplitude · cos(2π (time of day − peak)/period).
public struct Swing: Sendable, Hashable {
  /// From 0 (no swing) to 1 (the rate touches zero).
  public var amplitude: Double
  /// From one peak to the next, in nanoseconds.
  public var period: Nanoseconds
  /// The time of day of a peak, in nanoseconds.
  public var peak: Nanoseconds

  /// Creates a swing.
  public init(amplitude: Double, period: Nanoseconds, peak: Nanoseconds) {
    self.amplitude = amplitude
    self.period = period
    self.peak = peak
  }
}

/// A time in which the rate is multiplied.
public struct Spike: Sendable, Hashable {
  /// When it begins, in nanoseconds.
  public var start: Nanoseconds
  /// How long it lasts, in nanoseconds.
  public var duration: Nanoseconds
  /// What the rate is multiplied by.
  public var factor: Double
  /// From one beginning to the next, in nanoseconds; 0: only once.
  public var every: Nanoseconds

  /// Creates a spike.
  public init(
    start: Nanoseconds, duration: Nanoseconds, factor: Double, every: Nanoseconds = 0
  ) {
    self.start = start
    self.duration = duration
    self.factor = factor
    self.every = every
  }
}

/// A random factor: states taken in turn, each for an exponential time.
///
/// Two workloads with a modulator of one stream see the same states at the same times. At the start
/// the state is drawn by its share of time, so the factor's mean is the same at every instant.
public struct Modulator: Sendable, Hashable {
  /// One state.
  public struct State: Sendable, Hashable {
    /// What the rate is multiplied by.
    public var factor: Double
    /// How long the state lasts in the mean, in seconds.
    public var meanSeconds: Double

    /// Creates a state.
    public init(factor: Double, meanSeconds: Double) {
      self.factor = factor
      self.meanSeconds = meanSeconds
    }
  }

  /// The name of its random stream.
  public var stream: String
  /// The states, in the order in which they follow each other; after the last comes the first.
  public var states: [State]

  /// Creates a modulator.
  public init(stream: String, states: [State]) {
    self.stream = stream
    self.states = states
  }

  /// The factor's mean over time.
  public var mean: Double {
    states.reduce(0) { $0 + $1.factor * $1.meanSeconds }
      / states.reduce(0) { $0 + $1.meanSeconds }
  }
}
