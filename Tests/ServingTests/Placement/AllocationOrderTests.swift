import EventKernel
import Hardware
import Serving
import Support
import Testing
import Workload

@Suite("In which order demands for GPUs are met")
struct AllocationOrderTests {
  private static let millisecond: Nanoseconds = 1_000_000

  /// Four GPUs of one node that single-GPU tenants keep taken in turn for two seconds, one of them free at
  /// every 10 ms for an instant, and a replica of four that is demanded at 100 ms.
  private static func turnstile(_ allocation: AllocationSpecification) -> Outcome {
    let tenants = (0..<200).map { (index: Int) -> BackgroundDemand in
      BackgroundDemand(
        time: Nanoseconds(index) * 10 * millisecond, gpus: 1, lifetime: 40 * millisecond)
    }
    var scheduler = Schedulers.make(
      tensor: 4, scaling: Schedulers.queue(keepAlive: 5 * millisecond))
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.allocation = allocation
    return Scenario.small(
      duration: 3_000 * millisecond, drainLimit: 60_000 * millisecond,
      cluster: Machines.cluster(nodes: 1, gpus: 4),
      background: BackgroundSpecification(demands: tenants),
      workloads: [Traffic.burst(1, at: 100 * millisecond)], schedulers: [scheduler]
    ).outcome()
  }

  private static func replicaWait(_ outcome: Outcome) throws -> Nanoseconds {
    try #require(outcome.records.allocations.first { $0.kind == .replica }).waited
  }

  @Test("Under backfill alone a large demand starves; with patience or in order it does not")
  func starvation() throws {
    let backfill = Self.turnstile(AllocationSpecification())
    // Until the last tenants go.
    #expect(try Self.replicaWait(backfill) == 1_930 * Self.millisecond)
    #expect(backfill.summary.meanBackgroundWaitSeconds == 0)

    let patient = Self.turnstile(AllocationSpecification(patience: 200 * Self.millisecond))
    // Nobody passes from 300 ms on; the tenant who came at 290 ms leaves at 330 ms.
    #expect(try Self.replicaWait(patient) == 230 * Self.millisecond)

    let inOrder = Self.turnstile(AllocationSpecification(order: .inOrder))
    // Tenants ask before requests arrive, so the one of the same instant is before it and leaves at 140 ms.
    #expect(try Self.replicaWait(inOrder) == 40 * Self.millisecond)
    // Then tenants wait, in order, and it is reported.
    #expect(inOrder.summary.meanBackgroundWaitSeconds > 0)
    let tenants = try #require(inOrder.summary.allocationWaits.last)
    #expect(tenants.plan == "background")
    #expect(tenants.causes.order > 0)
    #expect(tenants.causes.capacity > 0)
  }

  /// Tenants and replicas of several sizes that compete for a small cluster.
  private static func crowd(_ seed: UInt64, _ allocation: AllocationSpecification) -> Outcome {
    var scheduler = Schedulers.make(
      tensor: 4, scaling: Schedulers.queue(max: 3, keepAlive: 20 * millisecond))
    scheduler.batching = Schedulers.vllm(sequences: 2)
    scheduler.coldStart = Schedulers.coldStart(engineInit: millisecond)
    scheduler.allocation = allocation
    return Scenario.small(
      seed: seed, duration: 600 * millisecond, drainLimit: 60_000 * millisecond,
      cluster: Machines.cluster(nodes: 3, gpus: 4),
      background: BackgroundSpecification(
        occupancy: 0.8,
        sizes: [BackgroundSize(gpus: 1, share: 0.6), BackgroundSize(gpus: 2, share: 0.4)],
        lifetimeSeconds: .exponential(mean: 0.03)),
      workloads: [Traffic.poisson(rate: 100)], schedulers: [scheduler]
    ).outcome()
  }

  /// Pairs of demands of which the younger got its GPUs before the older one, and how long the older
  /// one had waited then.
  private static func passes(_ outcome: Outcome) -> [Nanoseconds] {
    let demands = outcome.records.allocations.sorted { $0.demanded < $1.demanded }
    var passes: [Nanoseconds] = []
    for (index, old) in demands.enumerated() {
      for young in demands[(index + 1)...] where young.demanded > old.demanded {
        guard let granted = young.granted else { continue }
        let end = old.granted ?? old.abandoned ?? .max
        if granted < end { passes.append(granted - old.demanded) }
      }
    }
    return passes
  }

  @Test("In order nobody is ever passed; with patience nobody after it", arguments: 1...4)
  func passing(seed: UInt64) {
    let backfill = Self.passes(Self.crowd(seed, AllocationSpecification()))
    #expect(!backfill.isEmpty)
    #expect(Self.passes(Self.crowd(seed, AllocationSpecification(order: .inOrder))).isEmpty)
    let patience = 10 * Self.millisecond
    let patient = Self.passes(Self.crowd(seed, AllocationSpecification(patience: patience)))
    #expect(!patient.isEmpty)
    #expect(patient.allSatisfy { $0 < patience })
  }

  @Test("Waits by plan and cause are those of the records", arguments: 1...3)
  func waits(seed: UInt64) throws {
    let outcome = Self.crowd(seed, AllocationSpecification(patience: 10 * Self.millisecond))
    let summaries = outcome.summary.allocationWaits
    #expect(summaries.map(\.plan).filter { $0 != "none" } == ["TP4", "background"])
    for summary in summaries {
      let records = outcome.records.allocations.filter { record in
        switch summary.plan {
        case "TP4": record.kind == .replica && record.tensor == 4
        case "none": record.kind == .replica && record.granted == nil
        default: record.kind == .background
        }
      }
      #expect(Int64(records.count) == summary.granted + summary.abandoned)
      #expect(Int64(records.count { $0.granted != nil }) == summary.granted)
      let waits = records.map(\.waited).sorted()
      func nearestRank(_ share: Double) -> Double {
        Double(waits[max(0, Int((share * Double(waits.count)).rounded(.up)) - 1)]) / 1e9
      }
      #expect(summary.wait.p50 == nearestRank(0.5))
      #expect(summary.wait.p90 == nearestRank(0.9))
      #expect(summary.wait.p99 == nearestRank(0.99))
      #expect(summary.wait.max == Double(try #require(waits.last)) / 1e9)
      let total = AllocationWaits.causes.reduce(0) { $0 + summary.causes[$1] }
      #expect(total == waits.reduce(0, +))
      #expect(summary.plan != "TP4" || summary.causes.contiguity > 0)
    }
  }
}
