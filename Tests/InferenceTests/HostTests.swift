import Hardware
import Inference
import Testing

/// What an engine's host, its launches and its sampler do to a step.
@Suite("Engines around the GPU")
struct HostTests {
  private let model = Shapes.llama2With7B

  private func pieces(_ change: (inout RooflineCost) -> Void, tensor: Int = 1) throws -> StepPieces
  {
    var cost = RooflineCost()
    change(&cost)
    return try Shapes.pieces(.roofline(cost), model, Shapes.even(tensor, 1, model))
  }

  private let shapes: [BatchShape] = [
    .decode(sequences: 1, contextTokens: 500), .decode(sequences: 64, contextTokens: 64_000),
    .prefill(chunk: 100), .prefill(chunk: 2_000, prefix: 1_000),
  ]

  @Test("A host that prepares steps ahead shows only as far as it is longer than the GPU's work")
  func hidden() throws {
    let shown = try pieces { $0.hostNanosecondsPerStep = 2_000_000 }
    let hidden = try pieces {
      $0.hostNanosecondsPerStep = 2_000_000
      $0.hidesHost = true
    }
    for shape in shapes {
      #expect(hidden.cost(shape).host == 0)
      #expect(hidden.cost(shape).total == shown.cost(shape).total - shown.cost(shape).host)
    }
    let slow = try pieces {
      $0.hostNanosecondsPerStep = 50_000_000
      $0.hidesHost = true
    }
    // The step without its context hides the host; the context comes on top.
    let empty = slow.cost(.decode(sequences: 1, contextTokens: 1))
    #expect(empty.host > 40_000_000 && empty.host < 50_000_000)
    #expect(isNear(Double(empty.total), 50_302_100, within: 0.01))
  }

  @Test("Without graphs a step takes no less than its launches, and long steps no more than before")
  func launches() throws {
    let graphs = try pieces { _ in }
    let eager = try pieces { $0.launchNanosecondsPerKernel = 40_000 }
    // Nine kernels in each of 32 layers: two norms, four products, rotation, attention, activation.
    let launching: Int64 = 9 * 32 * 40_000
    var last: Int64 = 0
    for tokens in 1...600 {
      let cost = eager.cost(.prefill(chunk: tokens))
      let usual = graphs.cost(.prefill(chunk: tokens))
      #expect(cost.total >= launching && cost.total >= usual.total)
      #expect(cost.compute == usual.compute)
      #expect(cost.total >= last - 2)
      last = cost.total
    }
    let long = BatchShape.prefill(chunk: 2_000)
    #expect(eager.cost(long) == graphs.cost(long))
  }

  @Test("Kernels between others are shorter by the smallest kernel, one a kernel")
  func overlap() throws {
    let alone = try pieces { $0.kernelOverlap = 0 }
    let half = try pieces { $0.kernelOverlap = 0.5 }
    let between = try pieces { _ in }
    let floor = GPUSpecification.h100SXM.laws.elementwise.floorNanoseconds
    for shape in shapes {
      // Besides nine kernels a layer: the embedding, the LM head and three passes of the sampler.
      let expected = floor * Double(9 * model.layers + 5)
      let saved = Double(alone.cost(shape).total - between.cost(shape).total)
      #expect(isNear(saved, expected, within: 0.002), "\(saved) \(expected)")
      #expect(
        isNear(Double(alone.cost(shape).total - half.cost(shape).total), saved / 2, within: 0.01))
    }
    // A layer's weights alone take longer than what hides: nothing beats the memory.
    let weights = Double(model.weightBytes(.bf16)) - Double(32_000 * 4_096 * 2)
    let least = weights / GPUSpecification.h100SXM.hbmBandwidthBytesPerSecond * 1e9
    #expect(Double(between.cost(.decode(sequences: 1, contextTokens: 1)).compute) > least)
  }

  @Test("Sorting logits costs 0.46 ns each on an H100, so that large vocabularies feel it")
  func sorting() throws {
    let greedy = try pieces { _ in }
    let sorted = try pieces { $0.sampling = .sorted }
    for sequences in [1, 16, 128] {
      let shape = BatchShape.decode(sequences: sequences, contextTokens: 100 * sequences)
      let added = sorted.cost(shape).total - greedy.cost(shape).total
      #expect(isNear(Double(added), Double(sequences * 32_000) * 0.46, within: 0.01))
    }
    // A chunk that yields no token samples none.
    let chunk = BatchShape.prefill(chunk: 100, isLastChunk: false)
    #expect(sorted.cost(chunk) == greedy.cost(chunk))
  }

  @Test("The host of 2024 takes what was measured: 1.3 ms at 8 sequences, 6.3 ms more for workers")
  func hostOf2024() throws {
    let model = model
    func host(sequences: Int, tensor: Int) throws -> Double {
      let cost = RooflineCost(engine: .vllmV0)
      let pieces = try Shapes.pieces(.roofline(cost), model, Shapes.even(tensor, 1, model))
      let shape = BatchShape.decode(sequences: sequences, contextTokens: 1_000 * sequences)
      return Double(pieces.cost(shape).host) * 1e-6
    }
    #expect(isNear(try host(sequences: 8, tensor: 1), 1.26, within: 0.05))
    #expect(isNear(try host(sequences: 64, tensor: 1), 3.50, within: 0.05))
    #expect(isNear(try host(sequences: 128, tensor: 1), 6.39, within: 0.05))
    // CodeLlama-34B on two: 1.94 ms and 6.24 ms.
    #expect(isNear(try host(sequences: 8, tensor: 2), 8.18, within: 0.1))
  }
}
