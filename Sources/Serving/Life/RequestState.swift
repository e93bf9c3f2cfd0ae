import EventKernel

/// A request in the system.
struct RequestState: Sendable {
  var record: RequestRecord
  /// Up to when its time has been labelled.
  var mark: Nanoseconds
  var lastToken: Nanoseconds = 0
  /// Whether its tokens have entered a step.
  var hasBegun = false
  /// Whether it is regaining tokens lost to a preemption.
  var isRecovering = false

  /// Splits its time since the mark: the wait up to the micro-batch's first step, then the parts.
  @inline(__always)
  mutating func label(
    _ parts: PassageSums, from begun: Nanoseconds, wasDecoding: Bool, until now: Nanoseconds
  ) {
    if isRecovering {
      record.parts.preemption += now - mark
    } else if begun < mark {
      labelBehind(parts, until: now)
    } else {
      // Times are far from overflow, and their total is checked at the end.
      record.parts.pipelineWait &+= begun &- mark &+ parts.pipelineWait
      record.parts.compute &+= parts.compute
      record.parts.commTensor &+= parts.commTensor
      record.parts.commExpert &+= parts.commExpert
      record.parts.commPipeline &+= parts.commPipeline
      record.parts.host &+= parts.host
      if wasDecoding { record.batchInterference &+= parts.interference }
    }
    mark = now
  }

  /// The same when a decode of its own is back and others will follow.
  ///
  /// - Returns: Whether that has happened; false when gaps unlike this one must be written down before.
  @inline(__always)
  mutating func decodes(
    _ parts: PassageSums, from begun: Nanoseconds, until now: Nanoseconds, warmup: Nanoseconds,
    _ gaps: inout TokenGaps
  ) -> Bool {
    let gap = now &- (gaps.previous ?? lastToken)
    if record.arrival >= warmup, !gaps.add(gap, record.workload) {
      // Another gap than before: the caller writes down what was counted so far.
      if gaps.count > 0 { return false }
      gaps.restart(gap, record.workload)
    }
    label(parts, from: begun, wasDecoding: true, until: now)
    lastToken = now
    return true
  }

  /// The same for a chunk that was on its way beside the one before: of its steps and hops, those that
  /// fit in the time since that one was back, in the order below; the rest of the time is a wait.
  private mutating func labelBehind(_ parts: PassageSums, until now: Nanoseconds) {
    var left = now - mark
    func part(_ whole: Nanoseconds) -> Nanoseconds {
      let taken = min(whole, left)
      left -= taken
      return taken
    }
    record.parts.compute += part(parts.compute)
    record.parts.commTensor += part(parts.commTensor)
    record.parts.commExpert += part(parts.commExpert)
    record.parts.host += part(parts.host)
    record.parts.commPipeline += part(parts.commPipeline)
    record.parts.pipelineWait += left
  }
}

/// What a model has waiting and serving.
struct ModelState {
  /// Requests without a replica.
  var queue: ServiceLine
  /// Prompt tokens of those requests.
  var queuedTokens: Int64 = 0
  /// Requests that were completed, and their time from the first step on, in nanoseconds.
  var servedRequests: Int64 = 0
  var serviceTime: Int64 = 0
  /// What tenants have been served, where that decides who is next; an engine has it while it plans.
  var counters: TokenCounters
  /// Ready replicas, oldest first.
  var views: [ReplicaView] = []
  var routing: any RoutingPolicy
  /// What the routing policy must be told beyond numbers of requests, and its stream of draws.
  let needs: RoutingNeeds
  /// Whether the views of replicas must be completed before each request is routed.
  let completesViews: Bool
  let routingDraws: RandomStream
  var scaling: any ScalingPolicy
  /// What is counted for it, and what has been; and when it is asked next.
  let scalingNeeds: ScalingNeeds
  /// What it says of itself, as of its last decision: asking it costs more at every request.
  var occasions: ScalingOccasions
  let interval: Nanoseconds?
  let secondInterval: Nanoseconds?
  let hasClock: Bool
  let demandsLapse: Bool
  var activity: ActivityMeter
  var ticks = ScalingTicks()
  /// How long idle replicas are kept; nil: until the scaling policy wants fewer.
  var keepAlive: (any KeepAlivePolicy)?
  /// Whether it observes how long the model is idle; and since when it is, -1 while it is not.
  let observesIdleTimes: Bool
  var idleSince: Nanoseconds = -1
  /// Expectations of a pre-warming with an older epoch are void.
  var preWarmEpoch: UInt32 = 0
  /// Replicas that finish what they have, in the order in which they began to.
  var draining: [Int32] = [] { didSet { leaving = draining + retiring } }
  /// Pipelines that finish what they have because others have taken over from them.
  var retiring: [Int32] = [] { didSet { leaving = draining + retiring } }
  /// Both: replicas that finish what they have and take nothing new.
  ///
  /// Kept, as they change seldom: computing it whenever it is read copies the whole model, with a
  /// reference counted for each of its arrays.
  private(set) var leaving: [Int32] = []
  /// Replicas that sleep, in the order in which they fell asleep.
  var asleep: [Int32] = []
  /// Replicas demanded and not granted; granted and not ready.
  var demanded = 0
  var starting = 0

  /// The mean time from the first step to the last token, in nanoseconds; 0 before the first one ends.
  var meanServiceTime: Nanoseconds { servedRequests > 0 ? serviceTime / servedRequests : 0 }

  init(
    routing: any RoutingPolicy, draws: RandomStream, scaling: any ScalingPolicy,
    keepAlive: (any KeepAlivePolicy)?, discipline: QueueDiscipline
  ) {
    self.keepAlive = scaling.keepAlive.flatMap { keepAlive ?? FixedKeepAlive(duration: $0) }
    observesIdleTimes = self.keepAlive.map { type(of: $0).observesIdleTimes } ?? false
    queue = ServiceLine(discipline.order)
    counters = TokenCounters(discipline.charges)
    self.routing = routing
    needs = type(of: routing).needs.subtracting(.sessions)
    completesViews = !needs.isEmpty || discipline.preempts
    routingDraws = draws
    self.scaling = scaling
    let ticks: ScalingNeeds = scaling.interval == nil ? [] : .activity
    scalingNeeds = type(of: scaling).needs.union(ticks)
    activity = ActivityMeter(scaling.metering)
    occasions = scaling.occasions
    interval = scaling.interval
    secondInterval = scaling.secondInterval
    hasClock = scaling.hasClock
    demandsLapse = scaling.demandsLapse
  }
}
