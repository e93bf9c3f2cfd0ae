import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Who goes first")
struct OrderTests {
  @Test("Requests that wait for a replica are served first come, first served")
  func coldQueue() {
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(tokens: 10, sequences: 1), scaling: Schedulers.queue(max: 1))
    scheduler.coldStart = Schedulers.coldStart()
    let outcome = Scenario.small(
      workloads: [Traffic.burst(1)],
      requests: (0..<6).map {
        ArrivingRequest(arrival: $0, workload: 0, promptTokens: 10, outputTokens: 1)
      }, schedulers: [scheduler]
    ).outcome()
    #expect(outcome.records.requests.map(\.requestID) == [0, 1, 2, 3, 4, 5])
    #expect(outcome.records.requests.allSatisfy { $0.parts.coldStart > 0 })
  }

  @Test("The last admitted is preempted, and comes back before those that wait")
  func preempted() throws {
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(tokens: 8, sequences: 3), keyValueBlocks: 10)
    scheduler.engine.blockTokens = 1
    let outcome = Scenario.small(
      workloads: [Traffic.burst(1)],
      requests: [4, 4, 2].map {
        ArrivingRequest(arrival: 0, workload: 0, promptTokens: $0, outputTokens: 4)
      }, schedulers: [scheduler]
    ).outcome()
    let preempted = outcome.events.filter { $0.kind == .preempt }.map(\.a)
    #expect(preempted.first == 1)
    // 4 + 4 in the first step; then 5 + 5, full; then the second gives way to the first. With its
    // 6 tokens to regain it does not fit, and the third, which would, stays behind it.
    let members = outcome.events.filter { $0.kind == .member }
    let back = try #require(members.firstIndex { $0.b == 1 && $0.d == 0 && $0.c > 4 })
    let third = try #require(members.firstIndex { $0.b == 2 })
    #expect(back < third)
    #expect(outcome.records.requests.map(\.requestID) == [0, 1, 2])
  }

  @Test("Demands are tried oldest first, and one that does not fit holds nobody up")
  func demands() throws {
    // Node 0 has two GPUs, node 1 one. The first model needs two in a node and finds them taken.
    var cluster = Machines.cluster(nodes: 1, gpus: 2)
    cluster.nodes += Machines.cluster(nodes: 1, gpus: 1).nodes
    var scheduler = Schedulers.make(
      tensor: 2, scaling: Schedulers.queue(max: 1, keepAlive: 5_000_000))
    scheduler.coldStart = Schedulers.coldStart()
    let outcome = Scenario.small(
      cluster: cluster, models: (0..<3).map { Models.constant("m\($0)") },
      workloads: (0..<3).map {
        Traffic.burst(1, at: Nanoseconds($0), name: "w\($0)", model: $0)
      }, schedulers: [scheduler]
    ).outcome()
    let granted = outcome.records.replicas.sorted { $0.replicaID < $1.replicaID }.map(\.granted)
    let times = try granted.map { try #require($0) }
    #expect(times == times.sorted() && Set(times).count == 3)
    #expect(outcome.summary.completed == 3)
  }

  @Test("A demand that fits passes an older one that does not")
  func passing() throws {
    var scheduler = Schedulers.make(
      scaling: Schedulers.queue(max: 1, keepAlive: 10_000_000_000))
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.parallelism = Schedulers.ladder([
      PlanShape(tensor: 4, stages: 1), PlanShape(tensor: 3, stages: 1),
    ])
    // Eight heads divide by four, six by three only.
    var odd = Models.constant("odd")
    odd.architecture.attentionHeads = 6
    odd.architecture.keyValueHeads = 6
    odd.architecture.intermediateSize = 768
    odd.architecture.vocabularySize = 6_336
    let models = [Models.constant("first"), Models.constant("second"), odd]
    let outcome = Scenario.small(
      drainLimit: 2_000_000_000, cluster: Machines.cluster(nodes: 1, gpus: 7), models: models,
      workloads: models.indices.map {
        Traffic.burst(1, at: Nanoseconds($0), name: models[$0].name, model: $0)
      }, schedulers: [scheduler]
    ).outcome()
    let granted = outcome.records.replicas.sorted { $0.replicaID < $1.replicaID }.map(\.granted)
    #expect(granted == [0, nil, 2])
    let waiting = try #require(outcome.request(1))
    #expect(waiting.status == .unfinished)
    #expect(waiting.parts.allocationWait == 3_000_000_000 - 1)
  }

  @Test("Requests that a source sends after the arrivals' end do not come")
  func lateArrivals() {
    let outcome = Scenario.small(
      duration: 1_000, workloads: [Traffic.burst(1)],
      requests: [0, 999, 1_000, 5_000].map {
        ArrivingRequest(arrival: $0, workload: 0, promptTokens: 1, outputTokens: 1)
      }
    ).outcome()
    #expect(outcome.summary.requests == 2)
  }
}
