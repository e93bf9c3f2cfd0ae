import Hardware
import JSON
import Serving

extension ScenarioDecoding {
  /// A scheduler as far as it could be read, and what the checks of its plans need.
  struct Scheduler {
    var specification: SchedulerSpecification?
    var parallelism: (policy: any ParallelismPolicy, choice: PolicyChoice)?
    var batching: (any BatchingPolicy)?
    var placement: PolicyChoice?
    var scaling: (policy: any ScalingPolicy, choice: PolicyChoice)?
    var keepAlive: PolicyChoice?
    var routing: (policy: any RoutingPolicy, choice: PolicyChoice)?
    var admission: (policy: any AdmissionPolicy, choice: PolicyChoice)?
    var queue: (policy: any QueuePolicy, choice: PolicyChoice)?
    var engine: EngineSpecification?
    var engineReader: ObjectReader?
    var coldStartReader: ObjectReader?
  }

  /// The schedulers, each laid over `defaults`.
  func schedulers(_ root: ObjectReader) -> [Scheduler]? {
    let defaults = root.value("defaults")
    if let defaults { checkDefaults(defaults) }
    guard let readers = root.objects("schedulers", of: "schedulers") else { return nil }
    var schedulers: [Scheduler] = []
    var canonical: [CanonicalValue] = []
    for reader in readers {
      let layered =
        if let defaults {
          ObjectReader(
            [reader.located, defaults].compactMap { $0 }, faults: faults, isPartial: false)
        } else { reader }
      let name = layered.ownName == nil ? nil : layered.name("name")
      if layered.ownName == nil { layered.missing("name", needed: "a name of 1 to 200 characters") }
      schedulers.append(scheduler(layered, name: name))
      canonical.append(.object(layered.canonical))
    }
    checkNames(readers)
    root.keep("schedulers", .array(canonical))
    return schedulers
  }

  /// Checks `defaults` by itself, so that a fault that every scheduler hides is told too.
  private func checkDefaults(_ defaults: ObjectReader.Located) {
    guard case .object = defaults.node.value else {
      faults.add(
        .unfit(found: defaults.node.found, needed: "an object"), at: defaults.path,
        from: defaults.node.origin)
      return
    }
    _ = scheduler(ObjectReader([defaults], faults: faults, isPartial: true), name: nil)
  }

  private func scheduler(_ reader: ObjectReader, name: String?) -> Scheduler {
    let admission = choose(
      "admission", catalogue.admission, "all", reader, policy: { $0 }, make: { $0.init($1) })
    let parallelism = choose(
      "parallelism", catalogue.parallelism, "fixed", reader, policy: { $0 }, make: { $0.init($1) })
    let placement = choose(
      "placement", catalogue.placement, "best-fit", reader, policy: { $0 }, make: { $0.init($1) })
    let scaling = choose(
      "scaling", catalogue.scaling, "queue", reader, policy: { $0 }, make: { $0.init($1) })
    let keepAlive = keepAlive(reader, besides: scaling)
    let routing = choose(
      "routing", catalogue.routing, "least-loaded", reader, policy: { $0 }, make: { $0.init($1) })
    let queue = choose(
      "queue", catalogue.queue, "fcfs", reader, policy: { $0 }, make: { $0.init($1) })
    let batching = choose(
      "batching", catalogue.batching, "vllm-v1", reader, policy: { $0 }, make: { $0.init($1) })
    let engine = engine(reader)
    if let batching, let engine { checkTokenBudget(batching, blockTokens: engine.blockTokens) }
    let coldStart = coldStart(reader)
    let allocation = allocation(reader)
    if let keepAlive, let engine, let parallelism {
      checkSleep(reader, keepAlive.policy, engine, parallelism.policy)
    }
    if let engine, let parallelism { checkConsolidation(parallelism, engine) }
    if let scaling { noteScaleUp(scaling.choice) }
    reader.finish()
    var specification: SchedulerSpecification?
    if let name, let parallelism, let placement, let scaling, let routing, let batching,
      let admission, let queue, let engine, let coldStart, let allocation, let keepAlive
    {
      specification = SchedulerSpecification(
        name: name, parallelism: parallelism.policy, batching: batching.policy,
        routing: routing.policy, admission: admission.policy, queue: queue.policy,
        placement: placement.policy, scaling: scaling.policy,
        engine: engine, coldStart: coldStart)
      specification?.allocation = allocation
      specification?.keepAlive = keepAlive.policy
    }
    return Scheduler(
      specification: specification, parallelism: parallelism, batching: batching?.policy,
      placement: placement?.choice, scaling: scaling, keepAlive: keepAlive?.choice,
      routing: routing, admission: admission, queue: queue, engine: engine,
      engineReader: reader.object("engine", .standard(())),
      coldStartReader: reader.object("coldStart", .standard(())))
  }

  /// A micro-batch that may hold less than a KV block of a prompt is a mistake.
  private func checkTokenBudget(
    _ batching: (policy: any BatchingPolicy, choice: PolicyChoice), blockTokens: Int
  ) {
    guard let key = type(of: batching.policy).tokenBudgetKey,
      case .integer(let budget)? = batching.choice.values[key], budget < Int64(blockTokens)
    else { return }
    batching.choice.reader.fault(
      key,
      .unfit(
        found: "\(budget)",
        needed: "at least the tokens of one KV block, \(blockTokens) (engine.blockTokens)"))
  }

  /// The policy of one kind that a scheduler names, created from its checked options.
  func choose<Kind, Made>(
    _ key: String, _ types: [Kind], _ standard: String, _ reader: ObjectReader,
    policy asPolicy: (Kind) -> any Policy.Type, make: (Kind, OptionValues) -> Made
  ) -> (policy: Made, choice: PolicyChoice)? {
    // The compiler knows that each kind is a policy; asking the runtime takes a tenth of a validation.
    guard let choice = policy(key, of: types.map(asPolicy), default: standard, in: reader) else {
      return nil
    }
    return (make(types[choice.index], choice.values), choice)
  }

  /// How hops are priced, by the word that scenarios use.
  private enum Hops: String, CaseIterable {
    case async, blocking, flow, free
  }

  private func engine(_ parent: ObjectReader) -> EngineSpecification? {
    guard let reader = parent.object("engine", .standard(())) else { return nil }
    var engine = EngineSpecification()
    let block = reader.integer("blockTokens", in: 1...4_096, .standard(Int64(engine.blockTokens)))
    let utilization = reader.number(
      "gpuMemoryUtilization", in: .positive(atMost: 1), .standard(engine.gpuMemoryUtilization),
      of: "a share")
    let blocks = reader.integer("keyValueBlocks", in: 1...1_000_000_000, .optional)
    let allReduce: AllReduceImplementation? = reader.choice(
      "allReduce", .standard(engine.allReduce), kind: "an all-reduce")
    let hops: Hops? = reader.choice("hops", .standard(.async), kind: "a kind of hops")
    let residents = reader.integer(
      "residentsPerGPU", in: 1...64, .standard(Int64(engine.residentsPerGPU)))
    let keyValue = keyValue(reader)
    reader.finish()
    parent.keep("engine", .object(reader.canonical))
    guard let block, let utilization, let allReduce, let hops, let residents, let keyValue,
      blocks != nil || !reader.has("keyValueBlocks")
    else { return nil }
    engine.blockTokens = Int(block)
    engine.gpuMemoryUtilization = utilization
    engine.keyValueBlocks = blocks.map { Int($0) }
    engine.allReduce = allReduce
    engine.asynchronousHops = hops != .blocking
    engine.pricedHops = hops != .free
    engine.simulatedHops = hops == .flow
    engine.residentsPerGPU = Int(residents)
    engine.keyValue = keyValue
    return engine
  }
}

extension ObjectReader {
  /// The object itself as a value.
  fileprivate var located: Located? {
    layers.first.map {
      Located(node: JSONNode(value: .object($0.members), origin: $0.origin), path: $0.path)
    }
  }
}
