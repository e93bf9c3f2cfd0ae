import EventKernel
import Serving

/// The labels of a request's time, in the words of the contract.
enum Label: String, CaseIterable {
  case allocationWait = "allocation_wait"
  case coldStart = "cold_start"
  case queue
  case pipelineWait = "pipeline_wait"
  case compute
  case commTensor = "comm_tensor"
  case commPipeline = "comm_pipeline"
  case commExpert = "comm_expert"
  case commKV = "comm_kv"
  case preemption
  case host
}

/// Nanoseconds by label.
struct LabelledTime: Equatable {
  private(set) var nanoseconds: [Label: Nanoseconds] = [:]

  subscript(label: Label) -> Nanoseconds { nanoseconds[label] ?? 0 }

  var total: Nanoseconds { nanoseconds.values.reduce(0, +) }

  mutating func add(_ time: Nanoseconds, to label: Label) {
    if time != 0 { nanoseconds[label, default: 0] += time }
  }
}

/// What a request does during a span of its life.
enum Doing {
  /// Its tokens have not entered a step yet.
  case hoping
  /// It has begun and is on no stage and between no stages.
  case waiting
  /// Its micro-batch is on a stage: an index into the accountant's steps.
  case executing(Int)
  /// Its micro-batch is between stages, or on its way back.
  case travelling
  /// A chunk of its prompt is back, and the one behind had begun before: what that one has been through.
  case following(JourneyAccount)
  /// It regains the tokens it lost.
  case regaining
  /// Its KV moves to another replica.
  case moving
}

/// A span of a request's life.
struct Span {
  var from: Nanoseconds
  var to: Nanoseconds
  var doing: Doing
}

/// A request as the event log tells it.
struct RequestAccount {
  let number: Int64
  let workload: Int64
  let model: Int64
  let prompt: Int64
  let output: Int64
  let arrival: Nanoseconds
  var replica: Int64 = -1
  /// The replica at which its tokens first entered a step.
  var first: Int64?
  /// Which of the replica's engines it is in.
  var engine = 0
  var spans: [Span] = []
  var spanStart: Nanoseconds
  var doing = Doing.hoping
  /// When the micro-batch it travels with arrives.
  var arrivesAtStage: Nanoseconds = 0
  /// Its tokens in micro-batches, in the order in which they set out; several are chunks of one prompt.
  var inFlight: [(batch: Int64, tokens: Int64)] = []
  /// KV tokens it has without those, and blocks it holds.
  var stored: Int64 = 0
  var blocks: Int64 = 0
  /// Tokens that it found in a prefix cache when it was admitted first.
  var cached: Int64?
  /// KV tokens it needs before its next token can be sampled.
  var needed: Int64
  /// KV tokens it had when it lost them, until it has them again; 0 when it has lost none.
  var had: Int64 = 0
  /// The same while it regains them: what it lost before its first step cost it nothing.
  var lost: Int64?
  var tokens: Int64 = 0
  var isTokenDue = false
  /// When its KV was on its way from or to other memory.
  var transits: [(from: Nanoseconds, to: Nanoseconds)] = []
  /// Tokens that it fetches; nil when it does not.
  var fetching: Int64?
  /// Whether its KV is on its way to another replica.
  var isMoving = false
  /// Whether it is in swap space, or on the way there or back.
  var isSwapped = false
  var firstToken: Nanoseconds?
  var finish: Nanoseconds?
  var end: Nanoseconds?
  var status = RequestStatus.unfinished
  var reason: Int64 = 0
  var interference: Nanoseconds = 0

  /// KV tokens before the next ones that it may take.
  var taken: Int64 { inFlight.reduce(stored) { $0 + $1.tokens } }
}

/// A step on a stage as the event log tells it.
struct StepAccount {
  let batch: Int64
  let replica: Int64
  let stage: Int64
  let begin: Nanoseconds
  let total: Nanoseconds
  let tensor: Nanoseconds
  let expert: Nanoseconds
  let host: Nanoseconds
  let interference: Nanoseconds

  /// The part of one of its times that belongs to its first `elapsed` nanoseconds, rounded down.
  func part(of whole: Nanoseconds, elapsed: Nanoseconds) -> Nanoseconds {
    if elapsed == total || total == 0 { return whole }
    return Nanoseconds(Int128(whole) * Int128(elapsed) / Int128(total))
  }
}

/// What a micro-batch has been through since its first step began.
final class JourneyAccount {
  /// Indices into the accountant's steps.
  var steps: [Int] = []
  /// When it was between stages, or on its way back.
  var hops: [(from: Nanoseconds, to: Nanoseconds)] = []
}

/// A micro-batch as the event log tells it.
struct BatchAccount {
  struct Member {
    let request: Int
    let tokens: Int64
    let before: Int64
    let isDecoding: Bool
  }

  enum Place: Equatable {
    case atStage(Int64, since: Nanoseconds)
    case onStage(Int64, step: Int)
    case ready(after: Int64)
    case travelling(toward: Int64, until: Nanoseconds)
    case gone
  }

  let replica: Int64
  let tokens: Int64
  let prefillTokens: Int64
  let memberCount: Int64
  var members: [Member] = []
  var place: Place
  /// When it left the stage before.
  var left: Nanoseconds = 0
  let journey = JourneyAccount()

  /// Whether its step on a stage is over.
  func hasLeft(_ stage: Int64) -> Bool {
    if case .onStage(stage, _) = place { return false }
    return journey.steps.count > Int(stage)
  }
}

/// A replica as the event log tells it.
struct ReplicaAccount {
  let number: Int64
  let model: Int64
  let gpusAsked: Int64
  let demanded: Nanoseconds
  var tensor: Int64 = 0
  var stages: Int64 = 0
  /// Parts of the layers on each stage, and whether they fold back; steps and hops are told by part.
  var parts: Int64 = 1
  var foldsBack = false
  var granted: Nanoseconds?
  var phases: [Int64: Nanoseconds] = [:]
  var ready: Nanoseconds?
  var isInitial = false
  var withdrawn: Nanoseconds?
  var released: Nanoseconds?
  var blocks: Int64 = 0
  var blockTokens: Int64 = 1
  /// Its engines, each with an equal part of the blocks.
  var engines: [EngineAccount] = []
  var outstanding: Int64 = 0
  var isDraining = false
  /// The replica that it is to take over from, nil when it is nobody's successor; whether it does so on
  /// that one's GPUs.
  var replaces: Int64?
  var isInPlace = false
  /// Whether others have taken over from it.
  var isRetired = false
  /// Whether requests have left it for others; until it goes it is busy with that.
  var isLeft = false
  /// Whether it sleeps, whether its weights lie on storage only, whether it wakes; and when it woke: from
  /// being asked to being ready.
  var isAsleep = false
  var isOnStorage = false
  var isWaking = false
  var wakes: [(asked: Nanoseconds, awake: Nanoseconds?)] = []
  var completed: Int64 = 0
  var tokens: Int64 = 0
  var preemptions: Int64 = 0
  /// Bytes of KV that its requests fetched from tiers.
  var fetchedBytes: Int64 = 0
  var stageAccounts: [StageAccount] = []
  var partAccounts: [PartAccount] = []
  /// Micro-batches in flight, the one formed last, and the one that returned last and when.
  var inFlight: Int64 = 0
  var formedLast: RoundAccount?
  var returned: (time: Nanoseconds, round: RoundAccount)?

  /// The stage that holds a part.
  func stage(ofPart part: Int64) -> Int64 {
    guard foldsBack else { return part % stages }
    // To and fro over the stages: a saw of twice their number.
    let position = part % (2 * stages)
    return position < stages ? position : 2 * stages - 1 - position
  }

  /// Blocks of one engine, and of all.
  var blocksOfEngine: Int64 { engines.isEmpty ? blocks : blocks / Int64(engines.count) }
  var usableBlocks: Int64 { blocksOfEngine * Int64(engines.count) }
  var blocksHeld: Int64 { engines.reduce(0) { $0 + $1.blocksHeld } }
  var blocksPeak: Int64 { engines.reduce(0) { $0 + $1.blocksPeak } }

  /// Whether somebody asked for it who did not have one, and it was neither ready nor given up.
  var isComing: Bool { replaces == nil && isUnderWay || isWaking && released == nil }

  /// Whether it has been ready, and is not gone, asleep or waking.
  var isUp: Bool { ready != nil && released == nil && !isAsleep && !isWaking }

  /// Whether it was neither ready nor given up.
  var isUnderWay: Bool { ready == nil && released == nil && withdrawn == nil }
}

/// An engine of a replica as the event log tells it.
struct EngineAccount {
  var requests: Int64 = 0
  var blocksHeld: Int64 = 0
  var blocksPeak: Int64 = 0
}

/// A part of a replica's layers as the event log tells it.
struct PartAccount {
  /// Links that its hops cross, and how many of its GPUs send over each.
  var routes: [(link: Int, ranks: Int64)] = []
  /// When the flow of the hop before had left the links.
  var flowsUntil: Nanoseconds = 0
}

/// A stage as the event log tells it.
struct StageAccount {
  enum Doing { case starting, idle, asleep, executing(Int) }

  var gpus: [Int64] = []
  var doing = Doing.starting
  var since: Nanoseconds
  /// The micro-batch that has left it and has not arrived; only blocking hops hold the stage.
  var sendingUntil: Nanoseconds = 0
  var starting: Nanoseconds = 0
  var busy: Nanoseconds = 0
  var exposed: Nanoseconds = 0
  var bubble: Nanoseconds = 0
  /// The same by cause, and how much of it has one.
  var causes: [BubbleCause: Nanoseconds] = [:]
  var bubbleTold: Nanoseconds = 0
  var starved: Nanoseconds = 0
  /// Idle time that ends with a micro-batch formed since its replica took nothing new, or with its release.
  var draining: Nanoseconds = 0
  var steps: Int64 = 0
  var tokens: Int64 = 0
  /// Times of its steps, by their highest six bits and how many others follow.
  var times: [Int64: Int64] = [:]
  var stepTime: Nanoseconds = 0

  var total: Nanoseconds { starting + busy + exposed + bubble + starved + draining }
}

/// A GPU as the event log tells it.
struct GPUAccount {
  var since: Nanoseconds = 0
  var tenant: Int64?
  var starting = 0
  var ready = 0
  var sleeping = 0
  var executing = 0
  var unallocated: Nanoseconds = 0
  var background: Nanoseconds = 0
  var startingTime: Nanoseconds = 0
  var busy: Nanoseconds = 0
  var reservedIdle: Nanoseconds = 0
  var asleep: Nanoseconds = 0

  var isFree: Bool { tenant == nil && starting + ready + sleeping == 0 }

  /// Books the time up to now under what the GPU has done since.
  mutating func book(until now: Nanoseconds) {
    let elapsed = now - since
    since = now
    if tenant != nil {
      background += elapsed
    } else if executing > 0 {
      busy += elapsed
    } else if ready > 0 {
      reservedIdle += elapsed
    } else if starting > 0 {
      startingTime += elapsed
    } else if sleeping > 0 {
      asleep += elapsed
    } else {
      unallocated += elapsed
    }
  }
}

/// A background tenant as the event log tells it.
struct TenantAccount {
  let gpusAsked: Int64
  let demanded: Nanoseconds
  let lifetime: Nanoseconds
  var granted: Nanoseconds?
  var gpus: [Int64] = []
  var left: Nanoseconds?
}

extension ReplicaAccount {
  /// Whether container, runtime and process group are up; where a pipeline serves they are.
  func hasRuntime(_ coldStart: ColdStartSpecification, at now: Nanoseconds) -> Bool {
    if isInPlace { return true }
    let last: Int64 = needsProcessGroup(coldStart) ? 6 : 1
    return phases[last].map { $0 <= now } ?? false
  }

  /// The numbers of the phases that a cold start must have gone through, ascending.
  func expectedPhases(_ coldStart: ColdStartSpecification) -> [Int64] {
    if isInPlace { return [2, 3] }
    var numbers: [Int64] = [0, 1, 2, 3]
    if coldStart.nodeProvision > 0 { numbers.append(4) }
    if coldStart.imageBytes > 0 { numbers.append(5) }
    if needsProcessGroup(coldStart) { numbers.append(6) }
    let later = [(8, coldStart.compile), (9, coldStart.capture), (10, coldStart.warmUp)]
      .filter { $0.1 > 0 }
    if !later.isEmpty { numbers.append(7) }
    return numbers + later.map { Int64($0.0) }
  }

  private func needsProcessGroup(_ coldStart: ColdStartSpecification) -> Bool {
    coldStart.processGroup > 0 && tensor * stages > 1 || coldStart.peerCheck > 0 && tensor > 1
  }
}
