import EventKernel
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Pipelines that end on one stage")
struct ConsolidationTests {
  private static let second: Nanoseconds = 1_000_000_000

  /// A scheduler that starts as a pipeline; cold starts are weights alone.
  private static func scheduler(
    stages: Int = 4, endTensor: Int = 1, requests: String = "finish", survivors: String = "one",
    scaling: any ScalingPolicy = Schedulers.queue(max: 1)
  ) -> SchedulerSpecification {
    var scheduler = Schedulers.make(scaling: scaling)
    scheduler.parallelism = Schedulers.consolidating(
      [PlanShape(tensor: 1, stages: stages)], endTensor: endTensor, moves: requests == "move",
      allSurvive: survivors == "all")
    scheduler.engine.keyValueBlocks = 1_000
    scheduler.coldStart = Schedulers.coldStart(container: 0, runtime: 0, engineInit: 0)
    return scheduler
  }

  /// Requests of 10 prompt tokens and so many outputs at given times; steps of 1 ms.
  private static func scenario(
    _ scheduler: SchedulerSpecification, _ arrivals: [(at: Nanoseconds, tokens: Int32)],
    nodes: Int = 4, gpus: Int = 1, duration: Nanoseconds = 10 * second
  ) -> Scenario {
    Scenario.small(
      duration: duration, cluster: Machines.cluster(nodes: nodes, gpus: gpus),
      models: [Models.constant(base: 1_000_000, layers: 8)], workloads: [Traffic.burst(1)],
      requests: arrivals.map {
        ArrivingRequest(arrival: $0.at, workload: 0, promptTokens: 10, outputTokens: $0.tokens)
      }, schedulers: [scheduler])
  }

  /// Bytes of the model's weights, of which a network card and a loader move one a nanosecond.
  private static var weights: Int64 {
    Models.architecture(layers: 8).weightBytes(.bf16)
  }

  @Test("Each GPU fetches its share first and the survivor the rest after it: the times add up")
  func timeline() throws {
    let outcome = Self.scenario(Self.scheduler(), [(0, 200)]).outcome()
    let pipeline = try #require(outcome.records.replicas.first { $0.replaces < 0 })
    let survivor = try #require(outcome.records.replicas.first { $0.replaces >= 0 })
    let share = Self.weights / 4
    #expect(pipeline.stages == 4 && survivor.stages == 1)
    #expect(survivor.replaces == pipeline.replicaID)
    // One card and one PCIe link each: the share over both, then three shares over both.
    #expect(pipeline.ready == 2 * share)
    #expect(survivor.demanded == 2 * share)
    #expect(survivor.ready == 8 * share)
    // The one request of 200 tokens finishes on the pipeline, which is released with its last token.
    let request = try #require(outcome.request(0))
    #expect(request.replicaID == pipeline.replicaID)
    #expect(pipeline.released == max(request.end, 8 * share))
    #expect(survivor.released > pipeline.released)
  }

  @Test("A request that comes after the survivor is ready goes there, one before to the pipeline")
  func whereRequestsGo() throws {
    let ready = 2 * Self.weights
    let outcome = Self.scenario(
      Self.scheduler(), [(0, 3), (ready - 1_000, 3), (ready + 1_000, 3)]
    ).outcome()
    let survivor = try #require(outcome.records.replicas.first { $0.replaces >= 0 })
    let homes = (0..<3).map { outcome.request($0)?.replicaID }
    #expect(homes[1] == survivor.replaces)
    #expect(homes[2] == survivor.replicaID)
    #expect(outcome.summary.completed == 3)
  }

  @Test("Requests that move take their KV over the network, and wait for nothing else")
  func moving() throws {
    let outcome = Self.scenario(
      Self.scheduler(requests: "move"), [(0, 4_000)], duration: 100 * Self.second
    ).outcome()
    let survivor = try #require(outcome.records.replicas.first { $0.replaces >= 0 })
    let request = try #require(outcome.request(0))
    #expect(request.replicaID == survivor.replicaID)
    #expect(request.status == .completed)
    // The KV of three quarters of the layers moves; the survivor's own quarter lies there already. The
    // three flows share the survivor's card.
    let move = try #require(outcome.events.first { $0.kind == .move })
    let blocks = (move.d + 15) / 16
    let perToken = Models.architecture(layers: 8).keyValueBytesPerToken(.bf16, layers: 8, tensor: 1)
    #expect(request.parts.commKV == blocks * 16 * perToken * 3 / 4)
    #expect(move.d > 0 && move.e > 0)
    #expect(request.parts.preemption == 0)
    // One token of 1 ms each on either side of the move.
    #expect(request.parts.compute == 4_000 * 1_000_000)
    let pipeline = try #require(outcome.records.replicas.first { $0.replaces < 0 })
    #expect(pipeline.tokensGenerated + survivor.tokensGenerated == 4_000)
  }

  @Test("A request without KV that moves begins at once, while the KV of others is on its way")
  func movingWithoutKeyValue() throws {
    let ready = 2 * Self.weights
    // Four fill the pipeline's four micro-batches; the fifth comes as the survivor takes over.
    let outcome = Self.scenario(
      Self.scheduler(requests: "move"),
      [(0, 4_000), (0, 4_000), (0, 4_000), (0, 4_000), (ready - 1_000, 20)],
      duration: 100 * Self.second
    ).outcome()
    let moves = outcome.events.filter { $0.kind == .move }
    let last = try #require(moves.first { $0.a == 4 })
    #expect(moves.count == 5 && last.d == 0)
    let begins = try #require(outcome.events.first { $0.kind == .member && $0.b == 4 })
    #expect(begins.time == last.time)
    let arrives = try #require(outcome.events.first { $0.kind == .moved })
    #expect(begins.time < arrives.time)
  }

  @Test("When all survive, a pipeline becomes as many replicas as it had stages")
  func allSurvive() throws {
    let arrivals: [(at: Nanoseconds, tokens: Int32)] = (0..<64).map {
      (Nanoseconds($0) * 1_000_000, 50)
    }
    let outcome = Self.scenario(
      Self.scheduler(survivors: "all", scaling: Schedulers.queue(max: 1)), arrivals
    ).outcome()
    let survivors = outcome.records.replicas.filter { $0.replaces >= 0 }
    #expect(survivors.count == 4)
    #expect(Set(survivors.map(\.ready)).count == 1)
    #expect(outcome.summary.completed == 64)
  }

  @Test(
    "The end as a tensor-parallel group waits for GPUs in one domain, and serves once it has them")
  func tensorEnd() throws {
    // Scattered GPUs alone first: the tenant that has a whole node leaves after 3 s.
    var scenario = Self.scenario(
      Self.scheduler(endTensor: 4), [(0, 5_000), (8 * Self.second, 10)], nodes: 9, gpus: 4,
      duration: 20 * Self.second)
    scenario.background = BackgroundSpecification(
      demands: (0..<9).map { number in
        BackgroundDemand(
          time: 0, gpus: number == 0 ? 4 : 3, lifetime: (number == 0 ? 3 : 1_000) * Self.second)
      })
    let outcome = scenario.outcome()
    let pipeline = try #require(outcome.records.replicas.first { $0.replaces < 0 })
    let group = try #require(outcome.records.replicas.first { $0.replaces >= 0 })
    #expect(pipeline.granted == 0 && pipeline.stages == 4)
    #expect(group.tensor == 4)
    #expect(try #require(group.granted) >= 3 * Self.second)
    #expect(outcome.request(1)?.replicaID == group.replicaID)
    let demand = try #require(outcome.records.allocations.first { $0.subject == group.replicaID })
    #expect(demand.obstacle == .contiguity)
  }

  @Test("A pipeline that is released first takes its successor with it")
  func released() throws {
    let scheduler = Self.scheduler(scaling: Schedulers.queue(max: 1, keepAlive: 1_000))
    let outcome = Self.scenario(scheduler, [(0, 2)]).outcome()
    let survivor = try #require(outcome.records.replicas.first { $0.replaces >= 0 })
    #expect(survivor.ready == nil)
    #expect(survivor.released == outcome.records.replicas[0].released)
    #expect(outcome.summary.completed == 1)
  }

  @Test(
    "A burst while consolidating loses no token, whatever the way, and leaps change nothing",
    arguments: 1...8)
  func bursts(seed: UInt64) throws {
    let draws = RandomStream(seed: seed, name: "consolidation")
    for (requests, survivors) in [
      ("finish", "one"), ("move", "one"), ("finish", "all"), ("move", "all"),
    ] {
      let arrivals: [(at: Nanoseconds, tokens: Int32)] = (0..<60).map { number in
        let index = UInt64(number)
        return (
          Nanoseconds(draws.bits(at: index) % UInt64(3 * Self.weights)),
          Int32(1 + draws.bits(at: index, lane: 1) % 40)
        )
      }
      var scheduler = Self.scheduler(
        stages: 2 + Int(seed % 3), requests: requests, survivors: survivors,
        scaling: Schedulers.queue(max: 2, keepAlive: Self.second / 10))
      scheduler.engine.keyValueBlocks = 12
      let scenario = Self.scenario(
        scheduler, arrivals.sorted { $0.at < $1.at }, nodes: 8)
      let outcome = scenario.outcome()
      #expect(outcome.summary.completed == 60)
      let kinds = Set(outcome.events.map(\.kind))
      #expect(kinds.contains(.retire))
      #expect(kinds.contains(.move) == (requests == "move"))
      let generated = outcome.records.replicas.reduce(0) { $0 + $1.tokensGenerated }
      #expect(generated == arrivals.reduce(0) { $0 + Int64($1.tokens) })
      let leapt = Simulation(scenario: scenario, scheduler: 0).run()
      #expect(leapt.digest == outcome.summary.digest, "\(requests) \(survivors)")
    }
  }
}
