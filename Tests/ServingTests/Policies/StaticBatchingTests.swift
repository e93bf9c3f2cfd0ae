import Support
import Testing

@testable import Serving

@Suite("Finite batches, plan by plan")
struct StaticBatchingTests {
  private func driven(
    sequences: Int, microbatches: Int? = nil, stages: Int = 1, blocks: Int = 1_000_000
  ) -> HandDrivenEngine<StaticBatching> {
    HandDrivenEngine(
      Schedulers.finite(sequences: sequences, microbatches: microbatches), blocks: blocks,
      stages: stages)
  }

  @Test("A batch is cut into one group per stage, in order of arrival, the first ones larger")
  func groups() {
    var engine = driven(sequences: 5, stages: 2)
    engine.arrive(6, prompt: 7)
    #expect(engine.plan() == [Taken(0, 7), Taken(1, 7), Taken(2, 7)])
    #expect(engine.plan() == [Taken(3, 7), Taken(4, 7)])
    #expect(engine.plan() == [])
    #expect(engine.waiting == [5])
  }

  @Test("As many groups as the scenario says; no more than there are requests")
  func groupCount() {
    #expect(StaticBatching().depth(stages: 4) == 4)
    #expect(Schedulers.finite(microbatches: 3).depth(stages: 4) == 3)
    #expect(StaticBatching().waitsForOldest)
    var three = driven(sequences: 6, microbatches: 3, stages: 2)
    three.arrive(6, prompt: 1)
    for first in [0, 2, 4] { #expect(three.plan() == [Taken(first, 1), Taken(first + 1, 1)]) }
    #expect(three.plan() == [])
    var one = driven(sequences: 6, stages: 4)
    one.arrive(prompt: 1)
    #expect(one.plan() == [Taken(0, 1)])
    #expect(one.plan() == [])
  }

  @Test("Prompts go whole, beyond the tokens for which steps are tabulated")
  func wholePrompts() {
    var engine = driven(sequences: 2)
    engine.arrive(2, prompt: 9_000)
    #expect((engine.engine.nextWaiting?.wantedTokens ?? 0) > engine.batching.maximumTokens)
    #expect(engine.step() == [Taken(0, 9_000), Taken(1, 9_000)])
  }

  @Test("Groups take turns, though all of them are back")
  func turns() {
    var engine = driven(sequences: 3, stages: 3)
    engine.arrive(3, prompt: 2)
    for request in 0..<3 { #expect(engine.plan() == [Taken(request, 2)]) }
    for _ in 0..<3 { engine.complete() }
    for request in [0, 1, 2, 0, 1] { #expect(engine.step() == [Taken(request, 1)]) }
  }

  @Test("A group in flight is passed over, and the turn goes on after the one that was planned")
  func turnsInFlight() {
    var engine = driven(sequences: 3, stages: 3)
    engine.arrive(3, prompt: 2)
    for request in 0..<3 { #expect(engine.plan() == [Taken(request, 2)]) }
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1)])
    #expect(engine.plan() == [])
    // Requests 1 and 2 come back, then request 0.
    for _ in 0..<3 { engine.complete() }
    #expect(engine.step() == [Taken(1, 1)])
    #expect(engine.step() == [Taken(2, 1)])
    #expect(engine.step() == [Taken(0, 1)])
  }

  @Test("The next batch starts only when the whole one is done")
  func wholeBatch() {
    var engine = driven(sequences: 4, stages: 2)
    engine.arrive(3, prompt: 3, output: 2)
    engine.arrive(prompt: 3, output: 4)
    engine.arrive(prompt: 5, output: 1)
    #expect(engine.step() == [Taken(0, 3), Taken(1, 3)])
    #expect(engine.step() == [Taken(2, 3), Taken(3, 3)])
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1)])
    #expect(engine.step() == [Taken(2, 1), Taken(3, 1)])
    // Requests 0, 1 and 2 are done; request 3 still wants two tokens.
    for _ in 0..<2 { #expect(engine.step() == [Taken(3, 1)]) }
    #expect(engine.step() == [Taken(4, 5)])
    #expect(engine.step() == [])
    #expect(engine.engine.freeBlocks == engine.engine.totalBlocks)
  }

  @Test("Blocks for prompt and output are held from the start; who finds none ends the batch")
  func reserve() {
    // Prompt 3 and output 4: the last token's cache is never written, so six blocks.
    var engine = driven(sequences: 3, blocks: 13)
    engine.arrive(3, prompt: 3, output: 4)
    #expect(engine.step() == [Taken(0, 3), Taken(1, 3)])
    for _ in 0..<3 {
      #expect(engine.engine.freeBlocks == 1)
      #expect(engine.step() == [Taken(0, 1), Taken(1, 1)])
      #expect(engine.preempted == [])
    }
    #expect(engine.engine.freeBlocks == 13)
    #expect(engine.step() == [Taken(2, 3)])
  }

  @Test("A batch that has ended for want of blocks admits nobody when some come free")
  func endedBatch() {
    var engine = driven(sequences: 4, microbatches: 4, blocks: 10)
    engine.arrive(prompt: 4, output: 1)
    engine.arrive(prompt: 3, output: 2)
    engine.arrive(2, prompt: 3, output: 3)
    #expect(engine.plan() == [Taken(0, 4)])
    #expect(engine.plan() == [Taken(1, 3)])
    #expect(engine.plan() == [])
    engine.complete()
    #expect(engine.engine.freeBlocks == 6)
    #expect(engine.plan() == [])
    engine.complete()
    #expect(engine.step() == [Taken(1, 1)])
    #expect(engine.step() == [Taken(2, 3)])
  }

  @Test("A group that finds no blocks at all leaves the turn to the one before, once it is back")
  func groupWithoutBlocks() {
    var inFlight = driven(sequences: 2, stages: 2, blocks: 8)
    inFlight.arrive(2, prompt: 3, output: 4)
    var back = inFlight
    #expect(inFlight.plan() == [Taken(0, 3)])
    #expect(inFlight.plan() == [])
    inFlight.complete()
    for _ in 0..<3 { #expect(inFlight.step() == [Taken(0, 1)]) }
    #expect(inFlight.step() == [Taken(1, 3)])
    #expect(back.step() == [Taken(0, 3)])
    for _ in 0..<3 { #expect(back.step() == [Taken(0, 1)]) }
    #expect(back.step() == [Taken(1, 3)])
  }
}
