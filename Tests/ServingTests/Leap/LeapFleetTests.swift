import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

/// Several replicas, their cold starts and releases: what one does at an instant another must see.
@Suite("Leaps of replicas beside each other")
struct LeapFleetTests {
  private static let millisecond: Nanoseconds = 1_000_000

  private static func request(
    _ arrival: Nanoseconds, _ workload: Int32 = 0, output: Int32
  ) -> ArrivingRequest {
    ArrivingRequest(arrival: arrival, workload: workload, promptTokens: 4, outputTokens: output)
  }

  /// Two models with a workload each.
  private static func two(
    _ requests: [ArrivingRequest], cluster: ClusterSpecification,
    models: [ServedModel] = [Models.constant("first"), Models.constant("second")],
    background: BackgroundSpecification? = nil, _ scheduler: SchedulerSpecification
  ) -> Scenario {
    Scenario.small(
      cluster: cluster, background: background, models: models,
      workloads: [Traffic.burst(1, name: "first"), Traffic.burst(1, name: "second", model: 1)],
      requests: requests, schedulers: [scheduler])
  }

  @Test("An answer causes a request at the same instant, on another replica that is decoding")
  func echo() throws {
    var scheduler = Schedulers.make(scaling: Schedulers.fixed(2))
    scheduler.routing = RoundRobinRouting()
    var scenario = Scenario.small(
      workloads: [Traffic.burst(1)], schedulers: [scheduler])
    scenario.source = EchoRequests(chains: [
      .init(start: 0, count: 6, promptTokens: 4, outputTokens: 20),
      .init(start: 0, count: 1, promptTokens: 4, outputTokens: 200),
    ])
    let outcome = scenario.expectEqualWithLeaps(fewerEvents: true)
    let chain = outcome.records.requests.filter { $0.session == 0 }
    #expect(chain.map(\.replicaID) == [0, 0, 1, 0, 1, 0])
    #expect(zip(chain, chain.dropFirst()).allSatisfy { $0.end == $1.arrival })
  }

  @Test("A prefill without time brings further requests to an instant at which steps have begun")
  func withoutTime() throws {
    // Replica 0 decodes from 0 on, a millisecond each; at 5 ms replica 1 answers at once, after replica
    // 0 has begun its step, and what the answer causes comes too late for that one.
    var scheduler = Schedulers.make(scaling: Schedulers.fixed(2))
    scheduler.routing = RoundRobinRouting()
    var scenario = Scenario.small(
      models: [Models.constant(base: 0, perDecodeSequence: 1_000_000)],
      workloads: [Traffic.burst(1)], schedulers: [scheduler])
    scenario.source = EchoRequests(chains: [
      .init(start: 0, count: 1, promptTokens: 4, outputTokens: 100),
      .init(start: 5_000_000, count: 3, promptTokens: 4, outputTokens: 1),
    ])
    let outcome = scenario.expectEqualWithLeaps()
    let chain = outcome.records.requests.filter { $0.session == 1 }
    #expect(chain.map(\.replicaID) == [1, 0, 1])
    #expect(chain.map(\.end) == [5_000_000, 7_000_000, 7_000_000])
  }

  @Test("Routing sees every answer of the instant at which a request arrives")
  func routing() throws {
    // Replica 0 has two requests and loses both at 30 ms; replica 1 has one that goes on.
    let outcome = Scenario.small(
      requests: [
        Self.request(0, output: 30), Self.request(0, output: 60), Self.request(0, output: 30),
        Self.request(30 * Self.millisecond, output: 25),
      ],
      schedulers: [Schedulers.make(scaling: Schedulers.fixed(2))]
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.request(2)?.replicaID == 0)
    #expect(outcome.request(3)?.replicaID == 0)
    #expect(outcome.request(3)?.parts.queue == 0)
  }

  @Test("Answers of two replicas at one instant let the queue of both move on, in order")
  func queues() throws {
    let outcome = Scenario.small(
      workloads: [Traffic.burst(10, output: 25)],
      schedulers: [
        Schedulers.make(batching: Schedulers.vllm(sequences: 2), scaling: Schedulers.fixed(2))
      ]
    ).expectEqualWithLeaps()
    let second = (4..<8).map { outcome.request($0)?.replicaID }
    #expect(second == [0, 0, 1, 1])
    #expect(outcome.request(8)?.parts.queue == 50 * Self.millisecond)
  }

  @Test("Where stages and replicas are numbered in opposite orders, stages decide who ends first")
  func numbers() throws {
    // The first model needs two GPUs and waits for a tenant; the second needs one and does not.
    var scheduler = Schedulers.make(scaling: Schedulers.queue(max: 1))
    scheduler.parallelism = Schedulers.ladder([
      PlanShape(tensor: 2, stages: 1, layers: [8]), PlanShape(tensor: 1, stages: 1, layers: [4]),
    ])
    scheduler.coldStart = Schedulers.coldStart()
    let tenants = BackgroundSpecification(demands: [
      BackgroundDemand(time: 0, gpus: 2, lifetime: 5 * Self.millisecond)
    ])
    let outcome = Self.two(
      [
        Self.request(1_000_000, 0, output: 2), Self.request(2_000_000, 1, output: 2),
        Self.request(200_000_000, 0, output: 50), Self.request(200_000_000, 1, output: 50),
      ],
      cluster: Machines.cluster(gpus: 3),
      models: [
        Models.constant("wide", base: 2_000_000), Models.constant("narrow", layers: 4),
      ], background: tenants, scheduler
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.requests(endingAt: 250_000_000).map(\.replicaID) == [1, 0])
  }

  @Test(
    "Idle time runs out as a request arrives, or a nanosecond beside it", arguments: [0, 1, -1])
  func keepAlive(offset: Nanoseconds) throws {
    var scheduler = Schedulers.make(
      scaling: Schedulers.queue(max: 1, initial: 1, keepAlive: 15 * Self.millisecond))
    scheduler.coldStart = Schedulers.coldStart()
    let outcome = Self.two(
      [
        Self.request(0, 0, output: 20), Self.request(0, 1, output: 200),
        Self.request(35 * Self.millisecond + offset, 0, output: 5),
      ], cluster: Machines.cluster(gpus: 2), scheduler
    ).expectEqualWithLeaps()
    // At the same instant the replica goes first.
    #expect(outcome.summary.coldStarts == (offset < 0 ? 0 : 1))
  }

  @Test("A tenant leaves in mid-decode, and the GPUs go to a replica that waits")
  func background() throws {
    var scheduler = Schedulers.make(scaling: Schedulers.queue(max: 1))
    scheduler.coldStart = Schedulers.coldStart()
    let tenants = BackgroundSpecification(demands: [
      BackgroundDemand(time: 0, gpus: 1, lifetime: 90_000_001)
    ])
    let outcome = Self.two(
      [Self.request(0, 0, output: 300), Self.request(60_000_000, 1, output: 100)],
      cluster: Machines.cluster(gpus: 2), background: tenants, scheduler
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.request(1)?.parts.allocationWait == 30_000_001)
    #expect(outcome.summary.completed == 2)
  }

  @Test("Requests that are left over come in the same order, whatever slots others have had")
  func leftovers() throws {
    let outcome = Scenario.small(
      seed: 5, duration: 60 * Self.millisecond, drainLimit: 3_333_333,
      workloads: [
        Traffic.poisson(rate: 600, output: 1...6, name: "short"),
        Traffic.poisson(rate: 200, output: 40...90, name: "long"),
      ], schedulers: [Schedulers.make(scaling: Schedulers.fixed(3))]
    ).expectEqualWithLeaps()
    let left = outcome.records.requests.filter { $0.status == .unfinished }.map(\.requestID)
    #expect(left.count > 5)
    #expect(left != left.sorted(), "slots are taken again")
  }

  @Test("Every replication", arguments: 0...4)
  func replications(number: Int) throws {
    let outcome = Scenario.small(
      duration: 100 * Self.millisecond,
      models: [Models.stochastic(seconds: .lognormal(mean: 0.001, cv: 0.5))],
      workloads: [Traffic.poisson(rate: 50, output: 10...60)],
      schedulers: [Schedulers.make(scaling: Schedulers.fixed(2))]
    ).expectEqualWithLeaps(replication: number)
    #expect(outcome.summary.replication == number)
  }
}
