import EventKernel
import Serving
import Support
import Testing
import Workload

@Suite("How a pipeline fills")
struct PipelineTests {
  /// Free hops and even stages, so that the closed forms hold exactly.
  private static func scenario(
    stages: Int, requests: Int, output: Int, batching: any BatchingPolicy
  ) -> Scenario {
    var scheduler = Schedulers.make(stages: stages, batching: batching)
    scheduler.engine.pricedHops = false
    return Scenario.small(
      cluster: Machines.cluster(gpus: 8),
      models: [Models.constant(base: 8_000_000, perDecodeSequence: 800_000)],
      workloads: [Traffic.burst(requests, prompt: 10, output: output)], schedulers: [scheduler])
  }

  @Test("A burst under vLLM stays one cohort: one stage in p works", arguments: [1, 2, 4, 8])
  func cohort(stages: Int) {
    let outcome = Self.scenario(
      stages: stages, requests: 8, output: 6, batching: Schedulers.vllm()
    ).outcome()
    let formed = outcome.events.filter { $0.kind == .form }
    #expect(formed.count == 6)
    #expect(formed.allSatisfy { $0.e == 8 })
    #expect(outcome.records.stages.count == stages)
    for stage in outcome.records.stages {
      #expect(stage.busy > 0)
      #expect(stage.busy * Int64(stages) == stage.busy + stage.bubble)
    }
    #expect(outcome.summary.bubbleFraction == Double(stages - 1) / Double(stages))
  }

  @Test(
    "m micro-batches of one round idle (p − 1)/(m + p − 1) of the time",
    arguments: [(2, 2), (4, 4), (4, 8), (8, 4), (4, 1)])
  func finiteBatch(stages: Int, microbatches: Int) {
    let batching = Schedulers.finite(sequences: microbatches, microbatches: microbatches)
    let outcome = Self.scenario(
      stages: stages, requests: microbatches, output: 1, batching: batching
    ).outcome()
    let p = Int64(stages)
    let m = Int64(microbatches)
    for stage in outcome.records.stages {
      #expect(stage.steps == m)
      #expect(stage.bubble * (m + p - 1) == (stage.busy + stage.bubble) * (p - 1))
    }
  }

  @Test("With one micro-batch the next one waits for the stage, in order of arrival")
  func order() {
    // Six prompts of ten tokens in steps of ten: six micro-batches, four in flight.
    let outcome = Self.scenario(
      stages: 4, requests: 6, output: 1, batching: Schedulers.vllm(tokens: 10)
    ).outcome()
    let finished = outcome.records.requests.map(\.requestID)
    #expect(finished == [0, 1, 2, 3, 4, 5])
    // A stage takes 2 ms; the first is back after 8, each further one 2 ms later.
    let times = outcome.records.requests.map(\.end)
    #expect(times == (0..<6).map { 8_000_000 + 2_000_000 * Nanoseconds($0) })
  }

  @Test("Under vLLM a request that finds a micro-batch in flight waits until the oldest is back")
  func oldest() throws {
    var scheduler = Schedulers.make(stages: 2)
    scheduler.engine.pricedHops = false
    let outcome = Scenario.small(
      models: [Models.constant(base: 200_000)], workloads: [Traffic.burst(1)],
      requests: [0, 50_000].map {
        ArrivingRequest(arrival: $0, workload: 0, promptTokens: 10, outputTokens: 1)
      }, schedulers: [scheduler]
    ).outcome()
    #expect(outcome.request(0)?.end == 200_000)
    #expect(outcome.request(1)?.parts.queue == 150_000)
    #expect(outcome.request(1)?.end == 400_000)
  }

  @Test("A hop that blocks its stage costs throughput, one that does not costs only latency")
  func blockingHops() throws {
    func ends(blocking: Bool) -> [Nanoseconds] {
      var scheduler = Schedulers.make(stages: 2, batching: Schedulers.vllm(tokens: 10))
      scheduler.engine.asynchronousHops = !blocking
      return Scenario.small(
        models: [Models.constant(base: 200_000)],
        workloads: [Traffic.burst(3, prompt: 10, output: 1)], schedulers: [scheduler]
      ).outcome().records.requests.map(\.end)
    }
    // Stage 100,000; hop of ten tokens 10,000 bytes at 2 bytes/ns = 5,000 + 1,000; back 1,000.
    // Two are in flight, so the third sets out when the first is back, at 207,000.
    #expect(ends(blocking: false) == [207_000, 307_000, 207_000 + 207_000])
    // The second sets out at 106,000, and the third when it has arrived, at 212,000.
    #expect(ends(blocking: true) == [207_000, 106_000 + 207_000, 212_000 + 207_000])
  }

  @Test("Tensor parallelism divides work and not communication")
  func tensor() throws {
    func request(tensor: Int) throws -> RequestRecord {
      let outcome = Scenario.small(
        models: [Models.constant(base: 4_000_000, communication: 300_000, host: 7_000)],
        workloads: [Traffic.burst(1, output: 2)], schedulers: [Schedulers.make(tensor: tensor)]
      ).outcome()
      return try #require(outcome.request(0))
    }
    let one = try request(tensor: 1).parts
    let four = try request(tensor: 4).parts
    #expect(one.compute == 8_000_000 && one.commTensor == 0 && one.host == 14_000)
    #expect(four.compute == 2_000_000 && four.commTensor == 600_000 && four.host == 14_000)
  }
}
