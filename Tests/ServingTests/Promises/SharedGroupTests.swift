import EventKernel
import Hardware
import Inference
import Serving
import Support
import Testing
import Workload

@Suite("Models that share GPUs")
struct SharedGroupTests {
  private static func scheduler(_ residents: Int, initial: Int = 1) -> SchedulerSpecification {
    var scheduler = Schedulers.make(
      scaling: Schedulers.queue(max: 1, initial: initial), keyValueBlocks: nil)
    scheduler.engine.residentsPerGPU = residents
    scheduler.coldStart = Schedulers.coldStart()
    return scheduler
  }

  private static let workloads = [
    Traffic.burst(1, output: 3, name: "a"), Traffic.burst(1, output: 3, name: "b", model: 1),
  ]

  @Test("Two models on one GPU take turns, step by step, and halve its memory")
  func turns() throws {
    func outcome(_ residents: Int, gpus: Int) -> Outcome {
      Scenario.small(
        cluster: Machines.cluster(gpus: gpus),
        models: [Models.constant("a"), Models.constant("b")], workloads: Self.workloads,
        schedulers: [Self.scheduler(residents)]
      ).outcome()
    }
    let shared = outcome(2, gpus: 1)
    let apart = outcome(1, gpus: 2)
    // Three steps of 1 ms each; b's first one waits for a's, and each further step for the other's.
    #expect(apart.records.requests.map(\.end) == [3_000_000, 3_000_000])
    #expect(shared.records.requests.map(\.end) == [5_000_000, 6_000_000])
    #expect(shared.request(0)?.parts.pipelineWait == 2_000_000)
    #expect(shared.request(1)?.parts.queue == 1_000_000)
    #expect(shared.request(1)?.parts.pipelineWait == 2_000_000)
    let gpu = try #require(shared.records.gpus.first)
    #expect(gpu.busy == 6_000_000)
    let blocks = shared.records.replicas.map(\.keyValueBlocks)
    let alone = apart.records.replicas.map(\.keyValueBlocks)
    #expect(zip(blocks, alone).allSatisfy { $0 > 0 && $0 < $1 / 2 })
  }

  @Test("No model has two replicas on one GPU at a time")
  func limits() {
    let models = ["a", "b", "c"].map { Models.constant($0) }
    let outcome = Scenario.small(
      cluster: Machines.cluster(gpus: 2), models: models,
      workloads: models.indices.map {
        Traffic.burst(40, name: models[$0].name, model: $0)
      },
      schedulers: [
        {
          var scheduler = Self.scheduler(2, initial: 0)
          scheduler.scaling = Schedulers.queue(max: 4, requestsPerReplica: 10)
          return scheduler
        }()
      ]
    ).outcome()
    for gpu in Int32(0)..<2 {
      let here = outcome.records.stages.filter { $0.gpus.contains(gpu) }.map(\.replicaID)
      let residents = outcome.records.replicas.filter { here.contains($0.replicaID) }
      #expect(residents.count > 1)
      for one in residents {
        let beside = residents.filter {
          $0.replicaID != one.replicaID && $0.released > one.granted ?? 0
            && $0.granted ?? 0 < one.released
        }
        #expect(beside.allSatisfy { $0.model != one.model })
      }
    }
  }

  @Test("A model joins a group only where its weights fit beside the other's")
  func fits() throws {
    var cluster = Machines.cluster(nodes: 2, gpus: 1)
    cluster.nodes[1].gpu.name = "large"
    cluster.nodes[1].gpu.memoryBytes = 400_000_000_000
    // 33,000 layers of 1.8 MB are 59 GB: more than half of 80 GB, less than half of 400 GB.
    let outcome = Scenario.small(
      drainLimit: 200_000_000_000, cluster: cluster,
      models: [Models.constant("small"), Models.constant("large", layers: 33_000)],
      workloads: [
        Traffic.burst(1, name: "a"), Traffic.burst(1, at: 100_000_000, name: "b", model: 1),
      ],
      schedulers: [
        {
          var scheduler = Self.scheduler(2, initial: 0)
          scheduler.placement = FirstFitPlacement()
          return scheduler
        }()
      ]
    ).outcome()
    let large = try #require(outcome.records.replicas.first { $0.model == 1 })
    #expect(large.keyValueBlocks > 0)
    #expect(outcome.records.stages.first { $0.replicaID == large.replicaID }?.gpus == [1])
    #expect(outcome.summary.completed == 2)
  }
}
