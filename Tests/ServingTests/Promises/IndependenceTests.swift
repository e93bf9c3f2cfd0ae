import EventKernel
import Hardware
import Serving
import Support
import Testing
import Workload

/// What a stream of draws brought: a request of a workload, or a tenant's demand.
private struct Draw: Hashable {
  var name: String
  var time: Nanoseconds
  var first: Int64
  var second: Int64
}

extension Outcome {
  fileprivate func arrivals(_ scenario: Scenario) -> [Draw] {
    events.filter { $0.kind == .arrive }.map {
      Draw(name: scenario.workloads[Int($0.b)].name, time: $0.time, first: $0.c, second: $0.d)
    }
  }

  /// Time, size and lifetime of every tenant's demand, in order of these.
  fileprivate var tenantDemands: [Draw] {
    events.filter { $0.kind == .tenantDemand }.map {
      Draw(name: "", time: $0.time, first: $0.b, second: $0.c)
    }.sorted { ($0.time, $0.first, $0.second) < ($1.time, $1.first, $1.second) }
  }
}

@Suite("What must not change what")
struct IndependenceTests {
  private static let background = BackgroundSpecification(
    occupancy: 0.5,
    sizes: [BackgroundSize(gpus: 1, share: 0.7), BackgroundSize(gpus: 2, share: 0.3)],
    lifetimeSeconds: .lognormal(mean: 0.3, cv: 1.5))

  private static func schedulers() -> [SchedulerSpecification] {
    let scaling = Schedulers.queue(keepAlive: 100_000_000, requestsPerReplica: 4)
    return [
      Schedulers.make("tp2", tensor: 2, scaling: scaling, keyValueBlocks: 40),
      Schedulers.make("pp4", stages: 4, scaling: scaling, keyValueBlocks: 40),
    ]
  }

  private static func base(seed: UInt64 = 5) -> Scenario {
    Scenario.small(
      seed: seed, duration: 1_000_000_000, drainLimit: 3_000_000_000, sampleInterval: 50_000_000,
      cluster: Machines.cluster(nodes: 3, gpus: 4), background: background,
      models: [
        Models.stochastic("drawn", seconds: .exponential(mean: 0.002), perStage: true),
        Models.constant("given"),
      ],
      workloads: [
        Traffic.poisson(rate: 40, name: "chat"), Traffic.poisson(rate: 30, name: "code", model: 1),
      ], schedulers: schedulers())
  }

  @Test("Schedulers see the same arrivals, lengths and background demands")
  func sameWorld() {
    let scenario = Self.base()
    let first = scenario.outcome(scheduler: 0)
    let second = scenario.outcome(scheduler: 1)
    #expect(first.arrivals(scenario).count > 40)
    #expect(first.arrivals(scenario) == second.arrivals(scenario))
    // One run may go on for longer than the other.
    let end = min(first.summary.simulated, second.summary.simulated)
    let demands = first.tenantDemands.filter { $0.time < end }
    #expect(demands.count > 15)
    #expect(demands == second.tenantDemands.filter { $0.time < end })
    #expect(first.summary.digest != second.summary.digest)
  }

  @Test("A further workload leaves the others' requests and the background as they were")
  func furtherWorkload() {
    let before = Self.base()
    var after = before
    after.workloads.insert(Traffic.poisson(rate: 60, name: "new"), at: 0)
    after.source = SyntheticRequests(workloads: after.workloads, duration: after.duration)
    let old = before.outcome()
    let new = after.outcome()
    #expect(new.arrivals(after).contains { $0.name == "new" })
    for name in ["chat", "code"] {
      let expected = old.arrivals(before).filter { $0.name == name }
      #expect(new.arrivals(after).filter { $0.name == name } == expected)
    }
    let end = min(old.summary.simulated, new.summary.simulated)
    #expect(
      old.tenantDemands.filter { $0.time < end } == new.tenantDemands.filter { $0.time < end })
  }

  @Test("A further size of tenants leaves the requests as they were")
  func furtherTenants() {
    let before = Self.base()
    var after = before
    after.background?.sizes.append(BackgroundSize(gpus: 4, share: 0.5))
    let old = before.outcome()
    let new = after.outcome()
    #expect(new.arrivals(after) == old.arrivals(before))
    #expect(new.tenantDemands != old.tenantDemands)
  }

  @Test("A further node leaves the requests as they were, and only adds background demands")
  func furtherNode() {
    var before = Self.base()
    before.background?.sizes = [BackgroundSize(gpus: 1, share: 1)]
    var after = before
    after.cluster.nodes.append(contentsOf: Machines.cluster(nodes: 1, gpus: 4).nodes)
    let old = before.outcome()
    let new = after.outcome()
    #expect(new.arrivals(after) == old.arrivals(before))
    let end = min(old.summary.simulated, new.summary.simulated)
    let expected = Set(old.tenantDemands.filter { $0.time < end })
    let found = Set(new.tenantDemands.filter { $0.time < end })
    #expect(expected.isSubset(of: found))
    #expect(found.count > expected.count)
  }

  @Test("A further scheduler, or another order of them, changes nothing in a scheduler's digest")
  func otherSchedulers() {
    let scenario = Self.base()
    let digests = [0, 1].map { scenario.outcome(scheduler: $0).summary.digest }
    var swapped = scenario
    swapped.schedulers.reverse()
    #expect([1, 0].map { swapped.outcome(scheduler: $0).summary.digest } == digests)
    var further = scenario
    further.schedulers.insert(Schedulers.make("new"), at: 1)
    #expect([0, 2].map { further.outcome(scheduler: $0).summary.digest } == digests)
  }

  @Test("Twins under different names have the same digest, different seeds have not")
  func twins() {
    var scenario = Self.base()
    scenario.schedulers.append(scenario.schedulers[0])
    scenario.schedulers[2].name = "twin"
    let digest = scenario.outcome(scheduler: 0).summary.digest
    #expect(scenario.outcome(scheduler: 2).summary.digest == digest)
    #expect(scenario.outcome(scheduler: 0).summary.digest == digest)
    #expect(scenario.outcome(scheduler: 0, replication: 1).summary.digest != digest)
    #expect(Self.base(seed: 6).outcome().summary.digest != digest)
  }

  @Test("Nobody who watches changes the run", arguments: 1...6)
  func observers(seed: UInt64) {
    let scenario = RandomWorld.scenario(seed)
    let run = Simulation(scenario: scenario, scheduler: 0)
    let alone = run.run()
    let watched = run.run(into: MemorySink(), observer: { _ in true }, checksInvariants: true)
    let logged = run.run(events: MemoryEventLog())
    var stepped = run.run(leaps: false)
    #expect(alone == watched)
    #expect(stepped == logged)
    #expect(scenario.outcome().summary == logged)
    // A log names every step, so it takes more events; they are no result.
    stepped.events = alone.events
    #expect(alone == stepped)
  }

  @Test("The digest follows from the recorded rows in any order", arguments: 1...12)
  func recordedDigest(seed: UInt64) {
    let scenario = RandomWorld.scenario(seed)
    let outcome = scenario.outcome()
    var digest = RunDigest(
      workloadNames: scenario.workloads.map(\.name),
      asksSeveralModels: scenario.workloads.map { $0.popularity != nil },
      modelNames: scenario.models.map(\.name))
    digest.add(itl: outcome.summary.overall.itlHistogram)
    for record in outcome.records.scalings.reversed() { digest.add(record) }
    for record in outcome.records.requests.reversed() { digest.add(record) }
    for record in outcome.records.allocations.reversed() { digest.add(record) }
    for record in outcome.records.replicas.reversed() { digest.add(record) }
    #expect(digest.text == outcome.summary.digest)
  }
}
