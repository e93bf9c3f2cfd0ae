import EventKernel
import Hardware
import Inference
import Serving
import Testing

/// Decode throughput of TP against PP on the same GPUs.
@Suite struct ThroughputTests {
  private static let sequences = 32
  private static let tokens = 400

  /// Where only weights and the all-reduce cost anything, thr TP / thr PP = p / (1 + AR / t_w).
  @Test(
    "With only weights to read TP decodes exactly p times as fast as PP, less the all-reduce",
    arguments: [8, 4, 1, 0])
  func exactRatio(allReduce: Int) throws {
    let scenario = try oracle(
      "free-all-reduce", "models[0].cost.communication=\"\(allReduce)ms\"")
    let tensor = try decodeNanoseconds(scenario, "tp4")
    let pipeline = try decodeNanoseconds(scenario, "pp4")
    #expect(pipeline * Int64(8 + allReduce) == 4 * tensor * 8)
  }

  /// A TP step serves all sequences; the pipeline's slowest stage, here the last with the LM head,
  /// needs p steps for as many: thr TP / thr PP = p t(slowest stage, B / p) / t(TP, B).
  @Test(
    "TP decodes faster than PP as the step costs say, up to what kernels leave of p",
    arguments: [1, 0.5, 0.25, 0.1, 0.0])
  func ratio(factor: Double) throws {
    let scenario = try oracle(
      "tensor-against-pipeline", "models[0].cost.communicationFactor=\(factor)")
    let (tensor, pipeline) = try (
      decodeNanoseconds(scenario, "tp4"), decodeNanoseconds(scenario, "pp4")
    )
    let simulated = Double(pipeline) / Double(tensor)
    let limit = try Double(expectedPipeline(scenario)) / Double(expectedTensor(scenario))
    #expect(abs(simulated / limit - 1) < 0.000_1)
    // Not 4: what a kernel costs however small is not divided by p.
    #expect(simulated < 4)
    #expect(factor > 0 || simulated > 3.4)
  }

  /// From the first sequence's first token to its last.
  private func decodeNanoseconds(_ scenario: Scenario, _ name: String) throws -> Nanoseconds {
    let records = scenario.recorded(scheduler: try scenario.scheduler(name)).records.requests
    #expect(records.count == Self.sequences)
    let first = try #require(records.first { $0.requestID == 0 })
    return try #require(first.finish) - #require(first.firstToken)
  }

  private func expectedTensor(_ scenario: Scenario) throws -> Nanoseconds {
    let pieces = try stage(0, .even(tensor: 4, stages: 1, layers: 80), scenario)
    return steps(pieces, sequences: Self.sequences)
  }

  private func expectedPipeline(_ scenario: Scenario) throws -> Nanoseconds {
    let plan = ParallelPlan.even(tensor: 1, stages: 4, layers: 80)
    let stages = try (0..<4).map { try steps(stage($0, plan, scenario), sequences: 8) }
    return 4 * (stages.max() ?? 0)
  }

  /// All decode steps of one micro-batch on a stage; the context grows by a token a step.
  private func steps(_ pieces: StepPieces, sequences: Int) -> Nanoseconds {
    (2...Self.tokens).reduce(0) { sum, context in
      sum + pieces.cost(.decode(sequences: sequences, contextTokens: sequences * context)).total
    }
  }

  private func stage(
    _ index: Int, _ plan: ParallelPlan, _ scenario: Scenario
  ) throws -> StepPieces {
    let model = scenario.models[0]
    return try StepPieces.prepare(
      cost: model.cost, model: model.architecture, plan: plan, stage: index, gpu: .h100SXM,
      fabric: .nvlinkSwitch)
  }
}
