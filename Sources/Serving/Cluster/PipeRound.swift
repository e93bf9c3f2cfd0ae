import EventKernel
import Inference

/// How full the pipe was when a micro-batch had been formed, with all others of that instant.
enum PipeState: UInt8, Sendable {
  /// As many micro-batches in flight as stages, as before.
  case full
  /// The same, and what the micro-batch, the one before it or its sequences' last one prefills differs.
  case mixed
  /// Fewer, though there are as many requests as stages.
  case cohort
  /// Fewer, as there are fewer requests; or it has just filled.
  case empty
  /// The replica takes no new requests: what its stages are idle is no bubble.
  case draining
}

/// What a micro-batch's sequences spent behind a stage, in nanoseconds: on the hop from it to the next
/// one, or back to the engine, and in the host part of its step.
struct StageRound: Sendable {
  var hop: Nanoseconds = 0
  var host: Nanoseconds = 0
}

/// What a step prefills, as far as it makes it unlike others.
struct PrefillMark: Sendable, Hashable {
  var tokens = 0
  var pairs = 0

  init() {}

  init(_ shape: BatchShape) {
    tokens = shape.prefillTokens
    pairs = shape.attentionPairs
  }
}

/// A way through all stages that is over, and at whose end the next one begins.
struct RoundBefore: Sendable {
  /// When it ended; -1 when there was none, or another way through has begun at its end.
  var ended: Nanoseconds = -1
  /// Its hops, the way back among them, and the host parts of its steps.
  var round = StageRound()
  /// What LM head and sampler made its last step longer than all others, and its longest step without that.
  var excess = StepExcess()
  var prefill = PrefillMark()
}

/// What a passage that is over tells about the next one's idle stages.
struct PassageTally: Sendable {
  let pipe: PipeState
  let excess: StepExcess
  /// All of its hops and host parts.
  var round = StageRound()
  /// Its last step and the longest before, in nanoseconds.
  var last: Nanoseconds = 0
  var longest: Nanoseconds = 0

  @inline(__always)
  init(_ pipe: PipeState, _ excess: StepExcess) {
    self.pipe = pipe
    self.excess = excess
  }

  @inline(__always)
  mutating func add(_ stage: StageRound, step: Nanoseconds) {
    round.hop &+= stage.hop
    round.host &+= stage.host
    if last > longest { longest = last }
    last = step
  }
}

/// By how much a micro-batch's step on the last stage is longer than all its others because of LM head and
/// sampler, and its longest step without that; nanoseconds.
struct StepExcess: Sendable {
  var sampling: Nanoseconds = 0
  var longest: Nanoseconds = 0

  init() {}

  /// - Parameters:
  ///   - last: The step on the last stage.
  ///   - longest: The longest of the others.
  ///   - sampling: What LM head and sampler took of the last one.
  @inline(__always)
  init(last: Nanoseconds, longest: Nanoseconds, sampling: Nanoseconds) {
    self.sampling = max(0, min(sampling, last &- longest))
    self.longest = max(longest, last) &- self.sampling
  }
}

extension BubbleParts {
  /// Adds the idle time of a stage before a step; each cause takes what it can explain of what those
  /// before it leave.
  ///
  /// - Parameters:
  ///   - idle: The idle time.
  ///   - pipe: How full the pipe was.
  ///   - hop: What its sequences spent on hops since they left the stage.
  ///   - host: What they spent in host parts of other stages' steps since then.
  ///   - excess: What made their steps unequal when they went through the stages before.
  ///   - step: What the step takes that begins now.
  ///   - isLast: Whether the stage is the last.
  @inline(__always)
  mutating func add(
    _ idle: Nanoseconds, _ pipe: PipeState, hop: Nanoseconds, host: Nanoseconds,
    excess: StepExcess, step: Nanoseconds, isLast: Bool
  ) {
    if idle <= hop {
      self.hop &+= idle
      return
    }
    self.hop &+= hop
    let rest = idle &- hop
    switch pipe {
    case .full:
      let sampled = isLast ? 0 : min(rest, excess.sampling)
      let uneven = min(rest &- sampled, max(0, excess.longest &- step))
      sampling &+= sampled
      partition &+= uneven
      cohort &+= rest &- sampled &- uneven
    case .mixed: prefill &+= rest
    case .cohort, .empty, .draining:
      let waiting = min(rest, host)
      self.host &+= waiting
      if pipe == .cohort { cohort &+= rest &- waiting } else { empty &+= rest &- waiting }
    }
  }
}
