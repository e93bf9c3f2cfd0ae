import Hardware
import Inference
import Testing

@Suite("Sliding windows")
struct SlidingWindowTests {
  private func decode(_ model: ModelArchitecture, context: Int) throws -> Int64 {
    var shape = BatchShape.empty(window: model.effectiveWindow?.tokens ?? 0)
    for _ in 0..<8 { shape.addDecode(context: context) }
    return try Shapes.pieces(model, Shapes.even(1, 1, model)).cost(shape).total
  }

  @Test("Where every layer has a window a decode step costs no more beyond it")
  func flat() throws {
    let model = Shapes.catalogue("mistral-7b-v0.1")
    let inside = try [1, 1_000, 4_000, 4_096].map { try decode(model, context: $0) }
    #expect(inside == inside.sorted() && inside[0] < inside[3])
    for context in [4_097, 10_000, 32_000] {
      #expect(try decode(model, context: context) == inside[3])
    }
  }

  @Test("Inside its window a model costs what it costs without one")
  func inside() throws {
    let model = Shapes.catalogue("mistral-7b-v0.1")
    var without = model
    without.slidingWindow = nil
    for context in [1, 100, 4_096] {
      // The two straight lines are rounded apart.
      #expect(abs(try decode(model, context: context) - decode(without, context: context)) <= 1)
    }
    #expect(try decode(model, context: 8_192) < decode(without, context: 8_192))
  }

  @Test("Where every second layer has one the cost grows half as fast beyond it")
  func alternating() throws {
    let model = Shapes.catalogue("gpt-oss-120b")
    var without = model
    without.slidingWindow = nil
    let slope = try decode(model, context: 50_128) - decode(model, context: 10_128)
    let full = try decode(without, context: 50_128) - decode(without, context: 10_128)
    #expect(isNear(Double(slope), Double(full) / 2, within: 0.001))
  }

  @Test("The pairs of a chunk are those that counting token by token gives")
  func pairs() {
    var draws = SplitMix(state: 3)
    for _ in 0..<300 {
      let window = Int.random(in: 1...60, using: &draws)
      let chunk = Int.random(in: 1...100, using: &draws)
      let prefix = Int.random(in: 0...100, using: &draws)
      var shape = BatchShape.empty(window: window)
      shape.addPrefill(chunk: chunk, prefix: prefix, isLastChunk: true)
      let counted = (1...chunk).reduce(0) { $0 + min(prefix + $1, window) }
      #expect(shape.windowPairs == counted, "\(window) \(chunk) \(prefix)")
      #expect(shape.windowPairs <= shape.attentionPairs)
      #expect(shape.windowPrefixTokens == min(prefix, window))
      shape.addDecode(context: prefix + 1)
      #expect(shape.windowContextTokens == min(prefix + 1, window))
      #expect(shape.withoutPrefill.windowContextTokens == shape.windowContextTokens)
      #expect(shape.withoutPrefill.windowPairs == 0)
    }
  }

  @Test("A window as long as the context is none")
  func longWindow() {
    var model = Shapes.catalogue("mistral-7b-v0.1")
    model.slidingWindow?.tokens = model.maxContextTokens
    #expect(model.effectiveWindow == nil)
  }

  private func capacity(
    _ model: ModelArchitecture, sequences: Int, weights: NumberFormat = .bf16
  ) throws -> Int {
    let memory = MemoryPlan(
      model: model, plan: Shapes.even(1, 1, model), gpu: .h100SXM, weights: weights,
      keyValue: .bf16, maxSequences: sequences)
    return try #require(memory.stages.first).keyValueCapacityTokens
  }

  @Test("Short windows leave their layers' memory to the others, whatever the lengths")
  func memory() throws {
    let model = Shapes.catalogue("gpt-oss-20b")
    let memory = MemoryPlan(
      model: model, plan: Shapes.even(1, 1, model), gpu: .h100SXM, weights: .mxfp4,
      keyValue: .bf16, maxSequences: 64)
    let stage = try #require(memory.stages.first)
    // Half of 24 layers each: 12 · 2 · 8 · 64 · 2 bytes.
    let half: Int64 = 24_576
    #expect(stage.keyValueBytesPerTokenPerGPU == 2 * half)
    let held = (64 * 128 + 2_048) * half
    #expect(Int64(stage.keyValueCapacityTokens) == (stage.freeBytesPerGPU - held) / half)
  }

  @Test("Windows too long to be kept for every sequence are counted like whole contexts")
  func longWindows() throws {
    let model = Shapes.catalogue("gemma-3-27b")
    var without = model
    without.slidingWindow = nil
    // 256 windows of 1,024 tokens of 52 layers are 111 GB: more than there is.
    #expect(
      try capacity(model, sequences: 256, weights: .fp8)
        == capacity(without, sequences: 256, weights: .fp8))
    #expect(
      try capacity(model, sequences: 16, weights: .fp8)
        > 2 * capacity(without, sequences: 16, weights: .fp8))
  }

  @Test("Where every layer has a window and all windows fit, contexts are the only limit")
  func everyLayer() throws {
    let model = Shapes.catalogue("mistral-7b-v0.1")
    #expect(try capacity(model, sequences: 100) == 100 * 32_768)
  }

  @Test("Patterns name the layers that models have")
  func patterns() {
    let gemma = Shapes.catalogue("gemma-3-27b")
    #expect(gemma.slidingWindow?.layers.count(in: 0..<62) == 52)
    let members = (0..<62).map { ($0 + 1) % 6 != 0 }
    #expect(LayerPattern(members: members) == gemma.slidingWindow?.layers)
    #expect(LayerPattern(members: [false, false, false, true, true, true]) == .from(3))
    #expect(LayerPattern(members: [true, true]) == .all)
    #expect(LayerPattern(members: [false, false]) == nil)
    #expect(LayerPattern(members: []) == nil)
    var draws = SplitMix(state: 5)
    for _ in 0..<200 {
      let members = (0..<Int.random(in: 1...64, using: &draws)).map { _ in
        Bool.random(using: &draws)
      }
      guard let pattern = LayerPattern(members: members) else {
        #expect(!members.contains(true))
        continue
      }
      #expect(members.indices.map(pattern.contains) == members)
    }
  }
}
