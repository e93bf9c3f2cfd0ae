import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Weights from GPUs that cut the model otherwise")
struct PeerPartsTests {
  /// 40 equal layers and next to nothing else, 40 GB.
  private static var fortyBillionBytes: ServedModel {
    var model = Models.constant()
    model.architecture.layers = 40
    model.architecture.hiddenSize = 8_000
    model.architecture.attentionHeads = 80
    model.architecture.keyValueHeads = 80
    model.architecture.headDimension = 100
    model.architecture.intermediateSize = 10_168
    model.architecture.vocabularySize = 1
    model.architecture.tiedEmbeddings = true
    return model
  }
  private static var bytes: Int64 { fortyBillionBytes.architecture.weightBytes(.bf16) }
  /// Seconds for all of it over a card of 10 GB/s.
  private static var whole: Double { Double(bytes) / 10e9 }

  private static func outcome(
    _ peers: ColdStartSpecification.PeerLoading, endTensor: Int = 1, allSurvive: Bool = false,
    nodes: Int, gpus: Int = 1,
    workloads: [WorkloadSpecification] = [Traffic.burst(1, output: 2)]
  ) -> Outcome {
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(sequences: 1),
      scaling: Schedulers.queue(
        max: 8, keepAlive: 1_000_000_000_000, requestsPerReplica: 1))
    scheduler.parallelism = Schedulers.consolidating(
      [PlanShape(tensor: 1, stages: 4)], endTensor: endTensor, allSurvive: allSurvive)
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.coldStart.peers = peers
    return Scenario.small(
      duration: 300_000_000_000, cluster: cluster(nodes: nodes, gpus: gpus),
      models: [fortyBillionBytes],
      workloads: workloads, schedulers: [scheduler]
    ).outcome()
  }

  private static func cluster(nodes: Int, gpus: Int = 1) -> ClusterSpecification {
    var cluster = Machines.cluster(
      nodes: nodes, gpus: gpus, nicBandwidth: 10e9, store: 1e9, nodesPerLeaf: 64)
    for node in cluster.nodes.indices {
      cluster.nodes[node].gpu.memoryBytes = 400_000_000_000
      cluster.nodes[node].gpu.nvlinkBandwidthBytesPerSecond = 400e9
      cluster.nodes[node].gpu.pcieBandwidthBytesPerSecond = 50e9
    }
    return cluster
  }

  /// Seconds from the pipeline's being ready to the end of each in-place successor's fetch.
  private static func remainders(_ outcome: Outcome) throws -> [Double] {
    let pipeline = try #require(outcome.records.replicas.first)
    let ready = try #require(pipeline.ready)
    return outcome.records.replicas.filter { $0.replaces == pipeline.replicaID }.compactMap {
      $0.fetchEnd.map { Double($0 - ready) / 1e9 }
    }
  }

  @Test("The stages of a pipeline give each other what they lack, each sending to one at a time")
  func allGather() throws {
    let times = try Self.remainders(Self.outcome(.binomial, allSurvive: true, nodes: 4))
    // Three quarters of the weights come to each card, and leave each card, at its full rate.
    #expect(times.count == 4)
    for time in times { #expect(abs(time / (0.75 * Self.whole) - 1) < 1e-4, "\(time)") }
    // From the store all four together take three times the weights over one line of 1 GB/s.
    let stored = try Self.remainders(Self.outcome(.none, allSurvive: true, nodes: 4))
    #expect(stored.count == 4)
    for time in stored { #expect(abs(time / (30 * Self.whole) - 1) < 1e-4, "\(time)") }
  }

  @Test("A single survivor gets three stages' weights over its card, whatever the store gives")
  func oneSurvivor() throws {
    let outcome = Self.outcome(.chain, nodes: 4)
    let times = try Self.remainders(outcome)
    #expect(times.count == 1)
    #expect(abs(try #require(times.first) / (0.75 * Self.whole) - 1) < 1e-4)
    let survivor = try #require(outcome.records.replicas.last)
    let bytes = try #require(survivor.weights)
    #expect(bytes[.store].bytes == 0)
    // To the byte: what the first stage has lies there already.
    #expect(bytes[.peer].bytes == Self.bytes - Self.bytes / 4)
  }

  @Test("A pipeline starts from a replica on one GPU, whose card all its shards share")
  func pipelineFromOneGPU() throws {
    // The first pipeline ends on one GPU; the second one begins when two more requests come.
    let outcome = Self.outcome(
      .chain, nodes: 8,
      workloads: [
        Traffic.burst(1, output: 2), Traffic.burst(2, at: 200_000_000_000, output: 2, name: "late"),
      ])
    let single = try #require(outcome.records.replicas.first { $0.replaces == 0 })
    #expect(single.stages == 1)
    let late = try #require(
      outcome.records.replicas.first { $0.replaces < 0 && $0.demanded == 200_000_000_000 })
    #expect(late.stages == 4)
    let fetched = try #require(late.fetchEnd) - (try #require(late.runtimeEnd))
    #expect(abs(Double(fetched) / 1e9 / Self.whole - 1) < 1e-4)
    #expect(late.weights?[.peer].bytes == Self.bytes)
    #expect(late.weights?[.peer].hits == 4)
    #expect(late.weights?[.store].lookups == 0)
  }

  @Test(
    "A group gets a slice of its layers from every stage of the pipeline that it takes over from")
  func groupFromPipeline() throws {
    let outcome = Self.outcome(.chain, endTensor: 4, nodes: 3, gpus: 4)
    let group = try #require(outcome.records.replicas.first { $0.replaces == 0 })
    #expect(group.tensor == 4)
    // All of it through the card of its node.
    let fetched = try #require(group.fetchEnd) - (try #require(group.runtimeEnd))
    #expect(abs(Double(fetched) / 1e9 / Self.whole - 1) < 1e-4)
    #expect(group.weights?[.peer].bytes == Self.bytes)
  }

  @Test("When the source goes, what is missing comes from the store, once, and no request is lost")
  func sourceGoes() throws {
    // One node has two GPUs for a group, the others have one each. The group is idle after its two requests,
    // and is kept for a second of the four that its weights take to the pipeline.
    var scheduler = Schedulers.make(
      batching: Schedulers.vllm(sequences: 1),
      scaling: Schedulers.queue(
        max: 2, initial: 1, keepAlive: 1_000_000_000, requestsPerReplica: 1))
    scheduler.parallelism = Schedulers.ladder([
      PlanShape(tensor: 2, stages: 1), PlanShape(tensor: 1, stages: 4),
    ])
    scheduler.coldStart = Schedulers.coldStart()
    scheduler.coldStart.peers = .chain
    var cluster = Self.cluster(nodes: 5)
    cluster.nodes[0].gpuCount = 2
    let outcome = Scenario.small(
      duration: 300_000_000_000, cluster: cluster, models: [Self.fortyBillionBytes],
      workloads: [Traffic.burst(2, output: 2)], schedulers: [scheduler]
    ).outcome()
    let group = try #require(outcome.records.replicas.first { $0.initial })
    let pipeline = try #require(outcome.records.replicas.last)
    #expect(group.tensor == 2 && pipeline.stages == 4)
    let weights = try #require(pipeline.weights)
    #expect(weights[.peer].bytes + weights[.store].bytes == Self.bytes)
    // Parts count when they have come whole; a shard takes two, one from each GPU of the group.
    #expect(weights[.peer].bytes == 0 && weights[.store].hits == 4)
    #expect(try #require(pipeline.fetchEnd) > group.released)
    let sent = try #require(outcome.records.links.first { $0.kind == .nicUp })
    #expect(sent.bulkBytes > 9_000_000_000 && sent.bulkBytes < 11_000_000_000)
    #expect(outcome.summary.completed == outcome.summary.requests)
  }
}
