import EventKernel
import Hardware
import Serving
import Support
import Testing
import Workload

@Suite("Other tenants by a list of demands")
struct BackgroundDemandTests {
  private static let millisecond: Nanoseconds = 1_000_000

  private func demand(
    _ time: Nanoseconds, _ gpus: Int32, for lifetime: Nanoseconds
  ) -> BackgroundDemand {
    BackgroundDemand(
      time: time * Self.millisecond, gpus: gpus, lifetime: lifetime * Self.millisecond)
  }

  private func outcome(
    _ demands: [BackgroundDemand], seed: UInt64 = 1, nodes: Int = 1,
    workloads: [WorkloadSpecification] = [Traffic.burst(1, at: 300_000_000)],
    scheduler: SchedulerSpecification = Schedulers.make(scaling: Schedulers.queue())
  ) -> Outcome {
    Scenario.small(
      seed: seed, duration: 400 * Self.millisecond, drainLimit: 60_000 * Self.millisecond,
      sampleInterval: 10 * Self.millisecond, cluster: Machines.cluster(nodes: nodes, gpus: 4),
      background: BackgroundSpecification(demands: demands), workloads: workloads,
      schedulers: [scheduler]
    ).outcome()
  }

  @Test("Tenants of time 0 hold their GPUs at the first sample, later ones from their time")
  func times() {
    let outcome = outcome([
      demand(0, 1, for: 15), demand(0, 2, for: 100), demand(45, 1, for: 20),
    ])
    let held = outcome.records.samples.prefix(12).map(\.backgroundGPUs)
    #expect(held == [3, 3, 2, 2, 2, 3, 3, 2, 2, 2, 0, 0])
    #expect(outcome.records.allocations.filter { $0.kind == .background }.count == 1)
  }

  @Test("A tenant that does not fit waits, holds for its whole lifetime, and its wait is reported")
  func waits() throws {
    let outcome = outcome([demand(0, 3, for: 50), demand(10, 2, for: 30), demand(20, 1, for: 5)])
    let asked = outcome.records.allocations.filter { $0.kind == .background }
    let waiting = try #require(asked.first { $0.gpusAsked == 2 })
    #expect(waiting.demanded == 10 * Self.millisecond)
    #expect(waiting.granted == 50 * Self.millisecond)
    #expect(waiting.obstacle == .capacity)
    let left = outcome.events.filter { $0.kind == .tenantLeave }.map(\.time)
    #expect(left == [25, 50, 80].map { $0 * Self.millisecond })
    // The small one did not wait for the large one before it.
    #expect(asked.first { $0.gpusAsked == 1 }?.granted == 20 * Self.millisecond)
  }

  @Test("More tenants at time 0 than fit: the largest are seated, the others ask at once")
  func crowd() {
    let outcome = outcome([demand(0, 1, for: 40), demand(0, 4, for: 30)])
    #expect(outcome.records.samples.prefix(5).map(\.backgroundGPUs) == [4, 4, 4, 1, 1])
    let asked = outcome.records.allocations.filter { $0.kind == .background }
    #expect(asked.map(\.demanded) == [0])
    #expect(asked.map(\.granted) == [30 * Self.millisecond])
  }

  @Test("Every scheduler and every seed meets the same demands; places differ by seed")
  func sameDemands() {
    let demands = (0..<40).map { (index: Int) -> BackgroundDemand in
      demand(Nanoseconds(index / 4 * 10), Int32(index % 3 + 1), for: 25)
    }
    let schedulers = [
      Schedulers.make(tensor: 4, stages: 1, scaling: Schedulers.queue()),
      Schedulers.make(tensor: 1, stages: 4, scaling: Schedulers.queue()),
    ]
    var asked: Set<[[Int64]]> = []
    var places: Set<[Int64]> = []
    for scheduler in schedulers {
      for seed in UInt64(1)...3 {
        let events = outcome(demands, seed: seed, nodes: 6, scheduler: scheduler).events
        let asking = events.filter { $0.kind == .tenantDemand }
        let told: [[Int64]] = asking.map { [$0.time, $0.b, $0.c] }
        asked.insert(told.sorted { $0.lexicographicallyPrecedes($1) })
        places.insert(events.filter { $0.kind == .tenantDevice }.map(\.b))
      }
    }
    #expect(asked.count == 1)
    #expect(asked.first?.count == 40)
    #expect(places.count >= 3)
  }
}
