import Hardware
import Testing

@testable import Inference

@Suite("Layers balanced by time")
struct LayerPartitionTests {
  /// All ways to cut `layers` into `stages` parts, none empty.
  private static func partitions(_ layers: Int, _ stages: Int) -> [[Int]] {
    if stages == 1 { return [[layers]] }
    return (1...layers - stages + 1).flatMap { first in
      partitions(layers - first, stages - 1).map { [first] + $0 }
    }
  }

  /// The best of all partitions, by trying them.
  private static func best(
    _ layers: Int, _ stages: Int, _ price: (Range<Int>) -> Int64
  ) -> [Int]? {
    let even = evenPartition(of: layers, stages: stages)
    func key(_ partition: [Int]) -> [Int64] {
      var first = 0
      var slowest: Int64 = 0
      for count in partition {
        slowest = max(slowest, price(first..<first + count))
        first += count
      }
      let distance = zip(partition, even).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      return [slowest, Int64(distance)] + partition.reversed().map { Int64($0) }
    }
    let best = partitions(layers, stages).min { key($0).lexicographicallyPrecedes(key($1)) }
    return best.flatMap { key($0)[0] == LayerPartition.impossible ? nil : $0 }
  }

  @Test("It is the best of all partitions, whatever the layers take", arguments: 0..<300)
  func bruteForce(seed: UInt64) {
    var random = SplitMix(state: seed)
    let layers = Int.random(in: 1...11, using: &random)
    let stages = Int.random(in: 1...min(5, layers), using: &random)
    let times = (0..<layers).map { _ in Int64.random(in: 1...4, using: &random) }
    let ends = [Int64.random(in: 0...6, using: &random), .random(in: 0...6, using: &random)]
    func price(_ range: Range<Int>) -> Int64 {
      times[range].reduce(0, +) + (range.lowerBound == 0 ? ends[0] : 0)
        + (range.upperBound == layers ? ends[1] : 0)
    }
    for isMonotone in [true, false] {
      let partition = LayerPartition(layers: layers, stages: stages, isMonotone: isMonotone)
      #expect(partition.balanced(price) == Self.best(layers, stages, price))
    }
  }

  @Test("Stages that cannot be are left out, and none is possible where all ways lead to one")
  func impossible() {
    // Nobody measured stages of four layers, and no stage may hold more than six.
    func price(_ range: Range<Int>) -> Int64 {
      range.count == 4 || range.count > 6 ? LayerPartition.impossible : Int64(range.count)
    }
    let three = LayerPartition(layers: 12, stages: 3, isMonotone: false)
    #expect(three.balanced(price) == Self.best(12, 3, price))
    #expect(three.balanced(price) == [5, 5, 2])
    #expect(LayerPartition(layers: 8, stages: 2, isMonotone: false).balanced(price) == [5, 3])
    #expect(LayerPartition(layers: 13, stages: 2, isMonotone: true).balanced(price) == nil)
    #expect(LayerPartition(layers: 2, stages: 3, isMonotone: true).balanced(price) == nil)
  }

  @Test("Equal layers without ends are dealt out evenly", arguments: 1...16)
  func equalLayers(stages: Int) {
    for layers in [16, 32, 61, 80, 126] {
      let partition = LayerPartition(layers: layers, stages: stages, isMonotone: true)
      #expect(
        partition.balanced { Int64($0.count) * 7 } == evenPartition(of: layers, stages: stages))
    }
  }

  private static func pricing(_ model: ModelArchitecture, tensor: Int = 1) -> StagePricing {
    StagePricing(
      cost: .roofline(RooflineCost()), model: model, weights: .bf16, keyValue: .bf16,
      tensor: tensor, gpu: .h100SXM, fabric: .nvlinkSwitch, allReduce: .customGraph)
  }

  private static func step(
    _ step: ReferenceStep, _ model: ModelArchitecture, stages: Int
  ) -> BatchShape {
    step.shape(model: model, stages: stages, maxBatchedTokens: 2_048, maxSequences: 256)
  }

  @Test("A head of 128k rows takes layers off the last stage of Llama-3.1-70B where steps decode")
  func largeHead() {
    let model = Shapes.catalogue("llama-3.1-70b")
    func layers(_ step: ReferenceStep) -> [Int] {
      ParallelPlan.balanced(
        stages: 4, pricing: Self.pricing(model), step: Self.step(step, model, stages: 4),
        memory: nil
      ).layersPerStage
    }
    #expect(layers(.decode) == [20, 21, 20, 19])
    // Of a prompt only the last token passes the head.
    #expect(layers(.prefill) == [20, 20, 20, 20])
  }

  @Test("The slowest stage is as the prepared step times have it, of all partitions of real models")
  func realModels() throws {
    for name in ["llama-3.1-8b", "deepseek-v3", "gemma-3-27b"] {
      guard var model = ModelCatalogue.model(named: name) else { continue }
      model.layers = 10
      let step = Self.step(.mixed, model, stages: 3)
      let plan = ParallelPlan.balanced(
        stages: 3, pricing: Self.pricing(model), step: step, memory: nil)
      var known: [Range<Int>: Int64] = [:]
      func slowest(_ partition: [Int]) throws -> Int64 {
        let plan = ParallelPlan(tensor: 1, stages: 3, layersPerStage: partition)
        return try (0..<3).map { stage in
          let range = plan.layerRange(ofStage: stage)
          let pieces = try known[range] == nil ? Shapes.pieces(model, plan, stage: stage) : nil
          if let pieces { known[range] = pieces.cost(step).total }
          return known[range] ?? 0
        }.max() ?? 0
      }
      let times = try Self.partitions(10, 3).map { ($0, try slowest($0)) }
      let least = times.map(\.1).min() ?? 0
      let chosen = try slowest(plan.layersPerStage)
      // Tables lie beside the laws by less than this.
      #expect(Double(chosen) <= Double(least) * 1.002, "\(name) \(plan.layersPerStage)")
    }
  }

  @Test("Prices without tables are those of prepared step times", arguments: [1, 4])
  func laws(tensor: Int) throws {
    for name in ["llama-3.1-70b", "llama-3.1-8b", "deepseek-v3", "gpt-oss-20b", "qwen3-30b-a3b"] {
      guard let model = ModelCatalogue.model(named: name) else { continue }
      var costs = [RooflineCost(), RooflineCost(engine: .vllmV0)]
      costs[1].hidesHost = true
      costs[1].launchNanosecondsPerKernel = 4_000
      for cost in costs {
        let plan = ParallelPlan(
          tensor: tensor, stages: 3, layersPerStage: [2, model.layers - 5, 3])
        let pricing = StagePricing(
          cost: .roofline(cost), model: model, weights: .bf16, keyValue: .bf16, tensor: tensor,
          gpu: .h100SXM, fabric: .nvlinkSwitch, allReduce: .customGraph)
        for stage in 0..<3 {
          let pieces = try Shapes.pieces(.roofline(cost), model, plan, stage: stage)
          for step in ReferenceStep.allCases {
            let shape = Self.step(step, model, stages: 3)
            let prepared = pieces.cost(shape).total
            let direct = try pricing.nanoseconds(shape, layers: plan.layerRange(ofStage: stage))
            #expect(
              isNear(Double(direct), Double(prepared), within: 0.005),
              "\(name) \(step) stage \(stage): \(direct), \(prepared)")
          }
        }
      }
    }
  }

  @Test("Given and measured costs have their own prices, and unmeasured stages are none")
  func givenCosts() throws {
    var model = Shapes.catalogue("llama-3.1-8b")
    model.layers = 8
    func plan(_ cost: CostModel) -> ParallelPlan {
      let pricing = StagePricing(
        cost: cost, model: model, weights: .bf16, keyValue: .bf16, tensor: 1, gpu: .h100SXM,
        fabric: .single, allReduce: .customGraph)
      return .balanced(
        stages: 3, pricing: pricing, step: Self.step(.decode, model, stages: 3), memory: nil)
    }
    #expect(plan(.constant(ConstantCost(baseNanoseconds: 8_000_000))).layersPerStage == [3, 3, 2])
    func measured(_ layers: Int, _ nanoseconds: Int64) -> TableCost.Stage {
      TableCost.Stage(
        tensor: 1, layers: layers, decode: [.init(1, nanoseconds)], prefill: [.init(1, 1)])
    }
    // Stages of three layers are slow on this machine, and nobody measured four.
    let table = TableCost(stages: [
      measured(2, 200), measured(3, 900), measured(5, 500), measured(1, 100),
    ])
    #expect(plan(.table(table)).layersPerStage == [5, 2, 1])
    let only = TableCost(stages: [measured(8, 100)])
    #expect(plan(.table(only)).layersPerStage == [3, 3, 2])
  }

  @Test("A stage holds no more layers than its memory, even if that makes another one slower")
  func memory() {
    let model = Shapes.catalogue("llama-3.1-70b")
    var small = GPUSpecification.h100SXM
    // 20 layers and the embedding are 36.3 GB, 21 layers 35.9 GB; each stage works in 1.5 GB.
    small.memoryBytes = 37_600_000_000
    func layers(_ gpu: GPUSpecification) -> [Int] {
      let pricing = StagePricing(
        cost: .roofline(RooflineCost()), model: model, weights: .bf16, keyValue: .bf16,
        tensor: 1, gpu: gpu, fabric: .single, allReduce: .customGraph)
      return ParallelPlan.balanced(
        stages: 4, pricing: pricing, step: Self.step(.decode, model, stages: 4),
        memory: MemoryLimits(
          gpuMemoryUtilization: 1, memoryShare: 1, maxBatchedTokens: 2_048, maxSequences: 256,
          microbatchesInFlight: 4, blockTokens: 16)
      ).layersPerStage
    }
    #expect(layers(.h100SXM) == [20, 21, 20, 19])
    #expect(layers(small) == [19, 21, 21, 19])
  }
}
