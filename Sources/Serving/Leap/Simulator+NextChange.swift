import EventKernel
import Inference

/// When a replica changes next of which every micro-batch repeats until then: a bound, never too late.
extension Simulator {
  /// Finds out how often a micro-batch repeats unless somebody else changes something: never, when its
  /// next return is a change already.
  mutating func study(_ batch: Int) {
    guard batches[batch].repeats < 0 else { return }
    let replica = Int(batches[batch].replica)
    batches[batch].repeats = 0
    // Old prices may be higher than those of the rounds to come; and rounds know nothing of draining.
    guard batches[batch].shape.prefillTokens == 0, batches[batch].pipe != .draining,
      batches[batch].priceEpoch == replicas[replica].priceEpoch, isSteady(batch, replica)
    else { return }
    let outlook = outlook(batch)
    if outlook.repeats == 0 { return }
    batches[batch].repeats = outlook.repeats
    batches[batch].growing = outlook.growing
    batches[batch].tokensAt = outlook.tokensAt ?? 0
    countMembers(batch, outlook)
  }

  /// What a micro-batch's members say about its rounds.
  private struct Outlook {
    /// Rounds before one of them changes.
    var repeats: Int32
    /// Those whom a round brings nearer to the model's window.
    var growing: Int32 = 0
    /// When their last tokens appeared.
    var tokensAt: Nanoseconds?
    /// Those whose gaps count, of the workload of the first of them; whether there are others.
    var share = GapShare(workload: 0, count: 0)
    var hasOthers = false
  }

  private func outlook(_ batch: Int) -> Outlook {
    let rounds = batches[batch].rounds
    let (window, warmup) = (batches[batch].shape.window, scenario.warmup)
    var outlook = Outlook(repeats: Self.mostRepeats)
    if rounds > 0 { outlook.tokensAt = batches[batch].tokensAt }
    let members = batches[batch].members
    let sequences = engines[Int(batches[batch].engine)].sequences
    // Spans, because a subscript copies more of a request than is read.
    let (sequence, request) = (sequences.span, requests.span)
    for member in members {
      let place = Int(member.sequence)
      let slot = Int(sequence[place].request)
      let left = sequence[place].output &- sequence[place].generated &- rounds &- 1
      outlook.repeats = min(outlook.repeats, left)
      let computed = sequence[place].computed
      if Int(computed) < window {
        outlook.growing &+= 1
        outlook.repeats = min(outlook.repeats, Int32(window) &- computed)
      }
      if rounds == 0 {
        // The first gap is every member's own; most often they are alike.
        let last = request[slot].lastToken
        if request[slot].isRecovering || outlook.tokensAt ?? last != last {
          return Outlook(repeats: 0)
        }
        outlook.tokensAt = last
      }
      if request[slot].record.arrival < warmup { continue }
      let workload = request[slot].record.workload
      if outlook.share.count == 0 { outlook.share.workload = workload }
      if outlook.share.workload != workload { outlook.hasOthers = true }
      outlook.share.count &+= 1
    }
    return outlook
  }

  /// Counts the members whose gaps count by workload; mostly they belong to one.
  private mutating func countMembers(_ batch: Int, _ outlook: Outlook) {
    if !outlook.hasOthers, batches[batch].gapShares.count == 1 {
      batches[batch].gapShares[0] = outlook.share
      return
    }
    batches[batch].gapShares.removeAll(keepingCapacity: true)
    if !outlook.hasOthers {
      batches[batch].gapShares.append(outlook.share)
      return
    }
    let engine = Int(batches[batch].engine)
    for member in batches[batch].members {
      let slot = Int(engines[engine].sequences[Int(member.sequence)].request)
      let (arrival, workload) = (requests[slot].record.arrival, requests[slot].record.workload)
      if metrics.counts(arrival) { batches[batch].gapShares.count(workload) }
    }
  }

  /// What was found out about the micro-batches in flight holds no longer.
  mutating func forgetRepeats(_ replica: Int) {
    replicas[replica].isShortOfBlocks = false
    for position in 0..<replicas[replica].passing.count {
      batches[Int(replicas[replica].passing[position])].repeats = -1
    }
  }

  /// Whether only the total of its steps, and no other part of them, changes with the context.
  private func isSteady(_ batch: Int, _ replica: Int) -> Bool {
    let start = batch * mostStages
    let shape = batches[batch].shape
    let lines = lines.span
    for place in start..<start + Int(replicas[replica].stageCount) {
      guard
        lines[place].line.isSteady(
          contextTokens: shape.contextTokens, windowContextTokens: shape.windowContextTokens)
      else { return false }
    }
    return true
  }

  /// The most rounds of one doze and the longest round, in nanoseconds, that count in the bound on
  /// their time, so that it has no overflow; what is beyond makes the bound earlier.
  private static var mostRepeats: Int32 { 1 << 12 }
  private static var longestRound: Nanoseconds { 1 << 45 }
  /// Fewer rounds of all micro-batches together than this are not worth a doze.
  private static var fewestRounds: Int { 2 }

  /// A time, in nanoseconds, before which the replica takes nothing but dull rounds; nil when that is
  /// too near to be worth a doze.
  ///
  /// The next change is the return of a prefill, or that at which some sequence has its last token,
  /// leaves its window, or may find no block. Until then a micro-batch that repeats takes at least its way
  /// through the stages with nobody before it, and at least the time that all micro-batches together take
  /// on the busiest stage; both at its present context, as a step never gets shorter with its context.
  mutating func nextChange(_ replica: Int) -> Nanoseconds? {
    if !isWorthADoze(replica) { return nil }
    limitByBlocks(replica)
    if !isWorthADoze(replica) { return nil }
    let count = Int(replicas[replica].stageCount)
    let inFlight = replicas[replica].passing.count
    var busiest = 0
    var busiestTime: Nanoseconds = 0
    for index in 0..<count {
      var time: Nanoseconds = 0
      for position in 0..<inFlight {
        let batch = Int(replicas[replica].passing[position])
        let total = passes[batch * mostStages + index].cost.total
        // Steps of no time could return together and be formed as one.
        if total <= 0 { return nil }
        time += total
      }
      if time > busiestTime { (busiest, busiestTime) = (index, time) }
    }
    var nearest = Nanoseconds.max
    for position in 0..<inFlight {
      let batch = Int(replicas[replica].passing[position])
      let repeats = batches[batch].repeats
      let alone = way(batch, from: 0, to: count)
      let behind = way(batch, from: busiest, to: count)
      let ownBound = batches[batch].returns + Nanoseconds(repeats) * alone
      let sharedBound =
        passes[batch * mostStages + busiest].begins
        + Nanoseconds(repeats) * min(busiestTime, Self.longestRound) + behind
      nearest = min(nearest, max(ownBound, sharedBound))
    }
    return nearest
  }

  /// Whether enough rounds lie before the next change; micro-batches return in turn.
  private func isWorthADoze(_ replica: Int) -> Bool {
    let inFlight = replicas[replica].passing.count
    for position in 0..<inFlight {
      let repeats = batches[Int(replicas[replica].passing[position])].repeats
      if Int(repeats) * inFlight + position < Self.fewestRounds { return false }
    }
    return true
  }

  /// What a micro-batch takes from a stage on when nobody is before it.
  private func way(_ batch: Int, from index: Int, to count: Int) -> Nanoseconds {
    var time: Nanoseconds = 0
    for index in index..<count {
      let pass = passes[batch * mostStages + index]
      let part = pass.cost.total + pass.price.latency + pass.price.transfer
      time = min(time + part, Self.longestRound)
    }
    return time
  }

  /// Rounds for which there are blocks whatever the phase of each sequence in its last block.
  private mutating func limitByBlocks(_ replica: Int) {
    for engine in replicas[replica].engines { limitByBlocks(replica, engine) }
  }

  private mutating func limitByBlocks(_ replica: Int, _ engine: Int) {
    let free = engines[engine].freeBlocks
    let blockTokens = engines[engine].blockTokens
    let inFlight = replicas[replica].passing.count
    var wanted = 0
    var members = 0
    for position in 0..<inFlight {
      let batch = Int(replicas[replica].passing[position])
      guard Int(batches[batch].engine) == engine else { continue }
      let blocks = (Int(batches[batch].repeats) + blockTokens - 1) / blockTokens
      wanted += batches[batch].members.count * blocks
      members += batches[batch].members.count
    }
    guard wanted > free else { return }
    replicas[replica].isShortOfBlocks = true
    let rounds = Int32(clamping: free / max(1, members) * blockTokens)
    for position in 0..<inFlight {
      let batch = Int(replicas[replica].passing[position])
      guard Int(batches[batch].engine) == engine else { continue }
      batches[batch].repeats = min(batches[batch].repeats, rounds)
    }
  }
}

/// Members of a micro-batch that count in the gaps of one workload.
struct GapShare: Sendable {
  var workload: Int32
  var count: Int64
}

extension [GapShare] {
  /// Counts a member's gaps under its workload.
  fileprivate mutating func count(_ workload: Int32) {
    if let known = firstIndex(where: { $0.workload == workload }) {
      self[known].count += 1
    } else {
      append(GapShare(workload: workload, count: 1))
    }
  }
}
