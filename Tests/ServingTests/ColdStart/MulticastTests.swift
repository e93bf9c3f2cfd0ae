import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Weights from GPUs that have them")
struct MulticastTests {
  /// 70,000,000,000 parameters to the last one: 140 GB.
  private static var seventyBillion: ServedModel {
    var model = Models.constant()
    model.architecture.layers = 80
    model.architecture.hiddenSize = 8_000
    model.architecture.attentionHeads = 80
    model.architecture.keyValueHeads = 80
    model.architecture.headDimension = 100
    model.architecture.intermediateSize = 25_600
    model.architecture.vocabularySize = 45_839
    model.architecture.tiedEmbeddings = true
    return model
  }

  /// One replica up from the start and the others at once: the floor asks for them, or, where replicas
  /// may go, requests that wait behind the first one.
  private static func outcome(
    _ peers: ColdStartSpecification.PeerLoading, cluster: ClusterSpecification, replicas: Int,
    keepAlive: Nanoseconds? = nil, tensor: Int = 1, besides: [WorkloadSpecification] = []
  ) -> Outcome {
    let model = seventyBillion
    var scheduler = Schedulers.make(
      tensor: tensor, batching: Schedulers.vllm(sequences: 1),
      scaling: Schedulers.queue(
        min: keepAlive == nil ? replicas : 0, max: replicas, initial: 1,
        keepAlive: keepAlive ?? 1_000_000_000_000, requestsPerReplica: 1))
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.coldStart.peers = peers
    var other = Models.constant("other")
    other.architecture = model.architecture
    return Scenario.small(
      duration: 60_000_000_000, cluster: cluster,
      models: besides.isEmpty ? [model] : [model, other],
      workloads: [Traffic.burst(replicas, output: 2)] + besides, schedulers: [scheduler]
    ).outcome()
  }

  private static func cluster(nodes: Int, gpus: Int = 1) -> ClusterSpecification {
    var cluster = Machines.cluster(nodes: nodes, gpus: gpus, nicBandwidth: 50e9, nodesPerLeaf: 64)
    for node in cluster.nodes.indices {
      cluster.nodes[node].gpu.memoryBytes = 400_000_000_000
      cluster.nodes[node].gpu.nvlinkBandwidthBytesPerSecond = 400e9
      cluster.nodes[node].gpu.pcieBandwidthBytesPerSecond = 50e9
    }
    return cluster
  }

  /// How long each starting replica fetched.
  private static func times(_ outcome: Outcome) -> [Nanoseconds] {
    outcome.records.replicas.filter { !$0.initial && $0.model == 0 }.compactMap { replica in
      replica.fetchEnd.flatMap { end in replica.runtimeEnd.map { end - $0 } }
    }
  }

  @Test("140 GB to seven nodes in 32 parts at 50 GB/s: binomial 2.975 s, chain 3.325 s")
  func eightNodes() throws {
    #expect(Self.seventyBillion.architecture.weightBytes(.bf16) == 140_000_000_000)
    let part: Nanoseconds = 87_500_000
    let binomial = Self.outcome(.binomial, cluster: Self.cluster(nodes: 8), replicas: 8)
    #expect(Self.times(binomial).count == 7)
    #expect(Self.times(binomial).max() == 2_975_000_000)
    let chain = Self.outcome(.chain, cluster: Self.cluster(nodes: 8), replicas: 8)
    #expect(Self.times(chain).sorted() == (0..<7).map { (32 + $0) * part })
    #expect(Self.times(chain).max() == 3_325_000_000)
    for replica in chain.records.replicas where !replica.initial {
      // Nothing is left to be loaded from a host.
      #expect(replica.loadEnd == replica.fetchEnd)
      #expect(replica.weights?[.peer].bytes == 140_000_000_000)
      #expect(replica.weights?[.store].lookups == 0)
    }
  }

  @Test(
    "Any number of nodes: k + ⌈log₂ N⌉ − 1 parts, or k + N − 2", arguments: [2, 3, 5, 6, 11, 13])
  func anyNumber(nodes: Int) {
    let part: Nanoseconds = 87_500_000
    var doublings = 0
    while 1 << doublings < nodes { doublings += 1 }
    func last(_ peers: ColdStartSpecification.PeerLoading) -> Nanoseconds? {
      Self.times(
        Self.outcome(peers, cluster: Self.cluster(nodes: nodes), replicas: nodes)
      ).max()
    }
    #expect(last(.binomial) == Nanoseconds(32 + doublings - 1) * part)
    #expect(last(.chain) == Nanoseconds(32 + nodes - 2) * part)
  }

  @Test("Each GPU of a tensor-parallel group gets its shard from its like, behind the same card")
  func tensorParallel() {
    let outcome = Self.outcome(
      .chain, cluster: Self.cluster(nodes: 3, gpus: 2), replicas: 3, tensor: 2)
    // Two shards of 70 GB over one card of 50 GB/s: as long as one of 140 GB, and 32 + 1 parts.
    let last: Nanoseconds = 33 * 87_500_000
    #expect(Self.times(outcome).max() == last)
  }

  @Test(
    "Somebody else on a card makes it slower",
    arguments: [.chain, .binomial] as [ColdStartSpecification.PeerLoading])
  func sharedCard(peers: ColdStartSpecification.PeerLoading) throws {
    let cluster = Self.cluster(nodes: 3, gpus: 2)
    let alone = Self.times(Self.outcome(peers, cluster: cluster, replicas: 3))
    let shared = Self.times(
      Self.outcome(
        peers, cluster: cluster, replicas: 3,
        besides: [Traffic.burst(1, output: 2, name: "other", model: 1)]))
    // Two sources behind the card of the first node: each part takes twice as long.
    let (single, double) = (try #require(alone.max()), try #require(shared.max()))
    // 32 parts of 87.5 ms, and one of 10.9375 ms over NVLink to the other GPU of the first node.
    #expect(single == 2_810_937_500)
    #expect(double == 5_610_937_500)
  }

  @Test(
    "When the source goes, those who lack parts take these from the store, and lose nothing",
    arguments: [.chain, .binomial] as [ColdStartSpecification.PeerLoading])
  func sourceGoes(peers: ColdStartSpecification.PeerLoading) throws {
    let outcome = Self.outcome(
      peers, cluster: Self.cluster(nodes: 5), replicas: 5, keepAlive: 1_000_000_000)
    let source = try #require(outcome.records.replicas.first { $0.initial })
    let others = outcome.records.replicas.filter { !$0.initial }
    #expect(others.count == 4)
    for replica in others {
      #expect(replica.ready != nil)
      #expect(try #require(replica.fetchEnd) > source.released)
      let weights = try #require(replica.weights)
      #expect(weights[.peer].bytes > 0)
      #expect(weights[.peer].bytes + weights[.store].bytes == 140_000_000_000)
      #expect(weights[.peer].bytes % (140_000_000_000 / 32) == 0)
    }
    let store = try #require(outcome.records.links.first { $0.kind == .store })
    #expect(store.bulkBytes == others.reduce(0) { $0 + ($1.weights?[.store].bytes ?? 0) })
    #expect(outcome.summary.completed == outcome.summary.requests)
  }

  @Test("Two ready replicas share out those that start")
  func twoSources() {
    var scheduler = Schedulers.make(
      scaling: Schedulers.queue(
        min: 4, max: 4, initial: 2, keepAlive: 1_000_000_000_000, requestsPerReplica: 1))
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.coldStart.peers = .chain
    let outcome = Scenario.small(
      duration: 60_000_000_000, cluster: Self.cluster(nodes: 4), models: [Self.seventyBillion],
      workloads: [Traffic.burst(4, output: 2)], schedulers: [scheduler]
    ).outcome()
    #expect(Self.times(outcome) == [2_800_000_000, 2_800_000_000])
  }
}
