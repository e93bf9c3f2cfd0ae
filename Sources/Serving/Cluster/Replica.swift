import EventKernel
import Inference
import Network

/// One copy of a model over its stages, from the demand for its GPUs to their release.
struct Replica: Sendable {
  enum Phase: UInt8, Sendable { case demanded, starting, ready, asleep, ended }

  var model: Int32
  var phase = Phase.demanded
  var record: ReplicaRecord
  /// Index of its plan among the scheduler's plans; -1 before the grant.
  var plan: Int32 = -1
  var firstStage: Int32 = 0
  /// Its virtual stages, and the groups of GPUs that they lie on.
  var stageCount: Int32 = 0
  var groupCount: Int32 = 0
  /// Its engines, and the micro-batches that each may have in flight.
  var firstEngine: Int32 = 0
  var engineCount: Int32 = 0
  var depth = 1
  /// Bytes of a KV block over all GPUs, and the seconds that it takes over PCIe where that takes longest.
  var bytesPerBlock: Int64 = 0
  var swapSecondsPerBlock = 0.0
  /// When its channel to swap space and those from each tier come free, where blocks move.
  var channels: [Nanoseconds] = []
  /// Requests assigned and not yet done.
  var outstanding: Int32 = 0
  /// The same by class, where lower classes make room.
  var outstandingByClass: [Int32] = []
  /// Its place among the model's ready replicas.
  var viewIndex = -1
  var isDispatchPending = false
  /// Whether it finishes what it has and takes nothing new.
  var isDraining = false
  /// The replica it takes over from, -1 when it is nobody's successor; and its own successors.
  var replaces: Int32 = -1
  var successors: [Int32] = []
  /// Whether it takes over on the other's GPUs.
  var isInPlace = false
  /// Of a successor: whether its weights are there, and the blocks that it does without while requests
  /// finish on its GPUs.
  var isLoaded = false
  var sparedBlocks: Int32 = 0
  /// Of a pipeline whose requests move: whether they do, parts of their KV on the way, and who waits for
  /// them.
  var isMoving = false
  var movingTransfers: Int32 = 0
  var moving: [MovingSequence] = []
  var keepAliveEpoch: UInt32 = 0
  /// Since when it has nothing to do, in nanoseconds; and whether it was asked for before anything waited.
  var idleSince: Nanoseconds = 0
  var isPreWarmed = false
  /// How far it has come, where it sleeps; while it wakes its phase is `starting`.
  var sleep = Sleep()
  /// Time during which it had work, up to `workSince`; the work goes on while `hasWork`.
  var workTotal: Nanoseconds = 0
  var workSince: Nanoseconds = 0
  var hasWork = false
  /// Micro-batches on their passage, in the order in which they set out and return.
  var passing = RingQueue()
  /// Whether the simulator lists it among those that may have some.
  var isListedAsPassing = false
  /// Its expectations of returns and of waking with an older epoch are void.
  var epoch: UInt32 = 0
  /// Whether it takes its rounds outside the event queue.
  var isDozing = false
  /// Whether free blocks have bounded what is known of its micro-batches' repetitions.
  var isShortOfBlocks = false
  /// The simulator's price changes when its hops and collectives were priced, and how often passages
  /// under way had to be computed anew.
  var pricedAtChange = -1
  var priceEpoch: UInt32 = 0
  /// Micro-batches formed so far, and in flight.
  var microbatches: UInt64 = 0
  var inFlight: Int32 = 0
  /// The way through all stages that ended last, and what the micro-batch formed last prefills.
  var returned = RoundBefore()
  var lastPrefill = PrefillMark()
  /// How far its cold start has come.
  var start = ColdStart()
  /// What the steps of its micro-batches consisted of, as far as all its stages have done them, and the
  /// experts of its model.
  var counts = StepCounts()
  var experts: Experts?
  /// The shared group it lies in; -1 when its GPUs are its own.
  var group: Int32 = -1

  /// Its stages.
  @inline(__always)
  var stages: Range<Int> { Int(firstStage)..<Int(firstStage + stageCount) }

  /// The first stage on each group of its GPUs, which has the group's ledger.
  @inline(__always)
  var homes: Range<Int> { Int(firstStage)..<Int(firstStage + groupCount) }

  /// Time during which it had work, up to now, in nanoseconds.
  @inline(__always)
  func work(at now: Nanoseconds) -> Nanoseconds {
    hasWork ? workTotal + (now - workSince) : workTotal
  }

  /// Its engines.
  @inline(__always)
  var engines: Range<Int> { Int(firstEngine)..<Int(firstEngine + engineCount) }

  /// What `work` is at time 0 if the present work goes on; nanoseconds.
  @inline(__always)
  var workOffset: Nanoseconds { workTotal - workSince }

  mutating func beginWork(at now: Nanoseconds) {
    hasWork = true
    workSince = now
  }

  mutating func endWork(at now: Nanoseconds) {
    workTotal += now - workSince
    hasWork = false
  }
}

/// One stage of a replica: its devices, its step costs, its way to the next stage, its ledger.
///
/// Where a plan has virtual stages it is one of them, and those on the same GPUs share a lane and a
/// ledger, which the first of them has.
struct Stage: Sendable {
  var replica: Int32
  var index: Int32
  var isLast: Bool
  /// The first stage on the same GPUs, and the first one whose hops go from and to the same GPUs.
  var home: Int32
  var way: Int32
  /// The queue of micro-batches it shares with whoever is on the same GPUs.
  var lane: Int32
  var gpus: [Int32]
  /// What its GPUs talk over.
  var fabric: TensorFabric
  var hop = Hop()
  /// Network cards and leaves of its collectives, both directions; empty inside a node.
  var collectiveLinks: [LinkID] = []
  var collectivesPricedAtChange = -1
  /// What its own steps consisted of, beside those that its replica counts for all stages.
  var counts = StepCounts()
  var record: StageRecord
}

/// The way from a stage to the next, or from the last back to the engine.
struct Hop: Sendable {
  /// Latency and bytes; nil when hops are free.
  var terms: HopTerms?
  /// Links crossed, each once, and how many of the stage's ranks send over each.
  var links: [LinkID] = []
  var ranksOnLink: [Int32] = []
  /// Bytes per second over all ranks at the links' present shares.
  var bandwidth = 1.0
  /// The network's and the topology's change counts at which `bandwidth` was computed.
  var pricedAtChange = -1
  /// Micro-batches on their way, oldest first; they arrive in this order.
  var travelling = RingQueue()
  /// Where hops are flows: each rank's links, the micro-batches that still leave, and the first one's
  /// flows, nil where a rank is through.
  var rankPaths: [[LinkID]] = []
  var leaving = RingQueue()
  var flows: [FlowID?] = []
  var ranksLeaving: Int32 = 0
}

/// The GPUs of a stage as a server: one step at a time, first come first served.
struct Lane: Sendable {
  var waiting = RingQueue()
  /// The micro-batch on it; -1 when idle.
  var current: Int32 = -1
}

/// Some sequences' tokens on their way through the stages of a replica.
struct MicroBatch: Sendable {
  var replica: Int32 = 0
  /// The engine that formed it.
  var engine: Int32 = 0
  /// The stage (global index) it is at or on its way to.
  var stage: Int32 = 0
  var members: [BatchMember] = []
  /// Whether they are in the order in which the engine admitted them.
  var isInOrder = true
  var shape = BatchShape.empty
  /// When it was formed, and when it is back, which only a passage knows in advance.
  var launched: Nanoseconds = 0
  var returns: Nanoseconds = 0
  /// When its first step began; -1 before.
  var begun: Nanoseconds = -1
  /// When its present state began: waiting at a stage, on a stage, or between stages.
  var since: Nanoseconds = 0
  var state = State.waiting
  /// The step it is in.
  var step = StepCost.zero
  var stepInterference: Nanoseconds = 0
  /// Sums over the steps and hops that are done.
  var sums = PassageSums()
  /// Its number in the event log.
  var number: Int64 = 0
  /// Its number among its replica's micro-batches; it numbers the draws of the stochastic cost model.
  var ordinal: UInt64 = 0
  /// Rounds of one token each that its members have been through since they were labelled; the sums
  /// above go over all of them.
  var rounds: Int32 = 0
  /// Rounds it will go through if nobody else changes anything; -1 when that is not known.
  var repeats: Int32 = -1
  /// Members that a round brings nearer to the model's window, when their last tokens appeared, and
  /// the workloads under which their gaps count.
  var growing: Int32 = 0
  var tokensAt: Nanoseconds = 0
  var gapShares: [GapShare] = []
  /// Its replica's price epoch when it set out.
  var priceEpoch: UInt32 = 0
  /// How full the pipe was when it was formed, and the micro-batch that the same dispatch formed before;
  /// -1 when it was the first.
  var pipe = PipeState.empty
  var formedBefore: Int32 = -1
  /// Whether it was formed as another one returned.
  var follows = false
  /// What its sequences have spent on hops and in host parts in their last round of the stages.
  var round = StageRound()
  /// What made its sequences' steps unequal on their way through the stages before.
  var excess = StepExcess()
  /// What LM head and sampler take of its step on the last of several stages, in nanoseconds.
  var sampling: Nanoseconds = 0

  enum State: UInt8, Sendable { case waiting, executing, hopping }
}

/// What the steps and hops of a micro-batch add up to, in nanoseconds.
struct PassageSums: Sendable {
  var pipelineWait: Nanoseconds = 0
  var compute: Nanoseconds = 0
  var commTensor: Nanoseconds = 0
  var commExpert: Nanoseconds = 0
  var commPipeline: Nanoseconds = 0
  var host: Nanoseconds = 0
  var interference: Nanoseconds = 0

  /// A step is done.
  @inline(__always)
  mutating func add(_ cost: StepCost, interference lost: Nanoseconds) {
    compute += cost.compute
    commTensor += cost.tensorCommunication
    commExpert += cost.expertCommunication
    host += cost.host
    interference += lost
  }
}
