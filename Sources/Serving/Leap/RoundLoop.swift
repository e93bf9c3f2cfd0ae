import EventKernel
import Inference

/// The dull rounds of one replica, one after the other: no queue, no members, and its passages, lines and
/// stages where they lie.
///
/// The micro-batch that set out first returns, each of its members gets a token, it is formed again and
/// goes through the stages behind the others; and so on up to an instant. The rules are those of
/// `Passage.swift`; what a round leaves unchanged is credited once, by the number of rounds, when the
/// loop's figures go back to where they came from (`Simulator+Rounds`).
struct RoundLoop: Sendable {
  /// A micro-batch in the loop; times in nanoseconds.
  struct Cohort: Sendable {
    /// Its place among the micro-batches, and where its passages begin.
    let batch: Int
    let start: Int
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
    /// What the hops and host parts of the pass under way take, what made the steps of the pass before
    /// unequal, and what LM head and sampler take of every pass.
    var round: StageRound
    var excess: StepExcess
    let sampling: Nanoseconds
    /// Where the gaps between its members' tokens are written, one for each round.
    let firstGap: Int
  }

  /// What the loop reads and writes where it lies: all passages and their lines, the replica's stages, and
  /// how the times of all steps are spread.
  struct Storage {
    let passes: UnsafeMutablePointer<StagePass>
    let lines: UnsafeMutablePointer<PassLine>
    let clocks: UnsafeMutablePointer<StageClock>
    let counts: UnsafeMutablePointer<UInt32>
    /// The replica's stages.
    let stages: Int
    /// What its work time is at time 0, in nanoseconds.
    let work: Nanoseconds
    /// Whether a stage is free while its output travels.
    let isAsynchronous: Bool
  }

  /// The micro-batches in the order in which they set out, and which of them is first now.
  private(set) var cohorts: [Cohort] = []
  private(set) var front = 0
  /// Gaps between two tokens of every member, cohort after cohort.
  private(set) var gaps: [Nanoseconds] = []
  private var gapCount = 0

  mutating func clear() {
    cohorts.removeAll(keepingCapacity: true)
    gapCount = 0
    front = 0
  }

  /// Where the gaps of the next cohort are written, when it repeats so often.
  mutating func reserveGaps(_ repeats: Int32) -> Int {
    let first = gapCount
    gapCount += Int(repeats)
    if gapCount > gaps.count {
      gaps.append(contentsOf: repeatElement(0, count: gapCount - gaps.count))
    }
    return first
  }

  mutating func append(_ cohort: Cohort) { cohorts.append(cohort) }

  /// Takes the rounds whose return is not after an instant, at the prices of `pieces`.
  ///
  /// Times are so far from overflow that nothing here checks for it. The storage is walked by pointers, as
  /// spans of three arrays and the counts cannot be kept in one value.
  mutating func run(
    through last: Nanoseconds, _ pieces: borrowing StepPiecesList, in storage: Storage
  ) {
    let start = front
    front = cohorts.withUnsafeMutableBufferPointer { cohorts in
      gaps.withUnsafeMutableBufferPointer { gaps in
        guard let first = cohorts.baseAddress, let gaps = gaps.baseAddress else { return start }
        let end = first + cohorts.count
        var cohort = first + start
        // Safe: `cohort` stays inside the cohorts, of which there are some.
        while cohort.pointee.returns <= last {
          precondition(cohort.pointee.repeats > 0, "a replica has dozed through a change")
          // Safe: room is reserved for as many gaps as the cohort has repeats.
          let gap = gaps + cohort.pointee.firstGap + Int(cohort.pointee.rounds)
          gap.pointee = cohort.pointee.appear()
          var round = Round(cohort.pointee)
          let (passes, lines) = (
            storage.passes + cohort.pointee.start, storage.lines + cohort.pointee.start
          )
          // Safe: a micro-batch has a passage and a line for each stage of its replica.
          for stage in 0..<storage.stages {
            round.cross(&passes[stage], &lines[stage], &storage.clocks[stage], pieces, storage)
          }
          cohort.pointee.take(round)
          cohort += 1
          if cohort == end { cohort = first }
        }
        return cohort - first
      }
    }
  }

  /// A round from stage to stage; times in nanoseconds.
  fileprivate struct Round {
    /// What holds for all of it.
    let contextTokens: Int
    let windowContextTokens: Int
    let sequences: Int
    let pipe: PipeState
    let excess: StepExcess
    /// When the cohort is at the next stage.
    var arrives: Nanoseconds
    /// The hops and host parts of its last way once around, up to there.
    var spent: StageRound
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
      arrives = cohort.tokensAt
      spent = cohort.round
    }
  }
}

/// The time of a passage's step without prefill by its context; where it no longer holds, the round that
/// needs it renews it.
struct PassLine: Sendable {
  var line: DecodeLine
  /// What slower collectives add, in nanoseconds.
  var collectiveDelay: Nanoseconds = 0

  static var unknown: PassLine { PassLine(line: .unknown) }
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
  fileprivate mutating func take(_ next: RoundLoop.Round) {
    returns = next.arrives
    stepTime &+= next.stepTime
    hopTime &+= round.hop
    round.hop = next.spent.hop
    pipe = nextPipe
    if nextPipe == .full {
      excess = StepExcess(last: next.last, longest: next.longest, sampling: sampling)
    }
  }
}

extension RoundLoop.Round {
  /// The cohort's pass through a stage is over, and it crosses the stage again, up to the next one.
  @inline(__always)
  mutating func cross(
    _ pass: inout StagePass, _ line: inout PassLine, _ clock: inout StageClock,
    _ pieces: borrowing StepPiecesList, _ storage: RoundLoop.Storage
  ) {
    settle(pass, &clock, storage)
    if !line.line.holds(contextTokens: contextTokens, windowContextTokens: windowContextTokens) {
      renew(&line, pieces, at: Int(clock.pieces))
    }
    let hopBefore = pass.hop
    let begins = max(arrives, clock.freeAt)
    let total =
      line.line.total(contextTokens: contextTokens, windowContextTokens: windowContextTokens)
      &+ line.collectiveDelay
    let ends = begins &+ total
    pass.begins = begins
    pass.cost.total = total
    pass.round = StageRound(hop: spent.hop, host: spent.host &- pass.cost.host)
    var next = ends &+ pass.price.latency
    if !clock.isLast {
      let leaves = StageClock.leave(at: max(ends, clock.linksFreeAt), pass.price)
      clock.linksFreeAt = leaves
      next = max(leaves &+ pass.price.latency, clock.lastArrival)
      clock.lastArrival = next
      pass.linksFreeAt = leaves
    }
    pass.arrives = next
    spent.hop &+= next &- ends &- hopBefore
    clock.freeAt = storage.isAsynchronous ? ends : next
    arrives = next
  }

  /// A pass is over.
  @inline(__always)
  private mutating func settle(
    _ pass: StagePass, _ clock: inout StageClock, _ storage: RoundLoop.Storage
  ) {
    let total = pass.cost.total
    let idle = pass.begins &+ storage.work &- clock.workAtIdle
    if idle > 0 {
      clock.bubbles.add(
        idle, pipe, hop: pass.round.hop, host: pass.round.host, excess: excess, step: total,
        isLast: clock.isLast)
    }
    storage.counts[Int(clock.stepTimes) &+ StepHistogram.bucket(of: total)] &+= 1
    if last > longest { longest = last }
    last = total
    stepTime &+= total
    clock.stepTime &+= total
    clock.workAtIdle = pass.ends &+ storage.work
  }

  /// Finds the line that holds at the cohort's context.
  @inline(never)
  private func renew(
    _ line: inout PassLine, _ pieces: borrowing StepPiecesList, at index: Int
  ) {
    var shape = BatchShape.decode(sequences: sequences, contextTokens: contextTokens)
    shape.windowContextTokens = windowContextTokens
    line.line = pieces.decodeLine(shape, at: index)
  }
}
