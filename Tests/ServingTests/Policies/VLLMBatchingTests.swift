import Inference
import Support
import Testing

@testable import Serving

@Suite("vLLM's batching, plan by plan")
struct VLLMBatchingTests {
  private func driven(
    tokens: Int = 100, sequences: Int = 256, blocks: Int = 1_000_000, blockTokens: Int = 1
  ) -> HandDrivenEngine<VLLMBatching> {
    HandDrivenEngine(
      Schedulers.vllm(tokens: tokens, sequences: sequences), blocks: blocks,
      blockTokens: blockTokens)
  }

  @Test("A step ends at the token budget, within a prompt if need be")
  func budget() {
    var engine = driven(tokens: 10)
    engine.arrive(3, prompt: 6)
    #expect(engine.step() == [Taken(0, 6), Taken(1, 4)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 2), Taken(2, 6)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 1)])
  }

  @Test("A long prompt goes in chunks of the budget; only the last one gives a token")
  func chunks() {
    var engine = driven(tokens: 10)
    engine.arrive(prompt: 25, output: 2)
    for (tokens, generated) in [(10, 0), (10, 0), (5, 1), (1, 2)] {
      #expect(engine.step() == [Taken(0, tokens)])
      #expect(engine.generated(by: 0) == generated)
    }
    #expect(engine.step() == [])
    #expect(engine.engine.freeBlocks == engine.engine.totalBlocks)
  }

  @Test("The shape of a mixed step counts both kinds of tokens")
  func shape() {
    var engine = driven(tokens: 10)
    engine.arrive(prompt: 6)
    _ = engine.step()
    engine.arrive(prompt: 20)
    #expect(engine.step() == [Taken(0, 1), Taken(1, 9)])
    #expect(
      engine.engine.draftShape
        == BatchShape(
          tokens: 10, prefillTokens: 9, decodeSequences: 1, contextTokens: 7, attentionPairs: 45,
          prefixTokens: 0, sampledSequences: 1))
  }

  @Test("Running requests go first; what they leave of the budget admits waiting ones")
  func runningFirst() {
    var engine = driven(tokens: 4)
    engine.arrive(3, prompt: 1)
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 1)])
    engine.arrive(2, prompt: 5)
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 1), Taken(3, 1)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 1), Taken(3, 1)])
    #expect(engine.waiting == [4])
  }

  @Test("The sequence cap counts running requests, in flight or not; an end makes room")
  func sequenceCap() {
    var engine = driven(sequences: 2)
    engine.arrive(prompt: 3, output: 2)
    engine.arrive(2, prompt: 3)
    #expect(engine.plan() == [Taken(0, 3), Taken(1, 3)])
    #expect(engine.plan() == [])
    engine.complete()
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1)])
    #expect(engine.step() == [Taken(1, 1), Taken(2, 3)])
  }

  @Test("Requests in flight are passed over: the next micro-batch is made of the others")
  func inFlight() {
    var engine = driven(tokens: 8)
    engine.arrive(3, prompt: 5)
    #expect(engine.plan() == [Taken(0, 5), Taken(1, 3)])
    #expect(engine.plan() == [Taken(2, 5)])
    #expect(engine.plan() == [])
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1), Taken(1, 2)])
    engine.complete()
    #expect(engine.plan() == [Taken(2, 1)])
  }

  @Test("A request without blocks stops those behind it, however small")
  func firstComeFirstServed() {
    var engine = driven(blocks: 10)
    engine.arrive(2, prompt: 6)
    engine.arrive(prompt: 2)
    #expect(engine.step() == [Taken(0, 6)])
    #expect(engine.waiting == [1, 2])
    #expect(engine.engine.freeBlocks == 4)
  }

  @Test("Blocks are taken as tokens fill them")
  func blocks() {
    var engine = driven(blocks: 10, blockTokens: 4)
    engine.arrive(prompt: 7)
    for free in [8, 8, 7, 7, 7, 7, 6] {
      _ = engine.step()
      #expect(engine.engine.freeBlocks == free)
    }
    #expect(engine.engine.peakBlocks == 4)
  }

  @Test("By default one micro-batch per stage, and an arrival waits for the oldest")
  func depth() {
    #expect(VLLMBatching().depth(stages: 4) == 4)
    #expect(VLLMBatching().waitsForOldest)
    var values = OptionValues(defaultsOf: VLLMBatching.options)
    values["depth"] = .integer(2)
    values["waitsForOldest"] = .flag(false)
    #expect(VLLMBatching(values).depth(stages: 4) == 2)
    #expect(!VLLMBatching(values).waitsForOldest)
  }
}
