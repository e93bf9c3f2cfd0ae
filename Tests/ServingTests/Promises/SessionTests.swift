import EventKernel
import Serving
import Support
import Testing
import Workload

/// Which turn of which session of which workload.
private struct TurnKey: Hashable {
  var workload: Int32
  var session: Int64
  var turn: Int32
}

@Suite("Sessions and closed loops in a run")
struct SessionTests {
  private static func lengths(_ low: Double, _ high: Double) -> LengthDistribution {
    LengthDistribution(distribution: .uniform(low: low, high: high))
  }

  private static let chat = WorkloadSpecification(
    name: "chat",
    traffic: .drawn(
      DrawnTraffic(
        arrivals: .renewal(gapSeconds: .exponential(mean: 0.02)),
        lengths: .separate(prompt: lengths(5, 60), output: lengths(2, 20)),
        sessions: SessionSpecification(
          turns: lengths(1, 6), thinkSeconds: .exponential(mean: 0.05), systemPrompt: 32,
          contextLimit: 400))))

  private static func schedulers() -> [SchedulerSpecification] {
    [
      Schedulers.make("fast", batching: Schedulers.vllm(sequences: 64), keyValueBlocks: 2_000),
      Schedulers.make("slow", batching: Schedulers.vllm(sequences: 3), keyValueBlocks: 60),
    ]
  }

  private static func outcomes() -> [Outcome] {
    let scenario = Scenario.small(
      seed: 3, duration: 4_000_000_000, workloads: [chat], schedulers: schedulers())
    return [0, 1].map { scenario.outcome(scheduler: $0) }
  }

  private static func turns(_ outcome: Outcome) -> [TurnKey: RequestRecord] {
    Dictionary(
      outcome.records.requests.map {
        (TurnKey(workload: $0.workload, session: $0.session, turn: $0.turn), $0)
      }, uniquingKeysWith: { first, _ in first })
  }

  @Test("Schedulers see the same session starts, lengths and thinks, whatever the answers take")
  func sameSessions() throws {
    let outcomes = Self.outcomes()
    let (fast, slow) = (Self.turns(outcomes[0]), Self.turns(outcomes[1]))
    #expect(fast.count == outcomes[0].records.requests.count)
    #expect(fast.count > 400)
    var compared = 0
    for (key, first) in fast {
      guard let second = slow[key] else { continue }
      #expect(first.promptTokens == second.promptTokens)
      #expect(first.outputTokens == second.outputTokens)
      if key.turn == 0 { #expect(first.arrival == second.arrival) }
      let next = TurnKey(workload: 0, session: key.session, turn: key.turn + 1)
      if let third = fast[next], let fourth = slow[next] {
        #expect(third.arrival - first.end == fourth.arrival - second.end)
        compared += 1
      }
    }
    #expect(compared > 200)
    #expect(Set(fast.keys.filter { $0.turn == 0 }) == Set(slow.keys.filter { $0.turn == 0 }))
    let late = fast.filter { $0.key.turn > 0 && slow[$0.key]?.arrival != $0.value.arrival }
    #expect(!late.isEmpty, "the slow scheduler's later turns come later")
  }

  @Test("A turn's prompt is every earlier prompt and answer, and its own new tokens")
  func growth() throws {
    for outcome in Self.outcomes() {
      let turns = Self.turns(outcome)
      for (key, record) in turns where key.turn > 0 {
        let before = try #require(
          turns[TurnKey(workload: 0, session: key.session, turn: key.turn - 1)])
        #expect(before.status == .completed)
        let added = record.promptTokens - before.promptTokens - before.outputTokens
        #expect((5...60).contains(added))
        #expect(record.arrival > before.end)
        #expect(record.promptTokens + record.outputTokens <= 400)
      }
      #expect(turns.filter { $0.key.turn == 0 }.allSatisfy { $0.value.promptTokens >= 32 + 5 })
    }
  }

  @Test("A turn that is rejected ends its session")
  func rejected() {
    // 60 blocks of 16 tokens hold 960; the model's context of 200 refuses what is longer.
    var scenario = Scenario.small(
      seed: 3, duration: 4_000_000_000, models: [Models.constant(context: 200)],
      workloads: [Self.chat], schedulers: Self.schedulers())
    scenario.source = SyntheticRequests(workloads: [Self.chat], duration: scenario.duration)
    let requests = scenario.outcome().records.requests
    let rejected = requests.filter { $0.status == .rejected }
    #expect(!rejected.isEmpty)
    #expect(rejected.allSatisfy { $0.reason == .contextTooLong })
    for record in rejected {
      #expect(!requests.contains { $0.session == record.session && $0.turn > record.turn })
    }
  }

  @Test("A client whose request is rejected waits before it tries again, and time goes on")
  func retries() {
    let workload = WorkloadSpecification(
      name: "w",
      traffic: .drawn(
        DrawnTraffic(
          arrivals: .closedLoop(
            ClosedLoop(clients: 2, thinkSeconds: .constant(0), retryAfter: 100_000_000)),
          lengths: .separate(prompt: Self.lengths(500, 500), output: Self.lengths(1, 1)))))
    let scenario = Scenario.small(
      duration: 1_000_000_000, models: [Models.constant(context: 100)], workloads: [workload])
    let requests = scenario.outcome().records.requests
    #expect(requests.count == 20)
    #expect(requests.allSatisfy { $0.status == .rejected })
    #expect(
      requests.filter { $0.session == 0 }.map(\.arrival) == (0..<10).map { $0 * 100_000_000 })
  }

  @Test("Answers that take no time at all do not hold the clock")
  func instantaneous() {
    let workload = WorkloadSpecification(
      name: "w",
      traffic: .drawn(
        DrawnTraffic(
          arrivals: .closedLoop(ClosedLoop(clients: 1, thinkSeconds: .constant(0))),
          lengths: .separate(prompt: Self.lengths(1, 1), output: Self.lengths(1, 1)))))
    let scenario = Scenario.small(
      duration: 1_000_000, models: [Models.constant(base: 0)], workloads: [workload])
    let requests = scenario.outcome().records.requests
    #expect(requests.map(\.arrival) == (0..<1_000).map { $0 * 1_000 })
  }
}
