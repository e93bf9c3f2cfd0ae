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
  /// The ledger, in nanoseconds, and what was done.
  var busy: Nanoseconds = 0
  var exposedCommunication: Nanoseconds = 0
  var bubble: Nanoseconds = 0
  var starved: Nanoseconds = 0
  var steps: Int64 = 0
  var tokens: Int64 = 0

  /// The scale of collectives on links that nothing else uses.
  static let freeCollectives: Int64 = 65_536

  init(pieces: Int32, isLast: Bool) {
    self.pieces = pieces
    self.isLast = isLast
  }

  /// Its idle time ends: a bubble as far as its replica had work, else starved.
  @inline(__always)
  mutating func leaveIdle(at time: Nanoseconds, work: Nanoseconds) {
    let idle = work - workAtIdle
    bubble += idle
    starved += time - idleSince - idle
    idleSince = -1
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
    busy += cost.total - exposed
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
    min(time + price.transfer, 1 << 61)
  }

  /// The ledger so far, in a record.
  func write(to record: inout StageRecord) {
    record.busy = busy
    record.exposedCommunication = exposedCommunication
    record.bubble = bubble
    record.starved = starved
    record.steps = steps
    record.tokens = tokens
  }

  /// What was done, added to the record of the stage whose GPUs it was done on.
  func add(to record: inout StageRecord) {
    record.busy += busy
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
