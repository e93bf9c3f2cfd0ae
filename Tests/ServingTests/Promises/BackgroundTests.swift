import EventKernel
import Hardware
import Serving
import Support
import Testing
import Workload

@Suite("Other tenants of the cluster")
struct BackgroundTests {
  private static let sizes = [
    BackgroundSize(gpus: 1, share: 0.6), BackgroundSize(gpus: 2, share: 0.2),
    BackgroundSize(gpus: 4, share: 0.1), BackgroundSize(gpus: 8, share: 0.1),
  ]

  private static func background(
    _ occupancy: Double, sizes: [BackgroundSize] = sizes, cv: Double = 2
  ) -> BackgroundSpecification {
    BackgroundSpecification(
      occupancy: occupancy, sizes: sizes, lifetimeSeconds: .lognormal(mean: 1, cv: cv))
  }

  @Test(
    "Occupancy keeps within two points of its target from the start, at every sample",
    arguments: 1...4, [0.5, 0.7, 0.85])
  func steadyOccupancy(seed: UInt64, target: Double) {
    let outcome = Scenario.small(
      seed: seed, duration: 12_000_000_000, sampleInterval: 100_000_000,
      cluster: Machines.cluster(nodes: 16, gpus: 8), background: Self.background(target),
      schedulers: [Schedulers.make()]
    ).outcome()
    #expect(outcome.records.samples.count == 120)
    let occupancies = outcome.records.samples.map { Double($0.backgroundGPUs) / 128 }
    #expect(occupancies.allSatisfy { abs($0 - target) <= 0.02 }, "\(occupancies)")
    // They come and go all the time: about one in a mean lifetime.
    let left = outcome.events.count { $0.kind == .tenantLeave }
    let tenants = outcome.events.count { $0.kind == .tenantDemand && $0.time == 0 }
    #expect(left > 4 * tenants)
  }

  @Test(
    "At t = 0 tenants have the residual lives of a renewal process: mean (1 + cv²)/2",
    arguments: [(Distribution.constant(1), 0.5), (.lognormal(mean: 1, cv: 0.5), 0.625)])
  func residualLifetimes(lifetime: Distribution, mean: Double) {
    var residuals: [Double] = []
    for seed in UInt64(1)...20 {
      let background = BackgroundSpecification(
        occupancy: 0.8, sizes: [BackgroundSize(gpus: 1, share: 1)], lifetimeSeconds: lifetime)
      let events = Scenario.small(
        seed: seed, duration: 1_000, cluster: Machines.cluster(nodes: 16, gpus: 8),
        background: background
      ).outcome().events
      for event in events where event.kind == .tenantDemand && event.time == 0 {
        residuals.append(Double(event.c) / 1e9)
      }
    }
    #expect(residuals.count == 20 * 102)
    let found = residuals.reduce(0, +) / Double(residuals.count)
    // 2,040 draws: the mean's own standard deviation is below 0.011.
    #expect(abs(found - mean) < 0.04, "\(found)")
    let median = residuals.sorted()[residuals.count / 2]
    #expect(abs(median - 0.5) < 0.06, "\(median)")
  }

  @Test("Independent tenants hold their GPUs for the whole run")
  func independent() {
    var held = 0
    for seed in 1...20 {
      var background = Self.background(0.4)
      background.arrangement = .independent
      let outcome = Scenario.small(
        seed: UInt64(seed), cluster: Machines.cluster(nodes: 8, gpus: 8), background: background
      ).outcome()
      let records = outcome.records.gpus
      #expect(
        records.allSatisfy { $0.background == 0 || $0.background == outcome.summary.simulated })
      held += records.count { $0.background > 0 }
    }
    // 1,280 draws: 512 expected, standard deviation 17.5.
    #expect(abs(held - 512) < 70)
  }

  private static func wait(
    tensor: Int, stages: Int, background: BackgroundSpecification?, seed: UInt64
  ) -> Nanoseconds {
    let outcome = Scenario.small(
      seed: seed, duration: 1_000_000_000, drainLimit: 60_000_000_000,
      cluster: Machines.cluster(nodes: 4, gpus: 4), background: background,
      workloads: [Traffic.burst(3, at: 1_000)],
      schedulers: [Schedulers.make(tensor: tensor, stages: stages, scaling: Schedulers.queue())]
    ).outcome()
    return outcome.records.requests.reduce(0) { $0 + $1.parts.allocationWait }
  }

  @Test("Nobody waits for GPUs without a background; with one TP4 waits longer than PP4")
  func fragmentation() {
    var tensor: Nanoseconds = 0
    var pipeline: Nanoseconds = 0
    let singles = [BackgroundSize(gpus: 1, share: 1)]
    for seed in 1...6 {
      let seed = UInt64(seed)
      #expect(Self.wait(tensor: 4, stages: 1, background: nil, seed: seed) == 0)
      #expect(Self.wait(tensor: 1, stages: 4, background: nil, seed: seed) == 0)
      let background = Self.background(0.5, sizes: singles)
      tensor += Self.wait(tensor: 4, stages: 1, background: background, seed: seed)
      pipeline += Self.wait(tensor: 1, stages: 4, background: background, seed: seed)
    }
    // Eight of sixteen GPUs are free, seldom four of one node.
    #expect(pipeline == 0)
    #expect(tensor > 1_000_000_000)
  }

  @Test("A demand that finds GPUs but no group is held up by contiguity, else by capacity")
  func obstacles() throws {
    func demand(_ tensor: Int, _ occupancy: Double, _ seed: UInt64) throws -> AllocationRecord {
      let outcome = Scenario.small(
        seed: seed, duration: 1_000_000_000, drainLimit: 1_000,
        cluster: Machines.cluster(nodes: 4, gpus: 4),
        background: Self.background(occupancy, sizes: [BackgroundSize(gpus: 1, share: 1)]),
        schedulers: [Schedulers.make(tensor: tensor, scaling: Schedulers.queue())]
      ).outcome()
      return try #require(outcome.records.allocations.first { $0.kind == .replica })
    }
    var fragmented = 0
    for seed in UInt64(1)...10 {
      #expect(try demand(1, 0.5, seed).obstacle == .none)
      #expect(try demand(4, 0.9, seed).obstacle == .capacity)
      let record = try demand(4, 0.5, seed)
      #expect(record.obstacle == (record.granted == 0 ? .none : .contiguity))
      fragmented += record.obstacle == .contiguity ? 1 : 0
    }
    #expect(fragmented > 0)
  }
}
