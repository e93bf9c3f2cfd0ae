import EventKernel
import Hardware
import Inference
import Scenarios
import Serving
import Testing
import Workload

@Suite("Decoding a scenario")
struct DecodingTests {
  @Test("The documented example decodes to what it says")
  func documentedExample() throws {
    let scenario = try decode(Fixture.burst).scenario
    #expect(scenario.name == "shared-cluster-burst")
    #expect(scenario.seed == 1)
    #expect(scenario.duration == 1_800_000_000_000)
    #expect(scenario.warmup == 120_000_000_000)
    #expect(scenario.drainLimit == 3_600_000_000_000)
    #expect(scenario.sampleInterval == 18_000_000_000)
    #expect(scenario.cluster.nodes.count == 8)
    #expect(scenario.cluster.gpuCount == 64)
    #expect(scenario.cluster.nodes[7].gpu == .h100SXM)
    #expect(scenario.cluster.nodes[0].nicBandwidthBytesPerSecond == 50e9)
    #expect(scenario.cluster.nodes[0].hostMemoryBytes == 2_000_000_000_000)
    #expect(scenario.cluster.nodes[0].storageBandwidthBytesPerSecond == 12e9)
    #expect(scenario.cluster.oversubscription == 2)
    #expect(scenario.cluster.fabricLatencyNanoseconds == 4_000)
    #expect(scenario.cluster.modelStoreBandwidthBytesPerSecond == 20e9)
    #expect(scenario.background?.occupancy == 0.85)
    #expect(scenario.background?.sizes.map(\.gpus) == [1, 2, 4, 8])
    #expect(scenario.background?.lifetimeSeconds == .lognormal(mean: 2_400, cv: 2))
    #expect(scenario.models[0].architecture == ModelCatalogue.model(named: "llama-3.1-70b"))
    #expect(scenario.models[0].cost == .roofline(RooflineCost()))
  }

  @Test("Workloads and their targets decode to what they say")
  func workloads() throws {
    let workload = try decode(Fixture.burst).scenario.workloads[0]
    #expect(workload.tenant == "chat")
    #expect(workload.drawn?.arrivals == .renewal(gapSeconds: .gamma(mean: 0.25, cv: 4)))
    let lengths = RequestLengths.separate(
      prompt: LengthDistribution(distribution: .lognormal(mean: 900, cv: 1.2)),
      output: LengthDistribution(distribution: .lognormal(mean: 220, cv: 0.9)))
    #expect(workload.drawn?.lengths == lengths)
    let objective = ServiceLevelObjective(ttft: 2_000_000_000, tpot: 80_000_000)
    #expect(workload.objective == objective)
  }

  @Test("Schedulers get the policies they name and the documented defaults for the others")
  func schedulers() throws {
    let schedulers = try decode(Fixture.burst).scenario.schedulers
    #expect(schedulers.map(\.name) == ["tp4", "pp4", "adaptive"])
    #expect(schedulers[0].parallelism.allPlans == [PlanShape(tensor: 4, stages: 1)])
    #expect(schedulers[0].scaling.maximumReplicas == 8)
    #expect(schedulers[0].scaling.keepAlive == 60_000_000_000)
    #expect(schedulers[1].batching is VLLMBatching)
    #expect(schedulers[1].routing is LeastLoadedRouting)
    #expect(schedulers[1].placement is BestFitPlacement)
    #expect(schedulers[1].scaling is QueueScaling)
    #expect(schedulers[1].engine == EngineSpecification())
    #expect(schedulers[1].coldStart == ColdStartSpecification())
    let rungs = schedulers[2].parallelism.allPlans
    #expect(rungs.map(\.tensor) == [4, 2, 1])
    #expect(rungs.map(\.stages) == [1, 2, 4])
  }
}
