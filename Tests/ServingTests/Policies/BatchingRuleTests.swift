import Inference
import Support
import Testing

@testable import Serving

/// Single rules of the batching policies, plan by plan.
@Suite("Rules of batching policies")
struct BatchingRuleTests {
  private func driven<Batching: BatchingPolicy>(
    _ type: Batching.Type, _ settings: [String: OptionValue] = [:], blocks: Int = 1_000_000,
    blockTokens: Int = 1, stages: Int = 1
  ) -> HandDrivenEngine<Batching> {
    HandDrivenEngine(
      Schedulers.batching(type, settings), blocks: blocks, blockTokens: blockTokens, stages: stages)
  }

  @Test("Sarathi takes decodes first, then chunks under way, then new prompts")
  func sarathiOrder() {
    var engine = driven(SarathiBatching.self, ["tokenBudget": .integer(10)])
    engine.arrive(prompt: 14)
    #expect(engine.step() == [Taken(0, 10)])
    engine.arrive(2, prompt: 5)
    #expect(engine.step() == [Taken(0, 4), Taken(1, 5), Taken(2, 1)])
    engine.arrive(prompt: 20)
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 4), Taken(3, 4)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 1), Taken(3, 7)])
  }

  @Test("Sarathi admits a prompt only when there are blocks for all of it, and holds them")
  func sarathiBlocks() {
    var engine = driven(SarathiBatching.self, ["tokenBudget": .integer(4)], blocks: 20)
    engine.arrive(2, prompt: 12)
    #expect(engine.step() == [Taken(0, 4)])
    #expect(engine.engine.freeBlocks == 8)
    #expect(engine.step() == [Taken(0, 4)])
    #expect(engine.waiting == [1])
  }

  @Test("Sarathi's cap is on the sequences of one micro-batch")
  func sarathiCap() {
    var engine = driven(
      SarathiBatching.self, ["tokenBudget": .integer(64), "maxSequences": .integer(2)], stages: 2)
    engine.arrive(5, prompt: 3)
    #expect(engine.plan() == [Taken(0, 3), Taken(1, 3)])
    #expect(engine.plan() == [Taken(2, 3), Taken(3, 3)])
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1), Taken(1, 1)])
    #expect(engine.waiting == [4])
  }

  @Test("Orca holds blocks for the final length, so what comes later waits though there are some")
  func orcaReserve() {
    var engine = driven(OrcaBatching.self, ["maxSequences": .integer(8)], blocks: 30)
    engine.arrive(2, prompt: 10, output: 11)
    #expect(engine.step() == [Taken(0, 10)])
    #expect(engine.engine.freeBlocks == 10)
    for _ in 0..<10 { #expect(engine.step() == [Taken(0, 1)]) }
    #expect(engine.step() == [Taken(1, 10)])
  }

  @Test("V0 lets whole prompts go before decodes, as many as fit the budget")
  func virtualEnginePrompts() {
    var engine = driven(VirtualEngineBatching.self, ["maxBatchedTokens": .integer(10)])
    engine.arrive(3, prompt: 6)
    #expect(engine.step() == [Taken(0, 6)])
    #expect(engine.step() == [Taken(1, 6)])
    #expect(engine.step() == [Taken(2, 6)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1), Taken(2, 1)])
    engine.arrive(prompt: 25)
    #expect(engine.step() == [Taken(3, 25)])
  }

  @Test("V0 keeps the watermark free at admission, but decodes may use it")
  func virtualEngineWatermark() {
    let settings: [String: OptionValue] = ["watermark": .number(0.1)]
    var engine = driven(VirtualEngineBatching.self, settings, blocks: 20)
    engine.arrive(2, prompt: 10)
    #expect(engine.step() == [Taken(0, 10)])
    #expect(engine.step() == [Taken(0, 1)])
    #expect(engine.waiting == [1])
    for _ in 0..<9 { #expect(engine.step() == [Taken(0, 1)]) }
    #expect(engine.engine.freeBlocks == 0)
  }

  @Test("V0 has one scheduler per stage, one micro-batch each, and learns the model's context")
  func virtualEngines() {
    var batching = VirtualEngineBatching()
    #expect(batching.engines(stages: 4) == 4)
    #expect(batching.depth(stages: 4) == 1)
    #expect(batching.maximumTokens(context: 1_000) == 2_048)
    batching.prepare(
      EngineFacts(
        stages: 4, blockTokens: 16, contextTokens: 9_000, pieces: StepPiecesList(),
        pieceIndices: []))
    #expect(batching.maximumTokens == 9_000)
  }

  @Test("With chunks V0 takes decodes first and what is left of prompts")
  func virtualEngineChunks() {
    var engine = driven(
      VirtualEngineBatching.self,
      ["chunkedPrefill": .flag(true), "maxBatchedTokens": .integer(8)])
    engine.arrive(2, prompt: 6)
    #expect(engine.step() == [Taken(0, 6), Taken(1, 2)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 4)])
  }

  @Test("A decode more than the cap waits for the next plan; prompts are not capped")
  func decodeCap() {
    var engine = driven(
      DecodeCapBatching.self, ["maxSequences": .integer(8), "maxBatchedTokens": .integer(100)],
      stages: 4)
    engine.arrive(8, prompt: 3)
    #expect(engine.step().count == 8)
    #expect(engine.plan() == [Taken(0, 1), Taken(1, 1)])
    #expect(engine.plan() == [Taken(2, 1), Taken(3, 1)])
  }

  @Test("With asynchronous scheduling an arrival joins one plan later")
  func asynchronous() {
    var engine = driven(
      AsynchronousVLLMBatching.self, ["maxBatchedTokens": .integer(100)], stages: 1)
    engine.arrive(prompt: 3)
    #expect(engine.plan() == [Taken(0, 3)])
    engine.arrive(prompt: 4)
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1)])
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1), Taken(1, 4)])
  }

  @Test("With asynchronous scheduling places and blocks that come free count one plan later")
  func asynchronousPlaces() {
    var engine = driven(AsynchronousVLLMBatching.self, ["maxSequences": .integer(1)])
    engine.arrive(prompt: 3, output: 2)
    engine.arrive(prompt: 4, output: 1)
    #expect(engine.plan() == [Taken(0, 3)])
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1)])
    engine.complete()
    // Nothing was settled that could set out, so this plan is as things are.
    #expect(engine.plan() == [Taken(1, 4)])
  }

  @Test("On a pipeline a request decodes again p plans later, asynchronously")
  func asynchronousCadence() {
    var engine = driven(
      AsynchronousVLLMBatching.self, ["maxBatchedTokens": .integer(4)], stages: 2)
    engine.arrive(2, prompt: 4)
    #expect(engine.plan() == [Taken(0, 4)])
    #expect(engine.plan() == [Taken(1, 4)])
    engine.complete()
    engine.complete()
    // Both are back at once; each waits for its own turn.
    #expect(engine.plan() == [Taken(0, 1)])
    #expect(engine.plan() == [Taken(1, 1)])
  }
}
