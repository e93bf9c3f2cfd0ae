/// The policies a scenario may name; a value, so that a team adds its own without a registry.
///
/// `PolicyCatalogue.builtIn.adding(MyBatching.self)` is passed to decoding and to the command.
public struct PolicyCatalogue: Sendable {
  /// How many GPUs, cut how.
  public var parallelism: [any ParallelismPolicy.Type]
  /// On which GPUs.
  public var placement: [any PlacementPolicy.Type]
  /// To which replica a request goes.
  public var routing: [any RoutingPolicy.Type]
  /// Who is served at all.
  public var admission: [any AdmissionPolicy.Type]
  /// Who goes first among those that wait.
  public var queue: [any QueuePolicy.Type]
  /// Which tokens enter the next step.
  public var batching: [any BatchingPolicy.Type]
  /// How many replicas.
  public var scaling: [any ScalingPolicy.Type]
  /// How long idle replicas are kept.
  public var keepAlive: [any KeepAlivePolicy.Type]

  /// Everything simpp ships.
  public static let builtIn = PolicyCatalogue(
    parallelism: [FixedParallelism.self, LadderParallelism.self, ConsolidatingParallelism.self],
    placement: [
      FirstFitPlacement.self, BestFitPlacement.self, WorstFitPlacement.self, SpreadPlacement.self,
      PackedPlacement.self, TopologyGreedyPlacement.self, FragmentationPlacement.self,
      DotProductPlacement.self, RandomPlacement.self,
    ],
    routing: [
      LeastLoadedRouting.self, RoundRobinRouting.self, PowerOfTwoRouting.self,
      PrefixAwareRouting.self, KVAwareRouting.self, SessionStickyRouting.self,
      SplitPoolsRouting.self,
    ],
    admission: [AllAdmission.self, RejectEarlyAdmission.self, TokenBucketAdmission.self],
    queue: [
      FirstComeQueue.self, PriorityQueue.self, FairTokenQueue.self, ShortestFirstQueue.self,
    ],
    batching: [
      VLLMBatching.self, AsynchronousVLLMBatching.self, VirtualEngineBatching.self,
      SarathiBatching.self, ThrottledBatching.self, TDPipeBatching.self, OrcaBatching.self,
      DynamicChunkBatching.self, DecodeCapBatching.self, GlobalCapBatching.self,
      StaticBatching.self,
    ],
    scaling: [
      QueueScaling.self, FixedScaling.self, KnativeScaling.self, HorizontalPodScaling.self,
      EventDrivenScaling.self, RayServeScaling.self, TokenDemandScaling.self,
      ObjectiveScaling.self, ScheduledScaling.self, OracleScaling.self,
    ],
    keepAlive: [
      FixedKeepAlive.self, LeastRecentlyUsedKeepAlive.self, HistogramKeepAlive.self,
      TieredKeepAlive.self,
    ])

  /// This catalogue and one policy more; its kind is the protocol it conforms to.
  public func adding(_ policy: any Policy.Type) -> PolicyCatalogue {
    var copy = self
    if let kind = policy as? any ParallelismPolicy.Type { copy.parallelism.append(kind) }
    if let kind = policy as? any PlacementPolicy.Type { copy.placement.append(kind) }
    if let kind = policy as? any RoutingPolicy.Type { copy.routing.append(kind) }
    if let kind = policy as? any QueuePolicy.Type { copy.queue.append(kind) }
    if let kind = policy as? any BatchingPolicy.Type { copy.batching.append(kind) }
    if let kind = policy as? any AdmissionPolicy.Type { copy.admission.append(kind) }
    if let kind = policy as? any ScalingPolicy.Type { copy.scaling.append(kind) }
    if let kind = policy as? any KeepAlivePolicy.Type { copy.keepAlive.append(kind) }
    return copy
  }

  /// Every policy by the key under which a scheduler names it, in the order of a scheduler's life.
  public var kinds: [(key: String, policies: [any Policy.Type])] {
    [
      ("admission", admission), ("parallelism", parallelism), ("placement", placement),
      ("scaling", scaling), ("keepAlive", keepAlive),
      ("routing", routing), ("queue", queue), ("batching", batching),
    ]
  }
}
