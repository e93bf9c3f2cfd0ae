import EventKernel
import Inference
import Serving
import Support
import Testing

@Suite("Replicas that sleep")
struct SleepTests {
  private static let millisecond: Nanoseconds = 1_000_000
  /// Half a byte per nanosecond between GPU and host, one between storage and host.
  private static let weights = Models.architecture().weightBytes(.bf16)
  private static let passage = 2 * weights
  private static let overhead: Nanoseconds = 500_000

  private static func tiered(
    host: Nanoseconds, storage: Nanoseconds = 0, underPressure: String = "release"
  ) -> TieredKeepAlive {
    Schedulers.tiered(
      awake: 10 * millisecond, host: host * millisecond, storage: storage * millisecond,
      bytesPerSecond: 5e8, overhead: overhead, underPressure: underPressure)
  }

  /// A replica that is up at the start, idle from 1 ms and asleep from 11 ms on.
  private static func outcome(
    _ arrivals: [(Nanoseconds, model: Int)], models: Int = 1, hostMemory: Int64? = nil,
    _ keepAlive: TieredKeepAlive
  ) -> Outcome {
    KeepAlivePolicyTests.outcome(
      arrivals, models: models, gpus: 1, scaling: Schedulers.queue(max: 1, initial: 1),
      hostMemory: hostMemory, keepAlive)
  }

  @Test("Waking from host memory takes the weights' way over PCIe at the limit, and the overhead")
  func fromHost() throws {
    let outcome = Self.outcome([(0, 0), (300, 0)], Self.tiered(host: 1_000))
    let second = try #require(outcome.request(1))
    #expect(second.parts.coldStart == Self.passage + Self.overhead)
    #expect(second.end == second.arrival + second.parts.coldStart + Self.millisecond)
    #expect(outcome.summary.coldStarts == 0)
    #expect(outcome.records.replicas.count == 1)
    let gpu = try #require(outcome.records.gpus.first)
    let again = second.end + 10 * Self.millisecond
    #expect(gpu.sleeping == 289 * Self.millisecond + outcome.summary.simulated - again)
    #expect(gpu.starting == second.parts.coldStart)
  }

  @Test("Waking from storage takes the way from there before")
  func fromStorage() throws {
    let outcome = Self.outcome([(0, 0), (300, 0)], Self.tiered(host: 50, storage: 800))
    let second = try #require(outcome.request(1))
    #expect(second.parts.coldStart == Self.weights + Self.passage + Self.overhead)
    let given = outcome.events.first { $0.kind == .sleep && $0.b == 2 }
    #expect(given?.time == 61 * Self.millisecond + Self.passage + Self.overhead)
  }

  @Test(
    "Both of vLLM's sleeping systems start alike; at which level replicas sleep, keep-alive says")
  func levels() throws {
    var start = ColdStartSystem.vllmSleep1.coldStart
    start.system = .vllmSleep2
    #expect(start == ColdStartSystem.vllmSleep2.coldStart)
    #expect(
      start.engineInit + start.compile + start.capture == ColdStartSystem.vllm.coldStart.engineInit)
    func waking(_ keepAlive: TieredKeepAlive) throws -> Nanoseconds {
      try #require(Self.outcome([(0, 0), (300, 0)], keepAlive).request(1)).parts.coldStart
    }
    // Level 1 alone, and level 2 as soon as the weights are out of the GPU.
    #expect(try waking(Self.tiered(host: 1_000)) == Self.passage + Self.overhead)
    #expect(
      try waking(Self.tiered(host: 0, storage: 1_000))
        == Self.weights + Self.passage + Self.overhead)
  }

  @Test("Beyond the last tier a replica is gone, and the next one starts cold")
  func gone() throws {
    let outcome = Self.outcome([(0, 0), (300, 0)], Self.tiered(host: 50, storage: 60))
    #expect(outcome.summary.coldStarts == 1)
    let first = try #require(outcome.records.replicas.first { $0.replicaID == 0 })
    #expect(first.released == 121 * Self.millisecond + Self.passage + Self.overhead)
  }

  @Test("Whoever is asked to wake while the weights go down wakes once they are there")
  func askedWhileFalling() throws {
    let outcome = Self.outcome([(0, 0), (20, 0)], Self.tiered(host: 400))
    let second = try #require(outcome.request(1))
    let there = 11 * Self.millisecond + Self.passage + Self.overhead
    #expect(
      second.parts.coldStart == there - 20 * Self.millisecond + Self.passage + Self.overhead)
  }

  @Test("Sleeping replicas hold their GPUs until another model needs them, if they are to yield")
  func underPressure() throws {
    let yielding = Self.outcome([(0, 0), (300, 1)], models: 2, Self.tiered(host: 5_000))
    #expect(yielding.records.allocations.count { $0.model == 1 && $0.granted != nil } == 1)
    #expect(yielding.request(1)?.parts.allocationWait == 0)
    let released = yielding.records.scalings.first { $0.clause.name == "pressure" }
    #expect(released?.time == 300 * Self.millisecond)
    let kept = Self.outcome(
      [(0, 0), (300, 1)], models: 2, Self.tiered(host: 500, underPressure: "keep"))
    #expect(
      kept.request(1)?.parts.allocationWait
        == 211 * Self.millisecond + Self.passage + Self.overhead)
  }

  @Test("Where host memory has no room for its weights a replica is released instead")
  func hostMemory() throws {
    let outcome = Self.outcome(
      [(0, 0), (300, 0)], hostMemory: Self.weights - 1, Self.tiered(host: 400))
    let first = try #require(outcome.records.replicas.first { $0.replicaID == 0 })
    #expect(first.released == 11 * Self.millisecond)
    #expect(outcome.records.gpus.allSatisfy { $0.sleeping == 0 })
    #expect(
      Self.outcome([(0, 0)], hostMemory: Self.weights, Self.tiered(host: 400))
        .records.gpus.contains { $0.sleeping > 0 })
  }
}
