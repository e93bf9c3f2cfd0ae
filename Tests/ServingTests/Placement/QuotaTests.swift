import EventKernel
import Hardware
import Serving
import Support
import Testing
import Workload

@Suite("Quotas of tenants")
struct QuotaTests {
  private static let millisecond: Nanoseconds = 1_000_000

  /// Two models of one tenant and one of another, each with more requests at once than a replica runs,
  /// on 16 GPUs.
  private static func outcome(
    quota: Int?, plans: [PlanShape] = [PlanShape(tensor: 2, stages: 1)], initial: Int? = nil
  ) -> Outcome {
    var models = (0..<3).map { Models.constant("m\($0)") }
    models[0].tenant = "acme"
    models[1].tenant = "acme"
    models[2].tenant = "other"
    var scheduler = Schedulers.make(
      scaling: Schedulers.queue(
        max: 3, initial: initial, keepAlive: 5 * millisecond, requestsPerReplica: 4))
    scheduler.parallelism = Schedulers.ladder(plans)
    scheduler.batching = Schedulers.vllm(sequences: 4)
    scheduler.coldStart = Schedulers.coldStart()
    var scenario = Scenario.small(
      duration: 500 * millisecond, cluster: Machines.cluster(nodes: 2, gpus: 8), models: models,
      workloads: (0..<3).map { Traffic.burst(24, at: 1_000, name: "w\($0)", model: $0) },
      schedulers: [scheduler])
    if let quota { scenario.quotas = [TenantQuota(tenant: "acme", gpus: quota)] }
    return scenario.outcome()
  }

  /// The most GPUs that replicas of some models held at once, by the event log.
  private static func mostHeld(_ outcome: Outcome, by models: [Int64]) -> Int {
    var modelOfReplica: [Int64: Int64] = [:]
    var held: [Int64: Int] = [:]
    var most = 0
    for event in outcome.events {
      switch event.kind {
      case .demand: modelOfReplica[event.a] = event.b
      case .device: held[event.a, default: 0] += 1
      case .release: held[event.a] = 0
      default: break
      }
      let sum = held.reduce(0) { sum, entry in
        models.contains(modelOfReplica[entry.key] ?? -1) ? sum + entry.value : sum
      }
      most = max(most, sum)
    }
    return most
  }

  @Test(
    "The models of a tenant never hold more than its quota, those of others as many as they need")
  func limit() {
    let free = Self.outcome(quota: nil)
    #expect(Self.mostHeld(free, by: [0, 1]) > 5)
    let limited = Self.outcome(quota: 5)
    // Replicas of two: the fifth GPU serves nobody.
    #expect(Self.mostHeld(limited, by: [0, 1]) == 4)
    #expect(Self.mostHeld(limited, by: [2]) >= Self.mostHeld(free, by: [2]))
    #expect(limited.summary.completed == 72)
  }

  @Test("A demand beyond the quota waits with that obstacle until GPUs of the tenant come free")
  func obstacle() throws {
    let limited = Self.outcome(quota: 4)
    let waiting = limited.records.allocations.filter { $0.obstacle == .quota }
    #expect(!waiting.isEmpty)
    #expect(waiting.allSatisfy { $0.model < 2 && $0.waits.quota == $0.waited })
    let granted = waiting.filter { $0.granted != nil }
    #expect(!granted.isEmpty)
    for record in granted {
      // Some replica of the tenant was released at that instant.
      #expect(
        limited.records.replicas.contains { $0.model < 2 && $0.released == record.granted })
    }
    let waits = try #require(limited.summary.allocationWaits.first { $0.plan == "TP2" })
    #expect(waits.causes.quota > 0)
    #expect(waits.causes.capacity == 0)
  }

  @Test("A ladder takes the rung that fits into what is left of the quota")
  func ladder() {
    let rungs = [PlanShape(tensor: 4, stages: 1), PlanShape(tensor: 1, stages: 1)]
    let outcome = Self.outcome(quota: 5, plans: rungs)
    #expect(Self.mostHeld(outcome, by: [0, 1]) == 5)
    let tensors = outcome.records.replicas.filter { $0.model < 2 }.map(\.tensor)
    #expect(tensors.contains(4))
    #expect(tensors.contains(1))
  }

  @Test("Replicas that are up from the start count too")
  func initial() {
    let outcome = Self.outcome(quota: 2, initial: 1)
    #expect(Self.mostHeld(outcome, by: [0, 1]) == 2)
    #expect(outcome.records.replicas.filter { $0.initial }.map(\.model) == [0, 2])
  }

  @Test("A demand that only its quota holds back holds up nobody, not even in order")
  func order() {
    var scenario = Scenario.small(
      duration: 100 * Self.millisecond, drainLimit: 100 * Self.millisecond,
      cluster: Machines.cluster(nodes: 1, gpus: 4),
      models: [Models.constant("a"), Models.constant("b")],
      workloads: [
        Traffic.burst(1, at: 1_000, name: "a"), Traffic.burst(1, at: 2_000, name: "b", model: 1),
      ],
      schedulers: [Schedulers.make(tensor: 2, scaling: Schedulers.queue())])
    scenario.models[0].tenant = "acme"
    scenario.quotas = [TenantQuota(tenant: "acme", gpus: 1)]
    scenario.schedulers[0].coldStart = Schedulers.coldStart()
    scenario.schedulers[0].allocation = AllocationSpecification(order: .inOrder)
    let outcome = scenario.outcome()
    #expect(outcome.records.requests.map(\.status) == [.completed, .unfinished])
    #expect(outcome.records.allocations.map(\.obstacle) == [.none, .quota])
  }
}
