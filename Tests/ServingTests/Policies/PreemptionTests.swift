import Support
import Testing

@testable import Serving

@Suite("Who loses KV blocks under vLLM's batching")
struct PreemptionTests {
  private func driven(tokens: Int, blocks: Int) -> HandDrivenEngine<VLLMBatching> {
    HandDrivenEngine(Schedulers.vllm(tokens: tokens), blocks: blocks)
  }

  /// Three prompts of three tokens fill nine blocks.
  private func full(tokens: Int) -> HandDrivenEngine<VLLMBatching> {
    var engine = driven(tokens: tokens, blocks: 9)
    engine.arrive(3, prompt: 3)
    return engine
  }

  @Test("The last admitted request is preempted; the earlier ones take their tokens")
  func lastAdmitted() {
    var engine = full(tokens: 100)
    #expect(engine.step() == [Taken(0, 3), Taken(1, 3), Taken(2, 3)])
    #expect(engine.engine.freeBlocks == 0)
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1)])
    #expect(engine.preempted == [2])
    #expect(engine.engine.freeBlocks == 1)
  }

  @Test("A request in flight keeps its blocks; the last idle one loses them")
  func lastIdle() {
    var engine = full(tokens: 6)
    #expect(engine.plan() == [Taken(0, 3), Taken(1, 3)])
    #expect(engine.plan() == [Taken(2, 3)])
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1)])
    #expect(engine.preempted == [1])
  }

  @Test("When all later ones are in flight, the request that wants a block loses its own")
  func itself() {
    var engine = full(tokens: 3)
    #expect(engine.plan() == [Taken(0, 3)])
    #expect(engine.plan() == [Taken(1, 3)])
    #expect(engine.plan() == [Taken(2, 3)])
    engine.complete()
    engine.arrive(prompt: 1)
    #expect(engine.plan() == [])
    #expect(engine.preempted == [0])
    #expect(engine.engine.freeBlocks == 3)
    #expect(engine.waiting == [0, 3])
  }

  @Test("As many as needed, last first; they wait in front in order of their arrival")
  func several() {
    var engine = driven(tokens: 6, blocks: 12)
    engine.arrive(prompt: 12)
    engine.arrive(3, prompt: 2)
    #expect(engine.plan() == [Taken(0, 6)])
    #expect(engine.plan() == [Taken(1, 2), Taken(2, 2), Taken(3, 2)])
    engine.complete()
    engine.complete()
    engine.arrive(prompt: 2)
    #expect(engine.plan() == [Taken(0, 6)])
    #expect(engine.preempted == [3, 2, 1])
    #expect(engine.waiting == [1, 2, 3, 4])
    #expect(engine.engine.freeBlocks == 0)
  }

  @Test("After a preemption nobody is admitted; later the lost tokens are computed again")
  func recomputation() {
    var engine = driven(tokens: 5, blocks: 15)
    engine.arrive(prompt: 3, output: 4)
    engine.arrive(prompt: 3)
    engine.arrive(prompt: 6)
    #expect(engine.step() == [Taken(0, 3), Taken(1, 2)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 3)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 3)])
    #expect(engine.engine.freeBlocks == 0 && engine.generated(by: 2) == 1)
    // Three tokens of the budget and four blocks are left, enough for a chunk of request 2.
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1)])
    #expect(engine.preempted == [2])
    // Request 0 has ended; six prompt tokens and a generated one are computed in two chunks.
    #expect(engine.step() == [Taken(1, 1), Taken(2, 4)])
    #expect(engine.generated(by: 2) == 1)
    #expect(engine.step() == [Taken(1, 1), Taken(2, 3)])
    #expect(engine.generated(by: 2) == 2)
  }
}
