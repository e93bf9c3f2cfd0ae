import EventKernel
import Inference

/// When a replica changes next of which every micro-batch repeats until then: a bound, never too late.
extension Simulator {
  /// Finds out how often a micro-batch repeats unless somebody else changes something: never, when its
  /// next return is a change already.
  mutating func study(_ batch: Int) {
    guard batches[batch].repeats < 0 else { return }
    let replica = Int(batches[batch].replica)
    batches[batch].gapShares.removeAll(keepingCapacity: true)
    batches[batch].repeats = 0
    // Old prices may be higher than those of the rounds to come.
    guard batches[batch].shape.prefillTokens == 0,
      batches[batch].priceEpoch == replicas[replica].priceEpoch, isSteady(batch, replica)
    else { return }
    let rounds = batches[batch].rounds
    let window = batches[batch].shape.window
    var tokensAt = rounds > 0 ? batches[batch].tokensAt : nil
    var repeats = Self.mostRepeats
    var growing: Int32 = 0
    var share = GapShare(workload: 0, count: 0)
    for member in batches[batch].members {
      let sequence = engines[Int(batches[batch].engine)].sequences[Int(member.sequence)]
      let slot = Int(sequence.request)
      repeats = min(repeats, sequence.output - sequence.generated - rounds - 1)
      if Int(sequence.computed) < window {
        growing += 1
        repeats = min(repeats, Int32(window) - sequence.computed)
      }
      if rounds == 0 {
        // The first gap is every member's own; most often they are alike.
        let last = requests[slot].lastToken
        if requests[slot].isRecovering || tokensAt ?? last != last { return }
        tokensAt = last
      }
      if metrics.counts(requests[slot].record.arrival) {
        if share.workload != requests[slot].record.workload {
          count(share, batch)
          share = GapShare(workload: requests[slot].record.workload, count: 0)
        }
        share.count += 1
      }
    }
    count(share, batch)
    batches[batch].repeats = repeats
    batches[batch].growing = growing
    batches[batch].tokensAt = tokensAt ?? 0
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
    let first = Int(replicas[replica].firstStage)
    let shape = batches[batch].shape
    for stage in first..<first + Int(replicas[replica].stageCount) {
      let index = Int(clocks[stage].pieces)
      guard pieces.holdsCommunication(at: index) else { continue }
      let line = pieces.decodeLine(shape, at: index)
      guard
        line.isSteady(
          contextTokens: shape.contextTokens, windowContextTokens: shape.windowContextTokens)
      else { return false }
    }
    return true
  }

  /// Counts members' gaps under their workload.
  private mutating func count(_ share: GapShare, _ batch: Int) {
    guard share.count > 0 else { return }
    for index in batches[batch].gapShares.indices
    where batches[batch].gapShares[index].workload == share.workload {
      batches[batch].gapShares[index].count += share.count
      return
    }
    batches[batch].gapShares.append(share)
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
