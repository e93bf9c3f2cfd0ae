import EventKernel
import Hardware
import Inference
import Serving
import Workload

extension Benchmark {
  /// Demands for one to eight GPUs on 8,000 of which nine tenths are taken, each placed by every placement
  /// policy in turn: tenants that come and go, a few of whom wait.
  static func placement(_ name: String) -> Benchmark {
    Benchmark(
      name: name, summary: "demands for GPUs on 1,000 nodes of 8, by each placement policy",
      unit: "demands each", tableSizes: [10_000], checkSizes: [5_000],
      moreAllocations: nil
    ) { demands in
      let policies = PolicyCatalogue.builtIn.placement
      let scenarios = policies.map { placementScenario($0, demands: demands) }
      return {
        policies.indices.map { index in
          let summary = Simulation(scenario: scenarios[index], scheduler: 0).run()
          return (policies[index].name, Int64(summary.meanBackgroundWaitSeconds * 1e6))
        }
      }
    }
  }

  private static func placementScenario(
    _ policy: any PlacementPolicy.Type, demands: Int
  ) -> Scenario {
    let stream = RandomStream(seed: 1, name: "placement-bench")
    // 1,600 tenants of 4.5 GPUs in the mean are there at once: one comes every 10 ms and stays for 16 s.
    let list = (0..<demands + 1_600).map { (index: Int) -> BackgroundDemand in
      let size = 1 + Int32(stream.uniform(at: UInt64(index)) * 8)
      return BackgroundDemand(
        time: max(0, Nanoseconds(index - 1_600) * 10_000_000), gpus: size,
        lifetime: index < 1_600
          ? 1 + Nanoseconds(index) * 10_000_000 : 16_000_000_000)
    }
    var background = BackgroundSpecification(demands: list)
    background.placement = TenantPlacement(policy, OptionValues(defaultsOf: policy.options))
    let length = LengthDistribution(distribution: .constant(1))
    return Scenario(
      name: "placement", duration: Nanoseconds(demands) * 10_000_000,
      cluster: .nodes(1_000, of: .h100SXM, gpus: 8, nodesPerLeaf: 32), background: background,
      models: [
        ServedModel(
          name: "model", architecture: .served,
          cost: .constant(ConstantCost(baseNanoseconds: 1_000_000)))
      ],
      workloads: [
        WorkloadSpecification(
          name: "one", arrivals: .burst(count: 1, start: 0, every: 0), prompt: length,
          output: length)
      ],
      schedulers: [SchedulerSpecification(name: policy.name, scaling: .replicas(1))])
  }
}
