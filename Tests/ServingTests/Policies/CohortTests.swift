import EventKernel
import Inference
import Serving
import Support
import Testing

/// A burst of eight equal requests on four stages of 1 ms a step, eight requests at once.
@Suite("Cohorts of a burst")
struct CohortTests {
  private static let output = 101
  private static let step: Nanoseconds = 1_000_000

  private func run(_ batching: any BatchingPolicy) -> Outcome {
    var scheduler = Schedulers.make(stages: 4, batching: batching)
    scheduler.engine.pricedHops = false
    return Scenario.small(
      models: [Models.constant(base: 4 * Self.step)],
      workloads: [Traffic.burst(8, prompt: 10, output: Self.output)], schedulers: [scheduler]
    ).outcome()
  }

  private func policy(_ type: any BatchingPolicy.Type) -> any BatchingPolicy {
    var values = OptionValues(defaultsOf: type.options)
    values["maxSequences"] = .integer(8)
    return type.init(values)
  }

  private func members(_ outcome: Outcome) -> [Int64] {
    outcome.events.filter { $0.kind == .form }.map(\.e)
  }

  /// Each of the 101 steps passes the four stages alone.
  @Test("Under vLLM V1 the burst is one cohort, and each stage is busy a quarter of the time")
  func oneCohort() {
    let outcome = run(policy(VLLMBatching.self))
    #expect(members(outcome) == Array(repeating: 8, count: Self.output))
    let time = Int64(Self.output) * 4 * Self.step
    for stage in outcome.records.stages {
      #expect(stage.busy == Int64(Self.output) * Self.step)
      #expect(stage.busy + stage.bubble == time)
    }
    #expect(outcome.summary.bubbleFraction == 0.75)
  }

  /// After the prompts in one micro-batch, four of two follow each other without a gap: a stage is busy
  /// for 1 + 4 · 100 ms, and idle while the prompts and the last micro-batch pass the other stages.
  @Test("With decodes capped the burst is four cohorts, and stages are busy all the time between")
  func fourCohorts() {
    let outcome = run(policy(DecodeCapBatching.self))
    let decodes = Self.output - 1
    #expect(members(outcome) == [8] + Array(repeating: 2, count: 4 * decodes))
    for stage in outcome.records.stages {
      #expect(stage.busy == Int64(1 + 4 * decodes) * Self.step)
      #expect(stage.bubble == 6 * Self.step)
    }
    let begins = outcome.events.filter { $0.kind == .step && $0.b == 0 && $0.a >= 1 }.map(\.time)
    #expect(zip(begins, begins.dropFirst()).allSatisfy { $1 - $0 == Self.step })
  }

  @Test("With all requests capped the prompts too come as four cohorts")
  func cappedPrompts() {
    let outcome = run(policy(GlobalCapBatching.self))
    #expect(members(outcome) == Array(repeating: 2, count: 4 * Self.output))
    for stage in outcome.records.stages { #expect(stage.bubble == 3 * Self.step) }
  }
}
