import EventKernel
import Serving
import Testing

/// Pipelines and tensor-parallel groups as queues: who waits, and for how long.
@Suite struct SharedGPUTests {
  /// Both models together.
  private static let rate = 3.0

  @Test("A model with a GPU of its own waits 300 ms and answers in 700 ms")
  func dedicated() async throws {
    let queue = Queue("dedicated", rate: 1.5, service: 0.4, constantServiceWait)
    let scenario = try oracle("two-models-two-gpus")
    let answers = try await check(queue, scenario, "dedicated", perWorkload: true)
    expectAgreement(answers, 0.7, within: 0.01, "dedicated, latency")
  }

  @Test("Two models in one pipeline over both GPUs wait half as long and answer in 550 ms")
  func pipeline() async throws {
    let queue = Queue("pp2", rate: Self.rate, service: 0.2, constantServiceWait)
    let scenario = try oracle("two-models-two-gpus")
    let answers = try await check(queue, scenario, "pp2")
    expectAgreement(answers, 0.55, within: 0.01, "pp2, latency")
  }

  @Test("With a tenth more work the pipeline waits 214 ms and answers in 654 ms")
  func overhead() async throws {
    let queue = Queue("pp2 + 10 %", rate: Self.rate, service: 0.22, constantServiceWait)
    let scenario = try oracle(
      "two-models-two-gpus", "models[0].cost.base=\"440ms\"", "models[1].cost.base=\"440ms\""
    )
    let answers = try await check(queue, scenario, "pp2")
    #expect(abs(constantServiceWait(rate: 3, service: 0.22) + 0.44 - 0.654) < 0.000_5)
    #expect(abs(constantServiceWait(rate: 3, service: 0.22) + 0.22 - 0.434) < 0.000_5)
    expectAgreement(
      answers, constantServiceWait(rate: 3, service: 0.22) + 0.44, within: 0.01,
      "pp2 + 10 %, latency")
  }

  /// Expects the wait of theory and returns the latency; each run counts, both models together, or
  /// each model's own queue.
  private func check(
    _ queue: Queue, _ scenario: Scenario, _ name: String, perWorkload: Bool = false
  ) async throws -> Estimate {
    let seconds = Double(scenario.duration - scenario.warmup) / 1e9
    let runs = await scenario.replicate(12, scheduler: try scenario.scheduler(name)) { run in
      let summary = run.run()
      return perWorkload ? summary.workloads : [summary.overall]
    }
    let summaries = runs.flatMap { $0 }
    let stages = name == "pp2" ? 2.0 : 1.0
    queue.check(summaries.map { QueueMeasurement($0, seconds: seconds, stages: stages) })
    #expect(summaries.allSatisfy { $0.decomposition.sums.pipelineWait == 0 })
    #expect(summaries.allSatisfy { $0.completed == $0.requests })
    return Estimate(summaries.compactMap(\.e2e.mean))
  }

  /// So the pair waits as theory says because the pipeline does: 150 ms, and 350 ms in all.
  @Test(
    "Two models in a tensor-parallel pair wait exactly as long as in the pipeline",
    arguments: ["400ms", "440ms"])
  func tensor(step: String) throws {
    let scenario = try oracle(
      "two-models-two-gpus", "duration=\"2000s\"", "models[0].cost.base=\"\(step)\"",
      "models[1].cost.base=\"\(step)\""
    )
    let pipeline = scenario.recorded(scheduler: try scenario.scheduler("pp2")).records.requests
    let tensor = scenario.recorded(scheduler: try scenario.scheduler("tp2")).records.requests
    #expect(pipeline.count > 5_000)
    #expect(pipeline.map(\.requestID) == tensor.map(\.requestID))
    #expect(pipeline.map(\.parts.queue) == tensor.map(\.parts.queue))
    #expect(zip(pipeline, tensor).allSatisfy { $0.parts.compute == 2 * $1.parts.compute })
    #expect(zip(pipeline, tensor).allSatisfy { $0.end - $1.end == $1.parts.compute })
  }

  @Test(
    "Every request waits as long for a pipeline as for a tensor-parallel pair, to the nanosecond")
  func equalQueueing() throws {
    let scenario = try oracle("equal-queueing")
    let pipeline = scenario.recorded(scheduler: try scenario.scheduler("pp2")).records.requests
    let tensor = scenario.recorded(scheduler: try scenario.scheduler("tp2")).records.requests
    #expect(pipeline.count > 5_000)
    #expect(pipeline.map(\.requestID) == tensor.map(\.requestID))
    #expect(pipeline.map(\.parts.queue) == tensor.map(\.parts.queue))
    #expect(pipeline.contains { $0.parts.queue > 1_000_000_000 })
    #expect(pipeline.allSatisfy { $0.parts.pipelineWait == 0 && $0.parts.compute == 400_000_000 })
    #expect(tensor.allSatisfy { $0.parts.pipelineWait == 0 && $0.parts.compute == 200_000_000 })
  }

  /// Not theory's figure, but what vLLM V1 does: when nothing can be scheduled its engine blocks on
  /// the oldest micro-batch (`step_with_batch_queue` of v1/engine/core).
  ///
  /// A request that comes while one is on its way waits for that one's whole traversal, the first
  /// stage idle.
  @Test("vLLM V1's engine, blind while it waits for its oldest micro-batch, queues for longer")
  func blockingEngine() throws {
    let scenario = try oracle("equal-queueing")
    let index = try scenario.scheduler("pp2")
    let free = scenario.recorded(scheduler: index).records.requests
    let blocking = try oracle("equal-queueing", "defaults.batching.waitsForOldest=true")
      .recorded(scheduler: index).records.requests
    #expect(zip(blocking, free).allSatisfy { $0.parts.queue >= $1.parts.queue })
    let longer =
      Double(blocking.reduce(0) { $0 + $1.parts.queue })
      / Double(free.reduce(0) { $0 + $1.parts.queue })
    #expect(longer > 1.02)
  }
}
