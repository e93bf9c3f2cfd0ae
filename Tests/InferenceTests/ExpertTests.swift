import Hardware
import Inference
import Testing

@Suite("Experts")
struct ExpertTests {
  /// What publishers say a token activates; their sources say whether the embedding counts.
  @Test(
    "A token meets as many parameters as published",
    arguments: [
      ("mixtral-8x7b", 12.9e9, true, "mistral.ai, Mixtral of experts: 12.9B per token"),
      ("mixtral-8x22b", 39e9, true, "mistral.ai, Cheaper, better, faster, stronger: 39B"),
      ("qwen3-30b-a3b", 3.3e9, true, "the repository's README: 3.3B activated"),
      ("qwen3-235b-a22b", 22e9, true, "the repository's README: 22B activated"),
      ("deepseek-v3", 36.6e9, false, "the repository's README_WEIGHTS: 36.6B with the head"),
      ("gpt-oss-20b", 3.61e9, false, "OpenAI's model card, table 1: embeddings do not count"),
      ("gpt-oss-120b", 5.13e9, false, "OpenAI's model card, table 1: embeddings do not count"),
    ])
  func active(name: String, published: Double, embedding: Bool, source: String) {
    let model = Shapes.catalogue(name)
    let own = model.activeParameterCount - (embedding ? 0 : model.embeddingParameters)
    #expect(isNear(Double(own), published, within: 0.02), "\(own): \(source)")
    #expect(model.activeParameterCount < model.parameterCount / 3)
  }

  @Test("One token touches its own experts, very many touch all")
  func touched() {
    for (count, perToken) in [(8, 2), (128, 8), (256, 8), (32, 4)] {
      let experts = Experts(count: count, perToken: perToken, width: 1_024)
      #expect(isNear(experts.touched(byTokens: 1), Double(perToken), within: 1e-12))
      // Two tokens: k + k · (1 − k/E).
      let two = Double(perToken) * (2 - Double(perToken) / Double(count))
      #expect(isNear(experts.touched(byTokens: 2), two, within: 1e-12))
      #expect(experts.touched(byTokens: 100_000) == Double(count))
      #expect(experts.touched(byTokens: 0) == 0)
      for tokens in 1..<300 {
        #expect(experts.touched(byTokens: tokens + 1) >= experts.touched(byTokens: tokens))
      }
    }
  }

  @Test("Touched experts agree with counting the draws of a random router")
  func simulatedRouter() {
    let experts = Experts(count: 128, perToken: 8, width: 1)
    var draws = SplitMix(state: 7)
    for tokens in [4, 16, 64] {
      var sum = 0
      for _ in 0..<400 {
        var seen: Set<Int> = []
        for _ in 0..<tokens { seen.formUnion((0..<128).shuffled(using: &draws).prefix(8)) }
        sum += seen.count
      }
      #expect(isNear(Double(sum) / 400, experts.touched(byTokens: tokens), within: 0.01))
    }
  }

  /// The datasheet alone: no floors, no host, no attention.
  private func step(_ model: ModelArchitecture, _ shape: BatchShape) throws -> Double {
    var gpu = GPUSpecification.h100SXM
    gpu.laws = .roofline
    let cost = CostModel.roofline(
      RooflineCost(
        hostNanosecondsPerStep: 0, hostNanosecondsPerSampling: 0, hostNanosecondsPerSequence: 0))
    let plan = ParallelPlan.even(tensor: 1, stages: 2, layers: model.layers)
    return Double(try Shapes.pieces(cost, model, plan, gpu: gpu).cost(shape).total)
  }

  @Test("A decode step streams the touched experts and everything else once")
  func streaming() throws {
    let model = Shapes.catalogue("mixtral-8x7b")
    for sequences in [1, 2, 8] {
      let touched = model.experts?.touched(byTokens: sequences) ?? 0
      let layer =
        Double(model.parametersPerRoutedLayer(experts: 0))
        + touched * Double(model.expertParameters)
      let bytes = 2 * layer * Double(model.layers / 2)
      let reading = bytes / GPUSpecification.h100SXM.hbmBandwidthBytesPerSecond * 1e9
      let time = try step(model, .decode(sequences: sequences, contextTokens: 0))
      #expect(isNear(time, reading, within: 0.02), "\(sequences): \(time) \(reading)")
    }
  }

  @Test("A large prefill computes the active experts only")
  func computing() throws {
    let model = Shapes.catalogue("mixtral-8x7b")
    var shape = BatchShape.prefill(chunk: 8_192, isLastChunk: false)
    (shape.attentionPairs, shape.prefillTokens) = (0, 0)
    let active = Double(model.parametersPerRoutedLayer(experts: 2)) * Double(model.layers / 2)
    let computing = 2 * active * 8_192 / GPUSpecification.h100SXM.peakFLOPs * 1e9
    let time = try step(model, shape)
    // Norms and activations stream besides; all eight experts would take three times as long.
    #expect(time >= computing && time < 1.12 * computing, "\(time) \(computing)")
  }

  @Test("Experts are cut by width: each GPU holds a slice of all of them")
  func memory() throws {
    let model = Shapes.catalogue("qwen3-235b-a22b")
    func bytes(_ tensor: Int) throws -> Int64 {
      let memory = MemoryPlan(
        model: model, plan: Shapes.even(tensor, 1, model), gpu: .h100SXM, weights: .bf16,
        keyValue: .bf16)
      return try #require(memory.stages.first).weightBytesPerGPU
    }
    #expect(try bytes(1) == model.weightBytes(.bf16))
    let replicated = Int64(model.layers * model.hiddenSize * 130) * 2
    for tensor in [2, 4] {
      let share = (model.weightBytes(.bf16) - replicated) / Int64(tensor) + replicated
      #expect(isNear(Double(try bytes(tensor)), Double(share), within: 0.001))
    }
  }

  @Test("GPT-OSS's checkpoints are as large as published: 12.8 and 60.8 GiB")
  func mxfp4() {
    for (name, gibibytes) in [("gpt-oss-20b", 12.8), ("gpt-oss-120b", 60.8)] {
      let model = Shapes.catalogue(name)
      let bytes = Double(model.weightBytes(.mxfp4)) / Double(1 << 30)
      #expect(isNear(bytes, gibibytes, within: 0.005), "\(name) \(bytes)")
    }
  }

  @Test("Only the layers of the pattern have experts, and each stage has its own")
  func stages() {
    let model = Shapes.catalogue("deepseek-v3")
    #expect(model.denseLayers == 3)
    let plan = ParallelPlan(tensor: 8, stages: 3, layersPerStage: [3, 29, 29])
    let memory = MemoryPlan(
      model: model, plan: plan, gpu: .h100SXM, weights: .fp8, keyValue: .bf16)
    let weights = memory.stages.map(\.weightBytesPerGPU)
    // Dense: 3 layers of attention and 18,432 wide feed-forward; 28 times as much with experts.
    #expect(weights[0] < weights[1] / 20)
    #expect(weights[2] > weights[1])
  }

  @Test("An expert's slice narrower than an fp8 block is told, as is an uneven one")
  func faults() {
    let large = Shapes.catalogue("qwen3-235b-a22b")
    #expect(
      planFaults(of: Shapes.even(8, 1, large), for: large, weights: .fp8).map(\.description) == [
        "over 8 GPUs a shard of the experts is 192 wide, "
          + "not a multiple of the fp8 weight block of 128"
      ])
    #expect(planFaults(of: Shapes.even(8, 1, large), for: large, weights: .bf16) == [])
    var odd = Shapes.catalogue("deepseek-v3")
    odd.experts?.width = 2_049
    odd.experts?.sharedWidth = 2_047
    odd.attentionHeads = 129
    #expect(
      planFaults(of: Shapes.even(2, 1, odd), for: odd, weights: .bf16).map(\.description) == [
        "129 attention heads do not divide among 2 GPUs",
        "the width 2049 of the experts does not divide among 2 GPUs",
        "the width 2047 of the shared experts does not divide among 2 GPUs",
      ])
  }
}
