import EventKernel
import Inference

/// The dull rounds of one replica, one after the other: no queue, no members, a few words for each stage.
///
/// The micro-batch that set out first returns, each of its members gets a token, it is formed again and
/// goes through the stages behind the others; and so on up to an instant. The rules are those of
/// `Passage.swift`; what a round leaves unchanged is credited once, by the number of rounds, when the
/// loop's figures go back to where they came from (`Simulator+Rounds`).
struct RoundLoop: Sendable {
  /// A micro-batch in the loop; times in nanoseconds.
  struct Cohort: Sendable {
    var contextTokens: Int
    var windowContextTokens: Int
    /// What a round adds to them.
    let sequences: Int
    let growing: Int
    /// When the cohort is back.
    var returns: Nanoseconds
    /// When its members' last tokens appeared.
    var tokensAt: Nanoseconds
    var rounds: Int32 = 0
    var repeats: Int32
    /// Since when the sums over the passes that are over go, waits among them.
    let since: Nanoseconds
    var stepTime: Nanoseconds = 0
    var hopTime: Nanoseconds = 0
    /// How full the pipe was for the pass under way, and how full it is for all further ones.
    var pipe: PipeState
    let nextPipe: PipeState
    /// What the hops of the pass under way take, what made the steps of the pass before unequal, and what
    /// LM head and sampler take of every pass.
    var hop: Nanoseconds
    var excess: StepExcess
    let sampling: Nanoseconds
    /// The host parts of a pass.
    let host: Nanoseconds
  }

  /// A cohort's pass through a stage.
  struct Lap: Sendable {
    /// The step's time by its context, renewed where it no longer holds.
    var line: DecodeLine
    /// The index of the stage's step times.
    let pieces: Int
    /// What slower collectives add to a step, in nanoseconds.
    let collectiveDelay: Nanoseconds
    let price: HopPrice
    var begins: Nanoseconds
    var total: Nanoseconds
    var arrives: Nanoseconds
    var linksFreeAt: Nanoseconds
    /// What its sequences spent in their last round of the stages when the step begins, and the host part
    /// of each of its steps.
    var round: StageRound
    let host: Nanoseconds

    @inline(__always)
    init(
      line: DecodeLine, pieces: Int, _ pass: StagePass, collectiveDelay: Nanoseconds
    ) {
      self.line = line
      self.pieces = pieces
      self.collectiveDelay = collectiveDelay
      price = pass.price
      begins = pass.begins
      total = pass.cost.total
      arrives = pass.arrives
      linksFreeAt = pass.linksFreeAt
      round = pass.round
      host = pass.cost.host
    }
  }

  /// A stage.
  struct Lane: Sendable {
    var freeAt: Nanoseconds
    var linksFreeAt: Nanoseconds
    var lastArrival: Nanoseconds
    /// Since when it has been idle as far as its replica had work.
    var idleSince: Nanoseconds
    var stepTime: Nanoseconds = 0
    /// Where the times of its steps are counted.
    let stepTimes: Int
  }

  /// A gap between two tokens of every member of a cohort.
  struct Gap: Sendable {
    var cohort: Int32
    var gap: Nanoseconds
  }

  /// The micro-batches in the order in which they set out, and which of them is first now.
  var cohorts: [Cohort] = []
  var front = 0
  /// For each cohort its laps, stage by stage.
  var laps: [Lap] = []
  var lanes: [Lane] = []
  var gaps: [Gap] = []
  /// Whether a stage is free while its output travels.
  var isAsynchronous = true

  mutating func clear() {
    cohorts.removeAll(keepingCapacity: true)
    laps.removeAll(keepingCapacity: true)
    lanes.removeAll(keepingCapacity: true)
    gaps.removeAll(keepingCapacity: true)
    front = 0
  }

  /// Takes the rounds whose return is not after an instant, at the prices of `pieces`.
  ///
  /// Times are so far from overflow that nothing here checks for it, which is half of what a check costs.
  ///
  /// Idle time is counted in `clocks`, from the replica's first stage on, the times of steps in `counts`.
  mutating func run(
    through last: Nanoseconds, _ pieces: borrowing StepPiecesList,
    clocks: UnsafeMutablePointer<StageClock>, counts: UnsafeMutablePointer<UInt32>
  ) {
    let isAsynchronous = isAsynchronous
    var (front, gaps): (Int, [Gap]) = (front, [])
    swap(&gaps, &self.gaps)
    cohorts.withUnsafeMutableBufferPointer { cohorts in
      laps.withUnsafeMutableBufferPointer { laps in
        lanes.withUnsafeMutableBufferPointer { lanes in
          let stages = lanes.count
          while cohorts[front].returns <= last {
            precondition(cohorts[front].repeats > 0, "a replica has dozed through a change")
            let gap = cohorts[front].appear()
            gaps.append(Gap(cohort: Int32(truncatingIfNeeded: front), gap: gap))
            var round = Round(cohorts[front])
            var place = front &* stages
            for stage in 0..<stages {
              let isLast = stage == stages &- 1
              lanes[stage].settle(
                laps[place], &round, &clocks[stage].bubbles, counts, isLast: isLast)
              laps[place].renewLine(round, pieces)
              lanes[stage].pass(
                &laps[place], &round, isLast: isLast, isAsynchronous: isAsynchronous)
              place &+= 1
            }
            cohorts[front].take(round)
            front = front &+ 1 == cohorts.count ? 0 : front &+ 1
          }
        }
      }
    }
    swap(&gaps, &self.gaps)
    self.front = front
  }

  /// A round from stage to stage; times in nanoseconds.
  fileprivate struct Round {
    /// What holds for all of it.
    let contextTokens: Int
    let windowContextTokens: Int
    let sequences: Int
    let pipe: PipeState
    let excess: StepExcess
    let host: Nanoseconds
    /// When the cohort is at the next stage.
    var arrives: Nanoseconds
    /// The hops of its last way once around, up to there.
    var hop: Nanoseconds
    /// The steps of the pass that is over, the last one and the longest before.
    var stepTime: Nanoseconds = 0
    var last: Nanoseconds = 0
    var longest: Nanoseconds = 0

    @inline(__always)
    init(_ cohort: Cohort) {
      contextTokens = cohort.contextTokens
      windowContextTokens = cohort.windowContextTokens
      sequences = cohort.sequences
      pipe = cohort.pipe
      excess = cohort.excess
      host = cohort.host
      arrives = cohort.tokensAt
      hop = cohort.hop
    }
  }
}

extension RoundLoop.Cohort {
  /// A token for every member, who each have one more behind them in the next round; returns the gap.
  @inline(__always)
  fileprivate mutating func appear() -> Nanoseconds {
    let gap = returns &- tokensAt
    tokensAt = returns
    contextTokens &+= sequences
    windowContextTokens &+= growing
    rounds &+= 1
    repeats &-= 1
    return gap
  }

  /// The pass that was under way is over, and the next one is.
  @inline(__always)
  fileprivate mutating func take(_ round: RoundLoop.Round) {
    returns = round.arrives
    stepTime &+= round.stepTime
    hopTime &+= hop
    hop = round.hop
    pipe = nextPipe
    if nextPipe == .full {
      excess = StepExcess(last: round.last, longest: round.longest, sampling: sampling)
    }
  }
}

extension RoundLoop.Lap {
  /// Finds the line that holds at the cohort's context.
  @inline(__always)
  fileprivate mutating func renewLine(
    _ round: RoundLoop.Round, _ prices: borrowing StepPiecesList
  ) {
    let (context, window) = (round.contextTokens, round.windowContextTokens)
    if line.holds(contextTokens: context, windowContextTokens: window) { return }
    var shape = BatchShape.decode(sequences: round.sequences, contextTokens: context)
    shape.windowContextTokens = window
    line = prices.decodeLine(shape, at: pieces)
  }
}

extension RoundLoop.Lane {
  /// A pass is over.
  @inline(__always)
  fileprivate mutating func settle(
    _ lap: RoundLoop.Lap, _ round: inout RoundLoop.Round, _ bubbles: inout BubbleParts,
    _ counts: UnsafeMutablePointer<UInt32>, isLast: Bool
  ) {
    let total = lap.total
    let idle = lap.begins &- idleSince
    if idle > 0 {
      bubbles.add(
        idle, round.pipe, hop: lap.round.hop, host: lap.round.host, excess: round.excess,
        step: total, isLast: isLast)
    }
    counts[stepTimes &+ StepHistogram.bucket(of: total)] &+= 1
    if round.last > round.longest { round.longest = round.last }
    round.last = total
    round.stepTime &+= total
    stepTime &+= total
    idleSince = lap.begins &+ total
  }

  /// The cohort crosses the stage again, up to the next one.
  @inline(__always)
  fileprivate mutating func pass(
    _ lap: inout RoundLoop.Lap, _ round: inout RoundLoop.Round, isLast: Bool,
    isAsynchronous: Bool
  ) {
    let hopBefore = lap.arrives &- lap.begins &- lap.total
    let begins = round.arrives > freeAt ? round.arrives : freeAt
    let total =
      lap.line.total(
        contextTokens: round.contextTokens, windowContextTokens: round.windowContextTokens)
      &+ lap.collectiveDelay
    let ends = begins &+ total
    var arrives = ends &+ lap.price.latency
    if !isLast {
      let leaves = StageClock.leave(at: ends > linksFreeAt ? ends : linksFreeAt, lap.price)
      linksFreeAt = leaves
      arrives = leaves &+ lap.price.latency
      if arrives < lastArrival { arrives = lastArrival }
      lastArrival = arrives
      lap.linksFreeAt = leaves
    }
    lap.begins = begins
    lap.total = total
    lap.arrives = arrives
    lap.round = StageRound(hop: round.hop, host: round.host &- lap.host)
    round.hop &+= arrives &- ends &- hopBefore
    freeAt = isAsynchronous ? ends : arrives
    round.arrives = arrives
  }
}
