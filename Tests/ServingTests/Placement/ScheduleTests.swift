import EventKernel
import Hardware
import Serving
import Support
import Testing
import Workload

@Suite("Occupancy by other tenants that follows a schedule")
struct ScheduleTests {
  private static let second: Nanoseconds = 1_000_000_000
  private static let steps = [
    OccupancyStep(time: 3 * second, occupancy: 0.85),
    OccupancyStep(time: 5 * second, occupancy: 0.3),
    OccupancyStep(time: 8 * second, occupancy: 0.6), OccupancyStep(time: 9 * second, occupancy: 0),
  ]

  private static func scenario(
    _ seed: UInt64, sizes: [BackgroundSize] = [BackgroundSize(gpus: 1, share: 1)],
    schedule: [OccupancyStep] = steps, tensor: Int = 1
  ) -> Scenario {
    var background = BackgroundSpecification(
      occupancy: 0.5, sizes: sizes, lifetimeSeconds: .lognormal(mean: 3, cv: 1))
    background.schedule = schedule
    return Scenario.small(
      seed: seed, duration: 10 * second, cluster: Machines.cluster(nodes: 16, gpus: 8),
      background: background, schedulers: [Schedulers.make(tensor: tensor)])
  }

  /// The GPUs that tenants hold, over time, as the event log tells it: GPU · ns between two instants.
  private static func held(
    _ events: [LoggedEvent], from begin: Nanoseconds, to end: Nanoseconds
  ) -> Double {
    var held: [Int64: Int] = [:]
    var (count, since, sum) = (0, begin, 0.0)
    for event in events where event.kind == .tenantDevice || event.kind == .tenantLeave {
      let time = min(max(event.time, begin), end)
      sum += Double(count) * Double(time - since)
      since = time
      if event.kind == .tenantDevice {
        held[event.a, default: 0] += 1
        count += 1
      } else {
        count -= held.removeValue(forKey: event.a) ?? 0
      }
    }
    return sum + Double(count) * Double(end - since)
  }

  @Test("Time-averaged occupancy lies within two points of each step's target", arguments: 1...3)
  func target(seed: UInt64) {
    let events = Self.scenario(seed).outcome().events
    let starts = [OccupancyStep(time: 0, occupancy: 0.5)] + Self.steps
    for (index, step) in starts.enumerated() {
      let end = index + 1 < starts.count ? starts[index + 1].time : 10 * Self.second
      let mean = Self.held(events, from: step.time, to: end) / Double(end - step.time) / 128
      #expect(abs(mean - step.occupancy) <= 0.02, "\(mean) from \(step.time)")
    }
  }

  @Test(
    "Time-averaged occupancy of renewing tenants lies within two points of its target",
    arguments: 1...2, [0.4, 0.8])
  func renewing(seed: UInt64, target: Double) throws {
    var scenario = Self.scenario(seed, schedule: [])
    scenario.background?.occupancy = target
    let outcome = scenario.outcome()
    let held = outcome.records.gpus.reduce(0.0) { $0 + Double($1.background) }
    let mean = held / 128 / Double(outcome.summary.simulated)
    #expect(abs(mean - target) <= 0.02, "\(mean)")
    // The free GPUs of the summary are the others.
    let free = outcome.records.gpus.reduce(0.0) { $0 + Double($1.unallocated) }
    let told = try #require(outcome.summary.fragmentation).freeGPUs
    #expect(abs(told - free / Double(outcome.summary.simulated)) < 1e-9)
  }

  @Test("Sizes keep their shares, and what is asked follows the schedule whatever became of it")
  func sizes() {
    let sizes = [BackgroundSize(gpus: 1, share: 3), BackgroundSize(gpus: 4, share: 1)]
    var (small, large) = (0, 0)
    for seed in UInt64(1)...4 {
      let outcome = Self.scenario(seed, sizes: sizes).outcome()
      for event in outcome.events where event.kind == .tenantDemand {
        if event.b == 1 { small += 1 } else { large += 1 }
      }
      // Demands that wait still count as asked: ask to leave, by time.
      var asked: [(time: Nanoseconds, change: Int64)] = []
      for event in outcome.events where event.kind == .tenantDemand {
        asked.append((event.time, event.b))
        asked.append((event.time + event.c, -event.b))
      }
      let at = { (time: Nanoseconds) in
        asked.reduce(Int64(0)) { $1.time <= time ? $0 + $1.change : $0 }
      }
      for (time, occupancy) in [(0, 0.5), (4, 0.85), (6, 0.3), (8, 0.6)] {
        let share = Double(at(Nanoseconds(time) * Self.second + 1)) / 128
        #expect(abs(share - occupancy) <= 0.02, "\(share) at \(time) s")
      }
    }
    // Fillers make small ones a little more frequent than 3 : 1.
    let share = Double(small) / Double(small + large)
    #expect(share > 0.70 && share < 0.82, "\(share)")
  }

  @Test("Every scheduler meets the same demands; another seed brings others")
  func sameDemands() {
    func demands(_ seed: UInt64, tensor: Int) -> [[Int64]] {
      Self.scenario(seed, tensor: tensor).outcome().events
        .filter { $0.kind == .tenantDemand }.map { [$0.time, $0.b, $0.c] }
        .sorted { $0.lexicographicallyPrecedes($1) }
    }
    #expect(demands(1, tensor: 1) == demands(1, tensor: 8))
    #expect(demands(1, tensor: 1) != demands(2, tensor: 1))
  }
}
