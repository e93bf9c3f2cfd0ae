import EventKernel
import Foundation
import Serving
import Testing

/// How many of many models have a request under way at a time.
@Suite struct ActiveModelsTests {
  private static let models = 100.0
  /// Requests of one model per second.
  private static let rate = 0.037
  /// Seconds of a request: 1,679 steps of 10 ms.
  private static let service = 16.79
  private static let step: Nanoseconds = 10_000_000
  private static let steps: Nanoseconds = 1_679

  /// Each model is a queue M/D/∞, stationary from T on and empty T after the last arrival.
  ///
  /// GPU-seconds in which it is busy, over a run of D seconds of arrivals:
  /// (D − T) p + 2 (T − p / λ), with p = 1 − exp(−λ T) the share of the time in between.
  ///
  /// Runs are independent, so the bound is four standard errors of their mean, and 1 %. What a run
  /// owes to having drawn a few arrivals too many has mean zero and is taken off: four fifths of
  /// the variance.
  @Test("Of 100 models with 0.037 requests a second of 16.79 s each, 46.3 are active")
  func requestsOverlap() async throws {
    let scenario = try oracle("active-models")
    let share = 1 - exp(-Self.rate * Self.service)
    #expect(abs(Self.models * share - 46.3) < 0.05)
    let length = Double(scenario.duration) / 1e9
    let atBothEnds = 2 * (Self.service - share / Self.rate)
    let active = await scenario.replicate(4) { run in
      let (summary, busy) = Self.run(run)
      let tooMany = Double(summary.requests) / length - Self.models * Self.rate
      return (
        Self.models * (busy / Self.models - atBothEnds) / (length - Self.service),
        tooMany * Self.service * (1 - share)
      )
    }
    expectAgreement(Estimate(active.map(\.0)), Self.models * share, "active models")
    expectAgreement(
      Estimate(active.map { $0.0 - $0.1 }), Self.models * share, within: 0.01,
      "active models at the nominal load")
  }

  /// The one server does all the work that arrives: λ T of the time, if λ is what was drawn.
  @Test("One request at a time keeps 62.1 of them active, though the same requests arrive")
  func oneAtATime() async throws {
    let scenario = try oracle("active-models", "duration=\"300s\"")
    let length = Double(scenario.duration) / 1e9
    let index = try scenario.scheduler("one-at-a-time")
    let active = await scenario.replicate(4, scheduler: index) { run in
      let (summary, busy) = Self.run(run)
      #expect(abs(busy - Double(summary.requests) * Self.service) < 1e-6)
      return busy / length
    }
    let theory = Self.models * Self.rate * Self.service
    #expect(abs(theory - 62.1) < 0.05)
    expectAgreement(Estimate(active), theory, "active models")
  }

  /// Without randomness: from the arrivals of a model alone, by the rule that a request begins with
  /// the next step and takes 1,679 of them.
  @Test("A GPU is busy while one of its model's requests is under way, to the nanosecond")
  func unionOfRequests() throws {
    let records = try oracle("active-models", "duration=\"300s\"").recorded().records
    let byModel = Dictionary(grouping: records.requests, by: \.model)
    #expect(byModel.count == 100)
    let expected = byModel.values.map { requests -> Nanoseconds in
      var (busy, began, ends) = (Nanoseconds(0), Nanoseconds(-1), Nanoseconds(-1))
      for request in requests.sorted(by: { $0.arrival < $1.arrival }) {
        if request.arrival > ends {
          busy += ends - began
          (began, ends) = (request.arrival, request.arrival)
        }
        let waits = (request.arrival - began + Self.step - 1) / Self.step * Self.step
        ends = began + waits + Self.steps * Self.step
        #expect(request.end == ends)
      }
      return busy + ends - began
    }
    #expect(records.gpus.map(\.busy).sorted() == expected.sorted())
  }

  /// A run, and the seconds in which its GPUs executed steps, all together.
  private static func run(_ run: Simulation) -> (summary: RunSummary, busySeconds: Double) {
    let records = MemorySink()
    let summary = run.run(into: records)
    return (summary, records.gpus.reduce(0) { $0 + Double($1.busy) } / 1e9)
  }
}
