import EventKernel
public import Serving

/// What single coefficients of the cost model would have to be for a simulation to come nearest to
/// what was measured.
public struct Explanation: Sendable {
  /// One coefficient and its best value.
  public struct Candidate: Sendable {
    /// The coefficient.
    public let coefficient: CostCoefficient
    /// What it is in the scenario.
    public let now: Double
    /// What brings the simulation nearest.
    public let best: Double
    /// The error with that value.
    public let distance: Double
  }

  /// The error of the scenario as it is.
  public let distance: Double
  /// The coefficients, the one that explains most first.
  public let candidates: [Candidate]

  /// Replays with each coefficient moved inside its range: values at equal ratios, then ever closer
  /// around the best.
  ///
  /// - Parameters:
  ///   - scenario: the scenario.
  ///   - benchmark: what was measured.
  ///   - coefficients: what is tried.
  ///   - progress: called before each replay with the coefficient's name.
  public init(
    of scenario: Scenario, _ benchmark: ObservedBenchmark,
    coefficients: [CostCoefficient] = CostCoefficient.all, progress: (String) -> Void = { _ in }
  ) {
    let requests = benchmark.replayed
    func distance(_ coefficient: CostCoefficient?, _ value: Double) -> Double {
      progress(coefficient?.name ?? "the scenario")
      var changed = scenario
      coefficient?.set(&changed, value)
      let simulated = Replay(changed, requests).run()
      let errors = LatencyErrors(measured: benchmark.requests, simulated: simulated)
      // Requests that are not answered at all cannot be left out to look better.
      return errors.distance + Double(errors.unanswered) / Double(max(1, benchmark.requests.count))
    }
    let before = distance(nil, 0)
    var found: [Candidate] = []
    for coefficient in coefficients {
      guard let now = coefficient.value(scenario) else { continue }
      let search = Search(range: coefficient.range)
      let (best, error) = search.minimum(start: (now, before)) { distance(coefficient, $0) }
      found.append(
        Candidate(coefficient: coefficient, now: now, best: best, distance: error))
    }
    self.distance = before
    candidates = found.enumerated().sorted {
      ($0.element.distance, $0.offset) < ($1.element.distance, $1.offset)
    }.map(\.element)
  }
}

/// The search for the least value of a function of one number, which may have small dents: batches
/// change by steps.
private struct Search {
  let range: ClosedRange<Double>

  /// Values at which it begins, values between neighbours of the best, and how often it looks there.
  private static let first = 9
  private static let between = 9
  private static let rounds = 3

  func minimum(
    start: (place: Double, value: Double), of function: (Double) -> Double
  ) -> (Double, Double) {
    // Costs are felt in proportion: equal ratios, from a 200th of the range where it begins at 0.
    let low = max(range.lowerBound, range.upperBound / 200)
    let ratio = DeterministicMath.log(range.upperBound / low)
    var places = (0..<Self.first).map { index in
      low * DeterministicMath.exp(ratio * Double(index) / Double(Self.first - 1))
    }
    if range.lowerBound < low { places.insert(range.lowerBound, at: 0) }
    var points = places.map { ($0, function($0)) } + [start]
    for _ in 0..<Self.rounds {
      points.sort { $0.0 < $1.0 }
      guard let least = points.indices.min(by: { points[$0].1 < points[$1].1 }) else { break }
      let from = points[max(0, least - 1)].0
      let to = points[min(points.count - 1, least + 1)].0
      for index in 1...Self.between {
        let place = from + (to - from) * Double(index) / Double(Self.between + 1)
        points.append((place, function(place)))
      }
    }
    // Of equally good values the one that is there already.
    let best = points.min { $0.1 < $1.1 } ?? start
    return start.value <= best.1 ? start : best
  }
}
