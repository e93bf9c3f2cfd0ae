import Hardware
import Inference
import Testing

@Suite("Memory of stages, by hand")
struct MemoryTests {
  private static let large = Shapes.catalogue("llama-3.1-70b")

  private static func memory(
    _ plan: ParallelPlan, keyValue: NumberFormat = .bf16, inFlight: Int = 0
  ) -> MemoryPlan {
    MemoryPlan(
      model: large, plan: plan, gpu: .h100SXM, weights: .bf16, keyValue: keyValue,
      microbatchesInFlight: inFlight)
  }

  @Test("Each GPU keeps its heads of its layers, one head at least, and half of it in 8 bits")
  func keyValues() throws {
    for (tensor, stages, bytes) in [
      // 80 layers, keys and values, heads of a GPU, 128 wide, two bytes.
      (1, 1, 80 * 2 * 8 * 128 * 2), (4, 1, 80 * 2 * 2 * 128 * 2), (8, 1, 80 * 2 * 128 * 2),
      (16, 1, 80 * 2 * 128 * 2), (32, 1, 80 * 2 * 128 * 2), (1, 4, 20 * 2 * 8 * 128 * 2),
      (16, 2, 40 * 2 * 128 * 2),
    ] {
      let plan = Shapes.even(tensor, stages, Self.large)
      for (format, factor) in [(NumberFormat.bf16, 1), (.fp8, 2)] {
        let memory = Self.memory(plan, keyValue: format)
        for stage in memory.stages {
          #expect(stage.keyValueBytesPerTokenPerGPU == Int64(bytes / factor), "\(plan.label)")
        }
      }
    }
  }

  @Test("Where stages hold unequal layers the fullest one bounds the KV cache of all")
  func tightestStage() {
    let plan = ParallelPlan(tensor: 2, stages: 4, layersPerStage: [16, 16, 16, 32])
    let memory = Self.memory(plan)
    let tokens = memory.stages.map {
      Int($0.freeBytesPerGPU / $0.keyValueBytesPerTokenPerGPU)
    }
    #expect(memory.stages.map(\.keyValueCapacityTokens) == tokens)
    #expect(memory.capacityTokens == tokens[3])
    #expect(tokens[3] * 2 < tokens[1])
  }

  @Test("A pipeline keeps hidden state and residual of every micro-batch in flight on each GPU")
  func inFlight() {
    for (tensor, stages) in [(1, 4), (2, 2), (4, 1)] {
      let plan = Shapes.even(tensor, stages, Self.large)
      let (without, with) = (Self.memory(plan), Self.memory(plan, inFlight: 4))
      for (before, after) in zip(without.stages, with.stages) {
        // Two tensors of 2,048 tokens, 8,192 wide, two bytes, whole on each rank; four times.
        let bytes: Int64 = stages > 1 ? 2 * 2_048 * 8_192 * 2 * 4 : 0
        #expect(after.inFlightBytesPerGPU == bytes)
        #expect(before.freeBytesPerGPU - after.freeBytesPerGPU == bytes)
        let lost = before.keyValueCapacityTokens - after.keyValueCapacityTokens
        let tokens = Int(bytes / before.keyValueBytesPerTokenPerGPU)
        #expect((tokens...tokens + 1).contains(lost))
      }
    }
  }

  @Test("A stage's GPUs hold all its virtual stages; who has the first also has the embedding")
  func virtualStages() throws {
    for topology in StageTopology.allCases {
      let layers = [5, 12, 9, 6, 10, 8, 14, 16]
      let plan = ParallelPlan(
        tensor: 2, stages: 4, virtualStages: 2, topology: topology, layersPerStage: layers)
      #expect(planFaults(of: plan, for: Self.large, weights: .bf16) == [])
      let held =
        topology == .loop ? [5 + 10, 12 + 8, 9 + 14, 6 + 16] : [5 + 16, 12 + 14, 9 + 8, 6 + 10]
      #expect((0..<4).map { plan.layers(ofStage: $0) } == held)
      let memory = Self.memory(plan)
      #expect(
        memory.stages.map(\.keyValueBytesPerTokenPerGPU) == held.map { Int64($0) * 2 * 4 * 128 * 2 }
      )
      let whole = Self.memory(ParallelPlan(tensor: 2, stages: 4, layersPerStage: held))
      let (first, last) = (whole.stages[0].weightBytesPerGPU, whole.stages[3].weightBytesPerGPU)
      // Folded back the first stage also has the head, which is as large as the embedding, and its norm.
      let (end, norm) = (Int64(128_256 * 8_192 * 2 / 2), Int64(8_192 * 2))
      let moved = topology == .loop ? 0 : end + norm
      #expect(memory.stages[0].weightBytesPerGPU == first + moved)
      #expect(memory.stages[3].weightBytesPerGPU == last - moved)
      #expect(memory.stages[1].weightBytesPerGPU == whole.stages[1].weightBytesPerGPU)
    }
  }

  @Test("Virtual stages go round, or to and fro")
  func places() {
    func places(_ topology: StageTopology, _ parts: Int) -> [Int] {
      let plan = ParallelPlan.even(
        tensor: 1, stages: 3, virtualStages: parts, topology: topology, layers: 12)
      return (0..<plan.virtualStageCount).map(plan.stage(ofVirtual:))
    }
    #expect(places(.loop, 2) == [0, 1, 2, 0, 1, 2])
    #expect(places(.foldBack, 2) == [0, 1, 2, 2, 1, 0])
    #expect(places(.foldBack, 3) == [0, 1, 2, 2, 1, 0, 0, 1, 2])
    #expect(places(.loop, 1) == [0, 1, 2])
    #expect(places(.foldBack, 1) == [0, 1, 2])
    let plan = ParallelPlan.even(
      tensor: 2, stages: 3, virtualStages: 2, topology: .foldBack, layers: 12)
    #expect(plan.label == "TP2xPP3v2")
    #expect(plan.layersPerStage == [2, 2, 2, 2, 2, 2])
    #expect(plan.virtualStages(ofStage: 0) == [0, 5])
  }
}
