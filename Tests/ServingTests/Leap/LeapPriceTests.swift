import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

/// Links whose share changes while a replica decodes over them: each hop and collective has the price
/// of the instant at which it begins.
@Suite("Leaps while prices change")
struct LeapPriceTests {
  private static func request(
    _ arrival: Nanoseconds, _ workload: Int32, output: Int32
  ) -> ArrivingRequest {
    ArrivingRequest(arrival: arrival, workload: workload, promptTokens: 4, outputTokens: output)
  }

  /// The first model works from early on; the second is loaded for a request of its own meanwhile.
  private static func scenario(
    plans: [PlanShape], cluster: ClusterSpecification, second: Nanoseconds = 100_000_000,
    communication: Nanoseconds = 0
  ) -> Scenario {
    var scheduler = Schedulers.make(scaling: Schedulers.queue(max: 1, keepAlive: 30_000_000))
    var values = OptionValues(defaultsOf: LadderParallelism.options)
    values["plans"] = .plans(plans)
    values["domain"] = .choice("preferred")
    scheduler.parallelism = LadderParallelism(values)
    scheduler.coldStart = Schedulers.coldStart()
    return Scenario.small(
      cluster: cluster,
      models: [
        Models.constant("works", communication: communication), Models.constant("loads"),
      ],
      workloads: [Traffic.burst(1, name: "works"), Traffic.burst(1, name: "loads", model: 1)],
      requests: [request(0, 0, output: 400), request(second, 1, output: 20)],
      schedulers: [scheduler])
  }

  /// Three stages, of which the last lies in another node, beside one of the second model's.
  private static func pipeline(
    nodes: Int = 2, others: PlanShape, store: Double? = 1e12, second: Nanoseconds = 100_000_000
  ) -> Scenario {
    scenario(
      plans: [PlanShape(tensor: 1, stages: 3), others],
      cluster: Machines.cluster(nodes: nodes, gpus: 2, store: store), second: second)
  }

  /// What the hops of the first model's decode steps over the network took.
  private static func hops(_ outcome: Outcome) -> [Nanoseconds] {
    let first = Set(outcome.events.filter { $0.kind == .form && $0.b == 0 }.map(\.a))
    return outcome.events.filter {
      $0.kind == .hop && first.contains($0.a) && $0.b == 1 && $0.d == 1_000
    }.map(\.c)
  }

  @Test("Weights are fetched over the card of a pipeline in mid-decode")
  func hops() throws {
    let outcome = Self.pipeline(others: PlanShape(tensor: 1, stages: 1))
      .expectEqualWithLeaps(fewerEvents: true)
    let hops = Self.hops(outcome)
    // 1,000 bytes at 1 byte/ns and 7,000; half the share takes 1,000 longer, 20,744,500 ns long.
    #expect(hops.count == 399 && Set(hops) == [8_000, 9_000])
    #expect(hops.first == 8_000 && hops.last == 8_000)
    #expect((15...21).contains(hops.count { $0 == 9_000 }))
  }

  @Test("Another pipeline shares the card, from when it is ready until it is released")
  func pipelines() throws {
    let outcome = Self.pipeline(nodes: 3, others: PlanShape(tensor: 1, stages: 3))
      .expectEqualWithLeaps(fewerEvents: true)
    let hops = Self.hops(outcome)
    #expect(Set(hops) == [8_000, 9_000])
    // It loads for over 20 ms, serves for over 20 ms, and is kept for 30 ms.
    #expect(hops.count { $0 == 9_000 } > 50)
    #expect(hops.last == 8_000)
  }

  @Test(
    "Another pipeline is ready as a step ends, or a nanosecond beside it", arguments: [0, 1, -1])
  func readyAsStepEnds(offset: Nanoseconds) throws {
    // Weights come from the nodes' own storage, so nothing but the readiness changes prices.
    func scenario(_ second: Nanoseconds) -> Scenario {
      Self.pipeline(
        nodes: 3, others: PlanShape(tensor: 1, stages: 3), store: nil, second: second)
    }
    let second = try Self.align(.ready, to: .stepEnd, scenario)
    let outcome = scenario(second + offset).expectEqualWithLeaps(fewerEvents: true)
    // At the same instant the hop begins first and has the old price.
    #expect(try Self.hop(at: .ready, offset, outcome) == (offset < 0 ? 9_000 : 8_000))
  }

  @Test(
    "The last weights have arrived as a step ends, or a nanosecond beside it",
    arguments: [0, 1, -1])
  func fetchedAsStepEnds(offset: Nanoseconds) throws {
    func scenario(_ second: Nanoseconds) -> Scenario {
      Self.pipeline(others: PlanShape(tensor: 1, stages: 1), second: second)
    }
    let second = try Self.align(.transferEnd, to: .stepEnd, scenario)
    let outcome = scenario(second + offset).expectEqualWithLeaps(fewerEvents: true)
    let price = try Self.hop(at: .transferEnd, offset, outcome)
    #expect(price == (offset < 0 ? 8_000 : 9_000))
  }

  @Test(
    "Weights stop to load over a PCIe bridge as a step begins that reduces over it",
    arguments: [0, 1, -1])
  func loadedAsStepBegins(offset: Nanoseconds) throws {
    var cluster = Machines.cluster(gpus: 5, nvlink: .none)
    cluster.nodes[0].pcie = PCIeTopology(hostBridgeCount: 1, hostBridgeBytesPerSecond: 1e9)
    func scenario(_ second: Nanoseconds) -> Scenario {
      Self.scenario(
        plans: [PlanShape(tensor: 2, stages: 2), PlanShape(tensor: 1, stages: 1)],
        cluster: cluster, second: second, communication: 60_000)
    }
    let second = try Self.align(.transferEnd, phase: 3, to: .step, scenario)
    let outcome = scenario(second + offset).expectEqualWithLeaps(fewerEvents: true)
    let time = try #require(Self.first(.transferEnd, phase: 3, outcome))
    let step = try #require(
      Self.second(.step, outcome).first { $0.time == time - offset })
    // What begins at the same instant has the old price still.
    #expect(step.d == (offset < 0 ? 30_000 : 60_000))
  }

  /// When the second request must come so that the first event of a kind of its replica happens at the
  /// very instant of something of the first model's second stage.
  private static func align(
    _ kind: LoggedKind, phase: Int64? = nil, to other: LoggedKind,
    _ scenario: (Nanoseconds) -> Scenario
  ) throws -> Nanoseconds {
    var second: Nanoseconds = 100_000_000
    for _ in 0..<6 {
      let outcome = scenario(second).outcome()
      let time = try #require(first(kind, phase: phase, outcome))
      let place = try #require(
        Self.second(other, outcome).map(\.time).min { abs($0 - time) < abs($1 - time) })
      if place == time { return second }
      // Moved by as much, and once more if a price has moved the other by that.
      second += place - time
    }
    throw NeverAligned()
  }

  private struct NeverAligned: Error {}

  /// When the first event of a kind, and of a phase where transfers end, of the second model's
  /// replica happens.
  private static func first(
    _ kind: LoggedKind, phase: Int64? = nil, _ outcome: Outcome
  ) -> Nanoseconds? {
    outcome.events.first {
      $0.kind == kind && $0.a == 1 && (phase == nil || $0.c == phase)
    }?.time
  }

  /// Events of a kind at the first model's second stage.
  private static func second(_ kind: LoggedKind, _ outcome: Outcome) -> [LoggedEvent] {
    let first = Set(outcome.events.filter { $0.kind == .form && $0.b == 0 }.map(\.a))
    return outcome.events.filter { $0.kind == kind && first.contains($0.a) && $0.b == 1 }
  }

  /// What the hop takes that begins at the instant, or so much before, of the first event of a kind.
  private static func hop(
    at kind: LoggedKind, _ offset: Nanoseconds, _ outcome: Outcome
  ) throws -> Nanoseconds {
    let time = try #require(first(kind, outcome))
    return try #require(second(.hop, outcome).first { $0.time == time - offset }?.c)
  }

  @Test("Prompts queue for a link whose share changes")
  func queue() throws {
    // A prompt takes 4 ms on the link and a third of one on a stage.
    var scenario = Self.scenario(
      plans: [PlanShape(tensor: 1, stages: 3), PlanShape(tensor: 1, stages: 1)],
      cluster: Machines.cluster(nodes: 2, gpus: 2, nicBandwidth: 1e7))
    scenario.schedulers[0].batching = Schedulers.vllm(tokens: 45)
    let prompts = (0..<20).map { _ in
      ArrivingRequest(
        arrival: 5_000_000_000, workload: 0, promptTokens: 40, outputTokens: 3)
    }
    scenario.source = ListedRequests(
      [Self.request(0, 0, output: 2)] + prompts + [Self.request(5_021_000_000, 1, output: 2)])
    scenario.duration = 10_000_000_000
    scenario.schedulers[0].scaling = Schedulers.queue(max: 1)
    let outcome = scenario.expectEqualWithLeaps()
    let begin = try #require(
      outcome.events.first { $0.kind == .transfer && $0.a == 1 && $0.c == 2 }?.time)
    let hops = outcome.events.filter { $0.kind == .hop && $0.b == 1 }
    #expect(hops.count { $0.time < begin && $0.time + $0.c > begin } > 1)
    #expect(outcome.summary.completed == 22)
  }

  @Test("Weights are fetched over the cards of a tensor-parallel group in mid-decode")
  func collectives() throws {
    let outcome = Self.scenario(
      plans: [PlanShape(tensor: 4, stages: 1), PlanShape(tensor: 1, stages: 1)],
      cluster: Machines.cluster(nodes: 2, gpus: 3), communication: 60_000
    ).expectEqualWithLeaps(fewerEvents: true)
    let first = Set(outcome.events.filter { $0.kind == .form && $0.b == 0 }.map(\.a))
    let exposed = outcome.events.filter { $0.kind == .step && first.contains($0.a) }.map(\.d)
    #expect(Set(exposed).count == 2)
    #expect(exposed.first == 60_000 && exposed.last == 60_000)
    #expect(exposed.contains(120_000))
  }

  @Test("Hops are under way when the share of their link changes, and keep their price")
  func underWay() throws {
    // Slow cards: a hop takes longer than a step, so several are under way at any instant.
    let cluster = Machines.cluster(nodes: 3, gpus: 2, nicBandwidth: 2e6)
    var scenario = Self.scenario(
      plans: [PlanShape(tensor: 1, stages: 5), PlanShape(tensor: 1, stages: 1)], cluster: cluster)
    var values = OptionValues(defaultsOf: VLLMBatching.options)
    values["maxBatchedTokens"] = .integer(2)
    values["waitsForOldest"] = .flag(false)
    scenario.schedulers[0].batching = VLLMBatching(values)
    scenario.source = ListedRequests(
      (0..<5).map { Self.request(0, 0, output: 150 + 5 * $0) }
        + [Self.request(5_500_000_000, 1, output: 5)])
    scenario.duration = 60_000_000_000
    let outcome = scenario.expectEqualWithLeaps(fewerEvents: true)
    let begin = try #require(
      outcome.events.first { $0.kind == .transfer && $0.a == 1 && $0.c == 2 }?.time)
    let hops = outcome.events.filter { $0.kind == .hop && $0.b == 3 && $0.d == 1_000 }
    let before = hops.filter { $0.time < begin }
    #expect(before.contains { $0.time + $0.c > begin })
    let longest = try #require(before.map(\.c).max())
    #expect(hops.contains { $0.time > begin && $0.c > longest + 400_000 })
  }
}
