public import EventKernel
import Inference
public import Serving

/// Policies and schedulers in one line each.
public enum Schedulers {
  /// The token and sequence limits of vLLM's batching.
  ///
  /// A chunk is back before the next one sets out unless `overlapsChunks` says otherwise.
  public static func vllm(
    tokens: Int = 2_048, sequences: Int = 256, overlapsChunks: Bool = false
  ) -> VLLMBatching {
    var values = OptionValues(defaultsOf: VLLMBatching.options)
    values["overlapsChunks"] = .flag(overlapsChunks)
    values["maxBatchedTokens"] = .integer(Int64(tokens))
    values["maxSequences"] = .integer(Int64(sequences))
    return VLLMBatching(values)
  }

  /// A batching policy with some options set.
  public static func batching<Policy: BatchingPolicy>(
    _ type: Policy.Type, _ settings: [String: OptionValue]
  ) -> Policy {
    var values = OptionValues(defaultsOf: Policy.options)
    for option in Policy.options {
      if let value = settings[option.key] { values[option.key] = value }
    }
    return Policy(values)
  }

  /// Batches of up to `sequences` requests in micro-batches, one per stage unless given.
  public static func finite(sequences: Int = 8, microbatches: Int? = nil) -> StaticBatching {
    var values = OptionValues(defaultsOf: StaticBatching.options)
    values["maxSequences"] = .integer(Int64(sequences))
    if let microbatches { values["microbatches"] = .integer(Int64(microbatches)) }
    return StaticBatching(values)
  }

  /// One plan.
  public static func plan(
    tensor: Int, stages: Int, domainRequired: Bool = true
  ) -> FixedParallelism {
    plan(PlanShape(tensor: tensor, stages: stages), domainRequired: domainRequired)
  }

  /// One plan of any shape.
  public static func plan(_ shape: PlanShape, domainRequired: Bool = true) -> FixedParallelism {
    var values = OptionValues(defaultsOf: FixedParallelism.options)
    values["tensor"] = .integer(Int64(shape.tensor))
    values["stages"] = .integer(Int64(shape.stages))
    if let layers = shape.layers { values["layers"] = .integers(layers.map { Int64($0) }) }
    if case .balanced(let step) = shape.deal {
      values["partition"] = .choice("balanced")
      values["balanceFor"] = .choice(step.rawValue)
    }
    if shape.virtualStages > 1 {
      values["virtualStages"] = .integer(Int64(shape.virtualStages))
      values["topology"] = .choice(shape.topology.rawValue)
    }
    values["domain"] = .choice(domainRequired ? "required" : "preferred")
    return FixedParallelism(values)
  }

  /// The first of these plans that can be placed.
  public static func ladder(_ plans: [PlanShape]) -> LadderParallelism {
    var values = OptionValues(defaultsOf: LadderParallelism.options)
    values["plans"] = .plans(plans)
    return LadderParallelism(values)
  }

  /// Pipelines that end on one stage.
  public static func consolidating(
    _ plans: [PlanShape], endTensor: Int = 1, moves: Bool = false, allSurvive: Bool = false,
    domainRequired: Bool = true
  ) -> ConsolidatingParallelism {
    var values = OptionValues(defaultsOf: ConsolidatingParallelism.options)
    values["plans"] = .plans(plans)
    values["endTensor"] = .integer(Int64(endTensor))
    values["requests"] = .choice(moves ? "move" : "finish")
    values["survivors"] = .choice(allSurvive ? "all" : "one")
    values["domain"] = .choice(domainRequired ? "required" : "preferred")
    return ConsolidatingParallelism(values)
  }

  /// A constant number of replicas, up from the start.
  public static func fixed(_ replicas: Int = 1) -> FixedScaling {
    var values = OptionValues(defaultsOf: FixedScaling.options)
    values["replicas"] = .integer(Int64(replicas))
    return FixedScaling(values)
  }

  /// Replicas by what waits.
  public static func queue(
    min: Int = 0, max: Int = 4, initial: Int? = nil, keepAlive: Nanoseconds = 60_000_000_000,
    requestsPerReplica: Int = 16
  ) -> QueueScaling {
    var values = OptionValues(defaultsOf: QueueScaling.options)
    values["min"] = .integer(Int64(min))
    values["max"] = .integer(Int64(max))
    if let initial { values["initial"] = .integer(Int64(initial)) }
    values["keepAlive"] = .duration(keepAlive)
    values["requestsPerReplica"] = .integer(Int64(requestsPerReplica))
    return QueueScaling(values)
  }

  /// Replicas that sleep; overheads of half a millisecond.
  public static func tiered(
    awake: Nanoseconds, host: Nanoseconds, storage: Nanoseconds, bytesPerSecond: Double,
    overhead: Nanoseconds = 500_000, underPressure: String = "release"
  ) -> TieredKeepAlive {
    var values = OptionValues(defaultsOf: TieredKeepAlive.options)
    values["awake"] = .duration(awake)
    values["host"] = .duration(host)
    values["storage"] = .duration(storage)
    values["bytesPerSecond"] = .number(bytesPerSecond)
    values["overhead"] = .duration(overhead)
    values["underPressure"] = .choice(underPressure)
    return TieredKeepAlive(values)
  }

  /// One plan under vLLM's batching, one replica up from the start unless `scaling` says otherwise.
  public static func make(
    _ name: String = "s", tensor: Int = 1, stages: Int = 1, domainRequired: Bool = true,
    batching: (any BatchingPolicy)? = nil, scaling: (any ScalingPolicy)? = nil,
    keyValueBlocks: Int? = 10_000
  ) -> SchedulerSpecification {
    var engine = EngineSpecification()
    engine.keyValueBlocks = keyValueBlocks
    return SchedulerSpecification(
      name: name, parallelism: plan(tensor: tensor, stages: stages, domainRequired: domainRequired),
      batching: batching ?? vllm(), scaling: scaling ?? fixed(), engine: engine)
  }

  /// A cold start of round numbers: each timed phase as given, loading at the link's own rate.
  public static func coldStart(
    container: Nanoseconds = 1_000, runtime: Nanoseconds = 2_000, engineInit: Nanoseconds = 3_000,
    loader: Double? = nil, overlapsFetch: Bool = false
  ) -> ColdStartSpecification {
    var specification = ColdStartSpecification()
    specification.container = container
    specification.runtime = runtime
    specification.engineInit = engineInit
    specification.loaderBytesPerSecond = loader
    specification.overlapsFetch = overlapsFetch
    return specification
  }
}
