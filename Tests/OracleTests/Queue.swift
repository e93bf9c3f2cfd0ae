import Serving
import Testing

/// A queue with a known mean wait.
struct Queue: Sendable {
  let name: String
  /// Arrivals per second.
  let rate: Double
  /// Mean service time in seconds.
  let service: Double
  /// The mean wait in seconds by rate and mean service time.
  let theory: @Sendable (Double, Double) -> Double

  init(
    _ name: String, rate: Double, service: Double,
    _ theory: @escaping @Sendable (Double, Double) -> Double
  ) {
    self.name = name
    self.rate = rate
    self.service = service
    self.theory = theory
  }

  /// Expects what was drawn and the wait within four standard errors of what they should be, and
  /// the wait within 1 % of theory.
  func check(
    _ runs: [QueueMeasurement], sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let wait = theory(rate, service)
    expectAgreement(
      Estimate(runs.map(\.rate)), rate, "\(name), arrivals", sourceLocation: sourceLocation)
    expectAgreement(
      Estimate(runs.map(\.service)), service, "\(name), service", sourceLocation: sourceLocation)
    expectAgreement(
      Estimate(runs.map(\.wait)), wait, "\(name), wait", sourceLocation: sourceLocation)
    expectAgreement(
      Estimate(controlled(runs)), wait, within: 0.01, "\(name), wait at the nominal load",
      sourceLocation: sourceLocation)
  }

  /// The waits, rid of what each run owes to having drawn a few arrivals or a little work too many.
  ///
  /// Rate and service time are control variates: their means are known, so the correction has mean
  /// zero whatever its slope. The slope of the theory is the best one, because they are the
  /// sufficient statistics of exponential draws; it halves the variance.
  private func controlled(_ runs: [QueueMeasurement]) -> [Double] {
    let step = 1e-5
    let perRate =
      (theory(rate * (1 + step), service) - theory(rate * (1 - step), service)) / (2 * step * rate)
    let perService =
      (theory(rate, service * (1 + step)) - theory(rate, service * (1 - step)))
      / (2 * step * service)
    return runs.map {
      $0.wait - perRate * ($0.rate - rate) - perService * ($0.service - service)
    }
  }
}

/// What one run says of a queue, in seconds and arrivals per second after the warm-up.
struct QueueMeasurement: Sendable {
  let wait: Double
  let rate: Double
  let service: Double

  /// - Parameters:
  ///   - summary: The requests that passed the queue.
  ///   - seconds: From the warm-up to the last arrival.
  ///   - stages: Equal steps of a request; the first of them is the queue's service.
  init(_ summary: WorkloadSummary, seconds: Double, stages: Double = 1) {
    wait = summary.decomposition.meanSeconds(.queue)
    service = summary.decomposition.meanSeconds(LatencyLabel.compute) / stages
    rate = Double(summary.requests) / seconds
  }
}
