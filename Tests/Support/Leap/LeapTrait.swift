import EventKernel
import Hardware
import Inference
import Serving
import Workload

/// What a world can be for: an equality that holds where none of this happens says little.
public enum LeapTrait: String, Sendable, CaseIterable {
  // How the model is cut.
  case oneStage, pipeline, deepPipeline, unevenPipeline, tensor, hybrid, acrossNodes, ladder
  case balanced, virtualStages
  // What steps cost.
  case constant, stochastic, drawnStages, table, measuredHops, contextSlope, roofline, window
  case experts, withoutTime
  // How batches are formed.
  case formsWhenever, oneInFlight, manyInFlight, moreThanBudget, chunks, groups
  case blocksOfOne, blocksOfFour, blocksOfSixteen
  // How hops and GPUs behave.
  case freeHops, blockingHops, flowHops, slowHops, sharedGPUs, switches, mixedGPUs
  // Who comes.
  case severalModels, bursts, wholeTicks, closedLoop, sessions, echoes, longAnswers, warmup
  case background, replication
  // What happened.
  case severalReplicas, preemption, rejection, unfinished, cutWhileServed, samples, coldStart
  case cachedPrefix, watermark, swapping, tiers, movedBlocks
  case draining, resumed, cancelledStart
  case keepAlive, fetchBesideHops, fetchBesideCollectives, endsTogether, arrivesAtEnd
}

extension LeapWorld {
  /// Everything that the world is for, given what came of it.
  public func traits(_ run: JournalledRun) -> Set<LeapTrait> {
    var traits = planTraits.union(modelTraits).union(engineTraits).union(trafficTraits)
    traits.formUnion(happened(run))
    return traits
  }

  private var scheduler: SchedulerSpecification { scenario.schedulers[0] }

  private func traits(_ pairs: (LeapTrait, Bool)...) -> Set<LeapTrait> {
    Set(pairs.filter(\.1).map(\.0))
  }

  private var planTraits: Set<LeapTrait> {
    let plans = scheduler.parallelism.allPlans
    let largest = plans[0]
    let widest = scenario.cluster.nodes.map(\.gpuCount).max() ?? 0
    return traits(
      (.oneStage, largest.stages == 1), (.pipeline, largest.stages > 1),
      (.deepPipeline, largest.stages > 4), (.unevenPipeline, largest.layers != nil),
      (.tensor, largest.tensor > 1 && largest.stages == 1),
      (.hybrid, largest.tensor > 1 && largest.stages > 1),
      (.acrossNodes, largest.tensor > widest), (.ladder, plans.count > 1),
      (.balanced, largest.deal != .even), (.virtualStages, largest.virtualStages > 1))
  }

  private var modelTraits: Set<LeapTrait> {
    scenario.models.reduce(into: []) { result, model in
      switch model.cost {
      case .constant(let cost):
        result.formUnion(traits((.constant, true), (.withoutTime, cost.baseNanoseconds == 0)))
      case .stochastic(let cost):
        result.formUnion(traits((.stochastic, true), (.drawnStages, cost.perStage)))
      case .table(let cost):
        result.formUnion(
          traits(
            (.table, true), (.measuredHops, !cost.stages[0].hop.isEmpty),
            (.contextSlope, cost.stages[0].nanosecondsPerContextToken > 0)))
      case .roofline:
        result.formUnion(
          traits(
            (.roofline, true), (.window, model.architecture.effectiveWindow != nil),
            (.experts, model.architecture.experts != nil)))
      }
    }
  }

  private var engineTraits: Set<LeapTrait> {
    let engine = scheduler.engine
    let batching = scheduler.batching
    let stages = scheduler.parallelism.allPlans[0].stages
    let depth = batching.depth(stages: stages)
    let isPipeline = stages > 1
    return traits(
      (.formsWhenever, !batching.waitsForOldest), (.oneInFlight, isPipeline && depth == 1),
      (.manyInFlight, depth > stages), (.groups, batching is StaticBatching && depth > 1),
      (.moreThanBudget, batching.maximumSequences > batching.maximumTokens),
      (.blocksOfOne, engine.blockTokens == 1), (.blocksOfFour, engine.blockTokens == 4),
      (.blocksOfSixteen, engine.blockTokens == 16),
      (.freeHops, isPipeline && !engine.pricedHops),
      (.blockingHops, isPipeline && !engine.asynchronousHops),
      (.flowHops, isPipeline && engine.simulatedHops), (.sharedGPUs, engine.residentsPerGPU > 1),
      (.switches, scenario.cluster.nodes[0].pcie.gpusPerSwitch > 1),
      (.mixedGPUs, Set(scenario.cluster.nodes.map(\.gpu.name)).count > 1))
  }

  private var trafficTraits: Set<LeapTrait> {
    var result = traits(
      (.severalModels, scenario.models.count > 1), (.warmup, scenario.warmup > 0),
      (.background, scenario.background != nil), (.replication, replication > 0))
    for workload in scenario.workloads {
      guard let drawn = workload.drawn else { continue }
      result.formUnion(traits((.sessions, drawn.sessions != nil)))
      switch drawn.arrivals {
      case .burst: result.insert(.bursts)
      case .instants(let instants): result.insert(instants.isEmpty ? .echoes : .wholeTicks)
      case .closedLoop: result.insert(.closedLoop)
      default: break
      }
    }
    return result
  }

  private func happened(_ run: JournalledRun) -> Set<LeapTrait> {
    let requests = run.requests
    let completed = requests.filter { $0.status == .completed }
    let ends = Dictionary(grouping: completed, by: \.end)
    let arrivals = Set(requests.map(\.arrival))
    let serving = run.replicas.filter { $0.requestsCompleted > 0 }
    let budget = Int32(scheduler.batching.maximumTokens)
    return traits(
      (.severalReplicas, serving.count > 1), (.preemption, run.summary.preemptions > 0),
      (.rejection, run.summary.rejected > 0), (.unfinished, run.summary.unfinished > 0),
      (.cutWhileServed, requests.contains { $0.status == .unfinished && $0.attempts > 0 }),
      (.samples, run.samples.count > 2),
      (.slowHops, requests.contains { $0.parts.commPipeline > $0.parts.compute }),
      (.coldStart, run.replicas.contains { !$0.initial && $0.ready != nil }),
      (
        .keepAlive, run.replicas.contains { $0.ready != nil && $0.released < run.summary.simulated }
      ),
      (.draining, run.stages.contains { $0.draining > 0 }),
      (.resumed, run.scalings.contains { $0.draining > 0 && $0.desired > $0.ready + $0.starting }),
      (
        .cancelledStart,
        run.replicas.contains {
          $0.granted != nil && $0.ready == nil && $0.released < run.summary.simulated
        }
      ),
      (.fetchBesideHops, fetchesBeside(run, \.hopBytes) { $0.stages > 1 }),
      (.fetchBesideCollectives, fetchesBeside(run, \.collectiveBytes) { $0.tensor > 1 }),
      (.endsTogether, ends.values.contains { Set($0.map(\.replicaID)).count > 1 }),
      (.arrivesAtEnd, ends.keys.contains { arrivals.contains($0) }),
      (.watermark, scheduler.engine.keyValue.watermark > 0),
      (.swapping, scheduler.engine.keyValue.preemption == .swap && run.summary.preemptions > 0),
      (.tiers, !scheduler.engine.keyValue.tiers.isEmpty),
      (.movedBlocks, requests.contains { $0.parts.commKV > 0 }),
      (.cachedPrefix, requests.contains { $0.cachedTokens > 0 }),
      (.longAnswers, completed.contains { $0.outputTokens >= 100 }),
      (.chunks, completed.contains { $0.promptTokens > budget }))
  }

  /// Whether weights were fetched over a link that carried something else too, while a replica of
  /// some kind served.
  private func fetchesBeside(
    _ run: JournalledRun, _ bytes: KeyPath<LinkRecord, Int64>,
    _ isOfKind: (ReplicaRecord) -> Bool
  ) -> Bool {
    guard run.links.contains(where: { $0.bulkBytes > 0 && $0[keyPath: bytes] > 0 }) else {
      return false
    }
    return run.replicas.contains { serving in
      guard isOfKind(serving), serving.requestsCompleted > 0, let ready = serving.ready else {
        return false
      }
      return run.replicas.contains { other in
        guard let begin = other.runtimeEnd ?? other.granted, let end = other.loadEnd else {
          return false
        }
        return begin < serving.released && end > ready
      }
    }
  }
}

/// How many of many worlds are for what.
public struct LeapCoverage: Sendable {
  /// Worlds run.
  public private(set) var worlds = 0
  /// Worlds in which leaping left out more than half of the events.
  public private(set) var leaping = 0
  /// Worlds of each trait.
  public private(set) var counts: [LeapTrait: Int] = [:]
  /// Worlds of each batching, routing, placement, scaling and parallelism policy.
  public private(set) var policies: [String: Int] = [:]

  /// Nothing yet.
  public init() {}

  /// Counts a world that ran with and without leaps.
  public mutating func add(_ world: LeapWorld, leaping run: JournalledRun, stepping: JournalledRun)
  {
    worlds += 1
    if 2 * run.summary.events < stepping.summary.events { leaping += 1 }
    for trait in world.traits(stepping) { counts[trait, default: 0] += 1 }
    let scheduler = world.scenario.schedulers[0]
    var chosen: [(String, any Policy)] = [
      ("parallelism", scheduler.parallelism), ("placement", scheduler.placement),
      ("scaling", scheduler.scaling), ("routing", scheduler.routing),
      ("queue", scheduler.queue), ("admission", scheduler.admission),
      ("batching", scheduler.batching),
    ]
    if scheduler.scaling.keepAlive != nil {
      chosen.append(("keepAlive", scheduler.keepAlive ?? FixedKeepAlive()))
    }
    for (kind, policy) in chosen {
      policies["\(kind) \(type(of: policy).name)", default: 0] += 1
    }
  }

  /// Counts what another part of the worlds counted.
  public mutating func add(_ other: LeapCoverage) {
    worlds += other.worlds
    leaping += other.leaping
    counts.merge(other.counts, uniquingKeysWith: +)
    policies.merge(other.policies, uniquingKeysWith: +)
  }

  /// The traits, and the built-in policies, of which there are fewer worlds than this.
  public func rarer(than least: Int) -> [String] {
    let traits = LeapTrait.allCases.filter { counts[$0, default: 0] < least }
    let names = PolicyCatalogue.builtIn.kinds.flatMap { kind in
      kind.policies.map { "\(kind.key) \($0.name)" }
    }
    return traits.map { "\($0.rawValue): \(counts[$0, default: 0])" }
      + names.filter { policies[$0, default: 0] < least }.map {
        "\($0): \(policies[$0, default: 0])"
      }
  }
}
