import Hardware
import Inference
import Testing

@Suite("Models, plans and memory")
struct PlanTests {
  @Test("A token's keys and values take 320, 128 and 504 KiB in 16 bits, half in 8")
  func keyValueBytes() {
    #expect(Shapes.catalogue("llama-3.1-70b").keyValueBytesPerToken(.bf16) == 320 << 10)
    #expect(Shapes.catalogue("llama-3.1-8b").keyValueBytesPerToken(.bf16) == 128 << 10)
    #expect(Shapes.catalogue("llama-3.1-405b").keyValueBytesPerToken(.bf16) == 504 << 10)
    #expect(Shapes.catalogue("llama-3.1-405b").keyValueBytesPerToken(.fp8) == 252 << 10)
  }

  @Test("Left-over layers go to the stages before the last, never to the last")
  func evenPartition() {
    #expect(ParallelPlan.even(tensor: 1, stages: 4, layers: 80).layersPerStage == [20, 20, 20, 20])
    #expect(
      ParallelPlan.even(tensor: 2, stages: 4, layers: 126).layersPerStage == [31, 32, 32, 31])
    #expect(ParallelPlan.even(tensor: 1, stages: 3, layers: 32).layersPerStage == [11, 11, 10])
    #expect(ParallelPlan.even(tensor: 1, stages: 2, layers: 3).layersPerStage == [2, 1])
    for stages in 1...32 {
      let plan = ParallelPlan.even(tensor: 1, stages: stages, layers: 32)
      #expect(plan.layers == 32)
      #expect(plan.layersPerStage.min() == plan.layersPerStage.last)
    }
  }

  @Test("A plan names itself as people do")
  func labels() {
    #expect(ParallelPlan.even(tensor: 1, stages: 1, layers: 8).label == "1 GPU")
    #expect(ParallelPlan.even(tensor: 4, stages: 1, layers: 8).label == "TP4")
    #expect(ParallelPlan.even(tensor: 1, stages: 4, layers: 8).label == "PP4")
    #expect(ParallelPlan.even(tensor: 2, stages: 2, layers: 8).label == "TP2xPP2")
    #expect(ParallelPlan.even(tensor: 2, stages: 3, layers: 8).gpuCount == 6)
  }

  @Test("TP3 of 64 heads is illegal, and every reason is told")
  func threeWay() {
    let model = Shapes.catalogue("llama-3.1-70b")
    let faults = planFaults(of: Shapes.even(3, 1, model), for: model, weights: .bf16)
    #expect(
      faults.map(\.description) == [
        "64 attention heads do not divide among 3 GPUs",
        "8 key-value heads neither divide among 3 GPUs nor repeat evenly over them",
        "the feed-forward width 28672 does not divide among 3 GPUs",
      ])
  }

  @Test("Usual degrees are legal, replicated key–value heads and any number of stages included")
  func legalPlans() {
    let large = Shapes.catalogue("llama-3.1-405b")
    for format in NumberFormat.allCases {
      for tensor in [1, 2, 4, 8, 16] {
        #expect(planFaults(of: Shapes.even(tensor, 1, large), for: large, weights: format) == [])
      }
      for stages in [1, 3, 5, 6, 7, 126] {
        #expect(planFaults(of: Shapes.even(1, stages, large), for: large, weights: format) == [])
      }
    }
  }

  @Test("A shard smaller than an fp8 weight block is illegal in fp8 only")
  func blocks() {
    let model = Shapes.catalogue("llama-3.1-8b")
    let plan = Shapes.even(32, 1, model)
    #expect(planFaults(of: plan, for: model, weights: .bf16) == [])
    #expect(
      planFaults(of: plan, for: model, weights: .fp8).map(\.description) == [
        "over 32 GPUs a shard of the feed-forward is 448 wide, "
          + "not a multiple of the fp8 weight block of 128"
      ])
  }

  @Test("Faulty partitions are told with their figures")
  func partitions() {
    let model = Shapes.catalogue("llama-3.1-8b")
    func faults(_ stages: Int, _ layers: [Int]) -> [PlanFault] {
      let plan = ParallelPlan(tensor: 1, stages: stages, layersPerStage: layers)
      return planFaults(of: plan, for: model, weights: .bf16)
    }
    #expect(faults(2, [16, 16]) == [])
    #expect(faults(2, [16, 15]) == [.partitionSum(sum: 31, layers: 32)])
    #expect(faults(2, [32, 0]) == [.emptyStage(stage: 1)])
    #expect(faults(3, [16, 16]) == [.partitionCount(named: 2, stages: 3)])
    #expect(faults(33, []) == [.moreStagesThanLayers(stages: 33, layers: 32)])
    #expect(faults(0, []) == [.degreeBelowOne(tensor: 1, stages: 0)])
  }

  @Test("A vocabulary that cannot be padded to the degree is told")
  func vocabulary() {
    var model = Shapes.catalogue("llama-3.1-8b")
    (model.attentionHeads, model.keyValueHeads, model.intermediateSize) = (33, 33, 3_300)
    let faults = planFaults(of: Shapes.even(33, 1, model), for: model, weights: .bf16)
    #expect(faults == [.vocabularyNotDivisible(size: 128_256, padding: 64, tensor: 33)])
  }

  @Test("70B in 16 bits does not fit one 80 GB GPU, and the fault has the figures")
  func seventyOnOne() {
    let model = Shapes.catalogue("llama-3.1-70b")
    let memory = MemoryPlan(
      model: model, plan: Shapes.even(1, 1, model), gpu: .h100SXM, weights: .bf16, keyValue: .bf16)
    #expect(!memory.fits)
    #expect(memory.capacityTokens == 0)
    #expect(
      memory.faults.map(\.description) == [
        "stage 0 needs 141.1 GB of weights and 1.4 GB of working memory per GPU, 77.0 GB usable"
      ])
  }

  @Test("405B in 16 bits does not fit eight H100s as TP8 or PP8, in fp8 it fits both")
  func fourHundredOnEight() {
    let model = Shapes.catalogue("llama-3.1-405b")
    for (tensor, stages) in [(8, 1), (1, 8), (2, 4)] {
      let plan = Shapes.even(tensor, stages, model)
      let full = MemoryPlan(
        model: model, plan: plan, gpu: .h100SXM, weights: .bf16, keyValue: .bf16)
      let half = MemoryPlan(
        model: model, plan: plan, gpu: .h100SXM, weights: .fp8, keyValue: .bf16)
      #expect(full.faults.count == stages)
      #expect(half.fits)
    }
  }

  @Test("Weights and KV cache of Llama-2-7B fill 70.3 to 71.0 GiB of an H100")
  func measuredMemory() throws {
    let model = Shapes.llama2With7B
    let memory = MemoryPlan(
      model: model, plan: Shapes.even(1, 1, model), gpu: .h100SXM, weights: .bf16, keyValue: .bf16)
    let stage = try #require(memory.stages.first)
    let cache = Int64(stage.keyValueCapacityTokens) * stage.keyValueBytesPerTokenPerGPU
    let gibibytes = Double(stage.weightBytesPerGPU + cache) / Double(1 << 30)
    #expect((70.3...71.0).contains(gibibytes), "\(gibibytes)")
    #expect(isNear(Double(stage.weightBytesPerGPU) / Double(1 << 30), 12.55, within: 0.001))
  }

  @Test("The tightest stage bounds the pipeline, and shards of all GPUs add up to the model")
  func stagesOfAPipeline() {
    let model = Shapes.catalogue("llama-3.1-70b")
    for (tensor, stages) in [(1, 4), (2, 2), (4, 1), (8, 1)] {
      let memory = MemoryPlan(
        model: model, plan: Shapes.even(tensor, stages, model), gpu: .h100SXM, weights: .bf16,
        keyValue: .bf16)
      #expect(memory.capacityTokens == memory.stages.map(\.keyValueCapacityTokens).min())
      let weights = memory.stages.reduce(Int64(0)) { $0 + $1.weightBytesPerGPU * Int64(tensor) }
      let norms = Int64(tensor - 1) * Int64(2 * model.layers + 1) * Int64(model.hiddenSize) * 2
      #expect(weights - norms == model.weightBytes(.bf16))
      let cache = memory.stages.reduce(Int64(0)) {
        $0 + $1.keyValueBytesPerTokenPerGPU * Int64(tensor)
      }
      #expect(cache == model.keyValueBytesPerToken(.bf16))
    }
  }

  @Test("Beyond one GPU per key–value head the cache is replicated")
  func replicatedHeads() throws {
    let model = Shapes.catalogue("llama-3.1-405b")
    func perToken(_ tensor: Int) throws -> Int64 {
      let memory = MemoryPlan(
        model: model, plan: Shapes.even(tensor, 1, model), gpu: .h100SXM, weights: .fp8,
        keyValue: .bf16)
      return try #require(memory.stages.first).keyValueBytesPerTokenPerGPU
    }
    #expect(try perToken(16) == perToken(8))
    #expect(try perToken(8) * 2 == perToken(4))
  }

  @Test("A tied LM head costs nothing on one stage and a copy on two")
  func tiedHead() {
    var model = Shapes.catalogue("llama-3.1-8b")
    let untied = model
    model.tiedEmbeddings = true
    func weights(_ model: ModelArchitecture, _ stages: Int) -> Int64 {
      MemoryPlan(
        model: model, plan: Shapes.even(1, stages, model), gpu: .h100SXM, weights: .bf16,
        keyValue: .bf16
      ).stages.reduce(0) { $0 + $1.weightBytesPerGPU }
    }
    #expect(weights(untied, 1) - weights(model, 1) == 2 * model.embeddingParameters)
    #expect(weights(untied, 2) == weights(model, 2))
  }

  @Test("A model that shares a GPU gets its share of the memory")
  func sharedMemory() throws {
    let model = Shapes.catalogue("llama-3.1-8b")
    let half = MemoryPlan(
      model: model, plan: Shapes.even(1, 1, model), gpu: .h100SXM, weights: .bf16, keyValue: .bf16,
      memoryShare: 0.5)
    let usable = try #require(half.stages.first).usableBytesPerGPU
    #expect(usable == Int64(Double(GPUSpecification.h100SXM.memoryBytes) * 0.9 * 0.5))
    #expect(half.fits)
  }

  @Test("The catalogue of models has no model of an unknown name")
  func catalogue() { #expect(ModelCatalogue.model(named: "gpt-5") == nil) }

  @Test("NVLink domains follow the topology")
  func domains() {
    func domains(_ topology: NVLinkTopology) -> [Int] {
      let node = NodeSpecification(
        gpu: .a100SXM, gpuCount: 4, nvlink: topology, nicCount: 1,
        nicBandwidthBytesPerSecond: 25e9, hostMemoryBytes: 1 << 40,
        storageBandwidthBytesPerSecond: 4e9)
      return (0..<4).map(node.nvlinkDomain(ofGPU:))
    }
    #expect(domains(.none) == [0, 1, 2, 3])
    #expect(domains(.pairs) == [0, 0, 1, 1])
    #expect(domains(.switch) == [0, 0, 0, 0])
  }
}
