import Hardware
import Inference
import Testing

@Suite("Step times")
struct StepPiecesTests {
  /// A model of each kind: grouped-query, multi-head, parallel blocks, biases and learned
  /// positions, experts, latent attention, windows on some layers and on all.
  static let kinds = [
    "llama-3.1-70b", "llama-2-7b", "falcon-40b", "opt-6.7b", "mixtral-8x7b", "qwen3-30b-a3b",
    "deepseek-v3", "gpt-oss-120b", "gemma-3-27b", "mistral-7b-v0.1",
  ]
  static let models = kinds.map(Shapes.catalogue)

  @Test(
    "Step times never fall with tokens, sequences, context, prompts or prefixes",
    arguments: 0..<10 as Range<UInt64>)
  func monotone(seed: UInt64) throws {
    var draws = SplitMix(state: seed)
    let model = Self.models[Int(seed) % Self.models.count]
    let gpu = [GPUSpecification.h100SXM, .a100SXM, .l40s][Int(seed) % 3]
    let fabric: TensorFabric = gpu.nvlink == nil ? .pcie(PCIePath()) : .nvlinkSwitch
    let plan = Shapes.even([1, 2, 4, 8][Int(seed) % 4], [1, 2, 4][Int(seed) % 3], model)
    let pieces = try (0..<plan.stages).map {
      try Shapes.pieces(model, plan, stage: $0, gpu: gpu, fabric: fabric, maxBatchedTokens: 1_024)
    }
    // Attention goes by the mean context, which one more short sequence would lower.
    let context = Int.random(in: 1...20_000, using: &draws)
    for _ in 0..<400 {
      var shape = BatchShape.empty(window: model.effectiveWindow?.tokens ?? 0)
      var last = StepCost.zero
      let stage = Int.random(in: 0..<plan.stages, using: &draws)
      for _ in 0..<12 {
        if Bool.random(using: &draws) {
          shape.addDecode(context: context)
        } else {
          shape.addPrefill(
            chunk: Int.random(in: 1...900, using: &draws),
            prefix: Int.random(in: 0...20_000, using: &draws),
            isLastChunk: Bool.random(using: &draws))
        }
        let next = pieces[stage].cost(shape)
        #expect(next.total >= last.total, "seed \(seed): \(shape)")
        #expect(next.tensorCommunication >= last.tensorCommunication, "seed \(seed): \(shape)")
        #expect(pieces[stage].cost(shape.withoutPrefill).total <= next.total, "\(shape)")
        last = next
      }
    }
  }

  @Test(
    "The parts of a step are never negative and add up to it", arguments: 0..<4 as Range<UInt64>)
  func split(seed: UInt64) throws {
    var draws = SplitMix(state: 99 + seed)
    let model = Self.models[Int(seed)]
    let costs: [CostModel] = [
      .roofline(RooflineCost()),
      .constant(
        ConstantCost(
          baseNanoseconds: 1_001, nanosecondsPerPrefillToken: 7, nanosecondsPerDecodeSequence: 13,
          communicationNanoseconds: 501, hostNanoseconds: 17, tensorEfficiency: 0.9)),
    ]
    for cost in costs {
      let pieces = try Shapes.pieces(cost, model, Shapes.even(2, 3, model), stage: 2)
      for _ in 0..<500 {
        var shape = BatchShape.prefill(chunk: Int.random(in: 1...4_096, using: &draws))
        for _ in 0..<Int.random(in: 0...40, using: &draws) { shape.addDecode(context: 700) }
        let step = pieces.cost(shape)
        let parts = [
          step.compute, step.tensorCommunication, step.expertCommunication, step.host,
        ]
        #expect(parts.allSatisfy { $0 >= 0 })
        #expect(parts.reduce(0, +) == step.total)
      }
    }
  }

  @Test("A step without tokens takes no time")
  func emptyStep() throws {
    let model = Shapes.catalogue("llama-3.1-8b")
    let pieces = try Shapes.pieces(model, Shapes.even(1, 1, model))
    #expect(pieces.cost(.empty) == .zero)
    #expect(pieces.cost(BatchShape.prefill(chunk: 64).withoutPrefill) == .zero)
  }

  @Test("A pipeline of one stage is the plan of one shard, whatever the fabric")
  func onePlan() throws {
    let model = Shapes.catalogue("llama-3.1-8b")
    let single = try Shapes.pieces(model, Shapes.even(1, 1, model), fabric: .single)
    let partition = ParallelPlan(tensor: 1, stages: 1, layersPerStage: [32])
    let other = try Shapes.pieces(model, partition, fabric: .nvlinkSwitch, allReduce: .nccl)
    for sequences in [1, 7, 256, 5_000] {
      let shape = BatchShape.decode(sequences: sequences, contextTokens: 900 * sequences)
      #expect(single.cost(shape) == other.cost(shape))
      #expect(single.cost(shape).tensorCommunication == 0)
    }
    #expect(single.bytesPerCollectiveToken == 0)
  }

  @Test("Middle stages of equal layers cost the same; the last adds the LM head and the sampler")
  func stageRoles() throws {
    let model = Shapes.catalogue("llama-3.1-70b")
    let plan = Shapes.even(1, 4, model)
    let shape = BatchShape.decode(sequences: 32, contextTokens: 32_000)
    let costs = try (0..<4).map { try Shapes.pieces(model, plan, stage: $0).cost(shape) }
    #expect(costs[1] == costs[2])
    #expect(costs[0].total > costs[1].total)
    #expect(costs[3].compute > costs[2].compute)
    #expect(costs[3].host > costs[2].host)
  }

  @Test("Stages of a pipeline compute together what one stage does, but for one ridge of each GEMM")
  func pipelineSum() throws {
    let model = Shapes.catalogue("llama-3.1-8b")
    let cost = CostModel.roofline(
      RooflineCost(
        hostNanosecondsPerStep: 0, hostNanosecondsPerSampling: 0, hostNanosecondsPerSequence: 0))
    for shape in [BatchShape.decode(sequences: 9, contextTokens: 9_999), .prefill(chunk: 777)] {
      let whole = try Shapes.pieces(cost, model, Shapes.even(1, 1, model)).cost(shape).total
      let parts = try (0..<4).reduce(Int64(0)) { sum, stage in
        let pieces = try Shapes.pieces(cost, model, Shapes.even(1, 4, model), stage: stage)
        return sum + pieces.cost(shape).total
      }
      #expect(abs(parts - whole) <= 4)
    }
  }

  @Test("No step beats the datasheet's FLOP/s or memory bandwidth")
  func datasheetBounds() throws {
    // A step may take 2⁴³ ns, 2.4 h, which 70 billion weights on a small board pass. GPUs that
    // borrow their efficiencies are held to it inside a short table, others far beyond a long one.
    for gpu in HardwareCatalogue.gpus where gpu.kind == .gpu {
      let counts = [1, 16, 128, 512] + (gpu.relative == nil ? [2_048, 16_384] : [])
      for name in Self.kinds {
        let model = Shapes.catalogue(name)
        let pieces = try Shapes.pieces(
          model, Shapes.even(1, 1, model), gpu: gpu,
          maxBatchedTokens: gpu.relative == nil ? 2_048 : 512)
        for count in counts {
          let prefill = BatchShape.prefill(chunk: count)
          let attention =
            2.0 * Double(model.queryWidth + model.attendedWidth) * Double(model.layers)
          let operations =
            2 * model.matrices(experts: Double(model.experts?.perToken ?? 0)) * Double(count)
          let pairs = model.effectiveWindow == nil ? Double(prefill.attentionPairs) : 0
          let needed = (operations + attention * pairs) / gpu.peakFLOPs * 1e9
          #expect(Double(pieces.cost(prefill).compute) >= needed, "\(gpu.name) \(name) \(count)")
          let decode = BatchShape.decode(sequences: count, contextTokens: 1_000 * count)
          let cache =
            model.effectiveWindow == nil
            ? Double(model.keyValueBytesPerToken(.bf16)) * Double(decode.contextTokens) : 0
          let touched = model.experts?.touched(byTokens: count) ?? 0
          let bytes = 2 * model.matrices(experts: touched) + cache
          #expect(
            Double(pieces.cost(decode).compute) >= bytes / gpu.hbmBandwidthBytesPerSecond * 1e9,
            "\(gpu.name) \(name) \(count)")
        }
      }
    }
  }

  @Test("In memory-bound decode TP beats PP by p / (1 + all-reduces / weight reading)")
  func tensorAgainstPipeline() throws {
    var model = Shapes.catalogue("llama-3.1-405b")
    // The closed form knows weights and all-reduces only: no LM head, no kernel floors, no host.
    (model.layers, model.vocabularySize) = (128, 64)
    var gpu = GPUSpecification.h100SXM
    gpu.laws = .roofline
    let sequences = 4
    func slowestStage(_ tensor: Int, _ stages: Int, sequences: Int, links: Double) throws -> Double
    {
      let cost = CostModel.roofline(
        RooflineCost(
          hostNanosecondsPerStep: 0, hostNanosecondsPerSampling: 0, hostNanosecondsPerSequence: 0,
          communicationFactor: links))
      let plan = Shapes.even(tensor, stages, model)
      let shape = BatchShape.decode(sequences: sequences, contextTokens: sequences)
      return try (0..<stages).map { stage in
        Double(try Shapes.pieces(cost, model, plan, stage: stage, gpu: gpu).cost(shape).total)
      }.max() ?? 0
    }
    // All sequences a step under TP4, one a stage step under PP4.
    func ratio(_ links: Double) throws -> Double {
      let wide = try slowestStage(4, 1, sequences: sequences, links: links)
      let deep = try slowestStage(1, 4, sequences: sequences / 4, links: links)
      return (Double(sequences) / wide) / (Double(sequences) / 4 / deep)
    }
    let weights = Double(model.weightBytes(.bf16)) / 4 / gpu.hbmBandwidthBytesPerSecond * 1e9
    let law = AllReduceLaw(
      ranks: 4, fabric: .nvlinkSwitch, gpu: gpu, implementation: .customGraph)
    let bytes = Double(sequences * model.hiddenSize * 2)
    let reduces = 2 * Double(model.layers) * law.nanoseconds(bytes: bytes)
    let (free, paid) = (try ratio(0), try ratio(1))
    #expect(isNear(free, 4, within: 0.01), "\(free)")
    #expect(isNear(paid, 4 / (1 + reduces / weights), within: 0.02), "\(paid)")
  }

  @Test("Bytes of collectives are 2(t − 1)/t of two hidden states a layer and token")
  func collectiveBytes() throws {
    let model = Shapes.catalogue("llama-3.1-70b")
    let two = try Shapes.pieces(model, Shapes.even(2, 2, model))
    #expect(two.bytesPerCollectiveToken == 2 * 40 * 8_192 * 2)
    let eight = try Shapes.pieces(model, Shapes.even(8, 1, model))
    #expect(eight.bytesPerCollectiveToken == 2 * 80 * 8_192 * 2 * 2 * 7 / 8)
  }

  @Test("Steps beyond the tables continue in a straight line")
  func beyondTables() throws {
    let model = Shapes.catalogue("llama-3.1-8b")
    let plan = Shapes.even(2, 1, model)
    let short = try Shapes.pieces(model, plan, maxBatchedTokens: 2_048)
    let long = try Shapes.pieces(model, plan, maxBatchedTokens: 8_192)
    for tokens in [2_048, 3_000, 5_000, 8_192] {
      let (near, far) = (short.cost(.prefill(chunk: tokens)), long.cost(.prefill(chunk: tokens)))
      #expect(isNear(Double(near.compute), Double(far.compute), within: 0.03))
    }
    #expect(long.cost(.prefill(chunk: 100_000)).total > long.cost(.prefill(chunk: 50_000)).total)
  }

  @Test("Across Ethernet tensor parallelism pays for every layer, a pipeline for one hop")
  func poorLinks() throws {
    let model = Shapes.catalogue("llama-3.1-70b")
    let fabric = TensorFabric.network(
      NetworkPath(
        nodes: 4, gpusPerNode: 1, bandwidthBytesPerSecond: 1.2e9, latencyNanoseconds: 76_000))
    let shape = BatchShape.decode(sequences: 4, contextTokens: 4_000)
    let wide = try Shapes.pieces(model, Shapes.even(4, 1, model), fabric: fabric).cost(shape)
    let hop = HopPieces(
      cost: .roofline(RooflineCost()), model: model, plan: Shapes.even(1, 4, model), stage: 0,
      gpu: .h100SXM, fabric: .network(latencyNanoseconds: 76_000)
    ).price(tokens: 4, bandwidthBytesPerSecond: 1.2e9)
    #expect(hop == 90_000 + 109_227)
    #expect(wide.tensorCommunication > 100 * 3 * hop)
  }
}

extension ModelArchitecture {
  /// Numbers of the matrices that a layer multiplies with, summed over all layers.
  fileprivate func matrices(experts counted: Double) -> Double {
    let base = Double(denseLayers) * Double(parametersPerDenseLayer)
    let routed = Double(parametersPerRoutedLayer(experts: 0)) + counted * Double(expertParameters)
    let all = base + Double(layers - denseLayers) * routed
    // Vectors are no products: biases, norms, sinks.
    return all * 0.999
  }
}
