import EventKernel
import Serving
import Support
import Testing
import Workload

@Suite("Routing in a run")
struct RoutingInARunTests {
  private static func routed<Routing: RoutingPolicy>(
    _ type: Routing.Type, replicas: Int, sequences: Int = 256, holds: Bool, blocks: Int = 10_000
  ) -> SchedulerSpecification {
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(sequences: sequences), scaling: Schedulers.fixed(replicas),
      keyValueBlocks: blocks)
    var values = OptionValues(defaultsOf: type.options)
    values["holdsAtReplica"] = .flag(holds)
    scheduler.routing = type.init(values)
    return scheduler
  }

  /// M/M/1 servers: requests of one step each, of exponential length.
  private static func farm(_ scheduler: SchedulerSpecification, load: Double) -> Scenario {
    let servers = 128
    return .small(
      seed: 5, duration: 200_000_000_000,
      cluster: Machines.cluster(nodes: servers / 8, gpus: 8),
      models: [Models.stochastic(seconds: .exponential(mean: 1))],
      workloads: [Traffic.poisson(rate: load * Double(servers), prompt: 1...1, output: 1...1)],
      schedulers: [scheduler])
  }

  @Test("Two choices: mean time in the system of many M/M/1 queues as their fixed point says")
  func twoChoices() throws {
    let load = 0.8
    let scheduler = Self.routed(PowerOfTwoRouting.self, replicas: 128, sequences: 1, holds: true)
    let run = Simulation(scenario: Self.farm(scheduler, load: load), scheduler: 0)
    let mean = try #require(run.run().overall.e2e.mean)
    // Mitzenmacher: a share of load^(2^k - 1) of the queues has k requests or more.
    var expected = 0.0
    var share = load
    while share > 1e-12 {
      expected += share
      share = share * share * load
    }
    expected /= load
    #expect(abs(expected - 1.947) < 0.01)
    // One choice has 1 / (1 - load) = 5; 20,480 requests from empty queues hold it within 4 %.
    #expect(abs(mean / expected - 1) < 0.04, "\(mean) against \(expected)")
  }

  @Test("Every turn of a session is served by one replica, which it waits for")
  func sticky() {
    let lengths = LengthDistribution(distribution: .uniform(low: 2, high: 40))
    let chat = WorkloadSpecification(
      name: "chat",
      traffic: .drawn(
        DrawnTraffic(
          arrivals: .renewal(gapSeconds: .exponential(mean: 0.05)),
          lengths: .separate(prompt: lengths, output: lengths),
          sessions: SessionSpecification(
            turns: LengthDistribution(distribution: .uniform(low: 1, high: 6)),
            thinkSeconds: .exponential(mean: 0.02), systemPrompt: 8, contextLimit: 400))))
    func homes(_ holds: Bool) -> (sessions: Int, moved: Int, replicas: Int) {
      let scheduler = Self.routed(
        SessionStickyRouting.self, replicas: 3, sequences: 2, holds: holds)
      let records = Scenario.small(
        duration: 3_000_000_000, workloads: [chat], schedulers: [scheduler]
      ).outcome().records.requests
      let bySession = Dictionary(grouping: records, by: \.session).values
      let moved = bySession.count { Set($0.map(\.replicaID)).count > 1 }
      return (bySession.count, moved, Set(records.map(\.replicaID)).count)
    }
    let held = homes(true)
    #expect(held.sessions > 30)
    #expect(held.moved == 0)
    #expect(held.replicas == 3)
    #expect(homes(false).moved > 0)
  }

  @Test("A request that waits at its replica waits though another one is idle")
  func headOfLine() throws {
    let requests = [(0, 0), (0, 1), (1, 0), (2, 0)].map { time, session in
      ArrivingRequest(
        arrival: Nanoseconds(time) * 1_000_000, workload: 0, promptTokens: 1,
        outputTokens: session == 1 ? 2 : 20, session: Int64(session), turn: Int32(time))
    }
    func starts(_ holds: Bool) -> [Nanoseconds] {
      let scheduler = Self.routed(
        SessionStickyRouting.self, replicas: 2, sequences: 1, holds: holds)
      let outcome = Scenario.small(requests: requests, schedulers: [scheduler]).outcome()
      return (0..<4).compactMap { outcome.request(Int64($0))?.ttft }
    }
    // Steps take 1 ms: the session's turns follow one another, 20 tokens each.
    #expect(starts(true) == [1_000_000, 1_000_000, 20_000_000, 39_000_000])
    // The other replica is free after 2 ms; then the first of them goes there.
    #expect(starts(false) == [1_000_000, 1_000_000, 2_000_000, 19_000_000])
  }

  @Test("Blocks tell a few long requests from many short ones, where counts do not")
  func blocks() throws {
    // One prompt of 800 tokens on a replica of 1,000, then short ones.
    let requests = (0..<11).map { index in
      ArrivingRequest(
        arrival: Nanoseconds(index) * 3_000_000, workload: 0,
        promptTokens: index == 0 ? 800 : 40, outputTokens: 100)
    }
    func replicas(_ scheduler: SchedulerSpecification) -> [Int32] {
      let outcome = Scenario.small(requests: requests, schedulers: [scheduler]).outcome()
      return (0..<11).compactMap { outcome.request(Int64($0))?.replicaID }
    }
    let aware = Self.routed(KVAwareRouting.self, replicas: 2, holds: false, blocks: 63)
    #expect(replicas(aware) == [0] + Array(repeating: 1, count: 10))
    var blind = aware
    blind.routing = LeastLoadedRouting()
    #expect(replicas(blind) == [0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0])
  }

  @Test("kv-aware counts blocks that only the prefix cache knows as free, and all of a prompt")
  func blocksOfPrefixes() {
    var keyValue = KeyValueSpecification()
    keyValue.sharesPrefixes = true
    let one = String(repeating: "a", count: 20)
    let other = String(repeating: "b", count: 20)
    // Two texts at once, one on each replica; the second one again when both have long been done, beside
    // a request that runs on the first replica, and alone.
    let requests = [
      KnownRequest(arrival: 0, words: one, prompt: 81),
      KnownRequest(arrival: 0, words: other, prompt: 81),
      KnownRequest(arrival: 1_000_000_000, words: other, prompt: 81),
      KnownRequest(arrival: 2_000_000_000, words: "c", prompt: 81, output: 50),
      KnownRequest(arrival: 2_020_000_000, words: one, prompt: 81),
    ]
    let routing = KVAwareRouting(OptionValues(defaultsOf: KVAwareRouting.options))
    let records = Scenario.known(
      requests, blocks: 60, replicas: 2, routing: routing, keyValue: keyValue
    ).outcome().records.requests.sorted { $0.requestID < $1.requestID }
    // The third finds both empty and goes to the older one, which has none of it; the last leaves the one
    // that has its text for the one with more blocks.
    #expect(records.map(\.replicaID) == [0, 1, 0, 0, 1])
    #expect(records.map(\.cachedTokens) == [0, 0, 0, 0, 0])
  }

  @Test("Requests that wait at their replica count as waiting when replicas are scaled")
  func scaling() {
    var scheduler = Self.routed(PowerOfTwoRouting.self, replicas: 1, sequences: 2, holds: true)
    scheduler.scaling = Schedulers.queue(max: 3, initial: 1, requestsPerReplica: 4)
    scheduler.coldStart = Schedulers.coldStart()
    let outcome = Scenario.small(
      workloads: [Traffic.burst(11, output: 50)], schedulers: [scheduler]
    ).outcome()
    // Two of eleven run; for the other nine three replicas are wanted, and two may come.
    #expect(outcome.records.replicas.count == 3)
    #expect(outcome.summary.completed == 11)
    #expect(outcome.records.requests.allSatisfy { $0.replicaID == 0 })
  }
}
