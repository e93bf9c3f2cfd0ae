import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Where weights come from")
struct WeightSourceTests {
  private static let weightBytes = Models.architecture().weightBytes(.bf16)

  /// One request after the other, each long after the one before is done, on replicas that do not live
  /// so long; models in turn.
  private static func replicas(
    models: [Int], cluster: ClusterSpecification, tensor: Int = 1, stages: Int = 1,
    _ change: (inout ColdStartSpecification) -> Void
  ) -> [ReplicaRecord] {
    var scheduler = Schedulers.make(
      tensor: tensor, stages: stages,
      scaling: Schedulers.queue(keepAlive: 1_000, requestsPerReplica: 1))
    scheduler.coldStart = Schedulers.coldStart()
    change(&scheduler.coldStart)
    let gap: Nanoseconds = 50_000_000_000
    let workloads = models.enumerated().map { index, model in
      Traffic.burst(1, at: gap * Nanoseconds(index), name: "request \(index)", model: model)
    }
    let served = (0...(models.max() ?? 0)).map { model in
      Models.constant("model \(model)")
    }
    return Scenario.small(
      duration: gap * Nanoseconds(models.count + 1), cluster: cluster, models: served,
      workloads: workloads, schedulers: [scheduler]
    ).outcome().records.replicas
  }

  private static func fetch(_ replica: ReplicaRecord) -> Nanoseconds? {
    guard let begin = replica.runtimeEnd, let end = replica.fetchEnd else { return nil }
    return end - begin
  }

  @Test("Host memory keeps what came, and the second start fetches nothing")
  func hostCache() throws {
    let replicas = Self.replicas(models: [0, 0], cluster: Machines.cluster(gpus: 1)) {
      $0.hostCacheBytes = 2 * Self.weightBytes
    }
    #expect(replicas.map(Self.fetch) == [Self.weightBytes, 0])
    for replica in replicas {
      let (fetched, loaded) = (try #require(replica.fetchEnd), try #require(replica.loadEnd))
      #expect(loaded - fetched == Self.weightBytes)
    }
    let sources = try replicas.map { try #require($0.weights) }
    #expect(sources.map { $0[.host].lookups } == [1, 1])
    #expect(sources.map { $0[.host].hits } == [0, 1])
    #expect(sources.map { $0[.host].bytes } == [0, Self.weightBytes])
    #expect(sources.map { $0[.store].bytes } == [Self.weightBytes, 0])
  }

  @Test("With room for one model two in turn never find theirs; with room for both they do")
  func leastRecentlyUsed() {
    func bytes(_ capacity: Int64) -> [Int64] {
      Self.replicas(models: [0, 1, 0, 1], cluster: Machines.cluster(gpus: 1)) {
        $0.hostCacheBytes = capacity
      }.map { $0.weights?[.host].bytes ?? -1 }
    }
    #expect(bytes(Self.weightBytes * 3 / 2) == [0, 0, 0, 0])
    #expect(bytes(Self.weightBytes * 2) == [0, 0, Self.weightBytes, Self.weightBytes])
  }

  @Test("A model that found no room while it was loaded is driven out like any other later on")
  func readers() {
    let bytes = Self.weightBytes
    // Room for one. The second model comes while the first one is loaded and is not kept; it comes once more
    // when the first one is there, and is kept; then the first one comes three times.
    let starts: [(model: Int, at: Nanoseconds)] = [
      (0, 0), (1, bytes / 5), (1, bytes * 185 / 100), (0, 50_000_000_000), (0, 100_000_000_000),
      (0, 150_000_000_000),
    ]
    var scheduler = Schedulers.make(
      scaling: Schedulers.queue(keepAlive: 1_000, requestsPerReplica: 1))
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.coldStart.hostCacheBytes = bytes * 115 / 100
    let replicas = Scenario.small(
      duration: 200_000_000_000, cluster: Machines.cluster(gpus: 4),
      models: [Models.constant("first"), Models.constant("second")],
      workloads: starts.enumerated().map { index, start in
        Traffic.burst(1, at: start.at, name: "request \(index)", model: start.model)
      }, schedulers: [scheduler]
    ).outcome().records.replicas.sorted { $0.demanded < $1.demanded }
    #expect(replicas.map { Int($0.model) } == starts.map(\.model))
    // The second one's two replicas are loaded at the same time, and the older one is ready first.
    #expect(replicas[2].fetchEnd ?? 0 > replicas[0].loadEnd ?? .max)
    #expect(replicas[2].fetchEnd ?? 0 < replicas[1].loadEnd ?? 0)
    #expect(replicas.map { $0.weights?[.host].bytes } == [0, 0, 0, 0, bytes, bytes])
  }

  @Test("A node's storage keeps what came from the store, at its own bandwidth")
  func storageCache() {
    let replicas = Self.replicas(
      models: [0, 0], cluster: Machines.cluster(gpus: 1, storage: 5e8)
    ) { $0.storageCacheBytes = 2 * Self.weightBytes }
    #expect(replicas.map(Self.fetch) == [Self.weightBytes, 2 * Self.weightBytes])
    #expect(replicas.map { $0.weights?[.storage].bytes } == [0, Self.weightBytes])
  }

  @Test("Without caches and peers nothing is said of sources")
  func none() {
    let replicas = Self.replicas(models: [0], cluster: Machines.cluster(gpus: 1)) { _ in }
    #expect(replicas.map(\.weights) == [nil])
  }

  @Test("Pipeline shards on two nodes are worth to each node what it held of them")
  func parts() {
    let replicas = Self.replicas(
      models: [0, 0], cluster: Machines.cluster(nodes: 2, gpus: 1), stages: 2
    ) { $0.hostCacheBytes = 2 * Self.weightBytes }
    #expect(replicas.map { $0.weights?[.host].hits } == [0, 2])
    #expect(replicas.map { $0.weights?[.host].bytes } == [0, Self.weightBytes])
  }

  @Test("A stage that a node has kept is half of the shards of a group that starts there")
  func otherPlan() throws {
    let gap: Nanoseconds = 50_000_000_000
    var scheduler = Schedulers.make(
      tensor: 2, scaling: Schedulers.queue(keepAlive: 1_000, requestsPerReplica: 1))
    scheduler.parallelism = Schedulers.ladder([
      PlanShape(tensor: 2, stages: 1), PlanShape(tensor: 1, stages: 2),
    ])
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.coldStart.hostCacheBytes = 2 * Self.weightBytes
    // A tenant on each of the two nodes leaves no room for the group, until both are gone.
    let tenants = (0..<2).map { _ in BackgroundDemand(time: 0, gpus: 1, lifetime: 2 * gap) }
    var background = BackgroundSpecification(demands: tenants)
    background.placement = TenantPlacement(
      WorstFitPlacement.self, OptionValues(defaultsOf: WorstFitPlacement.options))
    let outcome = Scenario.small(
      duration: 5 * gap, cluster: Machines.cluster(nodes: 2, gpus: 2), background: background,
      models: [Models.constant()],
      workloads: (1...3).map { Traffic.burst(1, at: gap * $0, name: "request \($0)") },
      schedulers: [scheduler]
    ).outcome()
    let replicas = outcome.records.replicas
    #expect(replicas.map(\.tensor) == [1, 2, 2])
    #expect(replicas.map { $0.weights?[.host].lookups } == [2, 2, 2])
    #expect(replicas.map { $0.weights?[.host].hits } == [0, 2, 2])
    // The layers of its stage of both halves of the matrices; then all of them lie there.
    let half = Self.weightBytes / 2
    #expect(replicas.map { $0.weights?[.host].bytes } == [0, half, Self.weightBytes])
    #expect(replicas.map { $0.weights?[.store].bytes } == [Self.weightBytes, half, 0])
  }
}
