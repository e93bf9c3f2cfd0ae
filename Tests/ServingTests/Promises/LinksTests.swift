import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

/// What hops and collectives cost while weights are loaded over the same links.
///
/// Two nodes of one GPU with one network card of 1 byte/ns each. The first request starts a replica over
/// both; when it is up, another model's weights are fetched to the same two GPUs, which both models share,
/// or not at all, and the request that counts comes meanwhile.
@Suite("Links that are shared")
struct LinksTests {
  private static func scenario(
    tensor: Int, stages: Int, loading: Bool, communication: Nanoseconds = 0,
    simulatedHops: Bool = false
  ) -> Scenario {
    let cluster = Machines.cluster(nodes: 2, gpus: 1)
    var values = OptionValues(defaultsOf: LadderParallelism.options)
    values["plans"] = .plans([
      PlanShape(tensor: tensor, stages: stages), PlanShape(tensor: 1, stages: 1),
    ])
    values["domain"] = .choice("preferred")
    var scheduler = Schedulers.make(scaling: Schedulers.queue(max: 1))
    scheduler.parallelism = LadderParallelism(values)
    scheduler.placement = FirstFitPlacement()
    scheduler.engine.residentsPerGPU = 2
    scheduler.engine.simulatedHops = simulatedHops
    scheduler.coldStart = Schedulers.coldStart(container: 0, runtime: 0, engineInit: 0)
    func request(_ arrival: Nanoseconds, _ workload: Int32, _ prompt: Int32) -> ArrivingRequest {
      ArrivingRequest(
        arrival: arrival, workload: workload, promptTokens: prompt, outputTokens: 1)
    }
    let requests = [request(0, 0, 1), request(100_000_000, 1, 1), request(101_000_000, 0, 100)]
    return Scenario.small(
      cluster: cluster,
      models: [
        Models.constant("works", base: 1_000_000, communication: communication),
        Models.constant("loads"),
      ],
      workloads: [Traffic.burst(1), Traffic.burst(1, name: "other", model: 1)],
      requests: loading ? requests : [requests[0], requests[2]], schedulers: [scheduler])
  }

  private static func request(_ scenario: Scenario) throws -> RequestRecord {
    let outcome = scenario.outcome()
    return try #require(outcome.records.requests.first { $0.promptTokens == 100 })
  }

  @Test("A hop gets half of a card over which weights are loaded, and all of a free one")
  func hops() throws {
    // 100,000 bytes over cards of 1 byte/ns: 100,000 ns, and 7,000 each way.
    let alone = try Self.request(Self.scenario(tensor: 1, stages: 2, loading: false))
    #expect(alone.parts.commPipeline == 100_000 + 2 * 7_000)
    let beside = try Self.request(Self.scenario(tensor: 1, stages: 2, loading: true))
    #expect(beside.parts.commPipeline == 200_000 + 2 * 7_000)
    #expect(beside.parts.compute == alone.parts.compute)
  }

  @Test("A hop that is a flow gets the same half, to the nanosecond")
  func hopsAsFlows() throws {
    for loading in [false, true] {
      let priced = try Self.request(Self.scenario(tensor: 1, stages: 2, loading: loading))
      let flow = try Self.request(
        Self.scenario(tensor: 1, stages: 2, loading: loading, simulatedHops: true))
      #expect(flow.parts == priced.parts)
    }
  }

  @Test("A collective over a card over which weights are loaded takes twice as long")
  func collectives() throws {
    let alone = try Self.request(
      Self.scenario(tensor: 2, stages: 1, loading: false, communication: 60_000))
    #expect(alone.parts.commTensor == 60_000)
    let beside = try Self.request(
      Self.scenario(tensor: 2, stages: 1, loading: true, communication: 60_000))
    #expect(beside.parts.commTensor == 120_000)
    #expect(beside.parts.compute == alone.parts.compute)
  }

  @Test("Bytes of hops and weights are credited to every link they cross, once")
  func bytes() throws {
    let outcome = Self.scenario(tensor: 1, stages: 2, loading: true).outcome()
    func carried(_ kind: ClusterLinkKind, _ owner: Int32) -> [Int64] {
      outcome.records.links.filter { $0.kind == kind && $0.owner == owner }
        .flatMap { [$0.bulkBytes, $0.hopBytes] }
    }
    let weights = Models.architecture().weightBytes(.bf16)
    // Half of each model to each node; 1, 100 and (of the other model) 1 tokens hop.
    #expect(carried(.store, 0) == [2 * weights, 0])
    #expect(carried(.nicDown, 0) == [weights, 0])
    #expect(carried(.nicDown, 1) == [weights, 102_000])
    #expect(carried(.nicUp, 0) == [0, 102_000])
    #expect(carried(.nicUp, 1) == [0, 0])
  }

  @Test("A pipeline over PCIe does not contend with itself: in and out are two directions")
  func directions() throws {
    func communication(_ stages: Int) throws -> Nanoseconds {
      let outcome = Scenario.small(
        cluster: Machines.cluster(nodes: 1, gpus: 4, nvlink: .none),
        workloads: [Traffic.burst(1, prompt: 100, output: 1)],
        schedulers: [Schedulers.make(stages: stages)]
      ).outcome()
      return try #require(outcome.request(0)).parts.commPipeline
    }
    // 100,000 bytes at 1 byte/ns and 3,000 for each hop, 3,000 back.
    #expect(try communication(2) == 103_000 + 3_000)
    #expect(try communication(4) == 3 * 103_000 + 3_000)
  }

  @Test("Batches that follow one another over a link wait for it")
  func serial() throws {
    // Steps of 10,000 ns, hops of 100,000 ns: the link decides.
    var scheduler = Schedulers.make(stages: 4, batching: Schedulers.vllm(tokens: 100))
    scheduler.placement = FirstFitPlacement()
    let outcome = Scenario.small(
      cluster: Machines.cluster(nodes: 4, gpus: 1), models: [Models.constant(base: 40_000)],
      workloads: [Traffic.burst(4, prompt: 100, output: 1)], schedulers: [scheduler]
    ).outcome()
    let ends = outcome.records.requests.map(\.end)
    let first: Nanoseconds = 4 * 10_000 + 3 * 107_000 + 7_000
    #expect(ends == (0..<4).map { first + 100_000 * Nanoseconds($0) })
  }

  @Test("What leaves by cards and leaves arrives by cards and leaves", arguments: 1...30)
  func conserved(seed: UInt64) {
    let outcome = RandomWorld.scenario(seed).outcome()
    let links = outcome.records.links
    func sum(_ kind: ClusterLinkKind, _ bytes: (LinkRecord) -> Int64) -> Int64 {
      links.filter { $0.kind == kind }.reduce(0) { $0 + bytes($1) }
    }
    #expect(sum(.nicUp) { $0.hopBytes } == sum(.nicDown) { $0.hopBytes })
    #expect(sum(.nicUp) { $0.collectiveBytes } == sum(.nicDown) { $0.collectiveBytes })
    #expect(sum(.leafUp) { $0.hopBytes } == sum(.leafDown) { $0.hopBytes })
    #expect(sum(.leafUp) { $0.collectiveBytes } == sum(.leafDown) { $0.collectiveBytes })
    #expect(sum(.pcieUp) { $0.collectiveBytes } == sum(.pcie) { $0.collectiveBytes })
    // Weights come from the store through a leaf and a card; those of peers, and KV that moves, set out through
    // a card, and through a leaf where they leave it. Images come from a registry that has no link.
    if links.contains(where: { $0.kind == .store }) {
      let arrived = sum(.leafDown) { $0.bulkBytes } - sum(.leafUp) { $0.bulkBytes }
      let images = outcome.events.filter { $0.kind == .transfer && $0.c == 5 }
      let whole = outcome.events.filter { $0.kind == .transferEnd && $0.c == 5 }
      let bytes = images.first?.d ?? 0
      let others = arrived - sum(.store) { $0.bulkBytes }
      #expect(others >= bytes * Int64(whole.count) && others <= bytes * Int64(images.count))
    }
    #expect(
      sum(.leafDown) { $0.bulkBytes } - sum(.leafUp) { $0.bulkBytes }
        == sum(.nicDown) { $0.bulkBytes } - sum(.nicUp) { $0.bulkBytes })
    #expect(links.allSatisfy { $0.bulkBytes >= 0 && $0.hopBytes >= 0 })
  }
}
