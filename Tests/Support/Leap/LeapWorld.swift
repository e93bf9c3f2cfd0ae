import EventKernel
import Hardware
import Inference
public import Serving
import Workload

/// A small scenario in which leaps matter, with everything drawn: answers of up to several hundred
/// tokens beside short ones, instants that coincide, pools that run out, links that change.
///
/// All times are multiples of a tick, about one step of the whole model on one GPU, or deliberately
/// not.
public struct LeapWorld: Sendable {
  /// What everything was drawn from.
  public let seed: UInt64
  /// The scenario; it has one scheduler.
  public let scenario: Scenario
  /// Which replication to run.
  public let replication: Int

  /// The world of a seed.
  public init(seed: UInt64) {
    var draws = LeapDraws(seed: seed)
    self.seed = seed
    var scenario = draws.scenario()
    draws.shareBlocks(&scenario)
    self.scenario = scenario
    replication = draws.pick([0, 0, 1, 2])
  }

  /// The run that is compared with itself.
  public var simulation: Simulation {
    Simulation(scenario: scenario, scheduler: 0, replication: replication)
  }
}

/// The draws of one world, in the order in which they are made.
struct LeapDraws {
  /// What a world is bent to, so that it surely happens often enough.
  enum Theme {
    /// Nothing.
    case plain
    /// Equal replicas with equal requests: their steps end at the same instants.
    case lockstep
    /// Many sequences and few KV blocks: some lose theirs.
    case crowded
    /// Replicas that start over the links over which others serve.
    case fetching
  }

  private var generator: SeededGenerator
  let seed: UInt64
  /// What this world is bent to.
  let theme: Theme
  /// What a whole-model step takes on one GPU, about, in nanoseconds; 0: no time at all.
  private(set) var step: Nanoseconds = 0
  /// The unit of all other times, in nanoseconds.
  private(set) var tick: Nanoseconds = 0
  /// The end of the arrivals, in nanoseconds.
  private(set) var duration: Nanoseconds = 0
  /// KV tokens of the longest request that the traffic may bring.
  var longestRequest = 0

  init(seed: UInt64) {
    self.seed = seed
    generator = SeededGenerator(state: seed &* 0x9e37_79b9_7f4a_7c15 &+ 0x51ab)
    let themes: [Theme] = [
      .plain, .plain, .plain, .plain, .plain, .lockstep, .crowded, .fetching, .fetching,
    ]
    theme = themes[Int.random(in: 0..<themes.count, using: &generator)]
  }

  mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &generator)]
  }

  mutating func chance(_ share: Double) -> Bool {
    Double.random(in: 0..<1, using: &generator) < share
  }

  mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &generator)
  }

  /// Some ticks.
  mutating func ticks(_ counts: [Int]) -> Nanoseconds { Nanoseconds(pick(counts)) * tick }

  /// Seconds of so many nanoseconds.
  func seconds(_ nanoseconds: Nanoseconds) -> Double { Double(nanoseconds) / 1e9 }

  mutating func scenario() -> Scenario {
    // Round steps meet at one instant; very short ones are outweighed by hops.
    step = pick(
      theme == .plain
        ? [1_000_000, 1_000_000, 1_000_000, 1_000_003, 1_000_003, 40_000, 40_000, 8, 0, 0]
        : [1_000_000, 1_000_000, 1_000_000, 40_000])
    tick = max(1_000, step)
    // Answers to a closed loop come a tick apart at least, however short the steps are.
    duration = ticks(step < tick ? [60, 150] : [60, 150, 150, 300, 600])
    let models = (0..<pick([1, 1, 1, 2])).map { model("m\($0)") }
    var traffic: [LeapTraffic] = models.indices.map { self.traffic(model: $0, number: $0) }
    for _ in 0..<pick([0, 0, 0, 1, 1, 2]) {
      traffic.append(self.traffic(model: number(0...models.count - 1), number: traffic.count))
    }
    let shapes = self.shapes()
    let machines = cluster(for: shapes)
    let scheduler = self.scheduler(shapes, models: models)
    let warmup = pick([0, 0, duration / 3])
    var scenario = Scenario(
      name: "leap", seed: seed, duration: duration, warmup: warmup,
      drainLimit: pick([0, tick * 17 + tick / 3, tick * 2_000, tick * 2_000, tick * 2_000]),
      sampleInterval: pick([0, 0, tick * 5, tick * 7 + 1, duration / 13 + 1]),
      cluster: machines, background: theme == .plain && chance(0.4) ? background() : nil,
      models: models, workloads: traffic.map(\.workload),
      source: MergedRequests(traffic.map { $0.source(duration: duration) }),
      schedulers: [scheduler])
    if chance(0.15) { limitTenant(&scenario) }
    return scenario
  }

  /// All models belong to one tenant, who may hold one replica or a few.
  private mutating func limitTenant(_ scenario: inout Scenario) {
    for model in scenario.models.indices { scenario.models[model].tenant = "t" }
    let largest = scenario.schedulers[0].parallelism.allPlans.map(\.gpuCount).max() ?? 1
    scenario.quotas = [TenantQuota(tenant: "t", gpus: largest * pick([1, 1, 2]))]
  }

  /// The plans that a scheduler may take, the most wanted first.
  private mutating func shapes() -> [PlanShape] {
    let single = PlanShape(tensor: 1, stages: 1)
    // Beside each other, replicas of both kinds end steps at the same instants.
    let mixed = [PlanShape(tensor: 1, stages: 2), single]
    if theme == .lockstep, chance(0.4) { return mixed }
    if theme == .fetching {
      return [
        pick([
          PlanShape(tensor: 2, stages: 1), PlanShape(tensor: 1, stages: 2),
          PlanShape(tensor: 1, stages: 3), PlanShape(tensor: 1, stages: 4),
          PlanShape(tensor: 2, stages: 2), PlanShape(tensor: 2, stages: 3),
        ])
      ]
    }
    let shape = pick([
      single, single, single, PlanShape(tensor: 2, stages: 1), PlanShape(tensor: 4, stages: 1),
      PlanShape(tensor: 1, stages: 2), PlanShape(tensor: 1, stages: 2),
      PlanShape(tensor: 1, stages: 3), PlanShape(tensor: 1, stages: 4),
      PlanShape(tensor: 1, stages: pick([5, 6, 7, 8])), PlanShape(tensor: 2, stages: 2),
      PlanShape(tensor: 2, stages: 4), PlanShape(tensor: 1, stages: 2, layers: [3, 5]),
      PlanShape(tensor: 1, stages: 3, deal: .balanced(for: pick(ReferenceStep.allCases))),
      PlanShape(
        tensor: pick([1, 2]), stages: 2, virtualStages: 2,
        topology: pick(StageTopology.allCases)),
    ])
    return chance(0.15) ? ([shape] + mixed).uniqued() : [shape]
  }

  /// Machines with room for one replica at least, and cards that a fetch keeps busy for a while.
  private mutating func cluster(for shapes: [PlanShape]) -> ClusterSpecification {
    let isFetching = theme == .fetching
    // Three GPUs for a replica of both kinds, where there are two kinds.
    if theme == .lockstep, shapes.count > 1 { return Machines.cluster(gpus: pick([3, 5])) }
    let gpus = pick(isFetching ? [1, 1, 2] : [1, 2, 4, 4, 8])
    let wanted = (shapes.map(\.gpuCount).max() ?? 1) * (theme == .plain ? 1 : 3)
    let nodes = max((wanted + gpus - 1) / gpus, pick([1, 2, 2, 3, 4]))
    let weights = Double(Models.architecture().weightBytes(.bf16))
    let fetch = seconds(ticks([5, 30, 30, 120]))
    var cluster = Machines.cluster(
      nodes: nodes, gpus: gpus, nvlink: pick([.none, .pairs, .switch]), nics: pick([1, 1, 2]),
      nicBandwidth: weights / fetch,
      store: pick(isFetching ? [1e14] : [1e14, weights / fetch, nil]),
      nodesPerLeaf: pick([1, 2, 8]), storage: weights / fetch)
    if chance(0.25) { addSwitches(&cluster) }
    if chance(0.15) { slowCards(&cluster) }
    // A way so long that several messages are under way at once.
    let message = pick([5_000, 5_000, Double(tick)])
    for node in cluster.nodes.indices {
      cluster.nodes[node].gpu.networkMessageNanoseconds = message
      cluster.nodes[node].gpu.pcieBandwidthBytesPerSecond = max(1e9, 2 * weights / fetch)
      cluster.nodes[node].gpu.pcie.messageBytesPerSecond =
        cluster.nodes[node].gpu.pcieBandwidthBytesPerSecond
    }
    return cluster
  }

  /// Cards over which a token takes about as long as a step.
  private mutating func slowCards(_ cluster: inout ClusterSpecification) {
    let rate = Double(Models.hopBytesPerToken) / seconds(tick) * pick([0.5, 2, 5])
    for node in cluster.nodes.indices { cluster.nodes[node].nicBandwidthBytesPerSecond = rate }
  }

  /// GPUs below PCIe switches, over which weights are loaded; no GPUDirect; another kind of GPU.
  private mutating func addSwitches(_ cluster: inout ClusterSpecification) {
    let rate = cluster.nodes[0].nicBandwidthBytesPerSecond
    let switches = PCIeTopology(
      gpusPerSwitch: 2, uplinkBytesPerSecond: 2 * rate, hostBridgeCount: pick([0, 1]),
      hostBridgeBytesPerSecond: 3 * rate, isPeerToPeer: chance(0.5))
    let hasGPUDirect = chance(0.5)
    let isMixed = chance(0.5)
    for node in cluster.nodes.indices {
      cluster.nodes[node].pcie = switches
      cluster.nodes[node].hasGPUDirect = hasGPUDirect
      if isMixed, node % 2 == 1 { cluster.nodes[node].gpu = .h100SXM }
    }
  }

  private mutating func background() -> BackgroundSpecification {
    if chance(0.3) {
      return BackgroundSpecification(
        demands: (0..<30).map { index in
          BackgroundDemand(
            time: Nanoseconds(index / 3) * tick * 20, gpus: Int32(1 + index % 2),
            lifetime: tick * 9)
        })
    }
    var background = BackgroundSpecification(
      occupancy: pick([0.2, 0.5, 0.8]),
      sizes: [BackgroundSize(gpus: 1, share: 1)],
      lifetimeSeconds: pick([
        .exponential(mean: seconds(tick * 40)), .constant(seconds(tick * 25)),
      ]))
    if chance(0.3) {
      background.schedule = [
        OccupancyStep(time: tick * 30, occupancy: pick([0, 0.9])),
        OccupancyStep(time: tick * 90, occupancy: 0.4),
      ]
    }
    if chance(0.3) {
      let policy = pick(PolicyCatalogue.builtIn.placement)
      background.placement = TenantPlacement(policy, OptionValues(defaultsOf: policy.options))
    }
    return background
  }
}

extension [PlanShape] {
  /// Each shape once, the first place kept.
  fileprivate func uniqued() -> [PlanShape] {
    reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
