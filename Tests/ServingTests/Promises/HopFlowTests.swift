import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

/// Hops as flows, the exact reference, beside hops at a price.
@Suite("Hops as flows and at a price")
struct HopFlowTests {
  /// The same scenario with hops priced, and with hops as flows.
  private func both(_ scenario: Scenario) -> (priced: Outcome, flow: Outcome) {
    var reference = scenario
    for scheduler in reference.schedulers.indices {
      reference.schedulers[scheduler].engine.simulatedHops = true
    }
    return (scenario.outcome(), reference.outcome())
  }

  private static let machines: [ClusterSpecification] = [
    Machines.cluster(nodes: 1, gpus: 8), Machines.cluster(nodes: 1, gpus: 8, nvlink: .none),
    Machines.cluster(nodes: 8, gpus: 1), Machines.cluster(nodes: 4, gpus: 2, nicBandwidth: 7e8),
    Machines.cluster(nodes: 4, gpus: 2, nics: 2, nodesPerLeaf: 2),
  ]

  @Test(
    "With one micro-batch at a time nothing contends, and a hop differs by its rounding: 1 ns",
    arguments: machines, [(1, 2), (1, 4), (2, 2), (2, 4)])
  func uncontended(cluster: ClusterSpecification, plan: (tensor: Int, stages: Int)) {
    let scheduler = Schedulers.make(
      tensor: plan.tensor, stages: plan.stages, domainRequired: false,
      batching: Schedulers.vllm(sequences: 1))
    let scenario = Scenario.small(
      cluster: cluster,
      workloads: [Traffic.poisson(rate: 60, prompt: 1...90, output: 1...9)],
      schedulers: [scheduler])
    let (priced, flow) = both(scenario)
    #expect(priced.records.requests.count > 20)
    for (left, right) in zip(priced.records.requests, flow.records.requests) {
      let hops = Int64(left.outputTokens) * Int64(plan.stages - 1)
      #expect(left.requestID == right.requestID)
      #expect(abs(left.parts.commPipeline - right.parts.commPipeline) <= hops)
      #expect(left.parts.compute == right.parts.compute)
    }
  }

  @Test("Bytes of hops and of weights on every link are the same in both")
  func bytes() {
    for seed: UInt64 in 1...6 {
      var scenario = Scenario.small(
        seed: seed, cluster: Machines.cluster(nodes: 2, gpus: 2, nvlink: .none),
        workloads: [Traffic.poisson(rate: 100)],
        schedulers: [
          Schedulers.make(stages: 4, scaling: Schedulers.fixed(), keyValueBlocks: 1_000)
        ])
      scenario.schedulers[0].batching = Schedulers.finite(sequences: 4)
      let (priced, flow) = both(scenario)
      let total = { (outcome: Outcome) in
        outcome.records.stages.reduce(Int64(0)) { $0 + ($1.stage < 3 ? $1.tokens : 0) }
      }
      for outcome in [priced, flow] {
        // PCIe in and out of GPUs for hops 0 → 1 and 2 → 3, cards for 1 → 2.
        let hops = outcome.records.links.reduce(Int64(0)) { $0 + $1.hopBytes }
        #expect(hops == 2 * total(outcome) * Models.hopBytesPerToken)
      }
      #expect(priced.records.links.map(\.bulkBytes) == flow.records.links.map(\.bulkBytes))
    }
  }

  /// A request whose prompt of 100 tokens hops over cards of 1 byte/ns.
  private func pipelines(_ count: Int, apart: Nanoseconds) -> Scenario {
    var scheduler = Schedulers.make(stages: 2, scaling: Schedulers.fixed(count))
    scheduler.routing = RoundRobinRouting()
    // Two nodes of `count` GPUs behind one card, and first stages fill the first one.
    scheduler.placement = FirstFitPlacement()
    var cluster = Machines.cluster(nodes: 2 * count, gpus: 1, nodesPerLeaf: 1)
    // The leaves are as wide as one card, so that all pipelines share one way.
    for node in cluster.nodes.indices { cluster.nodes[node].nicBandwidthBytesPerSecond = 1e9 }
    cluster.nodesPerLeaf = 2 * count
    let requests = (0..<count).map {
      ArrivingRequest(
        arrival: Nanoseconds($0) * apart, workload: 0, promptTokens: 100, outputTokens: 1)
    }
    return Scenario.small(cluster: cluster, requests: requests, schedulers: [scheduler])
  }

  @Test("A pipeline's messages follow one another in both", arguments: [1, 4])
  func serial(stages: Int) {
    var scheduler = Schedulers.make(stages: 4, batching: Schedulers.vllm(tokens: 100))
    scheduler.placement = FirstFitPlacement()
    let scenario = Scenario.small(
      cluster: Machines.cluster(nodes: 4, gpus: 1), models: [Models.constant(base: 40_000)],
      workloads: [Traffic.burst(4, prompt: 100, output: 1)], schedulers: [scheduler])
    let (priced, flow) = both(scenario)
    #expect(priced.records.requests.map(\.end) == flow.records.requests.map(\.end))
  }
}
