import EventKernel
import Inference

/// An instant, and how far its events have come: those before this one have happened.
struct EventKey {
  var time: Nanoseconds
  var payload: UInt64

  @inline(__always)
  static func < (left: EventKey, right: EventKey) -> Bool {
    left.time < right.time || (left.time == right.time && left.payload < right.payload)
  }
}

/// Leaping over dull steps.
///
/// When every micro-batch in flight will be formed again with the same sequences, one token each, until
/// one of them ends a prefill or a sequence has its last token, the replica dozes off: it leaves the
/// event queue, and wakes at a time before which nothing but such rounds can happen. Whoever needs it earlier (a request for it, a
/// sample, other prices, the end of the run) has it catch up: the rounds up to that instant are taken in
/// a loop, at the prices of every other step.
extension Simulator {
  /// After a dispatch: the replica dozes if enough dull rounds lie ahead.
  mutating func dozeOff(_ replica: Int) {
    guard leaps, !replicas[replica].isDraining, mayRepeat(replica), stepDraw(replica) == nil,
      enginesRepeat(replica)
    else { return }
    for position in 0..<replicas[replica].passing.count {
      study(Int(replicas[replica].passing[position]))
    }
    guard let time = nextChange(replica) else { return }
    replicas[replica].isDozing = true
    replicas[replica].epoch &+= 1
    push(Event(.wake, Int32(replica), replicas[replica].epoch), at: time)
  }

  /// Whether nothing says at once that the micro-batch that is back first is not repeated.
  private func mayRepeat(_ replica: Int) -> Bool {
    guard let next = replicas[replica].passing.first else { return false }
    let batches = batches.span
    return batches[Int(next)].shape.prefillTokens == 0 && batches[Int(next)].repeats != 0
  }

  /// Whether every engine of a replica will plan as it did.
  private mutating func enginesRepeat(_ replica: Int) -> Bool {
    for engine in replicas[replica].engines {
      let view = engines[engine].view()
      if !batching[engine].repeats(view) { return false }
      if discipline.preempts, engines[engine].mayMakeRoom { return false }
      if view.blocksToReturn <= view.admissibleBlocks,
        view.runningCount < batching[engine].maximumRunning(stages: view.stages)
      {
        return false
      }
    }
    return true
  }

  /// A dozing replica may be near its next change: it dozes on, or is awake from now on.
  mutating func wake(_ replica: Int, epoch: UInt32) {
    guard replicas[replica].epoch == epoch else { return }
    catchUp(replica)
    if let time = nextChange(replica) {
      push(Event(.wake, Int32(replica), epoch), at: time)
    } else {
      awaken(replica)
    }
  }

  /// The replica is in the event queue again, at the state that it has now.
  mutating func awaken(_ replica: Int) {
    catchUp(replica)
    replicas[replica].isDozing = false
    replicas[replica].epoch &+= 1
    if replicas[replica].isShortOfBlocks { forgetRepeats(replica) }
    guard let next = replicas[replica].passing.first else { return }
    let event = returnEvent(replica)
    if EventKey(time: batches[Int(next)].returns, payload: event.packed) < reached {
      // It returned at this very instant, before the event that woke the replica.
      returnFromPassage(Int(event.entity), epoch: event.argument)
    } else {
      expectReturn(of: Int(next), replica)
    }
  }
}
