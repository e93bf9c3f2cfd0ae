import Hardware
import Inference
import Testing

/// What the catalogue's devices make of a model, through the cost model that runs use.
@Suite("Step times on every device")
struct StepTimeTests {
  /// A stage on one device that holds the whole model.
  private func pieces(
    _ device: GPUSpecification, _ model: ModelArchitecture, weights: NumberFormat = .bf16,
    tensor: Int = 1, maxBatchedTokens: Int = 64
  ) throws -> StepPieces {
    try .prepare(
      cost: .roofline(RooflineCost()), model: model, weights: weights,
      plan: .even(tensor: tensor, stages: 1, layers: model.layers), stage: 0, gpu: device,
      fabric: device.nvlinkTopology == .none ? .pcie(PCIePath()) : .nvlinkPair,
      maxBatchedTokens: maxBatchedTokens,
      maxSequences: 64)
  }

  private func model() throws -> ModelArchitecture {
    try #require(ModelCatalogue.model(named: "llama-3.1-8b"))
  }

  @Test(
    "An 8B model's steps take finite time that grows with sequences, context and prompt",
    arguments: HardwareCatalogue.gpus)
  func monotone(device: GPUSpecification) throws {
    let pieces = try pieces(device, model())
    var last: Int64 = 0
    for sequences in [1, 2, 8, 32, 64, 256] {
      let time = pieces.cost(.decode(sequences: sequences, contextTokens: 500 * sequences)).total
      #expect(time > last && time < 1_000_000_000_000, "\(device.name) \(sequences)")
      last = time
    }
    #expect(
      pieces.cost(.decode(sequences: 8, contextTokens: 80_000)).total
        > pieces.cost(.decode(sequences: 8, contextTokens: 8_000)).total)
    last = 0
    for tokens in [16, 64, 512, 2_048, 8_192] {
      let time = pieces.cost(.prefill(chunk: tokens)).total
      #expect(time > last && time < 10_000_000_000_000, "\(device.name) \(tokens)")
      last = time
    }
  }

  @Test(
    "A prefill uses 25 to 90 % of a GPU's peak, a lone decode 35 to 95 % of the memory bandwidth",
    arguments: HardwareCatalogue.gpus)
  func utilization(device: GPUSpecification) throws {
    let model = try model()
    let pieces = try pieces(device, model, maxBatchedTokens: 2_048)
    // Without the embedding, which is looked up, and the LM head, which only the last token needs.
    let matrices = Double(model.parameterCount - 2 * model.embeddingParameters)
    let prefill = Double(pieces.cost(.prefill(chunk: 2_048)).total) / 1e9
    let flops = 2 * matrices * 2_048 / prefill / device.peakFLOPs
    // A CPU's matrix units starve: 20 TFLOP/s of 90 were measured.
    let usual = device.kind == .gpu ? 0.25...0.9 : 0.15...0.6
    #expect(usual.contains(flops), "\(device.name) \(flops)")
    let decode = Double(pieces.cost(.decode(sequences: 1, contextTokens: 100)).total) / 1e9
    let bytes = 2 * (matrices + Double(model.embeddingParameters))
    let share = bytes / decode / device.hbmBandwidthBytesPerSecond
    #expect(share > 0.35 && share < 0.95, "\(device.name) \(share)")
  }

  @Test("FP8 weights make a lone decode faster on every device, with or without FP8 units")
  func fp8() throws {
    for device in HardwareCatalogue.gpus {
      let shape = BatchShape.decode(sequences: 1, contextTokens: 100)
      let wide = try pieces(device, model()).cost(shape).total
      let narrow = try pieces(device, model(), weights: .fp8).cost(shape).total
      #expect(narrow < wide, "\(device.name)")
    }
  }

  @Test("Two devices share a decode step, and what they say to each other is counted")
  func tensor() throws {
    for device in HardwareCatalogue.gpus {
      let cost = try pieces(device, model(), tensor: 2)
        .cost(.decode(sequences: 1, contextTokens: 100))
      let alone = try pieces(device, model()).cost(.decode(sequences: 1, contextTokens: 100))
      #expect(cost.tensorCommunication > 0, "\(device.name)")
      #expect(cost.compute < alone.compute, "\(device.name)")
    }
  }

  @Test("All-reduces grow with their size and take finite time, up to 72 GPUs of a GB200 rack")
  func allReduces() throws {
    for device in HardwareCatalogue.gpus {
      for implementation in AllReduceImplementation.allCases {
        let pairs: [(TensorFabric, Int)] =
          device.nvlinkTopology == .switch
          ? [(.nvlinkSwitch, 2), (.nvlinkSwitch, 8), (.nvlinkSwitch, 72)]
          : [(.nvlinkPair, 2), (.pcie(PCIePath()), 2), (.pcie(PCIePath()), 8)]
        for (fabric, ranks) in pairs {
          let law = AllReduceLaw(
            ranks: ranks, fabric: fabric, gpu: device, implementation: implementation)
          let times = [8_192.0, 65_536, 1_048_576, 16_777_216].map { law.nanoseconds(bytes: $0) }
          #expect(times[0] > 1_000 && times[3] < 60e9, "\(device.name) \(ranks) \(times)")
          #expect(times == times.sorted(), "\(device.name) \(ranks) \(times)")
        }
      }
    }
  }

  @Test("A Raspberry Pi 5 decodes a 1B model at 4 to 5 tokens a second, what its memory allows")
  func raspberryPi() throws {
    let model = try #require(ModelCatalogue.model(named: "llama-3.2-1b"))
    #expect(model.parameterCount == 1_235_814_400)
    let board = try device("raspberry-pi-5")
    let shape = BatchShape.decode(sequences: 1, contextTokens: 200)
    let time = Double(try pieces(board, model).cost(shape).total) / 1e9
    #expect(1 / time > 4 && 1 / time < 4.7, "\(1 / time)")
    // 11.4 GB/s over the weights; kernels and host take no more than a tenth beside them.
    let bound = 11.4e9 / Double(model.weightBytes(.bf16))
    #expect(1 / time < bound && 1 / time > 0.9 * bound, "\(bound)")
    let quantised = Double(try pieces(board, model, weights: .fp8).cost(shape).total) / 1e9
    #expect(1 / quantised > 6 && 1 / quantised < 8, "\(1 / quantised)")
    // It fits with room for a few conversations, an 8B model does not.
    func tokens(_ model: ModelArchitecture) -> Int {
      MemoryPlan(
        model: model, plan: .even(tensor: 1, stages: 1, layers: model.layers), gpu: board,
        weights: .bf16, keyValue: .bf16, maxBatchedTokens: 512, maxSequences: 4
      ).capacityTokens
    }
    #expect(tokens(model) > 32_000)
    #expect(tokens(try self.model()) == 0)
  }

  @Test("A server socket decodes an 8B model at reading speed, a GPU far above it")
  func servers() throws {
    let shape = BatchShape.decode(sequences: 1, contextTokens: 500)
    func rate(_ name: String) throws -> Double {
      1e9 / Double(try pieces(device(name), model()).cost(shape).total)
    }
    for (name, range) in [
      ("xeon-8380", 7.0...10), ("xeon-8480", 11.0...14), ("epyc-9654", 16.0...21),
      ("t4", 12.0...19), ("l4", 12.0...17), ("rtx-4090", 40.0...60), ("h100-sxm", 140.0...180),
      ("mi300x", 170.0...230),
    ] {
      let found = try rate(name)
      #expect(range.contains(found), "\(name) \(found)")
    }
  }
}
