import Hardware
import Inference
import Support
import Testing

@testable import Serving

@Suite("SGLang's dynamic chunks")
struct DynamicChunkTests {
  /// The costs of a model whose prefill is slowed by its prefix.
  private func prepared(
    _ settings: [String: OptionValue], blockTokens: Int = 16
  ) throws -> (DynamicChunkBatching, EngineFacts) {
    let model = Models.architecture(context: 65_536)
    var pieces = StepPiecesList()
    let index = pieces.append(
      try StepPieces.prepare(
        cost: .roofline(RooflineCost()), model: model, weights: .bf16, keyValue: .bf16,
        plan: .even(tensor: 1, stages: 1, layers: model.layers), stage: 0, gpu: .h100SXM,
        fabric: .single, allReduce: .ring, maxBatchedTokens: 8_192, maxSequences: 8))
    let facts = EngineFacts(
      stages: 1, blockTokens: blockTokens, contextTokens: 65_536, pieces: pieces,
      pieceIndices: [index])
    var batching = Schedulers.batching(DynamicChunkBatching.self, settings)
    batching.prepare(facts)
    return (batching, facts)
  }

  @Test("A chunk behind a prefix takes as long as the first one, by the plan's own costs")
  func equalTimes() throws {
    let (batching, facts) = try prepared([
      "chunkTokens": .integer(8_192), "smoothing": .number(1), "pageTokens": .integer(1),
    ])
    let first = Double(facts.slowestStage(.prefill(chunk: 8_192)))
    for prefix in [2_048, 4_096, 8_192, 16_384] {
      let chunk = batching.chunk(behind: prefix)
      #expect(chunk < 8_192 && chunk % 16 == 0)
      let time = Double(facts.slowestStage(.prefill(chunk: chunk, prefix: prefix)))
      #expect(abs(time / first - 1) < 0.1, "\(prefix): \(chunk) takes \(time / first)")
    }
  }

  @Test(
    "Smoothing goes part of the way; a quarter of the first chunk is the least; pages are whole")
  func limits() throws {
    let settings: [String: OptionValue] = [
      "chunkTokens": .integer(8_192), "pageTokens": .integer(1),
    ]
    let wholly = try prepared(settings.merging(["smoothing": .number(1)]) { $1 }, blockTokens: 1).0
    let partly = try prepared(settings, blockTokens: 1).0
    for prefix in [4_096, 8_192] {
      let expected = 8_192 + 0.75 * Double(wholly.chunk(behind: prefix) - 8_192)
      #expect(abs(Double(partly.chunk(behind: prefix)) - expected) <= 1)
    }
    #expect(wholly.chunk(behind: 100_000_000) == 2_048)
    #expect(wholly.chunk(behind: 0) == 8_192)
    let paged = try prepared(["chunkTokens": .integer(8_192)]).0
    #expect(paged.chunk(behind: 20_000) % 64 == 0)
    #expect(paged.chunk(behind: 20_000) == partly.chunk(behind: 20_000) / 64 * 64)
    #expect(
      try prepared(settings.merging(["smoothing": .number(0)]) { $1 }).0
        .chunk(behind: 30_000) == 8_192)
  }

  @Test("Without costs that bend, chunks stay as they are")
  func straight() {
    var pieces = StepPiecesList()
    let model = Models.constant(perPrefillToken: 1_000)
    guard
      let prepared = try? StepPieces.prepare(
        cost: model.cost, model: model.architecture, weights: .bf16, keyValue: .bf16,
        plan: .even(tensor: 1, stages: 1, layers: 8), stage: 0, gpu: .h100SXM, fabric: .single,
        allReduce: .ring, maxBatchedTokens: 8_192, maxSequences: 8)
    else { return #expect(Bool(false), "a constant cost has a price") }
    let index = pieces.append(prepared)
    var batching = DynamicChunkBatching()
    batching.prepare(
      EngineFacts(
        stages: 1, blockTokens: 16, contextTokens: 65_536, pieces: pieces, pieceIndices: [index]))
    #expect(batching.chunk(behind: 40_000) == 8_192)
  }

  @Test("The next chunk of a prompt sets out while the one before is on its way")
  func overlap() {
    var engine = HandDrivenEngine(
      Schedulers.batching(
        DynamicChunkBatching.self, ["chunkTokens": .integer(8), "pageTokens": .integer(1)]),
      stages: 2)
    engine.arrive(prompt: 20, output: 2)
    engine.arrive(prompt: 5)
    #expect(engine.plan() == [Taken(0, 8)])
    #expect(engine.plan() == [Taken(0, 8)])
    engine.complete()
    #expect(engine.generated(by: 0) == 0)
    #expect(engine.plan() == [Taken(0, 4), Taken(1, 4)])
    engine.complete()
    #expect(engine.generated(by: 0) == 0)
    #expect(engine.plan() == [Taken(1, 1)])
    engine.complete()
    #expect(engine.generated(by: 0) == 1)
    #expect(engine.plan() == [Taken(0, 1)])
  }
}
