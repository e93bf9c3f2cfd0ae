import EventKernel
import Inference

/// What every step at a stage touches: when it is free, what its collectives cost, its ledger.
///
/// Apart from `Stage`, and without references, so that a step reads and writes a few words.
struct StageClock: Sendable {
  /// Index of its prepared step costs.
  let pieces: Int32
  let isLast: Bool
  /// How much slower its collectives are than on free links, in 1/65,536; only across nodes.
  var collectiveScale = freeCollectives
  /// When its GPUs have done what is under way, which only passages know in advance.
  var freeAt: Nanoseconds = 0
  /// When the previous micro-batch has left the links to the next stage, and when it arrives there.
  var linksFreeAt: Nanoseconds = 0
  var lastArrival: Nanoseconds = 0
  /// Tokens that have crossed those links at a price.
  var hopTokens: Int64 = 0
  /// Since when it has been idle, and the replica's work time then; -1 while it executes.
  var idleSince: Nanoseconds = 0
  var workAtIdle: Nanoseconds = 0
  /// The ledger, in nanoseconds, and what was done: steps, the part of one that the end of the run cut,
  /// exposed communication, and LM head and sampler in them.
  var stepTime: Nanoseconds = 0
  var cutTime: Nanoseconds = 0
  var exposedCommunication: Nanoseconds = 0
  var samplingTime: Nanoseconds = 0
  var starved: Nanoseconds = 0
  var draining: Nanoseconds = 0
  var steps: Int64 = 0
  var tokens: Int64 = 0
  /// Its idle time by cause, and what the micro-batch that returned last spent behind it.
  var bubbles = BubbleParts()
  var returned = StageRound()
  /// Where the times of its steps are counted.
  let stepTimes: Int32

  /// The scale of collectives on links that nothing else uses.
  static let freeCollectives: Int64 = 65_536

  init(pieces: Int32, isLast: Bool, stepTimes: Int32) {
    self.pieces = pieces
    self.isLast = isLast
    self.stepTimes = stepTimes
  }

  /// Its idle time ends; returns for how long of it its replica had work, the rest it was starved.
  @inline(__always)
  mutating func leaveIdle(at time: Nanoseconds, work: Nanoseconds) -> Nanoseconds {
    let idle = work - workAtIdle
    starved += time - idleSince - idle
    idleSince = -1
    return idle
  }

  /// A step ends, and it is idle again.
  @inline(__always)
  mutating func add(
    _ cost: StepCost, tokens count: Int64, until time: Nanoseconds, work: Nanoseconds
  ) {
    add(cost, tokens: count)
    enterIdle(at: time, work: work)
  }

  /// A step has been done.
  @inline(__always)
  mutating func add(_ cost: StepCost, tokens count: Int64) {
    let exposed = cost.tensorCommunication + cost.expertCommunication
    stepTime += cost.total
    exposedCommunication += exposed
    steps += 1
    tokens += count
  }

  /// Its GPUs are idle again.
  @inline(__always)
  mutating func enterIdle(at time: Nanoseconds, work: Nanoseconds) {
    idleSince = time
    workAtIdle = work
  }

  /// A message to the next stage sets out as soon as the one before has left the links.
  ///
  /// - Returns: When it arrives. Messages of one pipeline do not overtake each other, also where a
  ///   measured time has no latency.
  @inline(__always)
  mutating func send(at time: Nanoseconds, _ price: HopPrice) -> Nanoseconds {
    linksFreeAt = Self.leave(at: max(time, linksFreeAt), price)
    lastArrival = max(linksFreeAt + price.latency, lastArrival)
    return lastArrival
  }

  /// When a message that sets out has left the links, in nanoseconds; over a link that is all but dead
  /// long after any run, and not so long that times run over.
  @inline(__always)
  static func leave(at time: Nanoseconds, _ price: HopPrice) -> Nanoseconds {
    min(time &+ price.transfer, 1 << 61)
  }

  /// The time of all steps and of what was cut, in nanoseconds.
  var executing: Nanoseconds { stepTime + cutTime }

  /// The ledger so far, in a record.
  func write(to record: inout StageRecord) {
    record.busy = executing - exposedCommunication
    record.exposedCommunication = exposedCommunication
    record.stepTime = stepTime
    record.samplingTime = samplingTime
    record.bubble = bubbles.total
    record.bubbleParts = bubbles
    record.starved = starved
    record.draining = draining
    record.steps = steps
    record.tokens = tokens
  }

  /// What was done, added to the record of the stage whose GPUs it was done on.
  func add(to record: inout StageRecord) {
    record.busy += executing - exposedCommunication
    record.stepTime += stepTime
    record.exposedCommunication += exposedCommunication
    record.steps += steps
    record.tokens += tokens
  }
}

/// What a hop takes, in nanoseconds: the latency overlaps with the message before, the transfer waits
/// for the links.
struct HopPrice: Sendable {
  var latency: Nanoseconds = 0
  var transfer: Nanoseconds = 0
}
