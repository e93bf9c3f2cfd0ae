import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

/// Replicas of several stages: micro-batches that follow one another over GPUs and links.
@Suite("Leaps over the steps of a pipeline")
struct LeapPipelineTests {
  private static func request(
    _ arrival: Nanoseconds, prompt: Int32 = 4, output: Int32
  ) -> ArrivingRequest {
    ArrivingRequest(arrival: arrival, workload: 0, promptTokens: prompt, outputTokens: output)
  }

  private static func vllm(
    tokens: Int = 2_048, depth: Int? = nil, waitsForOldest: Bool = true
  ) -> VLLMBatching {
    var values = OptionValues(defaultsOf: VLLMBatching.options)
    values["maxBatchedTokens"] = .integer(Int64(tokens))
    values["depth"] = depth.map { .integer(Int64($0)) }
    values["waitsForOldest"] = .flag(waitsForOldest)
    return VLLMBatching(values)
  }

  /// One GPU in each node, so that every hop crosses network cards.
  private static func scenario(
    _ requests: [ArrivingRequest], duration: Nanoseconds = 1_000_000_000,
    drainLimit: Nanoseconds = 1_000_000_000_000, _ scheduler: SchedulerSpecification
  ) -> Scenario {
    Scenario.small(
      duration: duration, drainLimit: drainLimit, cluster: Machines.cluster(nodes: 8, gpus: 1),
      models: [Models.constant(base: 1_000_000, perDecodeSequence: 30_029, host: 5_003)],
      requests: requests, schedulers: [scheduler])
  }

  private static func formed(_ outcome: Outcome) -> [Int64] {
    outcome.events.filter { $0.kind == .form }.map(\.e)
  }

  @Test("Two cohorts on two stages, each decoding while the other does")
  func cohorts() throws {
    let outcome = Self.scenario(
      [Self.request(0, output: 150), Self.request(200_000, output: 140)],
      Schedulers.make(stages: 2, batching: Self.vllm(waitsForOldest: false))
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(Self.formed(outcome).allSatisfy { $0 == 1 })
    #expect(outcome.summary.steps == 2 * 290)
    // Stage 0 hardly idles: both cohorts are under way at once.
    #expect(outcome.records.stages[0].busy > 3 * outcome.records.stages[0].bubble)
  }

  @Test("Cohorts of unlike sizes, and one cohort more than stages")
  func unlikeCohorts() throws {
    let requests =
      (0..<5).map { _ in Self.request(0, output: 60) }
      + [Self.request(200_000, output: 80), Self.request(400_000, output: 70)]
    let outcome = Self.scenario(
      requests, Schedulers.make(stages: 2, batching: Self.vllm(depth: 3, waitsForOldest: false))
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(Set(Self.formed(outcome)) == [5, 1])
    #expect(outcome.records.requests.contains { $0.parts.pipelineWait > 0 })
  }

  @Test("A burst leaves one full micro-batch on four stages, and the others idle")
  func burst() throws {
    let outcome = Self.scenario(
      (0..<12).map { _ in Self.request(0, output: 90) },
      Schedulers.make(stages: 4, batching: Self.vllm())
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(Self.formed(outcome) == Array(repeating: 12, count: 90))
  }

  @Test("A budget that splits the sequences of a pipeline into micro-batches")
  func budget() throws {
    let outcome = Self.scenario(
      (0..<9).map { Self.request(0, prompt: 1, output: 40 + $0 % 2) },
      Schedulers.make(stages: 3, batching: Self.vllm(tokens: 4))
    ).expectEqualWithLeaps()
    #expect(Self.formed(outcome).max() == 4)
  }

  @Test("Three micro-batches of a finite batch on two stages")
  func finite() throws {
    let outcome = Self.scenario(
      (0..<14).map { Self.request(0, output: 20 + 5 * ($0 % 4)) },
      Schedulers.make(stages: 2, batching: Schedulers.finite(sequences: 7, microbatches: 3))
    ).expectEqualWithLeaps()
    #expect(Self.formed(outcome).prefix(3) == [3, 3, 1])
    #expect(outcome.summary.completed == 14)
  }

  @Test("Uneven stages: micro-batches queue before the slower one")
  func uneven() throws {
    var scheduler = Schedulers.make(batching: Self.vllm(waitsForOldest: false))
    var values = OptionValues(defaultsOf: FixedParallelism.options)
    values["stages"] = .integer(3)
    values["layers"] = .integers([1, 5, 2])
    scheduler.parallelism = FixedParallelism(values)
    let outcome = Self.scenario(
      (0..<3).map { Self.request($0 * 50_000, output: 100) }, scheduler
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.records.requests.allSatisfy { $0.parts.pipelineWait > 10_000_000 })
  }

  @Test("One request through eight stages")
  func deep() throws {
    let outcome = Self.scenario([Self.request(0, output: 120)], Schedulers.make(stages: 8))
      .expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.summary.steps == 8 * 120)
  }

  @Test("Hops that cost nothing: steps of all stages end at the same instants")
  func freeHops() throws {
    var scheduler = Schedulers.make(stages: 4, batching: Self.vllm(waitsForOldest: false))
    scheduler.engine.pricedHops = false
    let scenario = Scenario.small(
      requests: (0..<4).map { Self.request($0 * 250_000, output: 100) },
      schedulers: [scheduler])
    let outcome = scenario.expectEqualWithLeaps(fewerEvents: true)
    let ends = Dictionary(grouping: outcome.times(.stepEnd), by: { $0 })
    #expect(ends.values.contains { $0.count == 4 })
  }

  @Test("A stage that is blocked until its output has arrived")
  func blockingHops() throws {
    var scheduler = Schedulers.make(stages: 3, batching: Self.vllm(waitsForOldest: false))
    scheduler.engine.asynchronousHops = false
    let outcome = Self.scenario(
      (0..<3).map { Self.request($0 * 100_000, output: 80) }, scheduler
    ).expectEqualWithLeaps()
    #expect(outcome.summary.completed == 3)
  }

  @Test("Messages that follow one another over a slow link")
  func slowLink() throws {
    let outcome = Scenario.small(
      cluster: Machines.cluster(nodes: 2, gpus: 1, nicBandwidth: 2e6),
      models: [Models.constant(base: 400_000)],
      requests: (0..<2).map { Self.request($0 * 100_000, output: 80) },
      schedulers: [Schedulers.make(stages: 2, batching: Self.vllm(waitsForOldest: false))]
    ).expectEqualWithLeaps(fewerEvents: true)
    // A token takes 500,000 ns on the link and 200,000 on each stage: it waits for the link.
    let decoding = outcome.events.filter { $0.kind == .hop && $0.b == 0 && $0.d == 1_000 }
    #expect(decoding.contains { $0.c > 600_000 })
  }

  @Test("Measured hops, without a latency of their own")
  func measuredHops() throws {
    let stage = TableCost.Stage(
      tensor: 1, layers: 4, decode: [.init(1, 500_000), .init(8, 600_000)],
      prefill: [.init(1, 500_000), .init(64, 900_000)], contextTokens: 16,
      nanosecondsPerContextToken: 100, hop: [.init(1, 500_000), .init(8, 520_000)])
    let model = ServedModel(
      name: "m", architecture: Models.architecture(), cost: .table(TableCost(stages: [stage])))
    let outcome = Scenario.small(
      cluster: Machines.cluster(nodes: 2, gpus: 1), models: [model],
      requests: (0..<3).map { Self.request($0 * 100_000, output: 80) },
      schedulers: [
        Schedulers.make(stages: 2, batching: Self.vllm(depth: 3, waitsForOldest: false))
      ]
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.records.stages.allSatisfy { $0.steps == 240 })
  }

  @Test("A short message does not overtake a long one, though both are measured")
  func overtaking() throws {
    let stage = TableCost.Stage(
      tensor: 1, layers: 4, decode: [.init(1, 50_000)], prefill: [.init(1, 50_000)],
      hop: [.init(1, 1_000), .init(8, 900_000)])
    let model = ServedModel(
      name: "m", architecture: Models.architecture(), cost: .table(TableCost(stages: [stage])))
    var cluster = Machines.cluster(nodes: 2, gpus: 1)
    // A way longer than any message, so that all of a message is latency.
    for node in [0, 1] { cluster.nodes[node].gpu.networkMessageNanoseconds = 5_000_000 }
    let outcome = Scenario.small(
      cluster: cluster, models: [model],
      requests: (0..<8).map { _ in Self.request(0, prompt: 1, output: 60) }
        + [Self.request(60_000, prompt: 1, output: 60)],
      schedulers: [Schedulers.make(stages: 2, batching: Self.vllm(waitsForOldest: false))]
    ).expectEqualWithLeaps(fewerEvents: true)
    let hops = outcome.events.filter { $0.kind == .hop && $0.b == 0 }
    let arrivals = hops.map { $0.time + $0.c }
    #expect(arrivals == arrivals.sorted())
    #expect(hops.count { $0.d == 1_000 && $0.c > 800_000 } > 50)
  }

  @Test("The run is cut while a micro-batch executes, waits for a stage or hops", arguments: 0...20)
  func cut(part: Int64) throws {
    // One decode step of the pipeline takes a little over 1 ms: twenty cuts, 54,077 ns apart.
    let outcome = Self.scenario(
      (0..<3).map { Self.request($0 * 60_000, output: 300) },
      duration: 30_000_000, drainLimit: 5_000_000 + part * 54_077,
      Schedulers.make(stages: 2, batching: Self.vllm(depth: 3, waitsForOldest: false))
    ).expectEqualWithLeaps()
    #expect(outcome.summary.unfinished == 3)
  }

  @Test("The KV pool of a pipeline runs out while the other cohort is in flight")
  func pool() throws {
    var scheduler = Schedulers.make(
      stages: 2, batching: Self.vllm(waitsForOldest: false), keyValueBlocks: 24)
    scheduler.engine.blockTokens = 4
    let outcome = Self.scenario(
      (0..<4).map { Self.request($0 * 200_000, output: 60) }, scheduler
    ).expectEqualWithLeaps()
    #expect(outcome.summary.preemptions > 1)
    #expect(outcome.summary.completed == 4)
  }

  @Test("Hops as flows, and models that share GPUs, which do not leap")
  func stepByStep() throws {
    var flows = Schedulers.make(stages: 3, batching: Self.vllm(waitsForOldest: false))
    flows.engine.simulatedHops = true
    let requests = (0..<3).map { Self.request($0 * 100_000, output: 40) }
    #expect(Self.scenario(requests, flows).expectEqualWithLeaps().summary.completed == 3)
    var shared = Schedulers.make(tensor: 2, stages: 2, scaling: Schedulers.fixed())
    shared.engine.residentsPerGPU = 2
    let outcome = Scenario.small(
      models: [Models.constant("first"), Models.constant("second", base: 700_001)],
      workloads: [
        Traffic.burst(3, output: 60, name: "first"),
        Traffic.burst(3, output: 60, name: "second", model: 1),
      ], schedulers: [shared]
    ).expectEqualWithLeaps()
    #expect(outcome.summary.completed == 6)
  }

  @Test("A pipeline of free hops and a plain GPU beside it end steps at the same instants")
  func mixedPlans() throws {
    var scheduler = Schedulers.make(scaling: Schedulers.fixed(2))
    scheduler.parallelism = Schedulers.ladder([
      PlanShape(tensor: 1, stages: 2), PlanShape(tensor: 1, stages: 1),
    ])
    scheduler.engine.pricedHops = false
    scheduler.routing = RoundRobinRouting()
    let outcome = Scenario.small(
      cluster: Machines.cluster(gpus: 3), workloads: [Traffic.burst(6, output: 50)],
      schedulers: [scheduler]
    ).expectEqualWithLeaps(fewerEvents: true)
    #expect(outcome.records.replicas.map(\.stages) == [2, 1])
    // The plain GPU's step ends before the pipeline's last token is back, at the same instant.
    let ended = outcome.requests(endingAt: 50_000_000)
    #expect(ended.map(\.replicaID) == [1, 1, 1, 0, 0, 0])
  }
}
