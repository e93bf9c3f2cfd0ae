import EventKernel
import Foundation
import Serving
import Testing

/// Bursty and unequal traffic of two models on two GPUs: a GPU each, or both cut over both.
@Suite struct SplitTrafficTests {
  private static let service = 0.4

  /// Two models' gamma gaps of the same variation.
  private func bursty(_ cv: Int, _ duration: String) throws -> Scenario {
    let gamma = "={ \"process\": \"gamma\", \"rate\": 1.5, \"cv\": \(cv) }"
    return try oracle(
      "two-models-two-gpus", "workloads[0].arrivals" + gamma, "workloads[1].arrivals" + gamma,
      "duration=\"\(duration)\"")
  }

  /// Spitzer (1956) for a queue of one server: E W = Σ E (n D − A(n))⁺ / n over n ≥ 1, A(n) the sum of
  /// n gaps, which is gamma of shape n / cv².
  ///
  /// The mean itself takes 10⁷ arrivals to tell within 1 %; `BurstyQueueTests` has the optimised program
  /// run them.
  @Test(
    "With bursts (CV 3) a model alone on its GPU answers after 4.018 s, as Spitzer's sum has it")
  func dedicatedBursts() throws {
    let theory = waitBySpitzer(rate: 1.5, cv: 3, service: Self.service) + Self.service
    #expect(abs(theory - 4.018) < 0.000_5)
  }

  /// The queue in front of the pipeline, by Lindley's recursion over the very arrivals.
  @Test("Under bursts every request waits for the pipeline as Lindley's recursion says")
  func lindley() throws {
    let scenario = try bursty(3, "2000s")
    let requests = scenario.recorded(scheduler: try scenario.scheduler("pp2")).records.requests
      .sorted { $0.requestID < $1.requestID }
    #expect(requests.count > 4_000)
    var free: Nanoseconds = 0
    for request in requests {
      let begins = max(free, request.arrival)
      free = begins + 200_000_000
      #expect(request.end == begins + 400_000_000, "request \(request.requestID)")
    }
  }

  /// At a load of 0.96 a mean over both is too noisy for 1 %; each model by itself is told apart.
  @Test("Of an unequal split the busy model answers after 5.2 s, the other after 0.463 s")
  func unequalSplit() async throws {
    let scenario = try oracle(
      "two-models-two-gpus", "workloads[0].arrivals.rate=0.6", "workloads[1].arrivals.rate=2.4")
    let dedicated = try scenario.scheduler("dedicated")
    let shared = try scenario.scheduler("pp2")
    let alone = await scenario.replicate(16, scheduler: dedicated) { run in
      run.run().workloads.compactMap(\.e2e.mean)
    }
    for (index, rate) in [0.6, 2.4].enumerated() {
      let theory = constantServiceWait(rate: rate, service: Self.service) + Self.service
      #expect(abs(theory - [0.463, 5.2][index]) < 0.000_5)
      expectAgreement(Estimate(alone.map { $0[index] }), theory, "dedicated, \(rate)/s")
    }
    let together = await scenario.replicate(12, scheduler: shared) { $0.run().overall.e2e.mean }
    expectAgreement(Estimate(together.compactMap { $0 }), 0.55, within: 0.01, "pp2, split")
    let mean =
      (0.6 * (constantServiceWait(rate: 0.6, service: 0.4) + 0.4)
        + 2.4 * (constantServiceWait(rate: 2.4, service: 0.4) + 0.4)) / 3
    #expect(abs(mean - 4.2526) < 0.000_05)
    #expect(abs(mean / 0.55 - 7.73) < 0.005)
  }
}

/// E W in seconds of a queue with gamma gaps and a constant service time.
private func waitBySpitzer(rate: Double, cv: Double, service: Double) -> Double {
  let scale = cv * cv / rate
  var wait = 0.0
  for count in 1...20_000 {
    let limit = Double(count) * service
    let shape = Double(count) / (cv * cv)
    // E (c − A)⁺ = c P(k, c / θ) − k θ P(k + 1, c / θ).
    wait +=
      (limit * lowerGamma(shape, limit / scale)
        - shape * scale * lowerGamma(shape + 1, limit / scale)) / Double(count)
  }
  return wait
}

/// The regularized lower incomplete gamma function, by its series (Abramowitz and Stegun 6.5.29).
private func lowerGamma(_ shape: Double, _ x: Double) -> Double {
  var term = 1 / shape
  var sum = term
  var index = shape
  while abs(term) > 1e-16 * abs(sum) {
    index += 1
    term *= x / index
    sum += term
  }
  return sum * exp(shape * log(x) - x - lgamma(shape))
}
