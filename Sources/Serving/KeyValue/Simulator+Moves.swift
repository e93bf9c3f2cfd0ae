import EventKernel
import Hardware

/// KV blocks on their way: to swap space and back, and from tiers.
///
/// The transfers of one replica over one channel follow one another: swap space has one, and each tier
/// has one. They take nothing from steps, nor from other transfers.
extension Simulator {
  /// Sets up what moves blocks for the engines of a replica.
  mutating func addMoves(_ replica: Int, gpus: [[Int32]]) {
    let keyValue = scheduler.engine.keyValue
    replicas[replica].channels = Array(repeating: 0, count: 1 + keyValue.tiers.count)
    var (whole, swapBlocks, seconds) = (Int64(0), Int64.max, 0.0)
    for (stage, own) in gpus.enumerated() {
      let bytes = catalogue.keyValueBytesPerBlock(
        model: Int(replicas[replica].model), plan: Int(replicas[replica].plan), stage: stage)
      whole += Int64(own.count) * bytes
      swapBlocks = min(swapBlocks, keyValue.swapBytesPerGPU / max(1, bytes))
      let bandwidth = cluster.node(of: own[0]).gpu.pcieBandwidthBytesPerSecond
      // Stages move their parts side by side.
      seconds = max(seconds, Double(bytes) / bandwidth)
    }
    replicas[replica].bytesPerBlock = whole
    replicas[replica].swapSecondsPerBlock = seconds
    let count = Int(replicas[replica].engineCount)
    for engine in replicas[replica].engines {
      engines[engine].moves.swaps = keyValue.preemption == .swap
      engines[engine].moves.freeSwapBlocks = Int(swapBlocks) / count
      if !keyValue.tiers.isEmpty { addTiers(engine, of: count) }
    }
  }

  /// A sequence goes to swap space as soon as the channel is free.
  mutating func sendToSwap(_ slot: Int, _ sequence: SequenceState, _ replica: Int, _ engine: Int) {
    let time = swapTime(sequence, replica, engine)
    let begins = max(now, replicas[replica].channels[0])
    replicas[replica].channels[0] = begins + time
    keepMove(of: slot, RequestMove(outBegins: begins, outEnds: begins + time))
    log?.log(
      LoggedEvent(
        now, .swapOut, requests[slot].record.requestID, Int64(replica), Int64(sequence.computed),
        begins - now, time))
  }

  /// Sequences that an engine runs at once.
  func maximumRunning(_ engine: Int) -> Int {
    batching[engine].maximumRunning(stages: engines[engine].stages)
  }

  /// Those in swap space return, in turn, as far as there are blocks.
  mutating func returnFromSwap(_ replica: Int, _ engine: Int) {
    let most = maximumRunning(engine)
    while let place = engines[engine].swapIn(maximumSequences: most) {
      let sequence = engines[engine].sequences[Int(place)]
      let slot = Int(sequence.request)
      let time = swapTime(sequence, replica, engine)
      let begins = max(now, replicas[replica].channels[0])
      replicas[replica].channels[0] = begins + time
      requestMoves[slot].inBegins = begins
      requestMoves[slot].inEnds = begins + time
      log?.log(
        LoggedEvent(
          now, .swapIn, requests[slot].record.requestID, Int64(replica),
          Int64(sequence.computed), begins - now, time, Int64(sequence.blocks)))
      push(
        Event(.moveEnd, Int32(engine), UInt32(bitPattern: place)), at: begins + time)
    }
  }

  /// What a sequence's blocks take over PCIe, in nanoseconds.
  private func swapTime(
    _ sequence: SequenceState, _ replica: Int, _ engine: Int
  ) -> Nanoseconds {
    let blocks = engines[engine].blocks(forTokens: Int(sequence.computed))
    return nanoseconds(fromSeconds: Double(blocks) * replicas[replica].swapSecondsPerBlock)
  }

  /// A sequence's blocks are there: a plan may take it.
  mutating func endMove(engine: Int, _ place: Int32) {
    let sequence = engines[engine].sequences[Int(place)]
    let slot = Int(sequence.request)
    let replica = Int(requests[slot].record.replicaID)
    if replicas[replica].isDozing { awaken(replica) }
    let isSwap = requestMoves[slot].outEnds > 0
    log?.log(LoggedEvent(now, .moved, requests[slot].record.requestID, Int64(replica)))
    bookMove(slot)
    engines[engine].arrive(place, isSwap: isSwap)
    if isSwap, requests[slot].hasBegun {
      requests[slot].isRecovering = sequence.recoveryTarget > 0
    }
    if engines[engine].microbatchesInFlight == 0 || !batching[engine].waitsForOldest {
      requestDispatch(replica)
    }
  }

  /// Keeps when the KV of a request is on its way.
  mutating func keepMove(of slot: Int, _ move: RequestMove) {
    while requestMoves.count < requests.count { requestMoves.append(RequestMove()) }
    requestMoves[slot] = move
  }

  /// Labels the time that a request's KV has been on its way, and what it waited for beside.
  mutating func bookMove(_ slot: Int) {
    guard slot < requestMoves.count, requestMoves[slot].isThere else { return }
    let time = requestMoves[slot].time(until: now)
    requestMoves[slot] = RequestMove()
    requests[slot].record.parts.commKV += time
    // Before the first step the wait is split when it begins.
    guard requests[slot].hasBegun else { return }
    requests[slot].record.parts.preemption += now - requests[slot].mark - time
    requests[slot].mark = now
  }
}
