import EventKernel
import Serving
import Support
import Synchronization
import Testing
import Workload

/// What a policy was told, in order of arrival.
private final class Predictions: Sendable {
  let times = Mutex<[Nanoseconds?]>([])
}

/// Admits everybody and keeps what was predicted.
private struct Listening: AdmissionPolicy {
  static let name = "listening"
  static let summary = "keeps predictions"
  static let source = "this test"
  static let options: [OptionDescription] = []
  static let needsPrediction = true
  let predictions: Predictions

  init(_ values: OptionValues) { predictions = Predictions() }

  mutating func refusal(of request: AdmissionView) -> RequestReason {
    predictions.times.withLock { $0.append(request.predictedTTFT) }
    return .none
  }
}

@Suite("Admission in a run")
struct AdmissionInARunTests {
  private static func lengths(_ range: ClosedRange<Double>) -> LengthDistribution {
    LengthDistribution(
      distribution: .uniform(low: range.lowerBound, high: range.upperBound))
  }

  /// A chat at a rate on one replica that serves about 13 requests a second on one stage.
  private static func scenario(
    rate: Double, stages: Int = 1, _ admission: any AdmissionPolicy
  ) -> Scenario {
    let chat = WorkloadSpecification(
      name: "chat", arrivals: .renewal(gapSeconds: .exponential(mean: 1 / rate)),
      prompt: lengths(100...900), output: lengths(20...200),
      objective: ServiceLevelObjective(ttft: 2_000_000_000))
    var scheduler = Schedulers.make(
      stages: stages, batching: Schedulers.vllm(tokens: 512, sequences: 64), keyValueBlocks: 2_500)
    scheduler.admission = admission
    return .small(
      duration: 60_000_000_000,
      models: [
        Models.constant(base: 20_000_000, perPrefillToken: 60_000, perDecodeSequence: 100_000)
      ], workloads: [chat], schedulers: [scheduler])
  }

  private static func early(_ options: [String: OptionValue] = [:]) -> RejectEarlyAdmission {
    var values = OptionValues(defaultsOf: RejectEarlyAdmission.options)
    for (key, value) in options { values[key] = value }
    return RejectEarlyAdmission(values)
  }

  /// The mean of predicted − actual and of its size, over the mean actual time to the first token.
  private func error(rate: Double, stages: Int) throws -> (bias: Double, size: Double) {
    let listening = Listening()
    return try error(Self.scenario(rate: rate, stages: stages, listening), listening)
  }

  private func error(
    _ scenario: Scenario, _ listening: Listening
  ) throws -> (bias: Double, size: Double) {
    let sink = MemorySink()
    _ = Simulation(scenario: scenario, scheduler: 0).run(into: sink)
    let actual = sink.requests.sorted { $0.requestID < $1.requestID }.map(\.ttft)
    let predicted = listening.predictions.times.withLock { $0 }
    try #require(actual.count == predicted.count && actual.count > 20)
    var (bias, size, mean) = (0.0, 0.0, 0.0)
    for (actual, predicted) in zip(actual, predicted) {
      let (actual, predicted) = (try #require(actual), try #require(predicted))
      bias += Double(predicted - actual)
      size += abs(Double(predicted - actual))
      mean += Double(actual)
    }
    return (bias / mean, size / mean)
  }

  @Test(
    "Predicted times to the first token are off by what docs/policies.md says",
    arguments: [
      (4.0, 1, 0.15), (10, 1, 0.15), (16, 1, 0.1), (24, 1, 0.1), (4, 4, 0.2), (16, 4, 0.15),
      (24, 4, 0.1),
    ])
  func predictions(rate: Double, stages: Int, most: Double) throws {
    let error = try error(rate: rate, stages: stages)
    #expect(error.size <= most && error.bias <= 0 && error.bias > -most, "\(error)")
  }

  @Test(
    "A long prompt's chunks are priced as they go: following each other, or one at a time",
    arguments: [true, false])
  func chunks(overlapsChunks: Bool) throws {
    let listening = Listening()
    var scenario = Self.scenario(rate: 0.5, stages: 4, listening)
    scenario.schedulers[0].batching = Schedulers.vllm(
      tokens: 512, sequences: 64, overlapsChunks: overlapsChunks)
    let documents = WorkloadSpecification(
      name: "documents", arrivals: .renewal(gapSeconds: .constant(2)),
      prompt: Self.lengths(3_000...6_000), output: Self.lengths(1...2))
    scenario.workloads = [documents]
    scenario.source = SyntheticRequests(workloads: [documents], duration: scenario.duration)
    let error = try error(scenario, listening)
    #expect(error.size < 0.1, "\(error)")
  }

  @Test("Overloaded, early rejection keeps what it admits within the target")
  func overload() {
    func run(_ admission: any AdmissionPolicy) -> RunSummary {
      Simulation(scenario: Self.scenario(rate: 20, admission), scheduler: 0).run()
    }
    let (all, early) = (run(AllAdmission()), run(Self.early()))
    let admitted = Double(early.completed) / Double(early.requests)
    #expect(early.rejected > 200 && early.completed + early.rejected == early.requests)
    #expect((early.overall.sloAttainment ?? 0) > 0.9 * admitted)
    #expect((all.overall.sloAttainment ?? 1) < 0.3)
    let goodput = [all, early].map { $0.overall.goodputRequestsPerSecond ?? 0 }
    #expect(goodput[1] > 3 * goodput[0], "\(goodput)")
  }

  @Test("At low load, and without a ready replica, nobody is refused")
  func nobody() {
    #expect(
      Simulation(scenario: Self.scenario(rate: 5, Self.early()), scheduler: 0).run().rejected == 0)
    var scenario = Self.scenario(rate: 5, Self.early(["ttft": .duration(1_000)]))
    #expect(Simulation(scenario: scenario, scheduler: 0).run().completed == 0)
    scenario.schedulers[0].scaling = Schedulers.queue(min: 0, max: 1, initial: 0)
    let cold = Simulation(scenario: scenario, scheduler: 0).run()
    #expect(cold.completed > 0 && cold.rejected > 0)
  }

  @Test("A token bucket admits what an independent count over the arrivals admits")
  func bucket() throws {
    var values = OptionValues(defaultsOf: TokenBucketAdmission.options)
    values["rate"] = .number(3_000)
    values["burst"] = .number(4_000)
    let outcome = Self.scenario(rate: 10, TokenBucketAdmission(values)).outcome()
    var level = 4_000.0
    var last = 0.0
    var refused = 0
    for record in outcome.records.requests.sorted(by: { $0.requestID < $1.requestID }) {
      let now = Double(record.arrival) * 1e-9
      level = min(4_000, level + (now - last) * 3_000)
      last = now
      let tokens = Double(record.promptTokens + record.outputTokens)
      if tokens > level {
        refused += 1
        #expect(record.status == .rejected && record.reason == .rateLimited)
        #expect(record.end == record.arrival && record.attempts == 0)
      } else {
        level -= tokens
        #expect(record.status == .completed)
      }
    }
    #expect(refused > 100 && Int64(refused) == outcome.summary.rejected)
    // 60 s at 3,000 tokens and the burst are all that may pass.
    let passed = outcome.records.requests.filter { $0.status == .completed }
      .reduce(0) { $0 + Int($1.promptTokens + $1.outputTokens) }
    #expect(passed <= 184_000 && passed > 170_000)
  }
}
