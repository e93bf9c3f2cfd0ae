import EventKernel
import Network

/// Weights on their way: every GPU's shard from where it lies to its host, and from there into the GPU.
extension Simulator {
  /// Every GPU's shard sets out, from peers or to its host.
  mutating func beginFetch(_ replica: Int) {
    if scheduler.coldStart.peers != .none, waitsForPeers(replica) { return }
    makeShards(replica)
    fetchAll(replica)
  }

  /// Every GPU's shard sets out to its host.
  mutating func fetchAll(_ replica: Int) {
    for shard in replicas[replica].start.shards.indices { fetch(shard, of: replica) }
    scheduleFlows()
  }

  /// What a successor on the GPUs of a pipeline's stage lacks of the weights sets out; its process is up,
  /// and all that it waits for.
  mutating func beginRemainingWeights(of replica: Int, besides pipeline: Int, stage: Int) {
    let (model, plan) = (Int(replicas[pipeline].model), Int(replicas[pipeline].plan))
    replicas[replica].start = ColdStart()
    replicas[replica].start.isRuntimeUp = true
    replicas[replica].start.ended = .max
    if scheduler.coldStart.findsWeights { replicas[replica].record.weights = WeightSources() }
    makeShards(replica)
    let present = catalogue.shardBytes(model: model, plan: plan, stage: stage)
    for shard in replicas[replica].start.shards.indices {
      replicas[replica].start.shards[shard].toLoad -= present
      guard let cells = replicas[replica].start.shards[shard].cells else { continue }
      let own = weightGrids[model].cells(
        catalogue.plan(plan, of: model), stage: stage, rank: shard)
      replicas[replica].start.shards[shard].cells = cells.subtracting(own)
    }
    if scheduler.coldStart.peers == .none { return fetchAll(replica) }
    // From the stage behind its own on, so that every GPU sends to one at a time.
    let next = (stage + 1) * replicas[replica].start.shards.count
    fetchParts(of: replica, from: pipeline, first: next)
    scheduleFlows()
  }

  mutating func makeShards(_ replica: Int) {
    let (model, plan) = (Int(replicas[replica].model), Int(replicas[replica].plan))
    var shards: [ShardStart] = []
    for (index, stage) in replicas[replica].homes.enumerated() {
      let bytes = catalogue.shardBytes(model: model, plan: plan, stage: index)
      for (rank, gpu) in stages[stage].gpus.enumerated() {
        let cells =
          weightGrids.isEmpty
          ? nil
          : weightGrids[model].cells(catalogue.plan(plan, of: model), stage: index, rank: rank)
        shards.append(ShardStart(gpu: gpu, bytes: bytes, cells: cells))
      }
    }
    replicas[replica].start.shards = shards
    replicas[replica].start.shardsToFetch = Int32(shards.count)
    replicas[replica].start.shardsToLoad = Int32(shards.count { $0.toLoad > 0 })
  }

  /// A shard sets out from the nearest tiers that have parts of it: host memory and storage of its node as
  /// far as they keep it, for the rest the store, or the node's storage where there is no store.
  ///
  /// It comes in parts where the loader takes each as it arrives.
  mutating func fetch(_ shard: Int, of replica: Int) {
    let start = replicas[replica].start.shards[shard]
    if scheduler.coldStart.peers != .none { note(.peer, bytes: 0, shard, of: replica) }
    let near = findNear(shard, of: replica)
    let last = start.toLoad - near.host - near.storage
    replicas[replica].start.shards[shard].waiting = near.host
    // A way more, so that the shard is not fetched before all ways are known.
    replicas[replica].start.shards[shard].waysToCome = 1
    if near.storage > 0 {
      send(
        near.storage, .storage, topology.storagePath(to: start.gpu, in: cluster), shard, of: replica
      )
    }
    if last > 0 || near.host + near.storage == 0 { sendFromStore(last, shard, of: replica) }
    load(shard, of: replica)
    endWay(of: shard, replica)
  }

  /// Bytes of a shard set out from where all weights lie.
  mutating func sendFromStore(_ bytes: Int64, _ shard: Int, of replica: Int) {
    note(topology.store == nil ? .storage : .store, bytes: bytes, shard, of: replica)
    let gpu = replicas[replica].start.shards[shard].gpu
    send(bytes, .fetch, topology.fetchPath(to: gpu, in: cluster), shard, of: replica)
  }

  /// Bytes of a shard set out to its host.
  private mutating func send(
    _ bytes: Int64, _ kind: WeightTransfer.Kind, _ path: [LinkID], _ shard: Int, of replica: Int
  ) {
    replicas[replica].start.shards[shard].waysToCome += 1
    let parts = scheduler.coldStart.streamsLoad ? scheduler.coldStart.blocks : 1
    send(WeightTransfer(kind, replica, shard, bytes: bytes, over: path, parts: parts))
  }

  /// Every loader of a replica takes what has arrived, as far as it may.
  mutating func beginLoad(_ replica: Int) {
    guard replicas[replica].start.hasFetched || scheduler.coldStart.streamsLoad else { return }
    for shard in replicas[replica].start.shards.indices { load(shard, of: replica) }
    scheduleFlows()
    finishLoad(replica)
  }

  /// The loader of a GPU takes what has arrived, if it has nothing in hand and may.
  ///
  /// It may once the runtime is up and, unless loading streams, all shards are fetched.
  private mutating func load(_ shard: Int, of replica: Int) {
    let start = replicas[replica].start
    let bytes = start.shards[shard].waiting
    guard start.isRuntimeUp, start.hasFetched || scheduler.coldStart.streamsLoad,
      !start.shards[shard].isLoading, bytes > 0
    else { return }
    replicas[replica].start.shards[shard].isLoading = true
    replicas[replica].start.shards[shard].waiting = 0
    send(
      WeightTransfer(
        .load, replica, shard, bytes: bytes,
        over: topology.loadPath(to: start.shards[shard].gpu, in: cluster),
        rateLimit: scheduler.coldStart.loaderBytesPerSecond))
  }

  /// A part of a shard is in host memory.
  private mutating func arriveAtHost(_ transfer: WeightTransfer) {
    let (replica, shard) = (Int(transfer.replica), Int(transfer.place))
    replicas[replica].start.shards[shard].waiting += transfer.bytes
    if transfer.partsAfter == 0 { endWay(of: shard, replica) }
    load(shard, of: replica)
  }

  /// One of the ways on which a shard is fetched is done; the phase ends with the last one of all.
  mutating func endWay(of shard: Int, _ replica: Int) {
    replicas[replica].start.shards[shard].waysToCome -= 1
    guard replicas[replica].start.shards[shard].waysToCome == 0 else { return }
    keep(shard, of: replica)
    replicas[replica].start.shardsToFetch -= 1
    guard replicas[replica].start.shardsToFetch == 0 else { return }
    replicas[replica].start.hasFetched = true
    note(.fetch, replica)
    if replicas[replica].start.isRuntimeUp { beginLoad(replica) }
  }

  /// A part of a shard is in GPU memory.
  private mutating func arriveAtGPU(_ transfer: WeightTransfer) {
    let (replica, shard) = (Int(transfer.replica), Int(transfer.place))
    replicas[replica].start.shards[shard].isLoading = false
    replicas[replica].start.shards[shard].toLoad -= transfer.bytes
    if replicas[replica].start.shards[shard].toLoad > 0 { return load(shard, of: replica) }
    endReading(shard, of: replica)
    replicas[replica].start.shardsToLoad -= 1
    finishLoad(replica)
  }

  /// With the last shard the phase of loading ends.
  mutating func finishLoad(_ replica: Int) {
    let start = replicas[replica].start
    guard start.isRuntimeUp, start.hasFetched, start.shardsToLoad == 0, !start.isLoaded else {
      return
    }
    replicas[replica].start.isLoaded = true
    note(.load, replica)
    beginPreparations(replica)
  }

  // MARK: Transfers

  /// A transfer sets out; who calls this calls `scheduleFlows` after the last one.
  mutating func send(_ transfer: WeightTransfer) {
    let slot = freeTransfers.popLast() ?? Int32(transfers.count)
    if Int(slot) == transfers.count { transfers.append(transfer) }
    transfers[Int(slot)] = transfer
    startFlow(Int(slot))
  }

  /// The present part of a transfer sets out.
  private mutating func startFlow(_ slot: Int) {
    let transfer = transfers[slot]
    if log != nil { logTransfer(transfer) }
    transfers[slot].flow = network.start(
      bytes: transfer.bytes, over: transfer.path, rateLimit: transfer.rateLimit,
      tag: UInt64(slot), at: now)
  }

  /// A transfer ends before all of it is there; what has crossed the links stays credited to them.
  mutating func stop(_ slot: Int) {
    guard let flow = transfers[slot].flow else { return }
    let transfer = transfers[slot]
    log?.log(
      LoggedEvent(
        now, .transferCut, Int64(transfer.replica), Int64(transfer.place),
        Int64(transfer.kind.rawValue), network.sentBytes(by: flow, at: now)))
    network.cancel(flow, at: now)
    transfers[slot].flow = nil
    freeTransfers.append(Int32(slot))
  }

  /// A replica goes before it is ready, or while others take its weights.
  mutating func endWeights(of replica: Int) {
    for slot in transfers.indices
    where Int(transfers[slot].replica) == replica && transfers[slot].kind != .image {
      stop(slot)
    }
    for shard in replicas[replica].start.shards.indices { endReading(shard, of: replica) }
    replicas[replica].start.shards = []
    endMulticasts(with: replica)
    scheduleFlows()
  }

  /// Expects the next end of a flow; an older expectation is void by its epoch.
  mutating func scheduleFlows() {
    networkEpoch &+= 1
    if let time = network.nextCompletion { push(Event(.flowsEnd, 0, networkEpoch), at: time) }
  }

  /// Some flows are complete.
  mutating func endFlows(epoch: UInt32) {
    guard epoch == networkEpoch else { return }
    endedFlows.removeAll(keepingCapacity: true)
    network.complete(at: now, into: &endedFlows)
    for tag in endedFlows {
      if tag >= Self.hopTag { endHopFlow(tag: tag) } else { endTransfer(Int(tag)) }
    }
    scheduleFlows()
  }

  /// The present part of a transfer has arrived.
  private mutating func endTransfer(_ slot: Int) {
    let transfer = transfers[slot]
    log?.log(
      LoggedEvent(
        now, .transferEnd, Int64(transfer.replica), Int64(transfer.place),
        Int64(transfer.kind.rawValue)))
    if transfer.partsAfter > 0 {
      transfers[slot].takeNextPart()
      startFlow(slot)
    } else {
      transfers[slot].flow = nil
      freeTransfers.append(Int32(slot))
    }
    switch transfer.kind {
    case .fetch, .storage: arriveAtHost(transfer)
    case .peer: arriveFromPeer(transfer)
    case .load: arriveAtGPU(transfer)
    case .image: imageArrives(transfer)
    case .keyValue: keyValueArrives(transfer)
    case .sleep, .wake, .wakeRead: sleepTransferEnds(transfer)
    }
  }
}
