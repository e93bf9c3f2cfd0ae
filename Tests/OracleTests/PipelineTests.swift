import EventKernel
import Foundation
import Serving
import Testing

/// Bubbles of pipelines that fill and drain, and of pipelines that never lack work.
@Suite struct PipelineTests {
  /// A pipeline length, a coefficient of variation, and the utilization published to two digits.
  struct ClosedLoop: Sendable, CustomTestStringConvertible {
    var stages: Int
    var cv: Double
    var published: Double
    var perStage = false
    var testDescription: String { "p = \(stages), CV \(cv)\(perStage ? ", per stage" : "")" }
  }

  /// GPipe (Huang et al., 2019), for one pass: (p − 1) / (m + p − 1).
  @Test(
    "A finite batch leaves every stage idle for (p − 1) / (m + p − 1), to the nanosecond",
    arguments: [(4, 1, 0.75), (4, 4, 0.4286), (4, 16, 0.1579), (8, 8, 0.4667), (8, 32, 0.1795)])
  func finiteBatch(stages: Int, microbatches: Int, published: Double) throws {
    let scenario = try oracle(
      "finite-batch", "schedulers[0].parallelism.stages=\(stages)",
      "schedulers[0].batching.microbatches=\(microbatches)",
      "workloads[0].arrivals.count=\(microbatches)")
    let (summary, records) = scenario.recorded()
    #expect(records.stages.count == stages)
    let step = 32_000_000 / Int64(stages)
    for stage in records.stages {
      #expect(stage.busy == Int64(microbatches) * step)
      #expect(stage.bubble == Int64(stages - 1) * step)
    }
    let idle = Double(stages - 1) / Double(microbatches + stages - 1)
    #expect(summary.bubbleFraction == idle)
    #expect(abs(idle - published) < 0.000_05)
  }

  /// With equal micro-batches only the filling costs: stage s idles for s of the steps.
  @Test("A closed loop of equal micro-batches keeps every stage busy once it is full")
  func equalMicrobatches() throws {
    for stages in [2, 4, 8] {
      let scenario = try closedLoop(ClosedLoop(stages: stages, cv: 0, published: 1), "4s")
      let records = scenario.recorded().records
      let step = 32_000_000 / Int64(stages)
      #expect(records.stages.map(\.bubble) == (0..<stages).map { Int64($0) * step })
    }
  }

  /// Two micro-batches change places each time the slower one is done: a turn lasts max(X, Y).
  ///
  /// Utilization is E X / E max(X, Y); for a lognormal 1 / (2 Φ(s / √2)) = 1 / (1 + erf(s / 2)),
  /// s² = ln(1 + cv²). Rounded to two digits it is the published figure.
  @Test(
    "A closed loop of two stages is busy for E X / E max(X, Y)",
    arguments: [(0.25, 0.88), (0.5, 0.79), (1, 0.69)])
  func twoStages(cv: Double, published: Double) async throws {
    let spread = log(1 + cv * cv).squareRoot()
    let theory = 1 / (1 + erf(spread / 2))
    #expect(abs(theory - published) < 0.005)
    let loop = ClosedLoop(stages: 2, cv: cv, published: published)
    let estimate = try await utilization(loop, "100s")
    expectAgreement(estimate, theory, within: 0.01, loop.testDescription)
  }

  /// Beyond p = 2 there is no closed form.
  ///
  /// Published to two digits are the figures of start(k, s) = max(end(k, s − 1), end(k − 1, s)).
  @Test(
    "A closed loop of unequal micro-batches has the bubbles that GPipe's formula denies",
    arguments: [
      ClosedLoop(stages: 4, cv: 0.25, published: 0.81),
      ClosedLoop(stages: 4, cv: 0.5, published: 0.68),
      ClosedLoop(stages: 4, cv: 1, published: 0.53),
      ClosedLoop(stages: 8, cv: 0.25, published: 0.76),
      ClosedLoop(stages: 8, cv: 0.5, published: 0.60),
      ClosedLoop(stages: 8, cv: 1, published: 0.42),
      ClosedLoop(stages: 4, cv: 0.5, published: 0.73, perStage: true),
    ])
  func unequalMicrobatches(loop: ClosedLoop) async throws {
    let estimate = try await utilization(loop, "50s")
    // What rounding leaves open, and four standard errors, which are small beside it.
    let distance = abs(estimate.mean - loop.published)
    #expect(estimate.standardError < 0.002)
    #expect(
      distance < 0.005 + 4 * estimate.standardError,
      "simulated \(estimate.mean) ± \(estimate.standardError), published \(loop.published)")
  }

  private func closedLoop(_ loop: ClosedLoop, _ duration: String) throws -> Scenario {
    try oracle(
      "closed-loop-pipeline", "schedulers[0].parallelism.stages=\(loop.stages)",
      "workloads[0].arrivals.count=\(loop.stages)", "models[0].cost.stepTime.cv=\(loop.cv)",
      "models[0].cost.perStage=\(loop.perStage)", "duration=\"\(duration)\"")
  }

  /// Busy time over busy time and bubbles, over all stages.
  private func utilization(_ loop: ClosedLoop, _ duration: String) async throws -> Estimate {
    let runs = try await closedLoop(loop, duration).replicate(16) { $0.run() }
    return Estimate(runs.compactMap { $0.bubbleFraction.map { 1 - $0 } })
  }
}
