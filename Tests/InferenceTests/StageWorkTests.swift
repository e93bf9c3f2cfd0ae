import Hardware
import Inference
import Testing

@Suite("What steps have to do at least")
struct StageWorkTests {
  private func work(
    _ model: ModelArchitecture, _ plan: ParallelPlan, stage: Int = 0,
    weights: NumberFormat = .bf16, keyValue: NumberFormat = .bf16
  ) -> StageWork {
    StageWork(model: model, weights: weights, keyValue: keyValue, plan: plan, stage: stage)
  }

  private func counts(_ shapes: [BatchShape], _ model: ModelArchitecture) -> StepCounts {
    var counts = StepCounts()
    for shape in shapes { counts.add(shape, experts: model.experts) }
    return counts
  }

  @Test("A decode step of Llama 3.1 8B: its matrices, its head, its KV cache, by hand")
  func decode() {
    let model = Shapes.catalogue("llama-3.1-8b")
    let counts = counts([.decode(sequences: 3, contextTokens: 300)], model)
    let layer = 4_096 * 6_144 + 4_096 * 4_096 + 3 * 4_096 * 14_336
    let head = 128_256 * 4_096
    for tensor in [1, 4] {
      let whole = work(model, Shapes.even(tensor, 1, model))
      // A pair meets a key and a value of 128 numbers in each of 32 heads.
      let operations = 2 * 3 * (32 * layer + head) + 4 * 128 * 32 * 300 * 32
      #expect(whole.operations(counts) == Double(operations))
      // 2 bytes a weight; 8 heads keep keys and values of 128 numbers.
      #expect(whole.bytes(counts) == Double(2 * (32 * layer + head) + 300 * 8 * 256 * 2 * 32))
    }
    let quantised = work(model, Shapes.even(1, 1, model), weights: .fp8, keyValue: .fp8)
    // The head stays in 16 bits.
    #expect(quantised.bytes(counts) == Double(32 * layer + 2 * head + 300 * 8 * 256 * 32))
  }

  @Test("A chunk of a prompt computes its causal pairs, and only the last one reads the head")
  func prefill() {
    let model = Shapes.catalogue("llama-3.1-8b")
    let whole = work(model, Shapes.even(1, 1, model))
    let first = counts([.prefill(chunk: 100, prefix: 0, isLastChunk: false)], model)
    let last = counts([.prefill(chunk: 100, prefix: 100, isLastChunk: true)], model)
    let head = 128_256 * 4_096
    let pair = 4 * 128 * 32 * 32
    #expect(
      whole.operations(last) - whole.operations(first) == Double(2 * head + 100 * 100 * pair))
    #expect(
      whole.bytes(last) - whole.bytes(first) == Double(2 * head + 100 * 8 * 256 * 2 * 32))
    #expect(first.pairs == 100 * 101 / 2)
  }

  @Test("A step of a mixture of experts reads those it touches and computes those it chose")
  func experts() {
    let model = Shapes.catalogue("mixtral-8x7b")
    let whole = work(model, Shapes.even(1, 1, model))
    let one = counts([.decode(sequences: 1, contextTokens: 1)], model)
    let many = counts([.decode(sequences: 4_000, contextTokens: 4_000)], model)
    #expect(one.touchedExperts == 2 * 65_536 && many.touchedExperts == 8 * 65_536)
    let expert = 3 * 4_096 * 14_336 * 32
    let read = whole.bytes(many) - whole.bytes(one)
    #expect(read == Double(2 * 6 * expert + 3_999 * 8 * 256 * 2 * 32))
    let attention = (4_096 * 6_144 + 4_096 * 4_096) * 32
    let operations = 2 * (attention + 2 * expert + 8 * 4_096 * 32 + 32_000 * 4_096)
    #expect(whole.operations(one) == Double(operations + 4 * 128 * 32 * 32))
  }

  @Test(
    "The stages of a plan do together what one GPU does",
    arguments: ["llama-3.1-8b", "mixtral-8x7b", "gemma-2-9b", "deepseek-v2-lite"])
  func stages(name: String) {
    let model = Shapes.catalogue(name)
    var shape = BatchShape.empty(window: model.effectiveWindow?.tokens ?? 0)
    shape.addPrefill(chunk: 700, prefix: 9_000, isLastChunk: true)
    for context in [1, 5_000, 9_000] { shape.addDecode(context: context) }
    let counts = counts([shape, shape], model)
    let whole = work(model, Shapes.even(1, 1, model))
    let plan = Shapes.even(2, 4, model)
    let stages = (0..<4).map { work(model, plan, stage: $0) }
    let operations = stages.reduce(0) { $0 + $1.operations(counts) }
    let bytes = stages.reduce(0) { $0 + $1.bytes(counts) }
    #expect(isNear(operations, whole.operations(counts), within: 1e-12))
    #expect(isNear(bytes, whole.bytes(counts), within: 1e-12))
  }

  @Test("Rounds taken together count what they count one by one")
  func rounds() {
    let model = Shapes.catalogue("gpt-oss-20b")
    var shape = BatchShape.empty(window: 128)
    for context in [20, 40, 1_000] { shape.addDecode(context: context) }
    var together = StepCounts()
    together.add(shape, rounds: 50, growing: 2, experts: model.experts)
    var single = StepCounts()
    for _ in 0..<50 {
      single.add(shape, experts: model.experts)
      shape.contextTokens += 3
      shape.windowContextTokens += 2
    }
    #expect(together == single)
    var twice = together
    twice.add(single)
    #expect(twice.tokens == 300 && twice.touchedExperts == 2 * single.touchedExperts)
  }

  /// Steps of all kinds, without host time.
  private static let shapes: [[(isPrefill: Bool, count: Int, context: Int)]] = [
    [(false, 1, 100)], [(false, 1, 4_000)], [(false, 8, 1_000)], [(false, 60, 300)],
    [(false, 60, 4_000)], [(true, 1, 0)], [(true, 64, 0)], [(true, 500, 0)], [(true, 500, 3_000)],
    [(true, 400, 1_000), (false, 50, 2_000)],
  ]

  @Test(
    "No step on any device of the catalogue beats its peak or its memory",
    arguments: HardwareCatalogue.gpus)
  func roofline(gpu: GPUSpecification) throws {
    let cost = CostModel.roofline(
      RooflineCost(
        hostNanosecondsPerStep: 0, hostNanosecondsPerSampling: 0, hostNanosecondsPerSequence: 0))
    let cases: [(name: String, tensor: Int, weights: NumberFormat)] = [
      ("llama-3.1-8b", 1, .bf16), ("llama-3.1-8b", 2, .fp8), ("mixtral-8x7b", 2, .bf16),
      ("deepseek-v2-lite", 1, .bf16), ("gemma-2-9b", 1, .int4),
    ]
    for (name, tensor, weights) in cases {
      let model = Shapes.catalogue(name)
      let plan = Shapes.even(tensor, 1, model)
      let pieces = try StepPieces.prepare(
        cost: cost, model: model, weights: weights, plan: plan, stage: 0, gpu: gpu,
        fabric: tensor > 1 ? .pcie(PCIePath()) : .single, maxBatchedTokens: 512, maxSequences: 64)
      let work = work(model, plan, weights: weights)
      let peak = weights == .fp8 ? gpu.peakFP8FLOPs ?? gpu.peakFLOPs : gpu.peakFLOPs
      for parts in Self.shapes {
        var shape = BatchShape.empty(window: model.effectiveWindow?.tokens ?? 0)
        for part in parts where part.isPrefill {
          shape.addPrefill(chunk: part.count, prefix: part.context, isLastChunk: true)
        }
        for part in parts where !part.isPrefill {
          for _ in 0..<part.count { shape.addDecode(context: part.context) }
        }
        let counts = counts([shape], model)
        let step = pieces.cost(shape)
        let seconds = Double(step.total - step.tensorCommunication) / 1e9 * Double(tensor)
        let mfu = work.operations(counts) / (seconds * peak)
        let mbu = work.bytes(counts) / (seconds * gpu.hbmBandwidthBytesPerSecond)
        #expect(mfu < 1 && mbu < 1, "\(gpu.name) \(name) \(weights) \(parts): \(mfu) \(mbu)")
      }
    }
  }
}
