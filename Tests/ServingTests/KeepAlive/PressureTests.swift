import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Idle replicas make room")
struct PressureTests {
  private static let millisecond: Nanoseconds = 1_000_000

  private static func scenario(
    _ arrivals: [(Nanoseconds, model: Int)], models: Int, gpus: Int, residents: Int = 1
  ) -> Scenario {
    var scenario = KeepAlivePolicyTests.scenario(
      arrivals, models: models, gpus: gpus, LeastRecentlyUsedKeepAlive())
    scenario.schedulers[0].engine.residentsPerGPU = residents
    return scenario
  }

  @Test(
    "For a quota those of the same tenant go, and nobody else, however long they have been idle")
  func quota() {
    // The third model is idle longest, and not the tenant's.
    var scenario = Self.scenario(
      [(0, 2), (100, 0), (200, 1), (300, 0), (400, 1)], models: 3, gpus: 8)
    for model in 0..<2 { scenario.models[model].tenant = "acme" }
    scenario.quotas = [TenantQuota(tenant: "acme", gpus: 1)]
    let outcome = scenario.auditedOutcome()
    #expect(outcome.summary.completed == 5)
    let replicas = outcome.records.replicas.sorted { $0.replicaID < $1.replicaID }
    #expect(replicas.map(\.model) == [2, 0, 1, 0, 1])
    #expect(
      replicas.map(\.released) == [1_000, 200, 300, 400, 1_000].map { $0 * Self.millisecond })
  }

  @Test("Of two that share a GPU one goes, and the third takes its place beside the other")
  func residents() {
    let outcome = Self.scenario([(0, 0), (100, 1), (200, 2)], models: 3, gpus: 1, residents: 2)
      .auditedOutcome()
    let replicas = outcome.records.replicas.sorted { $0.replicaID < $1.replicaID }
    #expect(outcome.summary.completed == 3)
    #expect(replicas.map(\.released) == [200, 1_000, 1_000].map { $0 * Self.millisecond })
    #expect(replicas.last?.granted == 200 * Self.millisecond)
  }

  @Test("Beside a busy one the idle one of two that share a GPU can go")
  func besideBusy() {
    var scenario = Self.scenario([(0, 0), (0, 1), (200, 2)], models: 3, gpus: 1, residents: 2)
    scenario.source = ListedRequests([
      ArrivingRequest(arrival: 0, workload: 0, promptTokens: 1, outputTokens: 400),
      ArrivingRequest(arrival: 0, workload: 1, promptTokens: 1, outputTokens: 1),
      ArrivingRequest(
        arrival: 200 * Self.millisecond, workload: 2, promptTokens: 1, outputTokens: 1),
    ])
    let outcome = scenario.auditedOutcome()
    let last = outcome.records.replicas.first { $0.model == 2 }
    #expect(last?.granted == 200 * Self.millisecond)
    #expect(outcome.summary.completed == 3)
  }

  @Test(
    "Just as many go as it takes: both of one node for a group of two, not who was idle longest")
  func fewest() {
    // Groups of two want one node. The first four models cannot be cut in two and have a GPU each: the
    // one idle longest is beside the one used last.
    var scenario = Self.scenario(
      [(0, 0), (10, 1), (20, 2), (30, 3), (200, 0), (300, 4)], models: 5, gpus: 2)
    for model in 0..<4 { scenario.models[model].architecture.intermediateSize += 1 }
    scenario.cluster = Machines.cluster(nodes: 2, gpus: 2)
    scenario.schedulers[0].parallelism = Schedulers.ladder([
      PlanShape(tensor: 2, stages: 1), PlanShape(tensor: 1, stages: 1),
    ])
    scenario.schedulers[0].placement = FirstFitPlacement()
    let outcome = scenario.auditedOutcome()
    let gone = outcome.records.replicas.filter { $0.released == 300 * Self.millisecond }
    #expect(gone.map(\.model).sorted() == [2, 3])
    #expect(outcome.records.replicas.first { $0.model == 4 }?.tensor == 2)
    #expect(outcome.summary.completed == 6)
  }
}
