import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Keep-alive policies")
struct KeepAlivePolicyTests {
  private static let millisecond: Nanoseconds = 1_000_000

  /// One request of a model at each of these instants in milliseconds; a step takes 1 ms.
  static func scenario(
    _ arrivals: [(Nanoseconds, model: Int)], models: Int = 1, gpus: Int = 2,
    scaling: QueueScaling = Schedulers.queue(max: 1), _ keepAlive: any KeepAlivePolicy
  ) -> Scenario {
    var scheduler = Schedulers.make(batching: Schedulers.vllm(sequences: 1), scaling: scaling)
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.keepAlive = keepAlive
    var scenario = Scenario.small(
      duration: 1_000 * millisecond, cluster: Machines.cluster(gpus: gpus),
      models: (0..<models).map { Models.constant("m\($0)") },
      workloads: (0..<models).map { Traffic.burst(1, name: "w\($0)", model: $0) },
      requests: arrivals.map {
        ArrivingRequest(
          arrival: $0.0 * millisecond, workload: Int32($0.model), promptTokens: 1, outputTokens: 1)
      }, schedulers: [scheduler])
    scenario.sampleInterval = 10 * millisecond
    return scenario
  }

  /// What comes of it, by the accountant's books too.
  static func outcome(
    _ arrivals: [(Nanoseconds, model: Int)], models: Int = 1, gpus: Int = 2,
    scaling: QueueScaling = Schedulers.queue(max: 1), hostMemory: Int64? = nil,
    _ keepAlive: any KeepAlivePolicy
  ) -> Outcome {
    var scenario = scenario(arrivals, models: models, gpus: gpus, scaling: scaling, keepAlive)
    if let hostMemory { scenario.cluster.nodes[0].hostMemoryBytes = hostMemory }
    return scenario.auditedOutcome()
  }

  private static func replicas(_ outcome: Outcome) -> [ReplicaRecord] {
    outcome.records.replicas.sorted { $0.replicaID < $1.replicaID }
  }

  @Test("A policy's duration is the scaling policy's keepAlive, to the byte")
  func shortForm() {
    let arrivals: [(Nanoseconds, model: Int)] = [(0, 0), (300, 0), (900, 0)]
    let short = Self.outcome(
      arrivals, scaling: Schedulers.queue(max: 1, keepAlive: 100 * Self.millisecond),
      FixedKeepAlive(duration: 100 * Self.millisecond))
    let long = Self.outcome(arrivals, FixedKeepAlive(duration: 100 * Self.millisecond))
    #expect(short.events == long.events)
    #expect(short.summary.digest == long.summary.digest)
    #expect(Self.replicas(long).count == 3)
  }

  @Test("Under lru nobody goes before another model finds no place, then the one idle longest")
  func leastRecentlyUsed() {
    let outcome = Self.outcome(
      [(0, 0), (100, 1), (200, 0), (600, 2), (700, 0)], models: 3, LeastRecentlyUsedKeepAlive())
    let replicas = Self.replicas(outcome)
    #expect(replicas.map(\.model) == [0, 1, 2])
    // The second model's replica was used at 100 ms, the first one's at 200 ms.
    #expect(replicas.map(\.released) == [1_000, 600, 1_000].map { $0 * Self.millisecond })
    #expect(replicas[2].granted == 600 * Self.millisecond)
    #expect(outcome.records.scalings.count { $0.clause.name == "pressure" } == 1)
    #expect(outcome.records.allocations.allSatisfy { $0.waited == 0 })
  }

  @Test("Under lru the floor stays, and whoever finds no room waits until another becomes idle")
  func floor() throws {
    let kept = Self.outcome(
      [(0, 0), (100, 1)], models: 2, gpus: 1, scaling: Schedulers.queue(min: 1, max: 1, initial: 0),
      LeastRecentlyUsedKeepAlive())
    #expect(kept.records.requests.count { $0.status == .completed } == 1)
    // The first model's replica is busy at first: its cold start ends after 1 ms, its step a ms later.
    let waiting = Self.outcome(
      [(0, 0), (0, 1)], models: 2, gpus: 1, LeastRecentlyUsedKeepAlive())
    let replicas = Self.replicas(waiting)
    #expect(waiting.records.requests.count { $0.status == .completed } == 2)
    #expect(replicas[0].released == replicas[1].granted)
    #expect(replicas[1].granted == (try #require(replicas[0].ready)) + Self.millisecond)
  }

  /// Ten bins of 10 ms; three observations are enough.
  private static func histogram(head: Double = 0.05) -> HistogramKeepAlive {
    var values = OptionValues(defaultsOf: HistogramKeepAlive.options)
    values["bin"] = .duration(10 * millisecond)
    values["range"] = .duration(100 * millisecond)
    values["leastObservations"] = .integer(3)
    values["head"] = .number(head)
    values["fallback"] = .duration(200 * millisecond)
    return HistogramKeepAlive(values)
  }

  @Test("The histogram keeps for the fixed time until it is told enough, then by head and tail")
  func rule() {
    var policy = Self.histogram()
    func plan(_ now: Nanoseconds = 1_000) -> IdlePlan {
      policy.plan(
        IdleView(now: now * Self.millisecond, lastUse: 1_000 * Self.millisecond))
    }
    for idle in [44, 52] {
      policy.observe(idleTime: Nanoseconds(idle) * Self.millisecond)
      #expect(plan() == IdlePlan(keep: 200 * Self.millisecond))
    }
    policy.observe(idleTime: 58 * Self.millisecond)
    // Two in one bin, one in another: a mean of 0.3, a variance of 0.41, a coefficient of 2.1. The head
    // begins at 40 ms, less 10 %; the tail ends at 60 ms, plus 10 %.
    #expect(plan() == IdlePlan(keep: 0, preWarm: 1_036 * Self.millisecond))
    #expect(plan(1_040) == IdlePlan(keep: 26 * Self.millisecond))
    #expect(plan(1_080) == IdlePlan(keep: 0))
    // Even counts say nothing: a coefficient of 0.9.
    for idle in [1, 22, 78, 33] { policy.observe(idleTime: Nanoseconds(idle) * Self.millisecond) }
    #expect(plan() == IdlePlan(keep: 200 * Self.millisecond))
  }

  @Test("Most idle times beyond the range, or a head in the first bin, mean no pre-warming")
  func outside() {
    var far = Self.histogram()
    for idle in [500, 600, 45, 45, 700] { far.observe(idleTime: Nanoseconds(idle) * 1_000_000) }
    let view = IdleView(now: 0, lastUse: 0)
    #expect(far.plan(view) == IdlePlan(keep: 200 * Self.millisecond))
    var near = Self.histogram()
    for _ in 0..<4 { near.observe(idleTime: 3 * Self.millisecond) }
    #expect(near.plan(view) == IdlePlan(keep: 11 * Self.millisecond))
  }

  @Test(
    "A model asked for at equal intervals is released, pre-warmed, and served without a cold start")
  func preWarming() {
    let outcome = Self.outcome(
      (0..<8).map { (Nanoseconds($0) * 60, model: 0) }, Self.histogram())
    let starts = outcome.records.requests.map(\.parts.coldStart)
    #expect(starts[0] > 0)
    #expect(starts.dropFirst().allSatisfy { $0 == 0 })
    let preWarmed = outcome.records.scalings.filter { $0.clause.name == "pre-warm" }
    // The cold start has left 10 to 20 ms of the first gap, and that is the head: after the third idle time
    // each gap is bridged. The last pre-warming is for a request that does not come.
    #expect(preWarmed.count == 5)
    let first = outcome.records.requests[3].end
    #expect(preWarmed.first?.time == first + 9 * Self.millisecond)
    #expect(Self.replicas(outcome).last?.requestsCompleted == 0)
    let held = outcome.records.gpus.reduce(0) { $0 + $1.reservedIdle }
    let fixed = Self.outcome(
      (0..<8).map { (Nanoseconds($0) * 60, model: 0) },
      FixedKeepAlive(duration: 60 * Self.millisecond))
    #expect(held < fixed.records.gpus.reduce(0) { $0 + $1.reservedIdle })
  }
}
