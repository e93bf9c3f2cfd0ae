import EventKernel
import Inference
import Serving

extension LeapDraws {
  /// A scheduler with a policy of the catalogue for each decision.
  mutating func scheduler(_ shapes: [PlanShape], models: [ServedModel]) -> SchedulerSpecification {
    let policies = PolicyCatalogue.builtIn
    var scheduler = SchedulerSpecification(name: "s", parallelism: parallelism(shapes))
    scheduler.batching = draw(policies.batching)
    scheduler.routing = draw(policies.routing)
    scheduler.queue = draw(policies.queue)
    scheduler.admission = draw(policies.admission)
    scheduler.placement = draw(policies.placement)
    scheduler.scaling = scaling()
    if theme != .lockstep { scheduler.scaling = clocked() ?? scheduler.scaling }
    scheduler.allocation = allocation()
    scheduler.engine = engine(isShared: models.count > 1 && chance(0.3))
    scheduler.coldStart = Schedulers.coldStart(
      container: ticks([0, 1, 5]), runtime: ticks([0, 2]), engineInit: ticks([0, 3]),
      loader: nil, overlapsFetch: chance(0.5))
    if chance(0.4) { vary(&scheduler.coldStart) }
    if seed % 5 == 2 { consolidate(&scheduler, shapes) }
    scheduler.keepAlive = keepAlive(scheduler)
    return scheduler
  }

  /// Pipelines that end on one stage, and rungs that are waited for.
  private func consolidate(_ scheduler: inout SchedulerSpecification, _ shapes: [PlanShape]) {
    let pipelines = shapes.filter { $0.stages > 1 && $0.virtualStages == 1 }
    guard let first = pipelines.first, scheduler.engine.residentsPerGPU == 1 else { return }
    if seed % 3 == 0 {
      var values = OptionValues(defaultsOf: LadderParallelism.options)
      values["plans"] = .plans([first, PlanShape(tensor: 1, stages: 1)])
      values["patience"] = .durations([max(tick, 1) * Nanoseconds(1 + seed % 9)])
      values["domain"] = .choice("preferred")
      scheduler.parallelism = LadderParallelism(values)
      return
    }
    let end = seed % 4 < 3 ? first.tensor : 3 - min(2, first.tensor)
    scheduler.parallelism = Schedulers.consolidating(
      pipelines, endTensor: end, moves: seed % 2 == 0,
      allSurvive: seed % 7 < 3 && pipelines.allSatisfy { $0.tensor == end },
      domainRequired: false)
  }

  /// More phases than the plain ones, and more of them side by side.
  private mutating func vary(_ coldStart: inout ColdStartSpecification) {
    coldStart.nodeProvision = ticks([0, 4])
    coldStart.warmNodes = pick([nil, 0, 1])
    coldStart.imageBytes = pick([0, 40_000])
    coldStart.processGroup = ticks([0, 1])
    coldStart.compile = ticks([0, 2])
    coldStart.capture = ticks([0, 1, 3])
    coldStart.warmUp = ticks([0, 1])
    coldStart.streamsLoad = chance(0.5)
    coldStart.overlapsCompile = chance(0.5)
    coldStart.overlapsCapture = chance(0.5)
    coldStart.blocks = pick([2, 5])
    coldStart.hostCacheBytes = pick([0, 0, 50_000, 1_000_000_000])
    coldStart.storageCacheBytes = pick([0, 0, 1_000_000_000])
    coldStart.peers = pick([.none, .none, .chain, .binomial])
  }

  /// Backfill in most worlds.
  private mutating func allocation() -> AllocationSpecification {
    if chance(0.6) { return AllocationSpecification() }
    return chance(0.4)
      ? AllocationSpecification(order: .inOrder)
      : AllocationSpecification(patience: ticks([0, 3, 20]))
  }

  /// In four worlds of nine an autoscaler with a clock, its times in the world's own unit.
  private func clocked() -> (any ScalingPolicy)? {
    let kinds = PolicyCatalogue.builtIn.scaling.dropFirst(2)
    let place = Int(seed / 9) % (kinds.count + 2)
    guard [1, 3, 5, 7].contains(seed % 9) else { return nil }
    let unit = max(tick, 1)
    if place < 2 {
      return SwingingScaling(
        interval: unit * Nanoseconds(3 + seed % 40), replicas: Int(1 + seed % 3), seed: seed)
    }
    let type = kinds[kinds.startIndex + place - 2]
    var values = OptionValues(defaultsOf: type.options)
    for option in type.options {
      if let value = value(of: option, unit) { values[option.key] = value }
    }
    return type.init(values)
  }

  /// A value of an autoscaler's option that matters in this world; nil for its default.
  private func value(of option: OptionDescription, _ unit: Nanoseconds) -> OptionValue? {
    switch (option.key, option.kind) {
    case ("min", _), ("initial", _): .integer(Int64(seed / 90 % 2))
    case ("max", _): .integer(Int64(1 + seed % 4))
    case ("replicas", _): .integers([1, 2, 0, Int64(seed % 4)])
    case ("target", _), ("targetOngoingRequests", _), ("containerConcurrencyTargetDefault", _):
      .number(Double(1 + seed % 3))
    case ("requestsPerSecond", _): .number(0.1e9 / Double(unit))
    case ("prefillTokensPerSecond", _), ("decodeTokensPerSecond", _):
      .number(1e9 / Double(unit))
    case ("stableWindow", _): .duration(unit * 24)
    case ("scaleDownWindow", _): .duration(unit * 30)
    case ("tick", _): .duration(unit * 2)
    case ("ahead", _): .duration(0)
    case (_, .duration): .duration(unit * Nanoseconds(2 + seed % 9))
    default: nil
    }
  }

  /// In four worlds of eight another keep-alive policy than a time, in the world's own unit.
  private func keepAlive(_ scheduler: SchedulerSpecification) -> (any KeepAlivePolicy)? {
    let unit = max(tick, 1)
    switch seed % 8 {
    case 2: return LeastRecentlyUsedKeepAlive()
    case 4:
      var values = OptionValues(defaultsOf: HistogramKeepAlive.options)
      values["bin"] = .duration(unit)
      values["range"] = .duration(unit * 50)
      values["leastObservations"] = .integer(2)
      values["leastVariation"] = .number(0)
      values["fallback"] = .duration(unit * 20)
      return HistogramKeepAlive(values)
    case 0, 6:
      guard scheduler.engine.residentsPerGPU == 1, scheduler.parallelism.consolidation == nil,
        !scheduler.engine.keyValue.sharesPrefixes
      else { return nil }
      return Schedulers.tiered(
        awake: unit * 3, host: unit * Nanoseconds(seed % 40), storage: unit * 30,
        bytesPerSecond: seed % 16 < 8 ? 1e12 : 50_000 * 1e9 / Double(unit), overhead: unit / 3,
        underPressure: seed % 3 == 0 ? "keep" : "release")
    default: return nil
    }
  }

  private mutating func scaling() -> any ScalingPolicy {
    if theme == .lockstep || theme != .fetching && chance(0.5) {
      return Schedulers.fixed(pick(theme == .lockstep ? [2, 3] : [1, 2, 3]))
    }
    let isFetching = theme == .fetching
    return Schedulers.queue(
      min: isFetching ? 1 : pick([0, 0, 1]), max: pick(isFetching ? [2, 4] : [1, 2, 4]),
      initial: isFetching ? 1 : pick([nil, nil, 1]),
      keepAlive: pick([0, tick * 4, tick * 100]), requestsPerReplica: pick([1, 2, 8]))
  }

  private mutating func parallelism(_ shapes: [PlanShape]) -> any ParallelismPolicy {
    if shapes.count == 1, chance(0.8) {
      return Schedulers.plan(shapes[0], domainRequired: false)
    }
    var values = OptionValues(defaultsOf: LadderParallelism.options)
    values["plans"] = .plans(shapes)
    values["domain"] = .choice("preferred")
    return LadderParallelism(values)
  }

  private mutating func engine(isShared: Bool) -> EngineSpecification {
    var engine = EngineSpecification()
    engine.blockTokens = pick([1, 4, 16])
    let longest = (longestRequest + engine.blockTokens - 1) / engine.blockTokens
    engine.keyValueBlocks = pick(
      theme == .crowded
        ? [longest + 1, longest * 3 / 2]
        : [10_000, 10_000, longest + 1, longest * 3 / 2, longest * 2, longest * 2 / 3 + 1])
    engine.asynchronousHops = chance(0.8)
    engine.pricedHops = chance(theme == .lockstep ? 0.4 : 0.75)
    engine.simulatedHops = engine.asynchronousHops && engine.pricedHops && chance(0.15)
    engine.residentsPerGPU = isShared ? 2 : 1
    return engine
  }

  /// One of the policies, with the options that bear on steps drawn and the others as they come.
  private mutating func draw(_ policies: [any BatchingPolicy.Type]) -> any BatchingPolicy {
    let type = pick(policies + policies.prefix(1))
    return type.init(values(of: type.options))
  }

  private mutating func draw(_ policies: [any RoutingPolicy.Type]) -> any RoutingPolicy {
    let type = pick(policies)
    return type.init(values(of: type.options))
  }

  private mutating func draw(_ policies: [any PlacementPolicy.Type]) -> any PlacementPolicy {
    let type = pick(policies)
    return type.init(values(of: type.options))
  }

  /// Everybody in half of the worlds: whoever is refused is nowhere else.
  private mutating func draw(_ policies: [any AdmissionPolicy.Type]) -> any AdmissionPolicy {
    let type = pick(policies + [policies[0]])
    return type.init(values(of: type.options))
  }

  private mutating func draw(_ policies: [any QueuePolicy.Type]) -> any QueuePolicy {
    let type = pick(policies)
    return type.init(values(of: type.options))
  }

  private mutating func values(of options: [OptionDescription]) -> OptionValues {
    var values = OptionValues(defaultsOf: options)
    for option in options {
      switch (option.key, option.kind) {
      case ("maxBatchedTokens", _), ("tokenBudget", _):
        values[option.key] = .integer(pick([3, 8, 32, 128, 128]))
      case ("maxSequences", _):
        let counts: [Int64] =
          switch theme {
          case .crowded: [4, 16, 64]
          // Few at once, so that others must start.
          case .fetching: [1, 2, 4]
          default: [1, 2, 4, 16, 64]
          }
        values[option.key] = .integer(pick(counts))
      case ("depth", _):
        values[option.key] = pick([nil, nil, .integer(1), .integer(2), .integer(5)])
      case ("chunkTokens", _), ("maxPrefillTokens", _):
        values[option.key] = .integer(pick([8, 32, 128]))
      case ("minPrefillTokens", _), ("pageTokens", _), ("iterations", _):
        values[option.key] = .integer(pick([1, 3, 8]))
      case ("maxDecodes", _), ("peakBatch", _): values[option.key] = .integer(pick([1, 4, 16, 64]))
      case ("predictor", _): values[option.key] = .choice(pick(["oracle", "constant"]))
      case ("predictionError", _): values[option.key] = .number(pick([0, 0.5]))
      case ("cap", _): values[option.key] = pick([nil, nil, .integer(1), .integer(3)])
      case ("watermark", _): values[option.key] = .number(pick([0, 0.01, 0.2]))
      case ("microbatches", _): values[option.key] = pick([nil, nil, .integer(1), .integer(3)])
      case ("ttft", _): values[option.key] = pick([nil, .duration(tick * 30), .duration(tick * 5)])
      case ("rate", _): values[option.key] = .number(pick([20, 200, 2_000]) / seconds(tick * 100))
      case ("burst", _): values[option.key] = .number(pick([100, 500, 2_000]))
      case ("counts", _): values[option.key] = pick([.choice("tokens"), .choice("prompt")])
      case ("ageing", _):
        values[option.key] = pick([nil, .duration(0), .duration(tick), .duration(tick * 40)])
      case ("by", _):
        values[option.key] = pick([.choice("prompt"), .choice("output"), .choice("total")])
      case ("weights", _): values[option.key] = pick([nil, .tenants(["a": 3, "w0": 0.3])])
      case (_, .flag): values[option.key] = .flag(chance(0.5))
      default: break
      }
    }
    return values
  }
}
