import EventKernel
import Hardware

/// What must hold: the whole state after every event when asked for, totals at the end always.
extension Simulator {
  /// Checks the state as it stands between two events; stops the program with a sentence if not.
  func checkInvariants() {
    checkGPUs()
    for replica in replicas.indices where replicas[replica].phase == .ready {
      checkEngines(replica)
      checkPassages(replica)
    }
    for lane in lanes.indices where lanes[lane].current < 0 {
      precondition(lanes[lane].waiting.isEmpty, "work waits beside an idle stage")
    }
    let active = Int64(requests.count - freeRequests.count)
    precondition(active == metrics.inSystem, "requests are neither lost nor made")
    for model in models.indices {
      for view in models[model].views {
        precondition(
          view.outstanding == Int(replicas[view.replica].outstanding),
          "routing sees what the replica has")
      }
    }
  }

  /// Micro-batches on their passage are those in flight, one at a time on a stage, and return in turn.
  private func checkPassages(_ replica: Int) {
    guard usesPassages else { return }
    let passing = replicas[replica].passing
    let inFlight = replicas[replica].engines.reduce(0) { $0 + engines[$1].microbatchesInFlight }
    precondition(passing.count == inFlight, "passages are counted")
    precondition(
      passing.isEmpty || replicas[replica].isListedAsPassing, "prices matter to what is under way")
    for position in 0..<max(0, passing.count - 1) {
      let (first, second) = (Int(passing[position]), Int(passing[position + 1]))
      precondition(batches[first].returns <= batches[second].returns, "passages end in turn")
      for index in 0..<Int(replicas[replica].stageCount) {
        precondition(
          passes[first * mostStages + index].ends <= passes[second * mostStages + index].begins,
          "a stage executes one micro-batch at a time")
      }
    }
  }

  /// No GPU has two owners that do not share it, and none is held by nobody.
  private func checkGPUs() {
    var owners = Array(repeating: 0, count: cluster.gpus.count)
    for replica in replicas
    where replica.phase == .starting || replica.phase == .ready || replica.phase == .asleep {
      for stage in stages[replica.homes] {
        for gpu in stage.gpus { owners[Int(gpu)] += 1 }
      }
    }
    // What takes over from a pipeline may lie beside it.
    let mostResidents =
      scheduler.engine.residentsPerGPU + (scheduler.parallelism.consolidation == nil ? 0 : 1)
    var free = 0
    for (index, gpu) in cluster.gpus.enumerated() {
      let residents = Int(
        gpu.startingResidents + gpu.readyResidents + gpu.sleepingResidents)
      precondition(owners[index] == residents, "a GPU knows its residents")
      precondition(residents <= mostResidents, "a GPU is over-granted")
      precondition(
        gpu.occupation != .background || residents == 0, "a tenant and a replica share a GPU")
      precondition(
        (gpu.occupation == .unallocated) == (residents == 0 && gpu.occupation != .background),
        "a GPU is free when nobody holds it")
      if gpu.occupation == .unallocated { free += 1 }
    }
    precondition(free == cluster.freeGPUs, "free GPUs are counted")
    for (node, bytes) in sleepingBytes.enumerated() {
      precondition(
        (0...scenario.cluster.nodes[node].hostMemoryBytes).contains(bytes),
        "what sleeps has room in host memory")
    }
  }

  /// Every request of a replica is in one of its engines.
  private func checkEngines(_ replica: Int) {
    var unfinished = 0
    for engine in replicas[replica].engines {
      checkEngine(engine)
      unfinished += engines[engine].unfinished
    }
    precondition(
      unfinished == Int(replicas[replica].outstanding), "a replica's requests run or wait")
  }

  /// Blocks are conserved, sequences hold what they need, micro-batches in flight are counted.
  private func checkEngine(_ index: Int) {
    let engine = engines[index]
    var (held, inFlight, running) = (0, 0, 0)
    for sequence in engine.sequences where !sequence.hasEnded {
      held += Int(sequence.blocks)
      inFlight += sequence.isInFlight ? 1 : 0
      running += sequence.blocks > 0 ? 1 : 0
      precondition(
        sequence.blocks == 0
          || Int(sequence.blocks) * engine.blockTokens >= Int(sequence.computed),
        "a sequence holds blocks for its tokens")
    }
    if let cache = engine.cache {
      let present = engine.sequences.indices.filter { !engine.sequences[$0].hasEnded }.map(
        Int32.init)
      held -= present.reduce(0) { $0 + cache.blocks(heldBy: $1) }
      held += cache.checked(free: engine.freeBlocks, slots: present)
    }
    precondition(held + engine.freeBlocks == engine.totalBlocks, "KV blocks are conserved")
    precondition(running == engine.runningCount, "sequences that hold blocks are counted")
    let idle = engine.idle.all
    precondition(idle.count + inFlight == running, "who holds blocks is idle or in flight")
    inFlight -= engine.moves.underWay
    precondition(
      idle.allSatisfy { !engine.sequences[Int($0)].isInFlight }, "nobody in flight is idle")
    let unused = Set(freeBatches)
    var (microbatches, members) = (0, 0)
    for batch in batches.indices
    where !unused.contains(Int32(batch)) && Int(batches[batch].engine) == index {
      microbatches += 1
      members += batches[batch].members.count
    }
    precondition(microbatches == engine.microbatchesInFlight, "micro-batches are counted")
    precondition(
      members == inFlight + engine.chunksAhead, "a sequence is in one micro-batch, but for chunks")
  }

  /// At the end of every run: all requests are accounted for, Little's law holds to the nanosecond,
  /// GPU ledgers close.
  func checkTotals() {
    precondition(
      metrics.statusCounts.reduce(0, +) == metrics.arrivals, "every request has an end")
    precondition(metrics.inSystemTime == metrics.sojournTime, "Little's law")
    for gpu in cluster.gpus {
      let ledger = gpu.record
      let states = [
        ledger.unallocated, ledger.background, ledger.starting, ledger.busy, ledger.reservedIdle,
        ledger.sleeping, ledger.failed,
      ]
      precondition(states.allSatisfy { $0 >= 0 }, "no negative time on a GPU")
      precondition(states.reduce(0, +) == now, "a GPU's ledger closes")
    }
  }
}
