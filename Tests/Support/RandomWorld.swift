import EventKernel
import Hardware
import Inference
public import Serving
import Workload

/// SplitMix64 (Steele, Lea and Flood, 2014): the tests' own random numbers.
public struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  /// Starts from a seed.
  public init(state: UInt64) { self.state = state }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}

/// A small scenario with everything drawn: machines, plans, policies, models, traffic, neighbours.
public struct RandomWorld {
  private var generator: SeededGenerator
  private let seed: UInt64

  /// The scenario of a seed.
  public static func scenario(_ seed: UInt64) -> Scenario {
    var world = RandomWorld(generator: SeededGenerator(state: seed &* 977), seed: seed)
    return world.make()
  }

  private mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &generator)]
  }

  private mutating func chance(_ share: Double) -> Bool {
    Double.random(in: 0..<1, using: &generator) < share
  }

  private mutating func make() -> Scenario {
    var cluster = Machines.cluster(
      nodes: pick([1, 2, 3, 4]), gpus: pick([2, 4, 4, 8]), nvlink: pick([.none, .pairs, .switch]),
      nics: pick([1, 2]), nicBandwidth: pick([1e9, 2e8]), store: pick([1e12, 5e8, nil]),
      nodesPerLeaf: pick([1, 2, 8]))
    if chance(0.5) { addLinks(&cluster) }
    let background = chance(0.5) ? makeBackground() : nil
    let models = (0..<pick([1, 1, 2])).map { makeModel("m\($0)") }
    let rate = pick([40.0, 150, 400])
    let workloads = models.indices.map { index in
      Traffic.poisson(
        rate: rate, prompt: 1...pick([20, 60]), output: 1...pick([4, 24]), name: "w\(index)",
        model: index)
    }
    var scenario = Scenario.small(
      seed: seed, duration: pick([60_000_000, 150_000_000]),
      drainLimit: pick([20_000_000, 1_500_000_000]), sampleInterval: 7_000_000,
      cluster: cluster, background: background, models: models, workloads: workloads,
      schedulers: [makeScheduler()])
    if chance(0.4) { shareBlocks(&scenario) }
    if chance(0.3) { swapBlocks(&scenario) }
    if chance(0.5) { drawBatching(&scenario) }
    if chance(0.5) { drawAllocation(&scenario) }
    return scenario
  }

  /// Any placement policy, another order of demands, a schedule of the neighbours.
  private mutating func drawAllocation(_ scenario: inout Scenario) {
    let type = pick(PolicyCatalogue.builtIn.placement)
    scenario.schedulers[0].placement = type.init(OptionValues(defaultsOf: type.options))
    scenario.schedulers[0].allocation = pick([
      AllocationSpecification(), AllocationSpecification(order: .inOrder),
      AllocationSpecification(patience: 5_000_000),
    ])
    guard scenario.background?.arrangement == .renewing else { return }
    if chance(0.4) {
      scenario.background?.schedule = [
        OccupancyStep(time: 20_000_000, occupancy: pick([0, 0.9])),
        OccupancyStep(time: 50_000_000, occupancy: 0.5),
      ]
    }
    if chance(0.4) {
      let tenants = pick(PolicyCatalogue.builtIn.placement)
      scenario.background?.placement = TenantPlacement(
        tenants, OptionValues(defaultsOf: tenants.options))
    }
  }

  /// Any batching policy of the catalogue, those whose chunks follow each other more often than others, and
  /// prompts that are longer than a step.
  private mutating func drawBatching(_ scenario: inout Scenario) {
    let overlapping: [any BatchingPolicy.Type] = [
      VLLMBatching.self, VLLMBatching.self, ThrottledBatching.self, DynamicChunkBatching.self,
    ]
    let type = pick(PolicyCatalogue.builtIn.batching + overlapping)
    var values = OptionValues(defaultsOf: type.options)
    for option in type.options {
      switch (option.key, option.kind) {
      case ("maxBatchedTokens", _), ("tokenBudget", _), ("chunkTokens", _), ("maxPrefillTokens", _):
        values[option.key] = .integer(pick([8, 13, 32]))
      case ("minPrefillTokens", _), ("pageTokens", _), ("iterations", _):
        values[option.key] = .integer(pick([1, 3]))
      case ("maxSequences", _), ("maxDecodes", _), ("peakBatch", _):
        values[option.key] = .integer(pick([3, 8, 32]))
      case ("depth", _), ("cap", _):
        values[option.key] = pick([nil, nil, .integer(2), .integer(5)])
      case ("overlapsChunks", _): values[option.key] = .flag(chance(0.7))
      case (_, .flag): values[option.key] = .flag(chance(0.5))
      default: break
      }
    }
    scenario.schedulers[0].batching = type.init(values)
  }

  /// Prompts that begin alike, and engines that make use of it.
  private mutating func shareBlocks(_ scenario: inout Scenario) {
    scenario.source = SharedPrompts(
      scenario.source, tokensPerBlock: pick([1, 3, 4, 8]), families: pick([1, 3]),
      knowsAnswers: chance(0.5))
    scenario.schedulers[0].engine.keyValue.sharesPrefixes = true
    guard chance(0.6) else { return }
    let bytes = blockBytes(scenario)
    scenario.schedulers[0].engine.keyValue.tiers = [
      CacheTier(
        name: "host", capacityBytes: bytes * pick([3, 60]),
        bandwidthBytesPerSecond: Double(bytes) * pick([1e4, 1e6]), latency: pick([0, 50_000])),
      CacheTier(
        name: "pool", capacityBytes: bytes * pick([10, 100_000]),
        bandwidthBytesPerSecond: Double(bytes) * pick([1e3, 3e5]), isShared: chance(0.5)),
    ]
  }

  /// Who is preempted goes to host memory, as far as there is room; some blocks stay free.
  private mutating func swapBlocks(_ scenario: inout Scenario) {
    scenario.schedulers[0].engine.keyValue.preemption = .swap
    scenario.schedulers[0].engine.keyValue.swapBytesPerGPU =
      blockBytes(scenario) * pick([5, 10_000])
    scenario.schedulers[0].engine.keyValue.watermark = pick([0, 0, 0.2])
  }

  /// Bytes of a KV block over all layers.
  private func blockBytes(_ scenario: Scenario) -> Int64 {
    Int64(scenario.schedulers[0].engine.blockTokens)
      * scenario.models[0].architecture.keyValueBytesPerToken(.bf16)
  }

  /// Switches, host bridges, no GPUDirect, a second region.
  private mutating func addLinks(_ cluster: inout ClusterSpecification) {
    let pcie = PCIeTopology(
      gpusPerSwitch: pick([1, 2]), uplinkBytesPerSecond: pick([1e9, 6e8]),
      hostBridgeCount: pick([0, 1, 2]), hostBridgeBytesPerSecond: pick([3e9, 7e8]),
      isPeerToPeer: chance(0.5))
    let hasGPUDirect = chance(0.5)
    let last = chance(0.5) ? cluster.nodes.count - 1 : 0
    for node in cluster.nodes.indices {
      cluster.nodes[node].pcie = pcie
      cluster.nodes[node].hasGPUDirect = hasGPUDirect
      cluster.nodes[node].region = last > 0 && node == last ? 1 : 0
    }
    guard last > 0 else { return }
    cluster.regions = ["near", "far"]
    cluster.wan = WANSpecification(
      line: .init(latencyNanoseconds: 300_000, bandwidthBytesPerSecond: pick([1e9, 1e8])))
    cluster.modelStoreRegion = pick([nil, 0, 1])
  }

  private mutating func makeBackground() -> BackgroundSpecification {
    BackgroundSpecification(
      occupancy: pick([0.3, 0.6, 0.8]),
      sizes: [BackgroundSize(gpus: 1, share: 0.7), BackgroundSize(gpus: 2, share: 0.3)],
      lifetimeSeconds: pick([.exponential(mean: 0.05), .lognormal(mean: 0.1, cv: 2)]),
      arrangement: pick([.renewing, .renewing, .renewing, .independent]))
  }

  private mutating func makeModel(_ name: String) -> ServedModel {
    switch pick([0, 0, 0, 1, 2]) {
    case 0:
      return Models.constant(
        name, base: 1_000_003, perPrefillToken: 20_011, perDecodeSequence: 30_029,
        communication: 200_003, host: pick([0, 50_021]), context: pick([60, 10_000]))
    case 1:
      return Models.stochastic(
        name, seconds: .exponential(mean: 0.001), perStage: chance(0.5), host: 10_007)
    default:
      return ServedModel(
        name: name, architecture: Models.architecture(),
        cost: .roofline(
          RooflineCost(hostNanosecondsPerStep: 40_000, hostNanosecondsPerSampling: 30_000)))
    }
  }

  private mutating func makeScheduler() -> SchedulerSpecification {
    var scheduler = Schedulers.make()
    let shapes = [
      PlanShape(tensor: 1, stages: 1), PlanShape(tensor: 1, stages: 2),
      PlanShape(tensor: 1, stages: 4), PlanShape(tensor: 2, stages: 1),
      PlanShape(tensor: 2, stages: 2), PlanShape(tensor: 4, stages: 1),
      PlanShape(tensor: 1, stages: 3), PlanShape(tensor: 1, stages: 2, virtualStages: 2),
      PlanShape(tensor: 1, stages: 2, virtualStages: 4, topology: .foldBack),
      PlanShape(tensor: 2, stages: 2, deal: .balanced(for: .mixed), virtualStages: 2),
      PlanShape(tensor: 1, stages: 3, layers: [1, 1, 2, 1, 2, 1], virtualStages: 2),
    ]
    let shape = pick(shapes)
    scheduler.parallelism =
      chance(0.25)
      ? Schedulers.ladder([shape, pick(shapes), shapes[0]])
      : Schedulers.plan(shape, domainRequired: chance(0.4))
    scheduler.batching =
      chance(0.7)
      ? Schedulers.vllm(tokens: pick([8, 32, 256]), sequences: pick([3, 8, 32]))
      : Schedulers.finite(sequences: pick([3, 8]), microbatches: pick([nil, 3]))
    scheduler.scaling =
      chance(0.4)
      ? Schedulers.fixed(pick([1, 2]))
      : Schedulers.queue(
        min: pick([0, 0, 1]), max: pick([1, 3]), initial: pick([nil, 1]),
        keepAlive: pick([5_000_000, 100_000_000]), requestsPerReplica: pick([2, 8]))
    if seed % 4 == 1 {
      scheduler.scaling = SwingingScaling(
        interval: 4_000_000 + Nanoseconds(seed % 5) * 6_500_000, replicas: 3, seed: seed)
    }
    scheduler.routing = chance(0.5) ? LeastLoadedRouting() : RoundRobinRouting()
    scheduler.placement = chance(0.5) ? BestFitPlacement() : FirstFitPlacement()
    scheduler.engine.keyValueBlocks = pick([22, 40, 10_000])
    scheduler.engine.blockTokens = pick([1, 4])
    if scheduler.engine.blockTokens == 1, scheduler.engine.keyValueBlocks != 10_000 {
      scheduler.engine.keyValueBlocks = 90
    }
    scheduler.engine.asynchronousHops = chance(0.7)
    scheduler.engine.pricedHops = chance(0.9)
    scheduler.engine.simulatedHops =
      scheduler.engine.asynchronousHops && scheduler.engine.pricedHops && chance(0.4)
    scheduler.engine.residentsPerGPU = chance(0.3) ? 2 : 1
    scheduler.coldStart = Schedulers.coldStart(
      container: 1_000_000, runtime: 2_000_000, engineInit: 3_000_000,
      loader: pick([nil, 5e8]), overlapsFetch: chance(0.5))
    if chance(0.6) { vary(&scheduler.coldStart) }
    if seed % 6 == 4 { consolidate(&scheduler) }
    // Replicas that come and go, and take weights from each other.
    if seed % 6 == 5, scheduler.coldStart.peers != .none {
      scheduler.parallelism = Schedulers.plan(tensor: 1, stages: 1)
      scheduler.scaling = SwingingScaling(interval: 23_000_000, replicas: 3, seed: seed)
    }
    return scheduler
  }

  /// Pipelines that end on one stage.
  private mutating func consolidate(_ scheduler: inout SchedulerSpecification) {
    scheduler.engine.residentsPerGPU = 1
    scheduler.scaling = Schedulers.queue(
      max: pick([1, 3]), keepAlive: pick([0, 5_000_000, 100_000_000]), requestsPerReplica: 4)
    let tensor = pick([1, 1, 2])
    scheduler.parallelism = Schedulers.consolidating(
      [PlanShape(tensor: tensor, stages: pick([2, 3, 4]))], endTensor: pick([1, tensor, tensor]),
      moves: chance(0.5), domainRequired: false)
  }

  /// More phases than the plain ones, and more of them side by side.
  private mutating func vary(_ coldStart: inout ColdStartSpecification) {
    coldStart.nodeProvision = pick([0, 4_000_000])
    coldStart.warmNodes = pick([nil, 1])
    coldStart.imageBytes = pick([0, 400_000])
    coldStart.processGroup = pick([0, 500_000])
    coldStart.peerCheck = pick([0, 100_000])
    coldStart.compile = pick([0, 2_000_000])
    coldStart.capture = pick([0, 1_000_000])
    coldStart.warmUp = pick([0, 300_000])
    coldStart.streamsLoad = chance(0.5)
    coldStart.overlapsCompile = chance(0.5)
    coldStart.overlapsCapture = chance(0.5)
    coldStart.blocks = pick([3, 8])
    coldStart.hostCacheBytes = pick([0, 0, 50_000, 1_000_000_000])
    coldStart.storageCacheBytes = pick([0, 1_000_000_000])
    coldStart.peers = pick([.none, .chain, .binomial])
  }
}
