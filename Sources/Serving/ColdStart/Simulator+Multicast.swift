import EventKernel
import Network

/// Shards on their way from the GPUs of a ready replica over those of others that start.
struct Multicast: Sendable {
  /// The replicas, the source first.
  var members: [Int32]
  /// The parts that each member still sends, and those that it still receives, the next one last, of
  /// each shard.
  ///
  /// Both orders hold: a member that is early would else keep others from a part that is due.
  var sends: [[[MulticastSchedule.Step]]]
  var receives: [[[MulticastSchedule.Step]]]
  /// Which parts of each shard each member has.
  var has: [[[Bool]]]
  /// Whether a member sends or receives now, of each shard.
  var isSending: [[Bool]]
  var isReceiving: [[Bool]]
  var isOver = false

  init(members: [Int32], shards: Int, blocks: Int, _ schedule: MulticastSchedule) {
    self.members = members
    var sent = [[MulticastSchedule.Step]](repeating: [], count: members.count)
    var received = sent
    for step in schedule.rounds.reversed().joined() {
      sent[step.from].append(step)
      received[step.to].append(step)
    }
    sends = Array(repeating: sent, count: shards)
    receives = Array(repeating: received, count: shards)
    let has = members.indices.map { Array(repeating: $0 == 0, count: blocks) }
    self.has = Array(repeating: has, count: shards)
    isSending = Array(repeating: Array(repeating: false, count: members.count), count: shards)
    isReceiving = isSending
  }
}

extension Simulator {
  /// Behind every replica's phases of an instant: multicasts begin then.
  static var multicastEntity: Int { 0x0fff_ffff }

  /// Whether a replica gets its weights from peers, or will once its runtime is up.
  mutating func waitsForPeers(_ replica: Int) -> Bool {
    guard !sources(for: replica).isEmpty else { return false }
    guard replicas[replica].start.isRuntimeUp else { return true }
    makeShards(replica)
    if pendingReceivers.isEmpty { push(Event(.phaseEnd, Int32(Self.multicastEntity)), at: now) }
    pendingReceivers.append(Int32(replica))
    return true
  }

  /// Ready replicas of the same model, those that send least first; where there are some of the same plan,
  /// these alone.
  private func sources(for replica: Int) -> [Int32] {
    let (model, plan) = (replicas[replica].model, replicas[replica].plan)
    let ready = models[Int(model)].views.map { Int32($0.replica) }
    let alike = ready.filter { replicas[Int($0)].plan == plan }
    func load(_ source: Int32) -> Int {
      multicasts.count { !$0.isOver && $0.members[0] == source } + receivers(of: source)
    }
    return (alike.isEmpty ? ready : alike).map { (load($0), $0) }.sorted { $0 < $1 }.map(\.1)
  }

  /// What waits for peers since this instant is dealt out to them, and the first parts set out.
  mutating func beginMulticasts() {
    let pending = pendingReceivers.filter { replicas[Int($0)].phase == .starting }
    pendingReceivers = []
    var rest = pending[...]
    while let first = rest.first {
      let (model, plan) = (replicas[Int(first)].model, replicas[Int(first)].plan)
      let alike = rest.filter { replicas[Int($0)].model == model && replicas[Int($0)].plan == plan }
      rest = rest.filter { !alike.contains($0) }[...]
      let sources = sources(for: Int(first)).prefix(alike.count)
      if sources.isEmpty {
        for replica in alike { fetchAll(Int(replica)) }
      }
      for (index, source) in sources.enumerated() {
        let own = alike[
          alike.count * index / sources.count..<alike.count * (index + 1) / sources.count]
        if replicas[Int(source)].plan == plan {
          beginMulticast(from: source, to: Array(own))
        } else {
          for replica in own { fetchParts(of: Int(replica), from: Int(source)) }
        }
      }
    }
    scheduleFlows()
  }

  private mutating func beginMulticast(from source: Int32, to receivers: [Int32]) {
    let blocks = scheduler.coldStart.blocks
    let nodes = receivers.count + 1
    let schedule: MulticastSchedule =
      scheduler.coldStart.peers == .chain
      ? .chain(nodes: nodes, blocks: blocks) : .binomial(nodes: nodes, blocks: blocks)
    let shards = replicas[Int(receivers[0])].start.shards.count
    for replica in receivers {
      for shard in 0..<shards {
        replicas[Int(replica)].start.shards[shard].waysToCome = 1
        replicas[Int(replica)].start.shards[shard].isFromPeer = true
        noteSource(shard, of: Int(replica))
      }
    }
    let free = multicasts.firstIndex { $0.isOver }
    let multicast = Multicast(
      members: [source] + receivers, shards: shards, blocks: blocks, schedule)
    let index = free ?? multicasts.count
    if free == nil { multicasts.append(multicast) } else { multicasts[index] = multicast }
    for shard in 0..<shards { sendParts(of: shard, in: index) }
  }

  /// A shard comes from a peer; its bytes count as they come.
  mutating func noteSource(_ shard: Int, of replica: Int) {
    replicas[replica].record.weights?[.peer].lookups += 1
    replicas[replica].record.weights?[.peer].hits += 1
    let tier = Int64(WeightTier.peer.rawValue)
    log?.log(LoggedEvent(now, .found, Int64(replica), Int64(shard), tier, -1))
  }

  /// Every member whose next part is there, and whose receiver is free, sends it.
  private mutating func sendParts(of shard: Int, in index: Int) {
    for member in multicasts[index].members.indices {
      guard !multicasts[index].isSending[shard][member],
        let step = multicasts[index].sends[shard][member].last,
        multicasts[index].has[shard][member][step.block],
        !multicasts[index].isReceiving[shard][step.to],
        multicasts[index].receives[shard][step.to].last == step
      else { continue }
      multicasts[index].sends[shard][member].removeLast()
      multicasts[index].receives[shard][step.to].removeLast()
      multicasts[index].isSending[shard][member] = true
      multicasts[index].isReceiving[shard][step.to] = true
      send(part(step, of: shard, in: index))
    }
  }

  private func part(
    _ step: MulticastSchedule.Step, of shard: Int, in index: Int
  ) -> WeightTransfer {
    let source = Int(multicasts[index].members[step.from])
    let replica = Int(multicasts[index].members[step.to])
    let bytes = catalogue.shardBytes(
      model: Int(replicas[replica].model), plan: Int(replicas[replica].plan),
      stage: shard / Int(replicas[replica].record.tensor))
    let blocks = Int64(scheduler.coldStart.blocks)
    let (first, last) = (Int64(step.block), Int64(step.block) + 1)
    var transfer = WeightTransfer(
      .peer, replica, shard,
      bytes: partBytes(bytes, last, blocks) - partBytes(bytes, first, blocks),
      over: topology.path(
        from: gpu(shard, of: source), to: gpu(shard, of: replica), in: cluster))
    transfer.multicast = Int32(index)
    transfer.step = step
    return transfer
  }

  /// Bytes of the first `count` of so many equal parts.
  func partBytes(_ bytes: Int64, _ count: Int64, _ parts: Int64) -> Int64 {
    let (high, low) = bytes.multipliedFullWidth(by: count)
    return parts.dividingFullWidth((high, low)).quotient
  }

  private func gpu(_ shard: Int, of replica: Int) -> Int32 {
    let tensor = Int(replicas[replica].record.tensor)
    return stages[Int(replicas[replica].firstStage) + shard / tensor].gpus[shard % tensor]
  }

  /// A part has come from a peer straight into the GPU, from where it may go on.
  mutating func arriveFromPeer(_ transfer: WeightTransfer) {
    if transfer.multicast < 0 { return partArrives(transfer) }
    let (index, shard, step) = (Int(transfer.multicast), Int(transfer.place), transfer.step)
    let replica = Int(transfer.replica)
    multicasts[index].isSending[shard][step.from] = false
    multicasts[index].isReceiving[shard][step.to] = false
    multicasts[index].has[shard][step.to][step.block] = true
    replicas[replica].record.weights?[.peer].bytes += transfer.bytes
    sendParts(of: shard, in: index)
    if multicasts[index].sends.joined().allSatisfy(\.isEmpty),
      !multicasts[index].isSending.joined().contains(true)
    {
      multicasts[index].isOver = true
    }
    replicas[replica].start.shards[shard].toLoad -= transfer.bytes
    guard multicasts[index].has[shard][step.to].allSatisfy({ $0 }) else { return }
    replicas[replica].start.shardsToLoad -= 1
    endWay(of: shard, replica)
    finishLoad(replica)
  }

  /// A member of multicasts goes: those who have not got everything go on from the store, with the parts
  /// that they lack.
  mutating func endMulticasts(with replica: Int) {
    for index in multicasts.indices
    where !multicasts[index].isOver && multicasts[index].members.contains(Int32(replica)) {
      multicasts[index].isOver = true
      for slot in transfers.indices
      where transfers[slot].flow != nil && transfers[slot].kind == .peer
        && Int(transfers[slot].multicast) == index
      {
        stop(slot)
      }
      for receiver in multicasts[index].members.dropFirst() { fetchRest(Int(receiver)) }
    }
    endParts(from: replica)
  }

  mutating func fetchRest(_ replica: Int) {
    guard replicas[replica].phase == .starting else { return }
    for shard in replicas[replica].start.shards.indices
    where replicas[replica].start.shards[shard].toLoad > 0 {
      replicas[replica].start.shards[shard].isFromPeer = false
      replicas[replica].start.shards[shard].cells = nil
      replicas[replica].start.shards[shard].parts = []
      replicas[replica].start.shards[shard].waysToCome = 0
      sendFromStore(replicas[replica].start.shards[shard].toLoad, shard, of: replica)
    }
  }
}
