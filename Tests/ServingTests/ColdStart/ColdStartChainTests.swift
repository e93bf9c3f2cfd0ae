import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("The chain of a cold start")
struct ColdStartChainTests {
  private static let weightBytes = Models.architecture().weightBytes(.bf16)

  /// The replicas of a burst of requests, each for a replica of its own.
  private static func start(
    tensor: Int = 1, stages: Int = 1, cluster: ClusterSpecification, requests: Int = 1,
    _ change: (inout ColdStartSpecification) -> Void
  ) -> [ReplicaRecord] {
    var scheduler = Schedulers.make(
      tensor: tensor, stages: stages, scaling: Schedulers.queue(requestsPerReplica: 1))
    scheduler.coldStart = Schedulers.coldStart()
    change(&scheduler.coldStart)
    return Scenario.small(
      cluster: cluster, workloads: [Traffic.burst(requests)], schedulers: [scheduler]
    ).outcome().records.replicas
  }

  private static func first(
    tensor: Int = 1, stages: Int = 1, cluster: ClusterSpecification = Machines.cluster(gpus: 4),
    _ change: (inout ColdStartSpecification) -> Void
  ) throws -> ReplicaRecord {
    try #require(start(tensor: tensor, stages: stages, cluster: cluster, change).first)
  }

  @Test("Every phase follows the one before it, and each says when it ended")
  func wholeChain() throws {
    var cluster = Machines.cluster(gpus: 1)
    cluster.registryBandwidthBytesPerSecond = 1e8
    let replica = try Self.first(cluster: cluster) {
      $0.nodeProvision = 10_000
      $0.warmNodes = 0
      $0.imageBytes = 500
      $0.compile = 700
      $0.capture = 600
      $0.warmUp = 500
    }
    // 500 bytes at a tenth of a byte per nanosecond.
    #expect(replica.coldStart.nodeProvisionEnd == 10_000)
    #expect(replica.coldStart.imageEnd == 15_000)
    #expect(replica.containerEnd == 16_000)
    #expect(replica.runtimeEnd == 18_000)
    #expect(replica.coldStart.processGroupEnd == nil)
    #expect(replica.fetchEnd == 18_000 + Self.weightBytes)
    let loaded = 18_000 + 2 * Self.weightBytes
    #expect(replica.loadEnd == loaded)
    #expect(replica.coldStart.engineInitEnd == loaded + 3_000)
    #expect(replica.coldStart.compileEnd == loaded + 3_700)
    #expect(replica.coldStart.captureEnd == loaded + 4_300)
    #expect(replica.coldStart.warmUpEnd == loaded + 4_800)
    #expect(replica.ready == loaded + 4_800)
  }

  @Test("The plain chain has no other instants than its five")
  func plainChain() throws {
    #expect(try Self.first { _ in }.coldStart == ColdStartMarks())
  }

  @Test(
    "The check of t GPUs is t (t − 1) checks of pairs, and one GPU has no process group",
    arguments: [(1, 1, 0), (2, 1, 140), (4, 1, 1_240), (1, 4, 40), (2, 2, 140)])
  func processGroup(tensor: Int, stages: Int, time: Nanoseconds) throws {
    let replica = try Self.first(tensor: tensor, stages: stages) {
      $0.processGroup = 40
      $0.peerCheck = tensor == 2 ? 50 : 100
    }
    #expect(replica.coldStart.processGroupEnd == (time == 0 ? nil : 3_000 + time))
    let fetchBegin = (replica.fetchEnd ?? 0) - Self.weightBytes
    #expect(fetchBegin == 3_000 + time)
  }

  @Test("A node is provisioned once, and a second replica waits for what is left of it")
  func sharedNode() {
    let replicas = Self.start(cluster: Machines.cluster(gpus: 2), requests: 2) {
      $0.nodeProvision = 10_000
      $0.warmNodes = 0
    }
    #expect(replicas.map(\.coldStart.nodeProvisionEnd) == [10_000, 10_000])
    let warm = Self.start(cluster: Machines.cluster(nodes: 2, gpus: 1), requests: 2) {
      $0.nodeProvision = 10_000
      $0.warmNodes = 1
    }
    #expect(warm.compactMap(\.coldStart.nodeProvisionEnd).sorted() == [0, 10_000])
  }

  @Test("A node pulls the image once; two nodes share the registry")
  func images() {
    func ends(nodes: Int, gpus: Int) -> [Nanoseconds] {
      var cluster = Machines.cluster(nodes: nodes, gpus: gpus)
      cluster.registryBandwidthBytesPerSecond = 1e8
      return Self.start(cluster: cluster, requests: 2) { $0.imageBytes = 500 }
        .compactMap(\.coldStart.imageEnd)
    }
    #expect(ends(nodes: 1, gpus: 2) == [5_000, 5_000])
    #expect(ends(nodes: 2, gpus: 1) == [10_000, 10_000])
  }

  @Test("Loading that streams ends a part after the fetch, or when the slower loader is through")
  func streaming() throws {
    let parts: Int64 = 10
    func load(_ loader: Double?) throws -> Nanoseconds {
      let replica = try Self.first(cluster: Machines.cluster(gpus: 1)) {
        $0.streamsLoad = true
        $0.blocks = Int(parts)
        $0.loaderBytesPerSecond = loader
      }
      #expect(replica.fetchEnd == 3_000 + Self.weightBytes)
      return try #require(replica.loadEnd) - 3_000
    }
    // Card and loader of a byte per nanosecond: the last part is loaded after it has come.
    #expect(abs(try load(nil) - (Self.weightBytes + Self.weightBytes / parts)) <= 1)
    // A loader half as fast has it all to load from the moment the first part is there.
    #expect(abs(try load(5e8) - (Self.weightBytes / parts + 2 * Self.weightBytes)) <= parts)
  }

  @Test("A fetch from the start is hidden behind container and runtime, loading waits for them")
  func overlappedStream() throws {
    let replica = try Self.first(cluster: Machines.cluster(gpus: 1)) {
      $0.overlapsFetch = true
      $0.streamsLoad = true
      $0.runtime = 2 * Self.weightBytes
    }
    #expect(replica.fetchEnd == Self.weightBytes)
    #expect(replica.loadEnd == 1_000 + 3 * Self.weightBytes)
  }

  @Test("Compilation and capture beside the weights take time only as far as they outlast them")
  func besideWeights() throws {
    func ready(_ compile: Nanoseconds, _ change: (inout ColdStartSpecification) -> Void) throws
      -> Nanoseconds
    {
      let replica = try Self.first(cluster: Machines.cluster(gpus: 1)) {
        $0.compile = compile
        $0.capture = 100
        $0.warmUp = 10
        change(&$0)
      }
      return try #require(replica.ready) - (try #require(replica.loadEnd))
    }
    #expect(try ready(700) { _ in } == 3_000 + 810)
    #expect(try ready(700) { $0.overlapsCompile = true } == 3_000 + 110)
    #expect(
      try ready(700) {
        $0.overlapsCompile = true; $0.overlapsCapture = true
      } == 3_010)
    // Capture alone beside the weights does not wait for the compilation after them.
    #expect(try ready(700) { $0.overlapsCapture = true } == 3_000 + 710)
    // From the runtime on: fetch and load take 2 S, compilation 2 S + 5,000, the engine 3,000.
    let long = 2 * Self.weightBytes + 5_000
    #expect(try ready(long) { $0.overlapsCompile = true } == 5_000 + 110)
  }
}
