import EventKernel
import Inference

/// When a replica of which every micro-batch repeats changes next: never too late.
extension Simulator {
  /// How often a micro-batch repeats unless somebody else changes something; false when its next return
  /// is a change already.
  mutating func studyMembers(_ batch: Int) -> Bool {
    if batches[batch].repeats >= 0 { return batches[batch].repeats > 0 }
    let replica = Int(batches[batch].replica)
    // Old prices may be higher than those of the rounds to come.
    guard batches[batch].shape.prefillTokens == 0,
      batches[batch].priceEpoch == replicas[replica].priceEpoch
    else { return false }
    let rounds = batches[batch].rounds
    var repeats = Int32.max
    var growing: Int32 = 0
    batches[batch].gapShares.removeAll(keepingCapacity: true)
    let window = batches[batch].shape.window
    let tokensAt = rounds > 0 ? batches[batch].tokensAt : nil
    var common = tokensAt
    var share = GapShare(workload: 0, count: 0)
    guard isSteady(batch, replica) else { return false }
    for member in batches[batch].members {
      let sequence = replicas[replica].engine.sequences[Int(member.sequence)]
      let slot = Int(sequence.request)
      repeats = min(repeats, sequence.output - sequence.generated - rounds - 1)
      if Int(sequence.computed) < window {
        growing += 1
        repeats = min(repeats, Int32(window) - sequence.computed)
      }
      if requests[slot].isRecovering { return false }
      if tokensAt == nil {
        // The first gap is every member's own; most often they are alike.
        if let common, common != requests[slot].lastToken { return false }
        common = requests[slot].lastToken
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
    batches[batch].repeats = min(repeats, Self.mostRepeats)
    batches[batch].growing = growing
    batches[batch].tokensAt = common ?? 0
    return repeats > 0
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

  /// The most rounds of one sleep; a bound on their time in nanoseconds then has no overflow.
  private static var mostRepeats: Int32 { 1 << 16 }
  /// Fewer rounds than this are not worth a sleep.
  private static var fewestRepeats: Int32 { 2 }

  /// A time, in nanoseconds, before which the replica takes nothing but dull rounds; nil when that is
  /// too near to be worth a sleep.
  ///
  /// The next change is the return at which some sequence has its last token, leaves its window, or
  /// may find no block. A micro-batch that repeats takes at least its way through the stages with nobody
  /// before it, and at least the time that all micro-batches together take on the busiest stage; both
  /// at its present context, as a step never gets shorter with its context.
  mutating func nextChange(_ replica: Int) -> Nanoseconds? {
    limitByBlocks(replica)
    let first = Int(replicas[replica].firstStage)
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
      guard repeats >= Self.fewestRepeats else { return nil }
      let alone = way(batch, from: 0, to: count, first)
      let behind = way(batch, from: busiest, to: count, first)
      let ownBound = batches[batch].returns + Nanoseconds(repeats) * alone
      let sharedBound =
        passes[batch * mostStages + busiest].begins + Nanoseconds(repeats) * busiestTime + behind
      nearest = min(nearest, max(ownBound, sharedBound))
    }
    return nearest
  }

  /// What a micro-batch takes from a stage on when nobody is before it.
  private func way(_ batch: Int, from index: Int, to count: Int, _ first: Int) -> Nanoseconds {
    var time: Nanoseconds = 0
    for index in index..<count {
      let pass = passes[batch * mostStages + index]
      time += pass.cost.total + pass.price.latency + pass.price.transfer
    }
    return time
  }

  /// Rounds for which there are blocks whatever the phase of each sequence in its last block.
  private mutating func limitByBlocks(_ replica: Int) {
    let free = replicas[replica].engine.freeBlocks
    let blockTokens = replicas[replica].engine.blockTokens
    let inFlight = replicas[replica].passing.count
    var wanted = 0
    var members = 0
    for position in 0..<inFlight {
      let batch = Int(replicas[replica].passing[position])
      let blocks = (Int(batches[batch].repeats) + blockTokens - 1) / blockTokens
      wanted += batches[batch].members.count * blocks
      members += batches[batch].members.count
    }
    guard wanted > free else { return }
    let rounds = Int32(clamping: free / max(1, members) * blockTokens)
    for position in 0..<inFlight {
      let batch = Int(replicas[replica].passing[position])
      batches[batch].repeats = min(batches[batch].repeats, rounds)
    }
  }
}

/// Members of a micro-batch that count in the gaps of one workload.
struct GapShare: Sendable {
  var workload: Int32
  var count: Int64
}
