import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

/// Times over switches, host bridges, hosts and regions, computed by hand: links of whole bytes per
/// nanosecond, messages of 3,000 ns over PCIe, 5,000 to another node and 2,000 of fabric.
@Suite("Ways over shared links")
struct PathTests {
  private static let weightBytes = Models.architecture().weightBytes(.bf16)

  /// Fetch and load times of a cold start over the four GPUs of one node.
  private func coldStart(
    _ pcie: PCIeTopology, nics: Int = 4, stages: Int = 4, store: Double? = 1e12,
    change: (inout ClusterSpecification) -> Void = { _ in }
  ) throws -> (fetch: Nanoseconds, load: Nanoseconds) {
    var cluster = Machines.cluster(gpus: 4, nvlink: .none, nics: nics, store: store)
    cluster.nodes[0].pcie = pcie
    change(&cluster)
    var scheduler = Schedulers.make(
      tensor: 4 / stages, stages: stages, domainRequired: false, scaling: Schedulers.queue())
    scheduler.coldStart = Schedulers.coldStart()
    let outcome = Scenario.small(cluster: cluster, schedulers: [scheduler]).outcome()
    let replica = try #require(outcome.records.replicas.first)
    let fetched = try #require(replica.fetchEnd)
    return (
      fetched - (try #require(replica.runtimeEnd)), try #require(replica.loadEnd) - fetched
    )
  }

  @Test("GPUs below one switch share its uplink as they load, TP4 like PP4", arguments: [1, 4])
  func uplinks(stages: Int) throws {
    let weights = Self.weightBytes
    let own = try coldStart(PCIeTopology(), stages: stages)
    #expect(own.load == weights / 4)
    let pairs = PCIeTopology(gpusPerSwitch: 2, uplinkBytesPerSecond: 1e9)
    #expect(try coldStart(pairs, stages: stages).load == weights / 2)
    let narrow = PCIeTopology(gpusPerSwitch: 4, uplinkBytesPerSecond: 5e8)
    #expect(try coldStart(narrow, stages: stages).load == weights * 2)
  }

  @Test(
    "A host bridge binds what is fetched into memory and what is loaded from it", arguments: [1, 4])
  func hostBridges(stages: Int) throws {
    let weights = Self.weightBytes
    // Four cards bring a quarter each; one bridge of 2 bytes/ns lets half of that through.
    let one = try coldStart(
      PCIeTopology(hostBridgeCount: 1, hostBridgeBytesPerSecond: 2e9), stages: stages)
    #expect(one.fetch == weights / 2 && one.load == weights / 2)
    let two = try coldStart(
      PCIeTopology(hostBridgeCount: 2, hostBridgeBytesPerSecond: 2e9), stages: stages)
    #expect(two.fetch == weights / 4 && two.load == weights / 4)
  }

  @Test("GPUs of a node share its cards as they fetch", arguments: [1, 2, 4])
  func cards(nics: Int) throws {
    #expect(try coldStart(PCIeTopology(), nics: nics).fetch == Self.weightBytes / Int64(nics))
  }

  @Test("A store in another region is reached over the WAN, which all share")
  func distantStore() throws {
    let distant = try coldStart(PCIeTopology()) { cluster in
      cluster.regions = ["here", "there"]
      cluster.wan = WANSpecification(
        line: .init(latencyNanoseconds: 30_000_000, bandwidthBytesPerSecond: 5e8))
      cluster.modelStoreRegion = 1
    }
    #expect(distant.fetch == 2 * Self.weightBytes)
    let near = try coldStart(PCIeTopology()) { cluster in
      cluster.regions = ["here", "there"]
      cluster.modelStoreRegion = 0
    }
    #expect(near.fetch == Self.weightBytes / 4)
  }

  /// What 100 tokens, so 100,000 bytes, spend between two stages and on the way back.
  private func hop(
    _ cluster: ClusterSpecification, isFlow: Bool = false
  ) throws -> Nanoseconds {
    var scheduler = Schedulers.make(stages: 2)
    scheduler.engine.simulatedHops = isFlow
    let outcome = Scenario.small(
      cluster: cluster, workloads: [Traffic.burst(1, prompt: 100, output: 1)],
      schedulers: [scheduler]
    ).outcome()
    return try #require(outcome.request(0)).parts.commPipeline
  }

  @Test(
    "Without GPUDirect a hop passes both hosts: their bridges twice, a PCIe message each",
    arguments: [false, true])
  func throughHosts(isFlow: Bool) throws {
    var cluster = Machines.cluster(nodes: 2, gpus: 1)
    #expect(try hop(cluster, isFlow: isFlow) == 100_000 + 2 * 7_000)
    for node in 0...1 {
      cluster.nodes[node].pcie = PCIeTopology(
        hostBridgeCount: 1, hostBridgeBytesPerSecond: 5e8)
    }
    #expect(try hop(cluster, isFlow: isFlow) == 100_000 + 2 * 7_000)
    cluster.nodes[0].hasGPUDirect = false
    #expect(try hop(cluster, isFlow: isFlow) == 200_000 + 2 * 10_000)
    cluster.nodes[1].hasGPUDirect = false
    #expect(try hop(cluster, isFlow: isFlow) == 200_000 + 2 * 13_000)
  }

  @Test(
    "A hop over the WAN pays its latency both ways and its bandwidth once",
    arguments: [false, true])
  func overTheWAN(isFlow: Bool) throws {
    var cluster = Machines.cluster(nodes: 2, gpus: 1)
    cluster.nodes[1].region = 1
    cluster.regions = ["a", "b"]
    cluster.wan = WANSpecification(
      line: .init(latencyNanoseconds: 1, bandwidthBytesPerSecond: 1),
      pairs: [
        .init(1, 0, line: .init(latencyNanoseconds: 30_000_000, bandwidthBytesPerSecond: 1e8))
      ])
    #expect(try hop(cluster, isFlow: isFlow) == 1_000_000 + 2 * 30_007_000)
  }

  @Test("Over PCIe peers meet at their switch, others in host memory", arguments: [false, true])
  func overPCIe(isFlow: Bool) throws {
    var cluster = Machines.cluster(gpus: 2, nvlink: .none)
    func hop(_ isPeerToPeer: Bool, perSwitch: Int) throws -> Nanoseconds {
      cluster.nodes[0].pcie = PCIeTopology(
        gpusPerSwitch: perSwitch, uplinkBytesPerSecond: 5e8, hostBridgeCount: 1,
        hostBridgeBytesPerSecond: 2.5e8, isPeerToPeer: isPeerToPeer)
      return try self.hop(cluster, isFlow: isFlow)
    }
    #expect(try hop(true, perSwitch: 2) == 100_000 + 2 * 3_000)
    #expect(try hop(false, perSwitch: 2) == 400_000 + 2 * 3_000)
    #expect(try hop(true, perSwitch: 1) == 400_000 + 2 * 3_000)
  }

  @Test("A hop over an uplink gets a third of it while two GPUs load, and all of it else")
  func besideALoad() throws {
    func hop(loading: Bool) throws -> Nanoseconds {
      var cluster = Machines.cluster(gpus: 2, nvlink: .none)
      cluster.nodes[0].pcie = PCIeTopology(gpusPerSwitch: 2, uplinkBytesPerSecond: 1e9)
      var scheduler = Schedulers.make(stages: 2, scaling: Schedulers.queue(max: 1))
      scheduler.engine.residentsPerGPU = 2
      scheduler.coldStart = Schedulers.coldStart(container: 0, runtime: 0, engineInit: 0)
      // The other model is fetched until 120.7 ms and loaded until 141.5 ms.
      let requests: [(at: Nanoseconds, workload: Int32, prompt: Int32)] = [
        (0, 0, 1), (100_000_000, 1, 1), (125_000_000, 0, 100),
      ]
      let outcome = Scenario.small(
        cluster: cluster, models: [Models.constant("works"), Models.constant("loads")],
        workloads: [Traffic.burst(1), Traffic.burst(1, name: "other", model: 1)],
        requests: requests.filter { loading || $0.workload == 0 }.map {
          ArrivingRequest(
            arrival: $0.at, workload: $0.workload, promptTokens: $0.prompt, outputTokens: 1)
        }, schedulers: [scheduler]
      ).outcome()
      let request = outcome.records.requests.first { $0.promptTokens == 100 }
      return try #require(request).parts.commPipeline
    }
    #expect(try hop(loading: false) == 100_000 + 2 * 3_000)
    #expect(try hop(loading: true) == 300_000 + 2 * 3_000)
  }
}
