import EventKernel
import Network

/// Prices that bulk flows and other pipelines change while micro-batches are under way.
extension Simulator {
  /// Grows whenever some hop or collective may have another price.
  @inline(__always)
  var priceChanges: Int { network.changeCount &+ topologyChanges }

  /// After an event that may have changed prices: what is under way is computed anew from now on.
  mutating func priceAnew() {
    pricedAtChange = priceChanges
    var (kept, position) = (0, 0)
    while position < passingReplicas.count {
      let replica = Int(passingReplicas[position])
      position += 1
      if replicas[replica].passing.isEmpty {
        replicas[replica].isListedAsPassing = false
        continue
      }
      passingReplicas[kept] = Int32(replica)
      kept += 1
      priceAnew(replica)
    }
    passingReplicas.removeLast(passingReplicas.count - kept)
  }

  /// A replica whose first micro-batch sets out: prices matter to it from now on.
  @inline(__always)
  mutating func listAsPassing(_ replica: Int) {
    if replicas[replica].isListedAsPassing { return }
    replicas[replica].isListedAsPassing = true
    passingReplicas.append(Int32(replica))
  }

  private mutating func priceAnew(_ replica: Int) {
    guard pricesDiffer(replica) else {
      replicas[replica].pricedAtChange = priceChanges
      return
    }
    // Up to now the old prices hold.
    if replicas[replica].isDozing { awaken(replica) }
    reprice(replica)
    passAnew(replica)
  }

  /// Computes the passages under way again; what has begun stays as it is.
  private mutating func passAnew(_ replica: Int) {
    let first = Int(replicas[replica].firstStage)
    for stage in first..<first + Int(replicas[replica].stageCount) {
      // What went before has left all of it by now.
      clocks[stage].freeAt = 0
      clocks[stage].linksFreeAt = 0
      clocks[stage].lastArrival = 0
    }
    for position in 0..<replicas[replica].passing.count {
      pass(Int(replicas[replica].passing[position]), keeping: now)
    }
    replicas[replica].priceEpoch &+= 1
    forgetRepeats(replica)
    replicas[replica].epoch &+= 1
    if let next = replicas[replica].passing.first { expectReturn(of: Int(next), replica) }
  }

  /// Whether a price of the replica is not what it was.
  private mutating func pricesDiffer(_ replica: Int) -> Bool {
    let first = Int(replicas[replica].firstStage)
    for stage in first..<first + Int(replicas[replica].stageCount) {
      let before = (clocks[stage].collectiveScale, stages[stage].hop.bandwidth)
      let change = (stages[stage].collectivesPricedAtChange, stages[stage].hop.pricedAtChange)
      priceCollectives(stage)
      priceHop(stage)
      let isSame = before == (clocks[stage].collectiveScale, stages[stage].hop.bandwidth)
      (clocks[stage].collectiveScale, stages[stage].hop.bandwidth) = before
      if !isSame {
        (stages[stage].collectivesPricedAtChange, stages[stage].hop.pricedAtChange) = change
        return true
      }
    }
    return false
  }

  /// Prices the hops and collectives of a replica as they are now.
  mutating func reprice(_ replica: Int) {
    replicas[replica].pricedAtChange = priceChanges
    let first = Int(replicas[replica].firstStage)
    for stage in first..<first + Int(replicas[replica].stageCount) {
      priceCollectives(stage)
      priceHop(stage)
    }
  }
}
