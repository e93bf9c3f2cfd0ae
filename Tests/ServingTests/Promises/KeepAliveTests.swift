import EventKernel
import Serving
import Support
import Testing
import Workload

@Suite("How long replicas live")
struct KeepAliveTests {
  private static func replicas(
    arrivals: [Nanoseconds], scaling: QueueScaling, gpus: Int = 2
  ) -> [ReplicaRecord] {
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(sequences: 1), scaling: scaling)
    scheduler.coldStart = Schedulers.coldStart()
    return Scenario.small(
      cluster: Machines.cluster(gpus: gpus), workloads: [Traffic.burst(1)],
      requests: arrivals.map {
        ArrivingRequest(arrival: $0, workload: 0, promptTokens: 1, outputTokens: 1)
      }, schedulers: [scheduler]
    ).outcome().records.replicas.sorted { $0.replicaID < $1.replicaID }
  }

  @Test("An idle replica goes keepAlive after its last request, not after an earlier one")
  func lastRequest() {
    // Steps of 1 ms: idle at 1, busy from 8 to 9, from 12 to 13, then 10 ms more.
    let scaling = Schedulers.queue(max: 1, initial: 1, keepAlive: 10_000_000)
    let replicas = Self.replicas(arrivals: [0, 8_000_000, 12_000_000], scaling: scaling)
    #expect(replicas.map(\.released) == [23_000_000])
    #expect(replicas.map(\.requestsCompleted) == [3])
  }

  @Test("A replica that never gets a request goes keepAlive after it is ready")
  func neverUsed() {
    let scaling = Schedulers.queue(max: 1, initial: 1, keepAlive: 10_000_000)
    let replicas = Self.replicas(arrivals: [900_000_000], scaling: scaling)
    #expect(replicas.first?.released == 10_000_000)
    #expect(replicas.count == 2)
    #expect(replicas.last?.demanded == 900_000_000)
  }

  @Test("The floor stays, what is above it goes")
  func floor() {
    let scaling = Schedulers.queue(min: 1, max: 2, initial: 2, keepAlive: 10_000_000)
    let replicas = Self.replicas(arrivals: [0], scaling: scaling)
    #expect(replicas.map(\.released) == [1_000_000_000, 10_000_000])
  }

  @Test("A demand lapses when the requests that made it have been served without it")
  func withdrawal() throws {
    // One GPU: the second request demands another one in vain, and is served by the first replica.
    let scaling = Schedulers.queue(
      max: 2, initial: 1, keepAlive: 10_000_000, requestsPerReplica: 1)
    let replicas = Self.replicas(arrivals: [0, 100], scaling: scaling, gpus: 1)
    #expect(replicas.map(\.granted) == [0, nil])
    #expect(replicas.map(\.requestsCompleted) == [2, 0])
    // The first is idle from 2 ms and goes at 12 ms, which is when the demand is tried again.
    #expect(replicas.map(\.released) == [12_000_000, 12_000_000])
  }
}
