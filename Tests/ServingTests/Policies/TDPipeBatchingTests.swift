import Inference
import Support
import Testing

@testable import Serving

@Suite("TD-Pipe's phases")
struct TDPipeBatchingTests {
  private func driven(
    _ settings: [String: OptionValue], blocks: Int, stages: Int = 2
  ) -> HandDrivenEngine<TDPipeBatching> {
    HandDrivenEngine(
      Schedulers.batching(TDPipeBatching.self, settings), blocks: blocks, stages: stages)
  }

  @Test("Prompts alone until the predicted peak reaches the share, then decodes alone")
  func phases() {
    // Each request will hold 10 + 9 tokens: of 100 blocks 90 are spoken for with the fifth.
    var engine = driven(["maxBatchedTokens": .integer(20)], blocks: 100)
    engine.arrive(8, prompt: 10, output: 10)
    #expect(engine.plan() == [Taken(0, 10), Taken(1, 10)])
    #expect(engine.plan() == [Taken(2, 10), Taken(3, 10)])
    engine.complete()
    #expect(engine.plan() == [Taken(4, 10), Taken(5, 10)])
    engine.complete()
    #expect(engine.plan() == [Taken(0, 1), Taken(1, 1), Taken(2, 1)])
    #expect(engine.waiting == [6, 7])
  }

  @Test("Decodes go in equal shares of all, whichever micro-batch they came from")
  func workStealing() {
    var engine = driven(["maxBatchedTokens": .integer(30)], blocks: 10_000)
    engine.arrive(3, prompt: 10, output: 3)
    engine.arrive(3, prompt: 10, output: 50)
    #expect(engine.plan().map(\.request) == [0, 1, 2])
    #expect(engine.plan().map(\.request) == [3, 4, 5])
    engine.complete()
    #expect(engine.plan().map(\.request) == [0, 1, 2])
    engine.complete()
    #expect(engine.plan().map(\.request) == [3, 4, 5])
    engine.complete()
    #expect(engine.plan().map(\.request) == [0, 1, 2])
    engine.complete()
    engine.complete()
    // Three are done; the others are dealt out anew.
    #expect(engine.plan().map(\.request) == [3])
    #expect(engine.plan().map(\.request) == [4, 5])
    engine.complete()
    engine.complete()
    #expect(engine.plan().map(\.request) == [3])
    #expect(engine.plan().map(\.request) == [4, 5])
  }

  @Test("Decodes go on while they are intense; when few are left, waiting prompts get their phase")
  func switchBack() {
    var engine = driven(
      ["maxBatchedTokens": .integer(40), "peakBatch": .integer(2)], blocks: 1_000)
    engine.arrive(4, prompt: 10, output: 4)
    #expect(engine.step().count == 4)
    #expect(engine.step() == [Taken(0, 1), Taken(1, 1)])
    engine.arrive(prompt: 10)
    // Two in each micro-batch are the peak; it is asked about once in two.
    for _ in 0..<2 { #expect(engine.step() == [Taken(0, 1), Taken(1, 1)]) }
    #expect(engine.step() == [Taken(2, 1)])
    #expect(engine.step() == [Taken(4, 10)])
  }

  @Test("However few decode, no prompt gets its phase before one is predicted to fit")
  func noRoom() {
    // Two will hold 10 + 19 tokens, all but 2 of the 60 blocks: the third has room when one is done.
    var engine = driven(
      ["predictedShare": .number(1), "peakBatch": .integer(64)], blocks: 60)
    engine.arrive(2, prompt: 10, output: 20)
    #expect(engine.step() == [Taken(0, 10), Taken(1, 10)])
    #expect(engine.step() == [Taken(0, 1)])
    engine.arrive(prompt: 10, output: 20)
    var decoded = 1
    while engine.waiting == [2] {
      let taken = engine.step()
      if taken.contains(where: { $0.request == 2 }) { break }
      decoded += taken.count
    }
    // All of the first; it is asked about once in two.
    #expect(decoded == 19 + 1)
  }

  @Test("A forecast counts those that have not ended, at their length of then")
  func forecast() {
    var forecast = BlockForecast(blockTokens: 1)
    forecast.add(tokens: 100, growing: 0)
    #expect(forecast.peak == 100)
    forecast.add(tokens: 10, growing: 300)
    // At the start both, up to 7 tokens later; at 256 and up to 300 only the second, with 310.
    #expect(forecast.peak == 310)
    forecast.add(tokens: 200, growing: 7)
    #expect(forecast.peak == 100 + 17 + 207)
  }

  @Test("A predictor knows the length, or one for all, or the length up to an error of its own")
  func predictor() {
    var state = SequenceState(request: 0, prompt: 10, output: 101)
    state.generated = 1
    let sequence = SequenceView(state)
    #expect(OutputPredictor(constant: nil, error: 0).tokensLeft(of: sequence) == 99)
    #expect(OutputPredictor(constant: 51, error: 0).tokensLeft(of: sequence) == 49)
    #expect(OutputPredictor(constant: 1, error: 0).tokensLeft(of: sequence) == 0)
    let noisy = OutputPredictor(constant: nil, error: 0.5)
    let guess = noisy.tokensLeft(of: sequence)
    #expect((48...150).contains(guess) && guess != 99)
    #expect(noisy.tokensLeft(of: sequence) == guess)
  }
}
