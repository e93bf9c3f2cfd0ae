import EventKernel
import Inference
import Serving
import Support
import Testing
import Workload

/// Replicas of one stage, with steps of 1 ms unless told otherwise.
@Suite("Leaps over decode steps: the end is as if each had been taken")
struct LeapDecodingTests {
  private static let millisecond: Nanoseconds = 1_000_000

  private static func request(
    _ arrival: Nanoseconds, prompt: Int32 = 4, output: Int32
  ) -> ArrivingRequest {
    ArrivingRequest(arrival: arrival, workload: 0, promptTokens: prompt, outputTokens: output)
  }

  private static func blocks(_ count: Int, of tokens: Int) -> SchedulerSpecification {
    var scheduler = Schedulers.make(keyValueBlocks: count)
    scheduler.engine.blockTokens = tokens
    return scheduler
  }

  @Test("One request alone decodes 1,000 tokens")
  func alone() throws {
    let outcome = Scenario.small(workloads: [Traffic.burst(1, output: 1_000)])
      .expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.summary.steps == 1_000)
    #expect(outcome.request(0)?.finish == 1_000 * Self.millisecond)
  }

  @Test("Two replicas in lockstep: every step and the answers end at the same instants")
  func lockstep() throws {
    var scheduler = Schedulers.make(scaling: Schedulers.fixed(2))
    scheduler.routing = RoundRobinRouting()
    let outcome = Scenario.small(
      workloads: [Traffic.burst(6, output: 60)], schedulers: [scheduler]
    ).expectEqualWithLeaps(fewerEvents: true)
    // Replica by replica, and within each in order of arrival.
    let ended = outcome.requests(endingAt: 60 * Self.millisecond)
    #expect(ended.map(\.requestID) == [0, 2, 4, 1, 3, 5])
  }

  @Test(
    "A request arrives at the very instant a step ends, or a nanosecond beside it",
    arguments: [0, 1, -1])
  func arrival(offset: Nanoseconds) throws {
    let arrival = 37 * Self.millisecond + offset
    let outcome = Scenario.small(
      requests: [Self.request(0, output: 100), Self.request(arrival, output: 20)]
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.times(.stepEnd).contains(37 * Self.millisecond))
    // It joins the step that begins then; a nanosecond later it waits for the next one.
    #expect(
      outcome.request(1)?.parts.queue == [0: 0, 1: Self.millisecond - 1, -1: 1][offset])
  }

  @Test("The KV pool runs out in mid-decode, exactly where both need a new block")
  func pool() throws {
    // Twenty blocks of four: with 40 tokens each both hold ten, and the next step wants two more.
    let outcome = Scenario.small(
      requests: [Self.request(0, output: 60), Self.request(0, output: 60)],
      schedulers: [Self.blocks(20, of: 4)]
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.times(.preempt) == [37 * Self.millisecond])
    #expect(outcome.records.replicas[0].keyValueBlocksPeak == 20)
  }

  @Test("The last free block is taken, and nobody is preempted")
  func lastBlock() throws {
    let outcome = Scenario.small(
      requests: [Self.request(0, output: 37), Self.request(0, output: 37)],
      schedulers: [Self.blocks(20, of: 4)]
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.summary.preemptions == 0)
    #expect(outcome.records.replicas[0].keyValueBlocksPeak == 20)
  }

  @Test("A request waits for KV blocks while others decode, until one of them ends")
  func admission() throws {
    let outcome = Scenario.small(
      requests: [
        Self.request(0, prompt: 10, output: 51), Self.request(0, prompt: 40, output: 21),
        Self.request(2 * Self.millisecond, prompt: 60, output: 4),
      ],
      schedulers: [Self.blocks(100, of: 1)]
    ).expectEqualWithLeaps()
    let second = try #require(outcome.request(1))
    let third = try #require(outcome.request(2))
    #expect(third.arrival + third.parts.queue == second.end)
  }

  @Test("Samples fall in mid-step and on the ends of steps")
  func samples() throws {
    let outcome = Scenario.small(
      duration: 100_000_000, sampleInterval: 2_500_000,
      workloads: [Traffic.burst(3, output: 90)], schedulers: [Self.blocks(1_000, of: 4)]
    ).expectEqualWithLeaps()
    let used = outcome.records.samples.map(\.keyValueBlocksUsed)
    #expect(Set(used).count > 20)
    // At 5 ms, five steps done and the sixth begun: ten prompt tokens, five of the answer.
    #expect(used[2] == 3 * 4)
  }

  @Test("The drain limit cuts the run in mid-step, or as a step ends", arguments: [400_000, 0])
  func cut(beyond: Nanoseconds) throws {
    let outcome = Scenario.small(
      duration: 10 * Self.millisecond, drainLimit: 5 * Self.millisecond + beyond,
      workloads: [Traffic.burst(3, output: 90)]
    ).expectEqualWithLeaps()
    let left = outcome.records.requests
    #expect(left.map(\.status) == [.unfinished, .unfinished, .unfinished])
    #expect(left.allSatisfy { $0.parts.compute == 15 * Self.millisecond + beyond })
    #expect(outcome.summary.steps == 15)
  }

  @Test("Contexts cross the model's sliding window one after the other")
  func window() throws {
    var architecture = Models.architecture()
    architecture.slidingWindow = SlidingWindow(tokens: 64)
    let model = ServedModel(
      name: "m", architecture: architecture, cost: .roofline(RooflineCost()))
    let outcome = Scenario.small(
      models: [model],
      requests: [
        Self.request(0, prompt: 10, output: 150), Self.request(0, prompt: 40, output: 150),
      ]
    ).expectEqualWithLeaps(fewerEvents: true)
    // Longer until both windows are full, in two slopes, and then all alike.
    let totals = outcome.events.filter { $0.kind == .step }.map(\.c).dropFirst()
    #expect(Set(totals).count > 30)
    #expect(Set(totals.suffix(90)).count == 1)
    #expect(totals.first != totals.last)
  }

  @Test("Steps that take no time at all, beside steps that take some")
  func withoutTime() throws {
    let outcome = Scenario.small(
      duration: 50 * Self.millisecond,
      models: [Models.constant("none", base: 0), Models.constant("some")],
      workloads: [
        Traffic.burst(4, at: 7 * Self.millisecond, output: 30, name: "none"),
        Traffic.burst(2, output: 40, name: "some", model: 1),
      ], schedulers: [Schedulers.make(scaling: Schedulers.fixed(2))]
    ).expectEqualWithLeaps()
    #expect(outcome.requests(endingAt: 7 * Self.millisecond).count == 4)
  }

  @Test("More sequences run than the token budget lets into a step")
  func budget() throws {
    let outcome = Scenario.small(
      workloads: [Traffic.burst(8, prompt: 3, output: 30)],
      schedulers: [Schedulers.make(batching: Schedulers.vllm(tokens: 5, sequences: 8))]
    ).expectEqualWithLeaps()
    let sizes = outcome.events.filter { $0.kind == .form }.map(\.e)
    #expect(sizes.max() == 5)
    #expect(outcome.summary.completed == 8)
  }

  @Test("A long prompt in chunks between decode steps of others")
  func chunks() throws {
    let outcome = Scenario.small(
      models: [Models.constant(perPrefillToken: 10_000)],
      requests: [
        Self.request(0, output: 200), Self.request(50 * Self.millisecond, prompt: 99, output: 50),
      ],
      schedulers: [Schedulers.make(batching: Schedulers.vllm(tokens: 11))]
    ).expectEqualWithLeaps(fewerEvents: true)
    let first = try #require(outcome.request(0))
    #expect(first.batchInterference == 99 * 10_000)
  }

  @Test("Measured steps that grow out of their all-reduces")
  func communication() throws {
    // Of a step that takes less than its all-reduces all is communication.
    let stage = TableCost.Stage(
      tensor: 2, layers: 8, decode: [.init(1, 100_000)], prefill: [.init(1, 100_000)],
      contextTokens: 4, nanosecondsPerContextToken: 1_000, allReduce: [.init(1, 10_000)])
    let model = ServedModel(
      name: "m", architecture: Models.architecture(), cost: .table(TableCost(stages: [stage])))
    let outcome = Scenario.small(
      models: [model], workloads: [Traffic.burst(1, prompt: 4, output: 200)],
      schedulers: [Schedulers.make(tensor: 2)]
    ).expectEqualWithLeaps(fewerEvents: true)
    let steps = outcome.events.filter { $0.kind == .step }
    #expect(steps[1].c == steps[1].d && steps[100].d == 160_000)
    #expect(steps[100].c > steps[100].d)
  }

  @Test("Drawn steps keep the numbers of their draws")
  func draws() throws {
    let outcome = Scenario.small(
      models: [Models.stochastic(seconds: .exponential(mean: 0.001))],
      requests: [
        Self.request(0, output: 300), Self.request(40 * Self.millisecond, output: 9),
        Self.request(290 * Self.millisecond, output: 40),
      ]
    ).expectEqualWithLeaps()
    #expect(Set(outcome.events.filter { $0.kind == .step }.map(\.c)).count > 300)
  }

  @Test("Answers of one, two and many tokens in one batch")
  func shortAnswers() throws {
    let outcome = Scenario.small(
      requests: (0..<9).map { Self.request(0, output: [1, 2, 40][$0 % 3]) }
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.records.requests.map(\.requestID) == [0, 3, 6, 1, 4, 7, 2, 5, 8])
  }

  @Test("An answer longer than any one leap")
  func longAnswer() throws {
    // A replica dozes for 4,096 rounds at most.
    let scenario = Scenario.small(
      models: [Models.constant(base: 1_000, context: 70_000)],
      workloads: [Traffic.burst(1, output: 66_000)])
    let run = Simulation(scenario: scenario, scheduler: 0)
    #expect(run.leapDifference() == nil)
    let summary = run.run()
    #expect(summary.steps == 66_000)
    #expect(summary.events < 100)
  }

  @Test("Steps so long that many of them would outlast the clock")
  func longSteps() throws {
    // 200 sequences at 1,000 s each: the steps of a leap alone would take 415 years.
    let outcome = Scenario.small(
      drainLimit: 10_000_000_000_000_000,
      models: [Models.constant(perDecodeSequence: 1_000_000_000_000, context: 70_000)],
      workloads: [Traffic.burst(200, prompt: 1, output: 66_000)],
      schedulers: [Schedulers.make(keyValueBlocks: 10_000_000)]
    ).expectEqualWithLeaps()
    #expect(outcome.summary.unfinished == 200)
    #expect(outcome.summary.steps == 51)
  }

  @Test("A finite batch ends request by request, and the next one begins when the last is done")
  func finite() throws {
    let outcome = Scenario.small(
      requests: (0..<8).map { Self.request(0, output: 10 + $0 * 7) },
      schedulers: [Schedulers.make(batching: Schedulers.finite(sequences: 4))]
    ).expectEqualWithLeaps(fewerEvents: true)
    let fourth = try #require(outcome.request(3))
    #expect(outcome.request(4)?.parts.queue == fourth.end)
  }
}
