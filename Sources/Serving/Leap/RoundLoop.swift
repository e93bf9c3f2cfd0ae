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
    /// From when on the pass under way waits for its first stage, and when the cohort is back.
    var waitsSince: Nanoseconds
    var returns: Nanoseconds
    /// When its members' last tokens appeared.
    var tokensAt: Nanoseconds
    var rounds: Int32 = 0
    var repeats: Int32
    /// Sums over the passes that are over.
    var pipelineWait: Nanoseconds = 0
    var stepTime: Nanoseconds = 0
    var hopTime: Nanoseconds = 0
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
  }

  /// A stage.
  struct Lane: Sendable {
    var freeAt: Nanoseconds
    var linksFreeAt: Nanoseconds
    var lastArrival: Nanoseconds
    /// Since when it has been idle as far as its replica had work.
    var idleSince: Nanoseconds
    var bubble: Nanoseconds = 0
    var stepTime: Nanoseconds = 0
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
  mutating func run(through last: Nanoseconds, _ pieces: borrowing StepPiecesList) {
    let stages = lanes.count
    let isAsynchronous = isAsynchronous
    var (front, gaps): (Int, [Gap]) = (front, [])
    swap(&gaps, &self.gaps)
    cohorts.withUnsafeMutableBufferPointer { cohorts in
      laps.withUnsafeMutableBufferPointer { laps in
        lanes.withUnsafeMutableBufferPointer { lanes in
          while cohorts[front].returns <= last {
            precondition(cohorts[front].repeats > 0, "a replica has dozed through a change")
            let gap = cohorts[front].appear()
            gaps.append(Gap(cohort: Int32(truncatingIfNeeded: front), gap: gap))
            var arrived = cohorts[front].waitsSince
            var arrives = cohorts[front].tokensAt
            var place = front * stages
            for stage in 0..<stages {
              let before = laps[place].arrives
              lanes[stage].settle(laps[place], arrived: arrived, &cohorts[front])
              arrived = before
              laps[place].renewLine(cohorts[front], pieces)
              arrives = lanes[stage].pass(
                &laps[place], cohorts[front], arrived: arrives, isLast: stage == stages - 1,
                isAsynchronous: isAsynchronous)
              place += 1
            }
            cohorts[front].waitsSince = cohorts[front].tokensAt
            cohorts[front].returns = arrives
            front = front + 1 == cohorts.count ? 0 : front + 1
          }
        }
      }
    }
    swap(&gaps, &self.gaps)
    self.front = front
  }
}

extension RoundLoop.Cohort {
  /// A token for every member, who each have one more behind them in the next round; returns the gap.
  @inline(__always)
  fileprivate mutating func appear() -> Nanoseconds {
    let gap = returns - tokensAt
    tokensAt = returns
    contextTokens += sequences
    windowContextTokens += growing
    rounds += 1
    repeats -= 1
    return gap
  }
}

extension RoundLoop.Lap {
  /// Finds the line that holds at the cohort's context.
  @inline(__always)
  fileprivate mutating func renewLine(
    _ cohort: RoundLoop.Cohort, _ prices: borrowing StepPiecesList
  ) {
    let (context, window) = (cohort.contextTokens, cohort.windowContextTokens)
    if line.holds(contextTokens: context, windowContextTokens: window) { return }
    var shape = BatchShape.decode(sequences: cohort.sequences, contextTokens: context)
    shape.windowContextTokens = window
    line = prices.decodeLine(shape, at: pieces)
  }
}

extension RoundLoop.Lane {
  /// A pass is over.
  @inline(__always)
  fileprivate mutating func settle(
    _ lap: RoundLoop.Lap, arrived: Nanoseconds, _ cohort: inout RoundLoop.Cohort
  ) {
    let ends = lap.begins + lap.total
    cohort.pipelineWait += lap.begins - arrived
    cohort.stepTime += lap.total
    cohort.hopTime += lap.arrives - ends
    bubble += lap.begins - idleSince
    stepTime += lap.total
    idleSince = ends
  }

  /// The cohort crosses the stage again; returns when it is at the next one.
  @inline(__always)
  fileprivate mutating func pass(
    _ lap: inout RoundLoop.Lap, _ cohort: RoundLoop.Cohort, arrived: Nanoseconds, isLast: Bool,
    isAsynchronous: Bool
  ) -> Nanoseconds {
    let begins = max(arrived, freeAt)
    let total =
      lap.line.total(
        contextTokens: cohort.contextTokens, windowContextTokens: cohort.windowContextTokens)
      + lap.collectiveDelay
    let ends = begins + total
    var arrives = ends + lap.price.latency
    if !isLast {
      linksFreeAt = StageClock.leave(at: max(ends, linksFreeAt), lap.price)
      arrives = max(linksFreeAt + lap.price.latency, lastArrival)
      lastArrival = arrives
      lap.linksFreeAt = linksFreeAt
    }
    lap.begins = begins
    lap.total = total
    lap.arrives = arrives
    freeAt = isAsynchronous ? ends : arrives
    return arrives
  }
}
