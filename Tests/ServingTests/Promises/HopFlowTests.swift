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

  /// Two models whose pipelines share two GPUs behind a card of 1 byte/ns each; each has one request of
  /// 100,000 bytes, the second `apart` after the first.
  private func twoPipelines(apart: Nanoseconds) -> Scenario {
    var scheduler = Schedulers.make(stages: 2)
    scheduler.engine.residentsPerGPU = 2
    let requests = (0..<2).map {
      ArrivingRequest(
        arrival: Nanoseconds($0) * apart, workload: Int32($0), promptTokens: 100, outputTokens: 1)
    }
    return Scenario.small(
      cluster: Machines.cluster(nodes: 2, gpus: 1),
      models: [Models.constant("a", base: 20_000), Models.constant("b", base: 20_000)],
      workloads: [Traffic.burst(1), Traffic.burst(1, name: "other", model: 1)],
      requests: requests, schedulers: [scheduler])
  }

  @Test(
    "Of two pipelines on a card a price counts both; a flow shares it only while both send",
    arguments: [(0, 190_000), (60_000, 140_000), (1_000_000, 100_000)])
  func severalPipelines(apart: Nanoseconds, transfer: Nanoseconds) throws {
    let (priced, flow) = both(twoPipelines(apart: apart))
    for request in priced.records.requests {
      #expect(request.parts.commPipeline == 200_000 + 2 * 7_000)
    }
    // Steps of 10,000 ns: at once, the second sends 10,000 ns after the first, and both 90,000 bytes
    // beside each other; 60,000 ns apart it is 40,000 bytes.
    for request in flow.records.requests {
      #expect(request.parts.commPipeline == transfer + 2 * 7_000)
    }
  }

  /// Two models' pipelines over four nodes, with cold starts that come and go, everything drawn.
  private func drawn(_ seed: UInt64) -> Scenario {
    var generator = SeededGenerator(state: seed)
    func pick<Element>(_ choices: [Element]) -> Element {
      choices[Int.random(in: 0..<choices.count, using: &generator)]
    }
    let cluster = Machines.cluster(
      nodes: 4, gpus: pick([1, 2]), nics: 1, nicBandwidth: pick([1e9, 2e8]),
      store: pick([1e12, 5e8]), nodesPerLeaf: pick([1, 4]))
    var scheduler = Schedulers.make(
      stages: pick([2, 4]),
      scaling: Schedulers.queue(max: 2, keepAlive: pick([5_000_000, 50_000_000])))
    scheduler.engine.residentsPerGPU = pick([1, 2])
    scheduler.coldStart = Schedulers.coldStart(container: 1_000_000, engineInit: 1_000_000)
    return Scenario.small(
      seed: seed, cluster: cluster, models: [Models.constant("a"), Models.constant("b")],
      workloads: [
        Traffic.poisson(rate: pick([40, 100])), Traffic.poisson(rate: 20, name: "b", model: 1),
      ], schedulers: [scheduler])
  }

  @Test(
    "Beside cold starts and other pipelines: time on hops is 0.6 to 1 of the price, e2e 0.96 to 1",
    arguments: 1...24)
  func bound(seed: UInt64) {
    let (priced, flow) = both(drawn(seed))
    func ratio(_ time: (RequestRecord) -> Nanoseconds) -> Double {
      let sums = [flow, priced].map { $0.records.requests.reduce(0) { $0 + time($1) } }
      return Double(sums[0]) / Double(sums[1])
    }
    #expect(flow.records.requests.count == priced.records.requests.count)
    #expect(priced.records.requests.allSatisfy { $0.status == .completed })
    let hops = ratio { $0.parts.commPipeline }
    #expect(hops >= 0.6 && hops <= 1.0001)
    let whole = ratio { $0.end - $0.arrival }
    #expect(whole >= 0.96 && whole <= 1.0001)
  }

  @Test("The same scenario gives the same run", arguments: [1, 10, 24])
  func deterministic(seed: UInt64) {
    let runs = (0..<2).map { _ in both(drawn(seed)).flow }
    #expect(runs[0].records.requests == runs[1].records.requests)
    #expect(runs[0].summary.digest == runs[1].summary.digest)
  }

  @Test("A pipeline's messages follow one another in both")
  func serial() {
    var scheduler = Schedulers.make(stages: 4, batching: Schedulers.vllm(tokens: 100))
    scheduler.placement = FirstFitPlacement()
    let scenario = Scenario.small(
      cluster: Machines.cluster(nodes: 4, gpus: 1), models: [Models.constant(base: 40_000)],
      workloads: [Traffic.burst(4, prompt: 100, output: 1)], schedulers: [scheduler])
    let (priced, flow) = both(scenario)
    #expect(priced.records.requests.map(\.end) == flow.records.requests.map(\.end))
  }
}
