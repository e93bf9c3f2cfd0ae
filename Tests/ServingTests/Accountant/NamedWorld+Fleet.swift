import EventKernel
import Inference
import Serving
import Support
import Workload

/// Worlds of cold starts and of pipelines that end on one stage.
extension NamedWorld {
  /// Weights from caches, or from peers that may go before they have given all.
  func changeSources(
    _ scenario: inout Scenario, _ scheduler: inout SchedulerSpecification
  ) {
    let bytes = Models.architecture().weightBytes(.bf16)
    scenario.cluster = Machines.cluster(nodes: 2, gpus: 4, store: 5e8, storage: 8e8)
    if self == .coldPeers {
      scheduler.scaling = Schedulers.queue(
        max: 7, initial: 1, keepAlive: 12_000_000, requestsPerReplica: 1)
      scheduler.batching = Schedulers.vllm(sequences: 2)
      scheduler.coldStart.peers = .binomial
      scheduler.coldStart.blocks = 5
      // The source of the first ones goes before they have all; those of the last ones are busy.
      scenario.workloads = [
        Traffic.burst(3, output: 1),
        Traffic.burst(2, at: 60_000_000, output: 300, name: "second"),
        Traffic.burst(9, at: 190_000_000, output: 30, name: "third"),
      ]
      scenario.cluster = Machines.cluster(nodes: 6, gpus: 1, store: 5e8)
    } else {
      scheduler.scaling = Schedulers.queue(max: 4, keepAlive: 4_000_000, requestsPerReplica: 4)
      scheduler.coldStart.hostCacheBytes = bytes / 2
      scheduler.coldStart.storageCacheBytes = 2 * bytes
      scheduler.coldStart.streamsLoad = true
      scheduler.coldStart.blocks = 3
      scheduler.parallelism = Schedulers.plan(tensor: 2, stages: 2)
      scenario.workloads = [Traffic.poisson(rate: 60)]
    }
  }

  /// A cold start with every phase; with `streams` as much as can be goes on beside the rest.
  static func chain(streams: Bool) -> ColdStartSpecification {
    var coldStart = Schedulers.coldStart(container: 1_000_000, engineInit: 2_000_000)
    coldStart.nodeProvision = 5_000_000
    coldStart.warmNodes = 1
    coldStart.imageBytes = 700_001
    coldStart.processGroup = 300_000
    coldStart.peerCheck = 50_000
    coldStart.compile = 900_000
    coldStart.capture = 400_000
    coldStart.warmUp = 100_000
    coldStart.overlapsFetch = streams
    coldStart.streamsLoad = streams
    coldStart.overlapsCompile = streams
    coldStart.overlapsCapture = streams
    coldStart.blocks = 7
    return coldStart
  }

  /// Pipelines that end on one stage.
  func consolidate(_ scenario: inout Scenario, _ scheduler: inout SchedulerSpecification) {
    let toTensor = self == .consolidatingToTensor
    scenario.cluster = Machines.cluster(nodes: toTensor ? 3 : 8, gpus: toTensor ? 4 : 1)
    scenario.workloads = [Traffic.poisson(rate: 600, output: 1...80)]
    scenario.duration = 300_000_000
    scheduler.engine.keyValueBlocks = 40
    scheduler.scaling = Schedulers.queue(max: 2, keepAlive: 50_000_000, requestsPerReplica: 4)
    scheduler.parallelism = Schedulers.consolidating(
      [PlanShape(tensor: 1, stages: toTensor ? 2 : 4)], endTensor: toTensor ? 4 : 1,
      moves: toTensor || self == .consolidatingByMoves || self == .allSurviveByMoves,
      allSurvive: self == .allSurvive || self == .allSurviveByMoves)
  }

  /// Whether a pipeline executes steps after others have taken over.
  func sharesAfterRetirement(_ outcome: Outcome) -> Bool {
    guard let retired = outcome.events.first(where: { $0.kind == .retire }) else { return false }
    let own = Set(outcome.events.filter { $0.kind == .form && $0.b == retired.a }.map(\.a))
    return outcome.events.contains {
      $0.kind == .step && $0.time > retired.time && own.contains($0.a)
    }
  }
}
