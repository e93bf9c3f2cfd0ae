import EventKernel
import Results
import Serving
import Support
import Testing
import Workload

@Suite("A simulated run in a results file")
struct SimulatedRunTests {
  let folder: TemporaryFolder
  let store: ResultsStore

  init() throws {
    folder = try TemporaryFolder()
    store = try ResultsStore(path: folder.file("results.sqlite"))
  }

  /// Cold starts, scale-down, two models, a busy background, samples, requests too long to serve.
  private var scenario: Scenario {
    var scenario = Scenario.small(
      duration: 20_000_000_000, sampleInterval: 1_000_000_000,
      cluster: Machines.cluster(nodes: 2),
      background: BackgroundSpecification(
        occupancy: 0.5, sizes: [BackgroundSize(gpus: 1, share: 1)],
        lifetimeSeconds: .exponential(mean: 3)),
      models: [
        Models.constant("a", perPrefillToken: 10_000, communication: 200_000, host: 100_000),
        Models.constant("b", context: 30),
      ],
      workloads: [
        Traffic.poisson(rate: 12, name: "chat"),
        Traffic.poisson(rate: 3, name: "code", model: 1),
      ],
      schedulers: [
        Schedulers.make("tp2", tensor: 2, scaling: Schedulers.queue(keepAlive: 2_000_000_000)),
        Schedulers.make("pp2", stages: 2, scaling: Schedulers.queue(keepAlive: 2_000_000_000)),
      ])
    scenario.warmup = 2_000_000_000
    for index in scenario.schedulers.indices {
      scenario.schedulers[index].coldStart = Schedulers.coldStart(engineInit: 500_000_000)
    }
    return scenario
  }

  private func run(
    _ scheduler: Int, records: RecordsKept, of other: Scenario? = nil
  ) throws -> (id: Int64, RunSummary) {
    let scenario = other ?? scenario
    let spool = try store.spool(for: RunNames(scenario), records: records)
    let summary = Simulation(scenario: scenario, scheduler: scheduler).run(into: spool)
    let header = RunHeader(
      scenarioDigest: records.rawValue, scenarioJSON: "{}", version: "0.1.0",
      provenance: ExampleRun(requests: 0).header().provenance)
    return (try store.commit(header, summary: summary, spool: spool), summary)
  }

  @Test(
    "Its rows give the digest that the simulator computed, and everything adds up", arguments: 0..<2
  )
  func verifies(scheduler: Int) throws {
    let (_, summary) = try run(scheduler, records: .all)
    let verified = try #require(try store.verify().first)
    #expect(verified.faults == [])
    #expect(verified.recomputedDigest == summary.digest)
    for table in [
      "request", "replica", "stage", "gpu", "link", "allocation", "scaling_decision", "sample",
    ] {
      let rows = try #require(try number("SELECT count(*) FROM \(table)", in: store.path))
      #expect(rows > 0, "\(table)")
    }
    #expect(summary.rejected > 0)
    #expect(summary.coldStarts > 0)
  }

  @Test(
    "Its summary is the same from the file, whatever records are kept",
    arguments: RecordsKept.allCases)
  func summary(records: RecordsKept) throws {
    let (id, summary) = try run(1, records: records)
    #expect(try store.summary(ofRun: id) == summary)
    #expect(try store.verify().flatMap(\.faults) == [])
  }

  /// Two replicas whose short memory passes shared prompts on to a tier of their own and to a shared one.
  private var shared: Scenario {
    var scheduler = Schedulers.make(scaling: Schedulers.fixed(2), keyValueBlocks: 40)
    scheduler.engine.blockTokens = 4
    scheduler.engine.keyValue.sharesPrefixes = true
    scheduler.engine.keyValue.tiers = [
      CacheTier(name: "host", capacityBytes: 3_000_000, bandwidthBytesPerSecond: 1e10),
      CacheTier(
        name: "pool", capacityBytes: 1 << 40, bandwidthBytesPerSecond: 2e9, latency: 1_000,
        isShared: true),
    ]
    var scenario = Scenario.small(
      duration: 500_000_000, cluster: Machines.cluster(nodes: 2),
      models: [Models.constant(perPrefillToken: 20_000)], workloads: [Traffic.poisson(rate: 800)],
      schedulers: [scheduler])
    scenario.warmup = 100_000_000
    scenario.source = SharedPrompts(
      SyntheticRequests(workloads: scenario.workloads, duration: scenario.duration),
      tokensPerBlock: 4)
    return scenario
  }

  @Test("What prefix caches and tiers gave comes back and adds up", arguments: RecordsKept.allCases)
  func prefixes(records: RecordsKept) throws {
    let (id, summary) = try run(0, records: records, of: shared)
    let memory = MemorySink()
    _ = Simulation(scenario: shared, scheduler: 0).run(into: memory)
    #expect(try store.summary(ofRun: id) == summary)
    #expect(try store.replicas(ofRun: id) == memory.replicas.sorted { $0.replicaID < $1.replicaID })
    #expect(try store.verify().flatMap(\.faults) == [])
    let cache = try #require(summary.prefixCache)
    #expect(cache.lookups < summary.requests && cache.hits > 20)
    #expect(cache.tiers.allSatisfy { $0.fetches > 0 && $0.bytesIn > 0 })
    #expect(try number("SELECT count(*) FROM replica_tier", in: store.path) == 4)
    #expect(
      try number("SELECT prefix_cached_tokens FROM run_total", in: store.path)
        == Double(cache.cachedTokens))
    #expect(
      try number("SELECT bytes_out FROM tier WHERE tier = 'pool'", in: store.path)
        == Double(cache.tiers[1].bytesOut))
  }

  @Test("Its records come back as a sink in memory got them")
  func records() throws {
    let (id, _) = try run(0, records: .all)
    let memory = MemorySink()
    _ = Simulation(scenario: scenario, scheduler: 0).run(into: memory)
    var requests: [RequestRecord] = []
    var allocations: [AllocationRecord] = []
    try store.requests(ofRun: id) { requests.append($0.record) }
    try store.allocations(ofRun: id) { allocations.append($0) }
    #expect(requests == memory.requests.sorted { $0.requestID < $1.requestID })
    #expect(allocations == memory.allocations)
    #expect(try store.stages(ofRun: id).count == memory.stages.count)
    #expect(try store.replicas(ofRun: id) == memory.replicas.sorted { $0.replicaID < $1.replicaID })
  }
}
