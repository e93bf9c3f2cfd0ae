import EventKernel
import Hardware
import Inference
import Serving
import Workload

extension Benchmark {
  /// Every batching policy but `vllm-v1`, one after the other, on a queue as long as the size: all requests
  /// come at once, and a few run at a time.
  static func queues(_ name: String) -> Benchmark {
    Benchmark(
      name: name, summary: "each batching policy with so many requests waiting on four stages",
      unit: "requests each", tableSizes: [10_000], moreAllocations: nil
    ) { requests in
      everyPolicy(requests: requests, prompt: 24, output: 2, blocks: 64)
    }
  }

  /// The same with a pool that holds everybody's tokens, and answers of some length.
  static func pools(_ name: String) -> Benchmark {
    Benchmark(
      name: name, summary: "each batching policy with a KV pool that never fills",
      unit: "requests each", tableSizes: [10_000], moreAllocations: nil
    ) { requests in
      everyPolicy(requests: requests, prompt: 24, output: 8, blocks: 40 * requests + 1_000)
    }
  }

  private static func everyPolicy(
    requests: Int, prompt: Int, output: Int, blocks: Int
  ) -> () -> Figures {
    func length(_ tokens: Int) -> LengthDistribution {
      LengthDistribution(distribution: .constant(Double(tokens)))
    }
    let workload = WorkloadSpecification(
      name: "burst", arrivals: .burst(count: requests, start: 0, every: 0),
      prompt: length(prompt), output: length(output))
    let model = ServedModel(
      name: "model", architecture: .served,
      cost: .constant(ConstantCost(baseNanoseconds: 1_000_000)))
    var engine = EngineSpecification()
    engine.keyValueBlocks = blocks
    engine.pricedHops = false
    let policies = PolicyCatalogue.builtIn.batching.filter { $0.name != VLLMBatching.name }
    let schedulers = policies.map { type in
      SchedulerSpecification(
        name: type.name, parallelism: fourStages, batching: type.init(), scaling: .replicas(1),
        engine: engine)
    }
    let scenario = Scenario(
      name: "policies", duration: 1_000_000_000, cluster: .a100Node(gpus: 4), models: [model],
      workloads: [workload], schedulers: schedulers)
    return {
      policies.indices.map { index in
        let summary = Simulation(scenario: scenario, scheduler: index).run()
        precondition(summary.completed == Int64(requests), "\(policies[index].name) lost some")
        return (policies[index].name, summary.steps)
      }
    }
  }

  private static var fourStages: FixedParallelism {
    var values = OptionValues(defaultsOf: FixedParallelism.options)
    values["stages"] = .integer(4)
    return FixedParallelism(values)
  }
}
