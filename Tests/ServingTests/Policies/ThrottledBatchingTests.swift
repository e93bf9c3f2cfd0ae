import Inference
import Support
import Testing

@testable import Serving

@Suite("gLLM's token throttling, formula by formula")
struct ThrottledBatchingTests {
  private static let settings: [String: OptionValue] = [
    "maxPrefillTokens": .integer(100), "minPrefillTokens": .integer(8), "iterations": .integer(4),
  ]

  private func driven(blocks: Int, stages: Int = 2) -> HandDrivenEngine<ThrottledBatching> {
    HandDrivenEngine(
      Schedulers.batching(ThrottledBatching.self, Self.settings), blocks: blocks, stages: stages)
  }

  @Test("A single prompt gets what the free share of the KV cache allows")
  func freeShare() {
    var engine = driven(blocks: 1_000)
    engine.arrive(prompt: 500, output: 11)
    // (1,000 - 0) / 1,000 of 100 tokens, then 900 / 1,000, then 810 / 1,000.
    #expect(engine.plan() == [Taken(0, 100)])
    #expect(engine.plan() == [Taken(0, 90)])
    engine.complete()
    #expect(engine.plan() == [Taken(0, 81)])
  }

  @Test("A backlog is spread over #T micro-batches, with minp at least")
  func backlog() {
    var engine = driven(blocks: 100_000)
    engine.arrive(3, prompt: 40)
    // 120 / 4, then 90 / 4 over the two that are left.
    #expect(engine.plan() == [Taken(0, 30)])
    #expect(engine.plan() == [Taken(0, 10), Taken(1, 12)])
    // 68 / 4, then 51 / 4, of which the second prompt wants 11; the last one is no backlog.
    for (request, tokens) in [(1, 17), (1, 11), (2, 39)] {
      engine.complete()
      let taken = engine.plan().first { $0.request == request }
      #expect(taken == Taken(request, tokens))
    }
  }

  @Test("Decodes go in p shares, and the jitter rotates so that the sum is right")
  func decodeShares() {
    var engine = driven(blocks: 100_000)
    engine.batching = Schedulers.batching(
      ThrottledBatching.self, ["iterations": .integer(1), "minPrefillTokens": .integer(500)])
    engine.arrive(5, prompt: 20)
    #expect(engine.step().count == 5)
    let shares = (0..<4).map { _ in engine.step().count }
    #expect(Set(shares) == [2, 3])
    #expect(shares.reduce(0, +) == 10)
  }

  /// 20 tokens in the cache, 10 · 10 to come of which 0.7 are reckoned with, less 0.002 a plan.
  @Test("Blocks are kept for a share of what decodes have yet to generate")
  func reserve() {
    var engine = driven(blocks: 1_000)
    engine.arrive(prompt: 60, output: 101)
    #expect(engine.batching.reserve(engine.engine) == 0)
    #expect(engine.step() == [Taken(0, 60)])
    #expect(engine.engine.decodeTokensLeft == 100)
    #expect(engine.batching.newTokenRatio == 0.7 - 0.002)
    #expect(engine.batching.reserve(engine.engine) == 69)
    engine.arrive(prompt: 500)
    // (940 / 1,000 - 0.069) / (1 - 0.069) of 100.
    #expect(engine.batching.prefillBudget(engine.engine, reserve: 69) == 94)
    #expect(engine.batching.prefillBudget(engine.engine, reserve: 935) == 5)
    #expect(engine.batching.prefillBudget(engine.engine, reserve: 940) == 0)
  }

  @Test(
    "A preemption raises the share by 0.05, each micro-batch lowers it by 0.002, to 0.1 at least")
  func ratio() {
    var engine = driven(blocks: 22, stages: 1)
    engine.batching = Schedulers.batching(
      ThrottledBatching.self, ["newTokenRatio": .number(0.2), "newTokenRatioDecay": .number(0.04)])
    engine.arrive(2, prompt: 8, output: 12)
    var before = engine.batching.newTokenRatio
    var preemptions = 0
    for _ in 0..<12 {
      let taken = engine.step()
      if taken.isEmpty { break }
      let raised = engine.preempted.isEmpty ? before : min(1, before + 0.05)
      preemptions += engine.preempted.count
      #expect(engine.batching.newTokenRatio == max(0.1, raised - 0.04))
      before = engine.batching.newTokenRatio
    }
    #expect(preemptions > 0)
  }

  @Test("A least budget above the most is a fault with both figures")
  func faults() {
    var values = OptionValues(defaultsOf: ThrottledBatching.options)
    values["minPrefillTokens"] = .integer(10_000)
    #expect(
      ThrottledBatching.faults(in: values) == [
        OptionFault(
          key: "minPrefillTokens", found: "10000",
          expected: "a whole number from 1 to maxPrefillTokens, 8192")
      ])
  }
}
