import EventKernel
import Serving
import Support
import Testing
import Workload

@Suite("When autoscalers are asked, and what becomes of what they want")
struct ScalingInARunTests {
  private static let millisecond: Nanoseconds = 1_000_000

  /// One model on up to `gpus` GPUs, steps of 1 ms, cold starts of some milliseconds.
  private static func run(
    _ scaling: SpyScaling, arrivals: [(at: Nanoseconds, tokens: Int32)], gpus: Int = 4,
    sequences: Int = 1, duration: Nanoseconds = 1_000_000_000
  ) -> Outcome {
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(sequences: sequences), scaling: scaling)
    scheduler.coldStart = Schedulers.coldStart(
      container: millisecond, runtime: millisecond, engineInit: millisecond)
    return Scenario.small(
      duration: duration, cluster: Machines.cluster(gpus: gpus), workloads: [Traffic.burst(1)],
      requests: arrivals.map {
        ArrivingRequest(arrival: $0.at, workload: 0, promptTokens: 1, outputTokens: $0.tokens)
      }, schedulers: [scheduler]
    ).outcome()
  }

  @Test("Ticks fall on whole multiples of the interval, after arrivals of the same instant")
  func grid() {
    var spy = SpyScaling()
    spy.interval = 10 * Self.millisecond
    spy.table = [(0, 1, .tick)]
    _ = Self.run(spy, arrivals: [(25 * Self.millisecond, 1), (40 * Self.millisecond, 1)])
    let times = spy.notes.times
    #expect(times.first == 30 * Self.millisecond)
    #expect(times.allSatisfy { $0 % (10 * Self.millisecond) == 0 })
    #expect(
      times == stride(from: times[0], through: times[times.count - 1], by: 10_000_000).map { $0 })
    let atSecond = spy.notes.views.first { $0.now == 40 * Self.millisecond }
    #expect(atSecond?.inFlight == 2)
  }

  @Test("Who waits for an arrival costs no ticks until then, and is held to it only at rest")
  func rest() {
    var spy = SpyScaling()
    spy.interval = 10 * Self.millisecond
    spy.table = [(0, 1, .arrival), (100 * Self.millisecond, 0, .arrival)]
    _ = Self.run(spy, arrivals: [(15 * Self.millisecond, 2), (500 * Self.millisecond, 1)])
    // Asked while the replica starts and serves; then not before the next request.
    let quiet = spy.notes.times.filter { (100..<500).contains($0 / Self.millisecond) }
    #expect(quiet == [])
    #expect(spy.notes.times.first == 20 * Self.millisecond)
    #expect(spy.notes.times.contains(500 * Self.millisecond))
  }

  @Test("An instant that a decision names is met off the grid, and once")
  func instants() {
    var spy = SpyScaling()
    spy.asksAtStart = true
    spy.table = [
      (0, 1, .instant(33_333_333)), (33_333_333, 2, .instant(44_444_444)),
      (44_444_444, 1, .arrival),
    ]
    let outcome = Self.run(spy, arrivals: [(900 * Self.millisecond, 1)])
    #expect(spy.notes.times == [0, 33_333_333, 44_444_444])
    #expect(outcome.records.scalings.map(\.desired) == [1, 2, 1])
  }

  @Test("A thousand models of which ten have requests: ticks for those ten alone")
  func activeModels() {
    let models = (0..<1_000).map { Models.constant("m\($0)") }
    let workloads = models.indices.map { Traffic.burst(1, name: "w\($0)", model: $0) }
    var spy = SpyScaling()
    spy.interval = 100 * Self.millisecond
    spy.table = [(0, 1, .arrival)]
    let scheduler = Schedulers.make(scaling: spy)
    let requests = (0..<10).map {
      ArrivingRequest(
        arrival: Nanoseconds($0) * Self.millisecond, workload: Int32($0 * 100), promptTokens: 1,
        outputTokens: 1)
    }
    let scenario = Scenario.small(
      duration: 100_000_000_000, cluster: Machines.cluster(gpus: 10), models: models,
      workloads: workloads, requests: requests, schedulers: [scheduler])
    let summary = Simulation(scenario: scenario, scheduler: 0).run(into: MemorySink())
    #expect(summary.completed == 10)
    // Cold starts take 27 s and loading: at ten ticks a second some 300 for each, not 1,000 for all.
    #expect(spy.notes.times.count < 10 * 450)
    #expect(summary.events < 10 * 500)
  }

  @Test(
    "Wanting less: demands go first, then starts, the newest first, then the least busy ready ones")
  func order() {
    // Three GPUs: two replicas are up, one starts when the third comes, the fourth waits for a GPU.
    var spy = SpyScaling()
    spy.initialReplicas = 2
    spy.interval = 10 * Self.millisecond
    spy.table = [
      (0, 2, .tick), (10 * Self.millisecond, 4, .tick), (12 * Self.millisecond, 1, .tick),
    ]
    let outcome = Self.run(
      spy, arrivals: [(0, 40), (0, 60)], gpus: 3, sequences: 4,
      duration: 100 * Self.millisecond)
    let replicas = outcome.records.replicas.sorted { $0.replicaID < $1.replicaID }
    #expect(replicas.map { $0.demanded / Self.millisecond } == [0, 0, 10, 10])
    // At 20 ms: the demand is taken back, the third is ready by now, idle, and goes at once.
    #expect(replicas[3].granted == nil)
    #expect(replicas[3].released == 20 * Self.millisecond)
    #expect(replicas[2].released == 20 * Self.millisecond)
    // Of the two with one request each the newer one drains, and goes with its last token.
    let drains = outcome.events.filter { $0.kind == .drain }
    #expect(drains.map(\.a) == [1])
    #expect(replicas[1].requestsCompleted == 1)
    let last = outcome.records.requests.first { $0.replicaID == 1 }
    #expect(replicas[1].released == last?.finish)
    #expect(outcome.summary.completed == 2)
  }

  @Test("A start that is not wanted any more gives its GPU back before it is ready")
  func givenUp() {
    var spy = SpyScaling()
    spy.interval = 2 * Self.millisecond
    spy.table = [(0, 2, .tick), (4 * Self.millisecond, 1, .tick)]
    let outcome = Self.run(spy, arrivals: [(Self.millisecond, 1)])
    let replicas = outcome.records.replicas.sorted { $0.replicaID < $1.replicaID }
    #expect(replicas[1].granted == 2 * Self.millisecond)
    #expect(replicas[1].ready == nil)
    #expect(replicas[1].released == 4 * Self.millisecond)
    #expect(outcome.summary.completed == 1)
  }

  @Test("Wanting more again takes a draining replica back before a new one is demanded")
  func takenBack() {
    var spy = SpyScaling()
    spy.initialReplicas = 2
    spy.interval = 10 * Self.millisecond
    spy.table = [
      (0, 2, .tick), (10 * Self.millisecond, 1, .tick), (20 * Self.millisecond, 2, .tick),
    ]
    let outcome = Self.run(
      spy, arrivals: [(0, 50), (0, 50), (25 * Self.millisecond, 1), (25 * Self.millisecond, 1)],
      sequences: 2)
    #expect(outcome.records.replicas.count == 2)
    #expect(outcome.events.filter { $0.kind == .resume }.map(\.time) == [20 * Self.millisecond])
    #expect(Set(outcome.records.requests.suffix(2).map(\.replicaID)) == [0, 1])
    #expect(outcome.summary.completed == 4)
  }

  @Test("To zero and back no request is lost, and each wait has its label")
  func zeroAndBack() {
    var spy = SpyScaling()
    spy.interval = 10 * Self.millisecond
    spy.table = [
      (0, 2, .tick), (100 * Self.millisecond, 0, .tick), (300 * Self.millisecond, 1, .tick),
    ]
    let arrivals = (0..<40).map { (at: Nanoseconds($0) * 10 * Self.millisecond, tokens: Int32(7)) }
    let outcome = Self.run(spy, arrivals: arrivals)
    #expect(outcome.summary.completed == 40)
    let woken = outcome.records.requests.filter {
      (101..<300).contains($0.arrival / Self.millisecond)
    }
    // Those who came while there was nothing waited for a decision, then for the cold start.
    #expect(woken.count == 19)
    #expect(woken.allSatisfy { $0.parts.coldStart > 0 && $0.parts.queue > 0 })
  }

  @Test("While a replica drains its idle time is draining, and its ledger still closes")
  func ledger() {
    var spy = SpyScaling()
    spy.initialReplicas = 1
    spy.interval = 10 * Self.millisecond
    spy.table = [(0, 1, .tick), (10 * Self.millisecond, 0, .tick)]
    var scheduler = Schedulers.make(stages: 2, scaling: spy)
    scheduler.coldStart = Schedulers.coldStart()
    let outcome = Scenario.small(
      cluster: Machines.cluster(gpus: 2), workloads: [Traffic.burst(1)],
      requests: [ArrivingRequest(arrival: 0, workload: 0, promptTokens: 1, outputTokens: 30)],
      schedulers: [scheduler]
    ).outcome()
    let replica = outcome.records.replicas[0]
    for stage in outcome.records.stages {
      #expect(stage.draining > 0)
      #expect(
        stage.starting + stage.busy + stage.exposedCommunication + stage.bubble + stage.starved
          + stage.draining == replica.released - (replica.granted ?? 0))
      // One request on two stages: idle half of its time, first as bubbles, then draining.
      #expect(stage.bubble > 4 * Self.millisecond && stage.bubble < 7 * Self.millisecond)
    }
    #expect(outcome.summary.completed == 1)
  }

  @Test("A decision that says what the one before said is recorded once")
  func news() {
    var spy = SpyScaling()
    spy.interval = 10 * Self.millisecond
    spy.table = [(0, 1, .tick), (200 * Self.millisecond, 2, .tick)]
    let outcome = Self.run(spy, arrivals: [(5 * Self.millisecond, 100), (800_000_000, 1)])
    #expect(outcome.records.scalings.map(\.time) == [10_000_000, 200_000_000])
    #expect(outcome.records.scalings.map(\.desired) == [1, 2])
    #expect(outcome.events.filter { $0.kind == .scale }.map(\.f) == [1, 2])
  }
}
