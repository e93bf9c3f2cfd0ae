import EventKernel
import Hardware
import Inference
import Network
import Workload

/// The end of the run: what is still under way is labelled up to the last instant, ledgers close.
extension Simulator {
  mutating func end(at time: Nanoseconds) {
    now = time
    isClosing = true
    reached = EventKey(time: time, payload: .max)
    if usesPassages { cutPassages() }
    labelInFlight()
    labelLeftovers()
    for demand in demands {
      var record = demand
      record.abandoned = now
      record.waits.wait(for: .none, at: now)
      emit(record)
    }
    for replica in replicas.indices { endReplica(replica) }
    fragmentation = cluster.meter.summary(fragmentMeasure, at: now)
    cluster.closeLedgers(at: now)
    for gpu in cluster.gpus.indices {
      metrics.ended(cluster.gpus[gpu].record, price: cluster.node(of: Int32(gpu)).gpu)
      records.record(cluster.gpus[gpu].record)
    }
    creditHopsUnderWay()
    recordLinks()
    digest.add(itl: metrics.itlHistogram)
    log?.log(LoggedEvent(now, .end))
    checkTotals()
  }

  private mutating func endReplica(_ replica: Int) {
    switch replicas[replica].phase {
    case .ended: return
    case .demanded:
      replicas[replica].phase = .ended
      replicas[replica].record.released = now
      emit(replicas[replica].record)
    case .starting, .ready, .asleep:
      dismantle(replica)
    }
  }

  /// Members of micro-batches under way get what their micro-batch has done so far.
  private mutating func labelInFlight() {
    let idle = Set(freeBatches)
    let underWay = batches.indices.filter { !idle.contains(Int32($0)) }
    // Of a request's chunks, the one that set out first comes first.
    for batch in underWay.sorted(by: { batches[$0].number < batches[$1].number }) {
      let elapsed = now - batches[batch].since
      switch batches[batch].state {
      case .waiting:
        if batches[batch].begun >= 0 { batches[batch].sums.pipelineWait += elapsed }
      case .hopping: batches[batch].sums.commPipeline += elapsed
      case .executing: creditPartialStep(batch, elapsed: elapsed)
      }
      if batches[batch].begun >= 0 {
        creditIdle(batch)
        labelUnfinished(batch)
      }
    }
  }

  /// The part of a step up to now; its labels in proportion, rounded down, compute gets the rest.
  private mutating func creditPartialStep(_ batch: Int, elapsed: Nanoseconds) {
    let step = batches[batch].step
    let stage = Int(batches[batch].stage)
    guard step.total > 0 else { return }
    func part(_ whole: Nanoseconds) -> Nanoseconds {
      let (high, low) = whole.multipliedFullWidth(by: elapsed)
      return step.total.dividingFullWidth((high, low)).quotient
    }
    let tensor = part(step.tensorCommunication)
    let expert = part(step.expertCommunication)
    let host = part(step.host)
    batches[batch].sums.commTensor += tensor
    batches[batch].sums.commExpert += expert
    batches[batch].sums.host += host
    batches[batch].sums.compute += elapsed - tensor - expert - host
    batches[batch].sums.interference += part(batches[batch].stepInterference)
    clocks[stage].cutTime += elapsed
    clocks[stage].exposedCommunication += tensor + expert
    clocks[Int(stages[stage].home)].enterIdle(
      at: now, work: replicas[Int(stages[stage].replica)].work(at: now))
  }

  private mutating func labelUnfinished(_ batch: Int) {
    let engine = Int(batches[batch].engine)
    for member in batches[batch].members {
      let sequence = engines[engine].sequences[Int(member.sequence)]
      let wasDecoding = sequence.computed - member.tokens >= sequence.target
      let slot = Int(sequence.request)
      let (begun, sums) = (batches[batch].begun, batches[batch].sums)
      if !requests[slot].hasBegun { enterFirstStep(slot, at: begun) }
      requests[slot].label(sums, from: begun, wasDecoding: wasDecoding, until: now)
    }
  }

  /// Requests still in the system: the time since their mark is a wait.
  private mutating func labelLeftovers() {
    let gone = Set(freeRequests)
    var openDemands = Array(repeating: Int32(-1), count: models.count)
    for replica in replicas.indices.reversed() {
      let phase = replicas[replica].phase
      guard phase == .demanded || phase == .starting else { continue }
      openDemands[Int(replicas[replica].model)] = Int32(replica)
    }
    for slot in requests.indices where !gone.contains(Int32(slot)) {
      bookMove(slot)
      let waited = now - requests[slot].mark
      if requests[slot].isRecovering {
        requests[slot].record.parts.preemption += waited
      } else if requests[slot].hasBegun {
        requests[slot].record.parts.pipelineWait += waited
      } else {
        labelNeverBegun(slot, openDemands)
      }
      requests[slot].record.reason = .drainLimit
      log?.log(LoggedEvent(now, .leftover, requests[slot].record.requestID))
      leave(Int32(slot), as: .unfinished)
    }
  }

  /// A request that no step ever held is split by its replica, or by the model's oldest demand that
  /// is still open; without either it has only queued.
  private mutating func labelNeverBegun(_ slot: Int, _ openDemands: [Int32]) {
    let model = Int(requests[slot].record.model)
    var replica = requests[slot].record.replicaID
    if replica < 0 { replica = openDemands[model] }
    let waited = waitBefore(requests[slot].record.arrival, until: now, replica: replica)
    requests[slot].record.parts.allocationWait += waited.allocation
    requests[slot].record.parts.coldStart += waited.coldStart
    requests[slot].record.parts.queue += waited.queue - requests[slot].record.parts.commKV
  }

  private mutating func recordLinks() {
    for index in topology.links.indices {
      let link = topology.links[index]
      var record = LinkRecord()
      record.link = Int32(index)
      record.kind = link.kind
      record.owner = link.owner
      record.ordinal = link.ordinal
      record.capacityBytesPerSecond = link.capacity
      record.bulkBytes = network.bytesCarried(on: link.id, at: now) - link.flowHopBytes
      record.hopBytes = link.hopBytes
      record.collectiveBytes = link.collectiveBytes
      record.busy = network.busyNanoseconds(on: link.id, at: now)
      holdAgainstPhysics(&record)
      records.record(record)
    }
  }
}
