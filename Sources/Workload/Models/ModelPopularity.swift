public import EventKernel

/// Which of several models the requests of a workload ask for.
public struct ModelPopularity: Sendable, Hashable {
  /// How a request finds its model.
  public enum Choice: Sendable, Hashable {
    /// Drawn by the models' shares; all models see the workload's bursts together.
    case drawn
    /// Each model has arrivals of its own, its share of the workload's rate; bursts come apart.
    case independent
    /// By the request's client, the same model for all requests of one: client c asks model c
    /// modulo the number of models.
    case byClient
  }

  /// Indices into the scenario's models, the most popular first.
  public let models: [Int32]
  /// The share of requests of each, in the same order.
  public let shares: ShareTable
  /// How a request finds its model.
  public var choice: Choice
  /// How demand moves from model to model in time; nil: shares are the same all the time.
  public var wave: DemandWave?

  /// Creates a popularity from models, at least one, and their weights.
  public init(
    models: [Int32], weights: [Double], choice: Choice = .drawn, wave: DemandWave? = nil
  ) {
    precondition(models.count == weights.count, "every model needs a weight")
    self.models = models
    shares = ShareTable(weights: weights)
    self.choice = choice
    self.wave = wave
  }

  /// Whether it can deal out arrivals: independent models need a process with a rate, and one without
  /// a swing where demand moves in a wave.
  public func isFit(for arrivals: ArrivalProcess) -> Bool {
    choice != .independent || self.arrivals(arrivals, ofPlace: 0, share: 1) != nil
  }

  /// The arrivals of one of the models, the workload's at its share of the rate; nil where they have no
  /// rate, or swing already.
  func arrivals(
    _ arrivals: ArrivalProcess, ofPlace place: Int, share: Double? = nil
  ) -> ArrivalProcess? {
    arrivals.scaled(
      by: share ?? shares[place], swing: wave?.swing(ofPlace: place, among: models.count))
  }

  /// Weights by Zipf's law: that of the k-th model is k^−exponent.
  public static func zipfWeights(_ count: Int, exponent: Double) -> [Double] {
    (1...max(1, count)).map { DeterministicMath.pow(Double($0), -exponent) }
  }
}

/// Demand that swings, each model's later than that of the one before: of M models the k-th has the
/// factor 1 + amplitude · cos(2π (time/period − k/M)), k from 0.
public struct DemandWave: Sendable, Hashable {
  /// From 0 (no swing) to 1 (demand touches zero).
  public var amplitude: Double
  /// From one peak of a model to its next, in nanoseconds.
  public var period: Nanoseconds

  /// Creates a wave.
  public init(amplitude: Double, period: Nanoseconds) {
    self.amplitude = amplitude
    self.period = period
  }

  /// The factor of the model `place` among `count` at a time, over the greatest that it can be.
  func share(ofPlace place: Int, among count: Int, at time: Nanoseconds) -> Double {
    let turns = Double(time % period) / Double(period) - Double(place) / Double(count)
    return (1 + amplitude * DeterministicMath.cosine(turns: turns)) / (1 + amplitude)
  }

  /// The same wave as a swing of the rate of one model.
  func swing(ofPlace place: Int, among count: Int) -> Swing {
    let peak = Double(period) * Double(place) / Double(count)
    return Swing(amplitude: amplitude, period: period, peak: Nanoseconds(peak.rounded()))
  }
}
