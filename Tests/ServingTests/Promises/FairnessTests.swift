import EventKernel
import Support
import Testing
import Workload

@testable import Serving

@Suite("Fair shares, classes and refusals in a run")
struct FairnessTests {
  private static func make<Queue: QueuePolicy>(
    _ type: Queue.Type, _ options: [String: OptionValue] = [:]
  ) -> Queue {
    var values = OptionValues(defaultsOf: type.options)
    for (key, value) in options { values[key] = value }
    return Queue(values)
  }

  private static func workload(
    _ name: String, _ count: Int, prompt: ClosedRange<Double>, output: ClosedRange<Double>,
    priority: String = "interactive", every: Nanoseconds = 0
  ) -> WorkloadSpecification {
    func lengths(_ range: ClosedRange<Double>) -> LengthDistribution {
      LengthDistribution(
        distribution: .uniform(low: range.lowerBound, high: range.upperBound))
    }
    let arrivals: ArrivalProcess =
      every == 0
      ? .burst(count: count, start: 0, every: 0)
      : .instants((0..<count).map { Nanoseconds($0) * every })
    return WorkloadSpecification(
      name: name, priority: priority, arrivals: arrivals, prompt: lengths(prompt),
      output: lengths(output))
  }

  /// What each of two tenants has been served so far, in weighted tokens, whenever that changes, as
  /// long as both have somebody waiting: counted from the event log alone.
  private func gaps(_ outcome: Outcome, output weight: Int) -> [Int] {
    var tenant: [Int64: Int] = [:]
    var prompt: [Int64: Int] = [:]
    var arrived = [0, 0]
    var admitted: [Set<Int64>] = [[], []]
    var served = [0, 0]
    var gaps: [Int] = []
    for event in outcome.events {
      switch event.kind {
      case .arrive:
        tenant[event.a] = Int(event.b)
        prompt[event.a] = Int(event.c)
        arrived[Int(event.b)] += 1
      case .member:
        guard let owner = tenant[event.b] else { continue }
        if admitted[owner].insert(event.b).inserted { served[owner] += prompt[event.b] ?? 0 }
      case .token:
        guard let owner = tenant[event.a] else { continue }
        served[owner] += weight
      default: continue
      }
      if (0...1).allSatisfy({ admitted[$0].count < arrived[$0] }) {
        gaps.append(abs(served[0] - served[1]))
      }
    }
    return gaps
  }

  @Test("Two tenants that always wait are served alike within the bound of the paper")
  func fairTokens() {
    var widest = 0
    for (seed, blocks) in [(1, 500), (2, 120), (3, 60), (4, 500)] {
      var scheduler = Schedulers.make(
        batching: Schedulers.vllm(tokens: 64, sequences: seed == 4 ? 4 : 256),
        keyValueBlocks: blocks)
      scheduler.engine.blockTokens = 4
      scheduler.queue = Self.make(FairTokenQueue.self)
      // One asks long and is answered briefly, the other the reverse.
      let outcome = Scenario.small(
        seed: UInt64(seed),
        workloads: [
          Self.workload("long", 150, prompt: 60...120, output: 2...10),
          Self.workload("short", 150, prompt: 2...10, output: 20...60),
        ], schedulers: [scheduler]
      ).outcome()
      #expect(outcome.summary.completed == 300)
      let gaps = gaps(outcome, output: 2)
      // 2 max(wp · longest prompt, wq · KV tokens); who is in a step has not got its token yet.
      let bound = 2 * max(120, 2 * blocks * 4)
      #expect(gaps.count > 1_000)
      #expect(gaps.max() ?? .max <= bound, "seed \(seed)")
      widest = max(widest, gaps.max() ?? 0)
    }
    #expect(widest > 100)
  }

  @Test("First come first served gives one of two tenants far more than fair tokens do")
  func unfair() {
    func widest(_ queue: any QueuePolicy) -> Int {
      var scheduler = Schedulers.make(
        batching: Schedulers.vllm(tokens: 64), keyValueBlocks: 60)
      scheduler.engine.blockTokens = 4
      scheduler.queue = queue
      let outcome = Scenario.small(
        workloads: [
          Self.workload("long", 150, prompt: 60...120, output: 2...10),
          Self.workload("short", 150, prompt: 2...10, output: 20...60),
        ], schedulers: [scheduler]
      ).outcome()
      return gaps(outcome, output: 2).max() ?? 0
    }
    let (fair, unfair) = (widest(Self.make(FairTokenQueue.self)), widest(FirstComeQueue()))
    #expect(fair <= 960 && unfair > 5 * fair, "\(fair), \(unfair)")
  }

  @Test("Weights divide service: a tenant of weight 3 is served three times as much")
  func weights() {
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(tokens: 64, sequences: 8), keyValueBlocks: 1_000)
    scheduler.queue = Self.make(FairTokenQueue.self, ["weights": .tenants(["a": 3])])
    let outcome = Scenario.small(
      workloads: [
        Self.workload("a", 400, prompt: 10...30, output: 5...25),
        Self.workload("b", 400, prompt: 10...30, output: 5...25),
      ], schedulers: [scheduler]
    ).outcome()
    let ended = outcome.records.requests.prefix { record in
      outcome.records.requests.contains { $0.workload == 0 && $0.end > record.end }
    }
    let counts = [0, 1].map { workload in ended.count { $0.workload == workload } }
    #expect(counts[0] >= 390 && abs(Double(counts[0]) / Double(counts[1]) - 3) < 0.25, "\(counts)")
  }

  @Test("Every policy completes everything; nobody is left behind", arguments: 0..<6)
  func conservation(number: Int) {
    let queues: [any QueuePolicy] = [
      FirstComeQueue(), Self.make(FairTokenQueue.self),
      Self.make(PriorityQueue.self, ["ageing": .duration(20_000_000), "preempts": .flag(true)]),
      Self.make(PriorityQueue.self, ["preempts": .flag(true)]),
      Self.make(ShortestFirstQueue.self, ["ageing": .duration(1_000_000)]),
      Self.make(ShortestFirstQueue.self, ["by": .choice("total")]),
    ]
    for seed in UInt64(1)...6 {
      var scheduler = Schedulers.make(
        stages: seed % 2 == 0 ? 2 : 1,
        batching: Schedulers.vllm(tokens: 24, sequences: seed % 3 == 0 ? 3 : 16),
        keyValueBlocks: 40 + Int(seed) * 7)
      scheduler.engine.blockTokens = 4
      scheduler.queue = queues[number]
      let outcome = Scenario.small(
        seed: seed,
        workloads: [
          Self.workload("chat", 60, prompt: 1...40, output: 1...30, every: 7_000_000),
          Self.workload("jobs", 40, prompt: 10...80, output: 5...60, priority: "batch"),
        ], schedulers: [scheduler]
      ).outcome()
      #expect(outcome.summary.completed == 100)
      let tokens = outcome.records.requests.reduce(0) { $0 + Int64($1.outputTokens) }
      #expect(outcome.records.replicas.map(\.tokensGenerated).reduce(0, +) == tokens)
    }
  }

  /// A few chats on four stages, and what a queue policy makes of 600 batch requests beside them.
  private static func filled(
    _ queue: any QueuePolicy, jobs: Bool = true
  ) -> (chat: WorkloadSummary, run: RunSummary) {
    var scheduler = Schedulers.make(
      stages: 4, batching: Schedulers.vllm(tokens: 256, sequences: 64), keyValueBlocks: 4_000)
    scheduler.queue = queue
    func lengths(_ low: Double, _ high: Double) -> LengthDistribution {
      LengthDistribution(distribution: .uniform(low: low, high: high))
    }
    let chat = WorkloadSpecification(
      name: "chat", arrivals: .renewal(gapSeconds: .exponential(mean: 0.1)),
      prompt: lengths(20, 200), output: lengths(20, 100))
    let batch = workload("jobs", 600, prompt: 100...300, output: 50...150, priority: "batch")
    let run = Simulation(
      scenario: .small(
        duration: 20_000_000_000,
        models: [
          Models.constant(base: 20_000_000, perPrefillToken: 100_000, perDecodeSequence: 200_000)
        ], workloads: jobs ? [chat, batch] : [chat], schedulers: [scheduler]), scheduler: 0
    ).run()
    return (run.workloads[0], run)
  }

  @Test("Batch work fills the micro-batches that chat leaves empty, and costs chat little")
  func depthFiller() throws {
    let alone = Self.filled(FirstComeQueue(), jobs: false)
    let strict = Self.filled(Self.make(PriorityQueue.self))
    let preempting = Self.filled(Self.make(PriorityQueue.self, ["preempts": .flag(true)]))
    let blind = Self.filled(FirstComeQueue())
    // A third of the stages' time is used by chat alone, four fifths with batch work.
    #expect(try #require(alone.run.bubbleFraction) > 0.6)
    #expect(try #require(preempting.run.bubbleFraction) < 0.3)
    #expect(preempting.run.completed == alone.run.completed + 600)
    let ttft = try [alone, strict, preempting, blind].map { try #require($0.chat.ttft.mean) }
    let tpot = try [alone, preempting].map { try #require($0.chat.tpot.mean) }
    #expect(ttft[2] < 1.1 * ttft[0], "\(ttft)")
    #expect(ttft[1] < 5 * ttft[0] && ttft[3] > 100 * ttft[0], "\(ttft)")
    #expect(tpot[1] < 1.6 * tpot[0], "\(tpot)")
    #expect(preempting.run.preemptions > 0 && strict.run.preemptions == 0)
  }

  @Test("When blocks run out batch work loses its own before chat, whoever came last")
  func victims() {
    func preempted(_ queue: any QueuePolicy) -> [Int] {
      var scheduler = Schedulers.make(
        batching: Schedulers.vllm(tokens: 64), keyValueBlocks: 60)
      scheduler.engine.blockTokens = 4
      scheduler.queue = queue
      let outcome = Scenario.small(
        workloads: [
          Self.workload("jobs", 6, prompt: 10...20, output: 20...40, priority: "batch"),
          Self.workload("chat", 6, prompt: 10...20, output: 20...40, every: 2_000_000),
        ], schedulers: [scheduler]
      ).outcome()
      #expect(outcome.summary.completed == 12)
      let workloads = Dictionary(
        uniqueKeysWithValues: outcome.records.requests.map { ($0.requestID, Int($0.workload)) })
      let victims = outcome.events.filter { $0.kind == .preempt }.compactMap { workloads[$0.a] }
      return [0, 1].map { workload in victims.count { $0 == workload } }
    }
    let (strict, blind) = (preempted(Self.make(PriorityQueue.self)), preempted(FirstComeQueue()))
    #expect(strict[0] > 0 && strict[1] == 0, "\(strict)")
    #expect(blind[1] > 0, "\(blind)")
  }

  @Test("With ageing a batch request waits for no longer than its head start and those before it")
  func ageing() throws {
    // Chat that never ends, one at a time, and one batch request in the midst of it.
    let chat = (0..<400).map { index in
      ArrivingRequest(
        arrival: Nanoseconds(index) * 1_000_000, workload: 0, promptTokens: 1, outputTokens: 2)
    }
    let job = ArrivingRequest(arrival: 500_000, workload: 1, promptTokens: 1, outputTokens: 2)
    func wait(_ options: [String: OptionValue]) throws -> Nanoseconds {
      var scheduler = Schedulers.make(batching: Schedulers.vllm(sequences: 1))
      scheduler.queue = Self.make(PriorityQueue.self, options)
      let outcome = Scenario.small(
        workloads: [
          Traffic.burst(1),
          Self.workload(
            "jobs", 1, prompt: 1...1, output: 2...2,
            priority: "batch"),
        ],
        requests: [chat[0], job] + chat.dropFirst(), schedulers: [scheduler]
      ).outcome()
      return try #require(outcome.request(1)?.ttft)
    }
    // Two steps of 1 ms each a request: the queue grows, and strict order leaves the job to the end.
    #expect(try wait([:]) > 790_000_000)
    // It goes as if it had come 50 ms later: 51 chats before it, two steps each, and its own.
    let aged = try wait(["ageing": .duration(50_000_000)])
    #expect(abs(aged - 102_500_000) <= 2_000_000, "\(aged)")
  }
}
