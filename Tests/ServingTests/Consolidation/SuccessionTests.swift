import EventKernel
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("What takes over from a pipeline, and what goes first")
struct SuccessionTests {
  private static let second: Nanoseconds = 1_000_000_000

  /// Pipelines of two on one node, steps of 1 ms; requests of 10 prompt tokens and so many outputs.
  private static func scenario(
    _ arrivals: [(at: Nanoseconds, tokens: Int32, model: Int32)], models: Int = 1, gpus: Int = 4,
    moves: Bool, scaling: any ScalingPolicy, keepAlive: (any KeepAlivePolicy)? = nil,
    duration: Nanoseconds = 20 * second
  ) -> Scenario {
    var scheduler = Schedulers.make(scaling: scaling)
    scheduler.parallelism = Schedulers.consolidating(
      [PlanShape(tensor: 1, stages: 2)], moves: moves)
    scheduler.engine.keyValueBlocks = 10_000
    scheduler.coldStart = Schedulers.coldStart(container: 0, runtime: 0, engineInit: 0)
    scheduler.keepAlive = keepAlive
    return Scenario.small(
      duration: duration, cluster: Machines.cluster(gpus: gpus),
      models: (0..<models).map { Models.constant("m\($0)", base: 1_000_000, layers: 8) },
      workloads: (0..<models).map { Traffic.burst(1, name: "w\($0)", model: $0) },
      requests: arrivals.map {
        ArrivingRequest(
          arrival: $0.at, workload: $0.model, promptTokens: 10, outputTokens: $0.tokens)
      }, schedulers: [scheduler])
  }

  @Test(
    "A survivor that is kept for no time stays until the requests of its pipeline have moved to it")
  func awaited() throws {
    let outcome = Self.scenario(
      [(0, 3_000, 0)], moves: true, scaling: Schedulers.queue(max: 1, keepAlive: 0)
    ).auditedOutcome()
    let survivor = try #require(outcome.records.replicas.first { $0.replaces >= 0 })
    let request = try #require(outcome.request(0))
    #expect(request.status == .completed)
    #expect(request.replicaID == survivor.replicaID)
    #expect(survivor.released == request.end)
  }

  @Test("Under lru a replica that has taken over makes room like any other")
  func pressure() {
    let outcome = Self.scenario(
      (0..<10).map { (Nanoseconds($0) * 2 * Self.second, 5, Int32($0 % 2)) }, models: 2, gpus: 2,
      moves: false, scaling: Schedulers.queue(max: 1), keepAlive: LeastRecentlyUsedKeepAlive()
    ).auditedOutcome()
    #expect(outcome.summary.completed == 10)
    #expect(outcome.records.scalings.count { $0.clause.name == "pressure" } == 9)
  }

  @Test("A pipeline that drains gives up its successor, and begins another when it is wanted again")
  func resumed() throws {
    var table = OptionValues(defaultsOf: ScheduledScaling.options)
    table["replicas"] = .integers([0, 1, 0, 1, 1, 1, 1, 1, 1, 1])
    let weights = Models.architecture(layers: 8).weightBytes(.bf16)
    let turn = 2 * weights
    table["every"] = .duration(turn)
    // A byte takes a nanosecond over the node's card, and over each GPU's PCIe link. Demanded in the second
    // turn, the pipeline is ready after three quarters of it, and would end on one GPU in the third, in which
    // it drains.
    let outcome = Self.scenario(
      [(turn + 1, 2_000, 0)], moves: false, scaling: ScheduledScaling(table),
      duration: 12 * turn
    ).auditedOutcome()
    let pipeline = try #require(outcome.records.replicas.first { $0.replicaID == 0 })
    let successors = outcome.records.replicas.filter { $0.replaces == pipeline.replicaID }
      .sorted { $0.replicaID < $1.replicaID }
    #expect(successors.count == 2)
    #expect(successors.first?.ready == nil)
    #expect(successors.first?.released == 2 * turn)
    #expect(successors.last?.demanded == 3 * turn)
    #expect(successors.last?.ready != nil)
  }

  @Test("GPUs that a pipeline and its survivor share count once against their tenant's quota")
  func quota() throws {
    // The pipeline holds two of four GPUs for its long request; the other model wants the other two.
    var scenario = Self.scenario(
      [(0, 9_000, 0), (2 * Self.second, 5, 1)], models: 2, moves: false,
      scaling: Schedulers.queue(max: 1, keepAlive: 3 * Self.second), duration: 60 * Self.second)
    for model in 0..<2 { scenario.models[model].tenant = "acme" }
    scenario.quotas = [TenantQuota(tenant: "acme", gpus: 4)]
    let outcome = scenario.auditedOutcome()
    let long = try #require(outcome.request(0))
    let survivor = try #require(outcome.records.replicas.first { $0.replaces == 0 })
    #expect(try #require(survivor.ready) < 2 * Self.second && long.end > 4 * Self.second)
    // The survivor goes while the pipeline still works; its GPU is not given back twice.
    #expect(survivor.released < long.end)
    let other = try #require(outcome.records.allocations.first { $0.model == 1 })
    #expect(other.granted == other.demanded)
    #expect(outcome.summary.completed == 2)
    // And never more than the quota allows: a third model would have to wait.
    scenario.quotas = [TenantQuota(tenant: "acme", gpus: 3)]
    let less = scenario.auditedOutcome()
    let waits = try #require(less.records.allocations.first { $0.model == 1 })
    #expect(try #require(waits.granted) >= (try #require(less.request(0)).end))
  }
}
