import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("How fast replicas start")
struct ColdStartTests {
  private static let weightBytes = Models.architecture().weightBytes(.bf16)

  private static func start(
    tensor: Int, stages: Int, cluster: ClusterSpecification, requests: Int = 1,
    requestsPerReplica: Int = 16, overlapsFetch: Bool = false, loader: Double? = nil
  ) -> [ReplicaRecord] {
    var scheduler = Schedulers.make(
      tensor: tensor, stages: stages,
      scaling: Schedulers.queue(requestsPerReplica: requestsPerReplica))
    scheduler.coldStart = Schedulers.coldStart(loader: loader, overlapsFetch: overlapsFetch)
    let outcome = Scenario.small(
      cluster: cluster, workloads: [Traffic.burst(requests)], schedulers: [scheduler]
    ).outcome()
    return outcome.records.replicas
  }

  private static func fetch(_ replica: ReplicaRecord) -> Nanoseconds? {
    guard let begin = replica.runtimeEnd, let end = replica.fetchEnd else { return nil }
    return end - begin
  }

  @Test(
    "TP4, PP4 and TP2×PP2 on the same four GPUs of a node start equally fast",
    arguments: [1, 2, 4], [nil, 3e8, 2e12])
  func equalGPUsEqualWork(nics: Int, store: Double?) throws {
    let cluster = Machines.cluster(gpus: 4, nics: nics, store: store)
    let durations = try [(4, 1), (1, 4), (2, 2)].map { tensor, stages in
      let replica = try #require(
        Self.start(tensor: tensor, stages: stages, cluster: cluster).first)
      let granted = try #require(replica.granted)
      #expect(replica.tensor * replica.stages == 4)
      return try [replica.runtimeEnd, replica.fetchEnd, replica.loadEnd, replica.ready].map {
        try #require($0) - granted
      }
    }
    #expect(durations[0] == durations[1])
    #expect(durations[0] == durations[2])
  }

  /// TP4 on one node of four GPUs, and PP4 over four nodes of one; each node has one network card.
  private static func behindOneCardAndFour(
    store: Double
  ) throws -> (tensor: ReplicaRecord, pipeline: ReplicaRecord) {
    let oneNode = Machines.cluster(nodes: 1, gpus: 4, store: store)
    let fourNodes = Machines.cluster(nodes: 4, gpus: 1, store: store)
    return (
      try #require(start(tensor: 4, stages: 1, cluster: oneNode).first),
      try #require(start(tensor: 1, stages: 4, cluster: fourNodes).first)
    )
  }

  @Test("Over four nodes PP4 fetches four times as fast as TP4 behind one card")
  func fourCards() throws {
    let (tensor, pipeline) = try Self.behindOneCardAndFour(store: 1e12)
    // Cards of one byte per nanosecond.
    #expect(Self.fetch(tensor) == Self.weightBytes)
    #expect(Self.fetch(pipeline).map { $0 * 4 } == Self.fetch(tensor))
  }

  @Test("A store slower than one card makes them equal")
  func bindingStore() throws {
    let (tensor, pipeline) = try Self.behindOneCardAndFour(store: 5e8)
    #expect(Self.fetch(tensor) == 2 * Self.weightBytes)
    #expect(Self.fetch(pipeline) == Self.fetch(tensor))
  }

  @Test("Two loads at once over one store take twice as long")
  func sharedStore() throws {
    let cluster = Machines.cluster(nodes: 2, gpus: 1, store: 5e8)
    let alone = Self.start(tensor: 1, stages: 1, cluster: cluster)
    let both = Self.start(
      tensor: 1, stages: 1, cluster: cluster, requests: 2, requestsPerReplica: 1)
    #expect(alone.count == 1)
    #expect(both.count == 2)
    #expect(alone.compactMap(Self.fetch) == [2 * Self.weightBytes])
    #expect(both.compactMap(Self.fetch) == [4 * Self.weightBytes, 4 * Self.weightBytes])
  }

  @Test("Every GPU loads its own shard at once, over its own PCIe or as fast as its loader")
  func loading() throws {
    let cluster = Machines.cluster(gpus: 4)
    func load(_ loader: Double?) throws -> Nanoseconds {
      let replica = try #require(
        Self.start(tensor: 2, stages: 2, cluster: cluster, loader: loader).first)
      return try #require(replica.loadEnd) - (try #require(replica.fetchEnd))
    }
    #expect(try load(nil) == Self.weightBytes / 4)
    #expect(try load(2.5e8) == Self.weightBytes)
  }

  @Test("The phases follow one another, and fetching can hide behind container and runtime")
  func phases() throws {
    let cluster = Machines.cluster(gpus: 1)
    let inOrder = try #require(Self.start(tensor: 1, stages: 1, cluster: cluster).first)
    #expect(inOrder.containerEnd == 1_000)
    #expect(inOrder.runtimeEnd == 3_000)
    #expect(inOrder.fetchEnd == 3_000 + Self.weightBytes)
    #expect(inOrder.loadEnd == 3_000 + 2 * Self.weightBytes)
    #expect(inOrder.ready == 6_000 + 2 * Self.weightBytes)
    let overlapped = try #require(
      Self.start(tensor: 1, stages: 1, cluster: cluster, overlapsFetch: true).first)
    #expect(overlapped.runtimeEnd == 3_000)
    #expect(overlapped.fetchEnd == Self.weightBytes)
    #expect(overlapped.loadEnd == 2 * Self.weightBytes)
    #expect(overlapped.ready == 3_000 + 2 * Self.weightBytes)
  }

  @Test("Stages placed independently spread over scraps and their cards, near ones share a card")
  func spread() throws {
    var cluster = Machines.cluster(nodes: 1, gpus: 4)
    cluster.nodes += Machines.cluster(nodes: 4, gpus: 1).nodes
    func fetch(_ stages: String?) throws -> Nanoseconds? {
      var values = OptionValues(defaultsOf: BestFitPlacement.options)
      if let stages { values["stages"] = .choice(stages) }
      var scheduler = Schedulers.make(stages: 4, scaling: Schedulers.queue())
      scheduler.placement = BestFitPlacement(values)
      scheduler.coldStart = Schedulers.coldStart()
      let outcome = Scenario.small(cluster: cluster, schedulers: [scheduler]).outcome()
      return Self.fetch(try #require(outcome.records.replicas.first))
    }
    #expect(try fetch(nil) == Self.weightBytes)
    #expect(try fetch("near") == Self.weightBytes)
    #expect(try fetch("independent") == Self.weightBytes / 4)
  }
}
