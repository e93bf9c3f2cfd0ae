import EventKernel
import Network

/// A cold start: container → runtime → every GPU fetches and loads its own shard → engine init.
extension Simulator {
  /// The phases that end by a timer.
  private enum TimedPhase: UInt32 { case container, runtime, engineInit }

  mutating func beginColdStart(_ replica: Int) {
    metrics.coldStarts += 1
    push(
      Event(.phaseEnd, Int32(replica), TimedPhase.container.rawValue),
      at: now + scheduler.coldStart.container)
    if scheduler.coldStart.overlapsFetch { beginFetch(replica) }
  }

  /// A timed phase ends.
  mutating func endPhase(_ replica: Int, phase: UInt32) {
    guard replicas[replica].phase == .starting else { return }
    switch TimedPhase(rawValue: phase) {
    case .container:
      replicas[replica].record.containerEnd = now
      log?.log(LoggedEvent(now, .phase, Int64(replica), 0))
      push(
        Event(.phaseEnd, Int32(replica), TimedPhase.runtime.rawValue),
        at: now + scheduler.coldStart.runtime)
    case .runtime:
      replicas[replica].record.runtimeEnd = now
      replicas[replica].isRuntimeUp = true
      log?.log(LoggedEvent(now, .phase, Int64(replica), 1))
      if scheduler.coldStart.overlapsFetch {
        if replicas[replica].shardsToFetch == 0 { beginLoad(replica) }
      } else {
        beginFetch(replica)
      }
    case .engineInit, nil:
      becomeReady(replica)
    }
  }

  /// Every GPU's shard sets out from the store (or the node's storage) to its host.
  private mutating func beginFetch(_ replica: Int) {
    forEachShard(replica) { simulator, position, gpu, bytes in
      let path = simulator.topology.fetchPath(to: gpu, in: simulator.cluster)
      simulator.startFlow(bytes, path, nil, replica, position, isFetch: true)
      simulator.replicas[replica].shardsToFetch += 1
    }
    scheduleFlows()
  }

  /// Every GPU's shard moves from its host into its memory.
  private mutating func beginLoad(_ replica: Int) {
    forEachShard(replica) { simulator, position, gpu, bytes in
      simulator.startFlow(
        bytes, simulator.topology.loadPath(to: gpu, in: simulator.cluster),
        simulator.scheduler.coldStart.loaderBytesPerSecond, replica, position, isFetch: false)
      simulator.replicas[replica].shardsToLoad += 1
    }
    scheduleFlows()
  }

  private mutating func forEachShard(
    _ replica: Int, _ body: (inout Simulator, Int, Int32, Int64) -> Void
  ) {
    var position = 0
    for (index, stage) in replicas[replica].homes.enumerated() {
      let bytes = catalogue.shardBytes(
        model: Int(replicas[replica].model), plan: Int(replicas[replica].plan), stage: index)
      for gpu in stages[stage].gpus {
        body(&self, position, gpu, bytes)
        position += 1
      }
    }
  }

  /// A flow's tag: replica, shard, and whether it is a fetch.
  private mutating func startFlow(
    _ bytes: Int64, _ path: [LinkID], _ limit: Double?, _ replica: Int, _ shard: Int,
    isFetch: Bool
  ) {
    let tag = UInt64(replica) << 32 | UInt64(shard) << 1 | (isFetch ? 1 : 0)
    if log != nil { logTransfer(bytes, path, replica, shard, phase: isFetch ? 2 : 3) }
    _ = network.start(bytes: bytes, over: path, rateLimit: limit, tag: tag, at: now)
  }

  /// What is on its way to a replica that is given up stops there; its bytes so far stay counted.
  mutating func cancelTransfers(of replica: Int) {
    let own = UInt64(replica) << 32..<UInt64(replica + 1) << 32
    if network.cancelAll(at: now, where: { $0 < Self.hopTag && own.contains($0) }) {
      scheduleFlows()
    }
  }

  /// Expects the next end of a flow; an older expectation is void by its epoch.
  mutating func scheduleFlows() {
    networkEpoch &+= 1
    if let time = network.nextCompletion { push(Event(.flowsEnd, 0, networkEpoch), at: time) }
  }

  /// Some transfers are complete.
  mutating func endFlows(epoch: UInt32) {
    guard epoch == networkEpoch else { return }
    endedFlows.removeAll(keepingCapacity: true)
    network.complete(at: now, into: &endedFlows)
    for tag in endedFlows {
      if tag >= Self.hopTag {
        endHopFlow(tag: tag)
        continue
      }
      let replica = Int(tag >> 32)
      log?.log(
        LoggedEvent(
          now, .transferEnd, Int64(replica), Int64(tag & 0xffff_ffff) >> 1, tag & 1 == 1 ? 2 : 3))
      if tag & 1 == 1 { shardFetched(replica) } else { shardLoaded(replica) }
    }
    scheduleFlows()
  }

  /// The fetch phase ends with the last shard; loading starts when the runtime is up too.
  private mutating func shardFetched(_ replica: Int) {
    replicas[replica].shardsToFetch -= 1
    guard replicas[replica].shardsToFetch == 0 else { return }
    replicas[replica].record.fetchEnd = now
    log?.log(LoggedEvent(now, .phase, Int64(replica), 2))
    if replicas[replica].isRuntimeUp { beginLoad(replica) }
  }

  private mutating func shardLoaded(_ replica: Int) {
    replicas[replica].shardsToLoad -= 1
    guard replicas[replica].shardsToLoad == 0 else { return }
    replicas[replica].record.loadEnd = now
    log?.log(LoggedEvent(now, .phase, Int64(replica), 3))
    push(
      Event(.phaseEnd, Int32(replica), TimedPhase.engineInit.rawValue),
      at: now + scheduler.coldStart.engineInit)
  }

  /// The replica takes work from now on.
  mutating func becomeReady(_ replica: Int) {
    let model = Int(replicas[replica].model)
    replicas[replica].phase = .ready
    replicas[replica].record.ready = now
    models[model].starting -= 1
    addView(of: replica)
    log?.log(
      LoggedEvent(now, .ready, Int64(replica), replicas[replica].record.initial ? 1 : 0))
    for stage in replicas[replica].homes {
      clocks[stage].idleSince = now
      for gpu in stages[stage].gpus { cluster.becomeReady(gpu, at: now) }
    }
    countPipeline(replica, by: 1)
    route(model)
    if replicas[replica].outstanding == 0 { becomeIdle(replica) }
  }
}
