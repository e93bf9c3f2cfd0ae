import Inference
import Serving
import Support
import Testing

@Suite("What replicas have room for")
struct MemoryTests {
  private func keyValueBlocks(_ shape: PlanShape, depth: Int) -> Int64? {
    var values = OptionValues(defaultsOf: VLLMBatching.options)
    values["depth"] = .integer(Int64(depth))
    var scheduler = Schedulers.make(batching: VLLMBatching(values))
    scheduler.parallelism = Schedulers.plan(shape)
    scheduler.engine.keyValueBlocks = nil
    let scenario = Scenario.small(schedulers: [scheduler])
    return scenario.outcome().records.replicas.first?.keyValueBlocks
  }

  @Test("Each micro-batch in flight takes the room of its hidden states from the KV cache")
  func inFlight() throws {
    let pipeline = PlanShape(tensor: 1, stages: 2)
    let (one, eight) = (
      try #require(keyValueBlocks(pipeline, depth: 1)),
      try #require(keyValueBlocks(pipeline, depth: 8))
    )
    // 2,048 tokens of 1,000 bytes each; a block is 16 tokens of 2,048 bytes in four layers.
    let lost = 7 * 2_048 * Models.hopBytesPerToken / (16 * 2_048 * 4)
    #expect((lost...lost + 1).contains(one - eight))
    let single = PlanShape(tensor: 1, stages: 1)
    #expect(keyValueBlocks(single, depth: 1) == keyValueBlocks(single, depth: 8))
  }

  @Test("The stage with the smallest pool bounds the replica")
  func tightestStage() throws {
    let even = try #require(keyValueBlocks(PlanShape(tensor: 1, stages: 2), depth: 1))
    let uneven = try #require(
      keyValueBlocks(PlanShape(tensor: 1, stages: 2, layers: [1, 7]), depth: 1))
    // Seven layers keep 7/4 of the bytes of four in what is left of the same GPU.
    #expect(abs(Double(even) / Double(uneven) - 7.0 / 4) < 0.01)
  }

  @Test("Virtual stages keep the KV cache of all their layers on their stage's GPUs")
  func virtualStages() throws {
    let plain = keyValueBlocks(PlanShape(tensor: 1, stages: 2), depth: 2)
    let parts = keyValueBlocks(PlanShape(tensor: 1, stages: 2, virtualStages: 4), depth: 2)
    #expect(plain == parts)
  }
}
