import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

/// Pipelines whose bubbles can be drawn by hand.
///
/// Unless a test says otherwise the model takes 8 ms on one GPU whatever the batch, so that a stage of p
/// takes 8 / p ms, and hops are free.
@Suite("Bubbles by cause")
struct BubbleTests {
  private static let millisecond: Nanoseconds = 1_000_000

  private func run(
    stages: Int = 4, model: ServedModel = Models.constant(base: 8 * millisecond),
    batching: any BatchingPolicy = Schedulers.vllm(), requests: Int = 8, prompt: Int = 10,
    output: Int = 100, change: (inout Scenario) -> Void = { _ in }
  ) -> Outcome {
    var scheduler = Schedulers.make(stages: stages, batching: batching)
    scheduler.engine.pricedHops = false
    var scenario = Scenario.small(
      cluster: Machines.cluster(gpus: 8), models: [model],
      workloads: [Traffic.burst(requests, prompt: prompt, output: output)],
      schedulers: [scheduler])
    change(&scenario)
    let outcome = scenario.outcome()
    let accountant = Accountant(scenario, scheduler: 0, events: outcome.events)
    #expect(accountant.differences(from: outcome.records) == [])
    return outcome
  }

  private func parts(_ outcome: Outcome) -> BubbleParts {
    outcome.records.stages.reduce(into: BubbleParts()) { $0 += $1.bubbleParts }
  }

  /// Nothing but these.
  private func only(_ parts: (inout BubbleParts) -> Void) -> BubbleParts {
    var all = BubbleParts()
    parts(&all)
    return all
  }

  @Test("A finite batch fills and drains: (p − 1) stage times of every stage are an empty pipe")
  func finiteBatch() {
    // Eight prompts in four groups: each stage works for 4 · 2 ms of 7 · 2 ms.
    let outcome = run(batching: Schedulers.finite(sequences: 8), output: 1)
    for stage in outcome.records.stages {
      #expect(stage.bubbleParts == only { $0.empty = 3 * 2 * Self.millisecond })
    }
  }

  @Test("One cohort of eight on four stages: three quarters of the time are its imbalance")
  func oneCohort() {
    let outcome = run()
    #expect(outcome.summary.bubbleFraction == 0.75)
    let all = 100 * 8 * Self.millisecond
    for (index, stage) in outcome.records.stages.enumerated() {
      // What a stage idles after the last step ends without a micro-batch: the pipe has drained.
      let drained = Nanoseconds(3 - index) * 2 * Self.millisecond
      #expect(
        stage.bubbleParts
          == only {
            $0.cohort = all / 4 * 3 - drained
            $0.empty = drained
          })
    }
  }

  @Test("Three requests cannot fill four stages: the pipe is empty")
  func fewRequests() {
    let parts = parts(run(requests: 3))
    #expect(parts == only { $0.empty = parts.total })
    #expect(parts.total > 0)
  }

  @Test("Host parts of other stages' steps are told apart where the pipe is not full")
  func host() {
    let outcome = run(
      model: Models.constant(base: 8 * Self.millisecond, host: 300_000), output: 2)
    // Two rounds of 4 · 2.3 ms; the second fill waits for three host parts on every stage.
    for (index, stage) in outcome.records.stages.enumerated() {
      let behind = Nanoseconds(index)
      let ahead = Nanoseconds(3 - index)
      #expect(
        stage.bubbleParts
          == only {
            $0.host = (behind + 3) * 300_000
            $0.cohort = (behind + 3) * 2 * Self.millisecond
            $0.empty = ahead * 2_300_000
          })
    }
  }

  /// Four decoding cohorts of two from a finite batch; four full rounds of decodes and no end of them.
  private func fullPipe(
    model: ServedModel, stages: Int = 4, change: (inout Scenario) -> Void = { _ in }
  ) -> [BubbleParts] {
    let outcome = run(
      stages: stages, model: model, batching: Schedulers.finite(sequences: 2 * stages),
      requests: 2 * stages, output: 400
    ) {
      change(&$0)
    }
    return outcome.records.stages.map(\.bubbleParts)
  }

  @Test("A full pipe of equal micro-batches waits for its hops alone, wherever the slow one is")
  func slowHop() {
    let stages = fullPipe(model: Models.constant(base: 8 * Self.millisecond)) { scenario in
      scenario.schedulers[0].engine.pricedHops = true
      scenario.cluster = Machines.cluster(nodes: 2, gpus: 2, nvlink: .switch)
      // Two of the four ways, 1 → 2 and back, cross the cards.
      for node in scenario.cluster.nodes.indices {
        scenario.cluster.nodes[node].gpu.networkMessageNanoseconds = 700_000
      }
    }
    for parts in stages {
      #expect(parts.hop > 399 * 1_400_000)
      // Beside the way in and out nothing else.
      #expect(parts.hop + parts.empty == parts.total)
      #expect(parts.empty <= 2 * 6 * Self.millisecond)
    }
  }

  @Test("An uneven partition: every stage waits for the longest one")
  func partition() {
    let stages = fullPipe(model: Models.constant(base: 8 * Self.millisecond)) { scenario in
      var values = OptionValues(defaultsOf: FixedParallelism.options)
      values["stages"] = .integer(4)
      values["layers"] = .integers([1, 3, 2, 2])
      scenario.schedulers[0].parallelism = FixedParallelism(values)
    }
    // One layer, three, two and two: 1, 3, 2 and 2 ms. In the steady cycle of 4 · 3 ms the others wait.
    let steady = [2, 0, 1, 1].map { Nanoseconds(4 * 399 * $0) * Self.millisecond }
    for (parts, least) in zip(stages, steady) {
      #expect(abs(parts.partition - least) <= 4 * 3 * Self.millisecond)
      #expect(parts.hop + parts.sampling + parts.host == 0)
      // The round in which prompts give way to decodes.
      #expect(parts.prefill <= 4 * 3 * Self.millisecond)
      #expect(parts.cohort + parts.empty <= 2 * 4 * 3 * Self.millisecond)
    }
  }

  @Test("A last stage with a large LM head: all others wait for its sampling")
  func sampling() throws {
    var model = Models.constant()
    model.cost = .roofline(RooflineCost())
    model.architecture.vocabularySize = 1_000_000
    let outcome = run(
      model: model, batching: Schedulers.finite(sequences: 8), requests: 8, output: 400)
    let last = try #require(outcome.records.stages.last)
    let mean = last.samplingTime / last.steps
    #expect(mean > (last.stepTime - last.samplingTime) / last.steps)
    #expect(last.bubbleParts.sampling == 0)
    for stage in outcome.records.stages.dropLast() {
      // Each waits once for every micro-batch for what makes the last stage longer.
      let longer = stage.steps * (last.stepTime / last.steps - stage.stepTime / stage.steps)
      let share = Double(stage.bubbleParts.sampling) / Double(longer)
      #expect(share > 0.97 && share < 1.01)
      #expect(stage.bubbleParts.sampling * 10 > stage.bubble * 9)
    }
  }

  @Test("A chunk of a prompt beside decodes: stages wait because of the prefill")
  func prefillBesideDecodes() throws {
    // Two stages: seven requests decode in two cohorts, then one with a long prompt joins them.
    let model = Models.constant(base: 2 * Self.millisecond, perPrefillToken: 40_000)
    let burst = (0..<8).map { index in
      ArrivingRequest(
        arrival: index < 4 ? 0 : 1_100_000, workload: 0, promptTokens: 2, outputTokens: 200)
    }
    let late = ArrivingRequest(
      arrival: 100 * Self.millisecond, workload: 0, promptTokens: 500, outputTokens: 60)
    func parts(_ requests: [ArrivingRequest]) -> BubbleParts {
      var values = OptionValues(defaultsOf: VLLMBatching.options)
      values["maxBatchedTokens"] = .integer(64)
      values["waitsForOldest"] = .flag(false)
      values["overlapsChunks"] = .flag(false)
      let outcome = run(stages: 2, model: model, batching: VLLMBatching(values)) { scenario in
        scenario.source = ListedRequests(requests)
      }
      return self.parts(outcome)
    }
    let without = parts(burst)
    let with = parts(burst + [late])
    // Eight chunks of some 60 tokens: 1.2 ms longer on each stage, before and behind.
    #expect(with.prefill - without.prefill > 8 * 2 * Self.millisecond)
    #expect(with.total - without.total - (with.prefill - without.prefill) < 8 * Self.millisecond)
  }

  @Test("Two residents of the same GPUs: what one waits for the other is `shared`")
  func shared() {
    let outcome = run(stages: 2, requests: 4) { scenario in
      scenario.models.append(Models.constant("second", base: 8 * Self.millisecond))
      scenario.workloads.append(Traffic.burst(4, prompt: 10, output: 100, name: "b", model: 1))
      scenario.source = SyntheticRequests(
        workloads: scenario.workloads, duration: scenario.duration)
      scenario.cluster = Machines.cluster(gpus: 2)
      scenario.schedulers[0].engine.residentsPerGPU = 2
    }
    #expect(outcome.records.stages.count == 4)
    for stage in outcome.records.stages { #expect(stage.bubbleParts.total == stage.bubble) }
    #expect(parts(outcome).shared > 0)
  }
}
