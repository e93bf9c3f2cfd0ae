import EventKernel
import Hardware
import Network

/// How far a replica that sleeps has come.
struct Sleep: Sendable {
  enum State: UInt8, Sendable {
    case awake
    /// Its weights go to host memory.
    case falling
    case inHostMemory, onStorage
    /// It has been asked to wake; its weights come back.
    case waking
  }

  var state = State.awake
  /// GPUs whose weights are on the way, and whether what follows them is to wake at once.
  var transfers: Int32 = 0
  var wakesNext = false
  /// Whether its weights come from storage, and hold host memory.
  var isFromStorage = false
  var holdsHostMemory = false
  /// When it was last asked to wake, and when it was awake again; nanoseconds.
  var asked: Nanoseconds = 0
  var awake: Nanoseconds = 0
  /// Time between the two, summed over what is over.
  var waking: Nanoseconds = 0

  /// When it fell asleep last, and the time it has slept before, both without waking; nanoseconds.
  var fell: Nanoseconds = -1
  var asleep: Nanoseconds = 0

  var isUnderWay: Bool { state != .awake }

  /// The time it has slept up to now, in nanoseconds.
  func slept(until now: Nanoseconds) -> Nanoseconds { fell < 0 ? asleep : asleep + now - fell }
}

/// Idle replicas that keep their GPUs and their processes, and give up what their weights lie in, tier by
/// tier.
///
/// ready → (weights GPU → host, overhead) → in host memory → on storage → released; from each of them, when
/// requests wait: (storage → host) → host → GPU → overhead → ready.
extension Simulator {
  /// A ready replica without requests goes to sleep, if there is room for its weights in host memory;
  /// whether it does.
  mutating func fallAsleep(_ replica: Int, _ tiers: SleepTiers) -> Bool {
    guard takeHostMemory(replica) else { return false }
    let model = Int(replicas[replica].model)
    let view = scalingView(model, [])
    decided(
      model, view, ScalingDecision(desired: view.present - 1, clause: ScalingClause("sleep")))
    removeView(of: replica)
    if scheduler.coldStart.peers != .none { endWeights(of: replica) }
    countPipeline(replica, by: -1)
    replicas[replica].phase = .asleep
    replicas[replica].sleep.state = .falling
    replicas[replica].sleep.wakesNext = false
    replicas[replica].sleep.fell = now
    models[model].asleep.append(Int32(replica))
    log?.log(LoggedEvent(now, .sleep, Int64(replica), 1))
    for stage in replicas[replica].homes {
      if clocks[stage].idleSince >= 0 { closeIdle(stage) }
      clocks[stage].idleSince = -1
      for gpu in stages[stage].gpus { cluster.sleep(gpu, at: now) }
    }
    sendWeights(of: replica, .sleep, tiers) { $0.unloadPath(from: $1, in: $2) }
    return true
  }

  /// Every GPU's weights set out over the links that `path` says.
  private mutating func sendWeights(
    of replica: Int, _ kind: WeightTransfer.Kind, _ tiers: SleepTiers,
    over path: (Topology, Int32, ClusterState) -> [LinkID]
  ) {
    let (model, plan) = (Int(replicas[replica].model), Int(replicas[replica].plan))
    var place = 0
    for (index, stage) in replicas[replica].homes.enumerated() {
      let bytes = catalogue.shardBytes(model: model, plan: plan, stage: index)
      for gpu in stages[stage].gpus {
        send(
          WeightTransfer(
            kind, replica, place, bytes: bytes, over: path(topology, gpu, cluster),
            rateLimit: kind == .wakeRead ? nil : tiers.bytesPerSecond))
        place += 1
      }
    }
    replicas[replica].sleep.transfers = Int32(place)
    scheduleFlows()
  }

  /// Weights of a GPU have arrived where they go; after the last ones the overhead is left, or the way
  /// from host memory into the GPUs.
  mutating func sleepTransferEnds(_ transfer: WeightTransfer) {
    let replica = Int(transfer.replica)
    replicas[replica].sleep.transfers -= 1
    guard replicas[replica].sleep.transfers == 0,
      let tiers = models[Int(replicas[replica].model)].keepAlive?.tiers
    else { return }
    if transfer.kind == .wakeRead {
      sendWeights(of: replica, .wake, tiers) { $0.loadPath(to: $1, in: $2) }
    } else {
      expectExpiry(of: replica, after: tiers.overhead)
    }
  }

  /// What a sleeping or waking replica has waited for is over.
  mutating func endSleepStep(_ replica: Int) {
    guard let tiers = models[Int(replicas[replica].model)].keepAlive?.tiers else { return }
    switch replicas[replica].sleep.state {
    case .awake: return
    case .falling:
      replicas[replica].sleep.state = .inHostMemory
      if replicas[replica].sleep.wakesNext {
        beginWaking(replica, tiers)
      } else {
        expectExpiry(of: replica, after: tiers.host)
      }
    case .inHostMemory:
      giveHostMemoryBack(replica)
      replicas[replica].sleep.state = .onStorage
      log?.log(LoggedEvent(now, .sleep, Int64(replica), 2))
      expectExpiry(of: replica, after: tiers.storage)
    case .onStorage:
      releaseAsleep(replica, clause: "keep-alive")
      requestAllocation()
    case .waking: endWaking(replica)
    }
  }

  /// A sleeping replica goes; it was none of those that the scaling policy counts.
  mutating func releaseAsleep(_ replica: Int, clause: String) {
    let model = Int(replicas[replica].model)
    let view = scalingView(model, [])
    decided(model, view, ScalingDecision(desired: view.present, clause: ScalingClause(clause)))
    dismantle(replica)
  }

  // MARK: Waking

  /// A sleeping replica is to take requests again, and starts from now on.
  mutating func wakeUp(_ replica: Int) {
    guard let tiers = models[Int(replicas[replica].model)].keepAlive?.tiers else { return }
    models[Int(replicas[replica].model)].starting += 1
    models[Int(replicas[replica].model)].asleep.removeAll { $0 == Int32(replica) }
    replicas[replica].phase = .starting
    replicas[replica].sleep.asleep = replicas[replica].sleep.slept(until: now)
    replicas[replica].sleep.fell = -1
    replicas[replica].sleep.asked = now
    replicas[replica].sleep.awake = .max
    log?.log(LoggedEvent(now, .wake, Int64(replica)))
    for stage in replicas[replica].homes {
      for gpu in stages[stage].gpus { cluster.wake(gpu, at: now) }
    }
    if replicas[replica].sleep.state == .falling {
      // Its weights are on their way out; they come back once they are there.
      replicas[replica].sleep.wakesNext = true
    } else {
      beginWaking(replica, tiers)
    }
  }

  private mutating func beginWaking(_ replica: Int, _ tiers: SleepTiers) {
    let isOnStorage = replicas[replica].sleep.state == .onStorage
    replicas[replica].sleep.state = .waking
    replicas[replica].keepAliveEpoch &+= 1
    if isOnStorage {
      sendWeights(of: replica, .wakeRead, tiers) { $0.storagePath(to: $1, in: $2) }
    } else {
      sendWeights(of: replica, .wake, tiers) { $0.loadPath(to: $1, in: $2) }
    }
  }

  private mutating func endWaking(_ replica: Int) {
    let model = Int(replicas[replica].model)
    giveHostMemoryBack(replica)
    replicas[replica].sleep.state = .awake
    replicas[replica].sleep.awake = now
    replicas[replica].sleep.waking += now - replicas[replica].sleep.asked
    replicas[replica].phase = .ready
    models[model].starting -= 1
    addView(of: replica)
    log?.log(LoggedEvent(now, .ready, Int64(replica), 2))
    for stage in replicas[replica].homes {
      clocks[stage].idleSince = now
      for gpu in stages[stage].gpus { cluster.becomeReady(gpu, at: now) }
    }
    countPipeline(replica, by: 1)
    route(model)
    if replicas[replica].outstanding == 0 { becomeIdle(replica) }
  }

  /// A replica that sleeps or wakes is taken apart.
  mutating func endSleep(_ replica: Int) {
    replicas[replica].sleep.state = .awake
    replicas[replica].keepAliveEpoch &+= 1
    giveHostMemoryBack(replica)
    models[Int(replicas[replica].model)].asleep.removeAll { $0 == Int32(replica) }
  }

  // MARK: Host memory

  /// The weights of a replica take their place in the host memory of its nodes, if there is room on all.
  private mutating func takeHostMemory(_ replica: Int) -> Bool {
    let needed = hostBytes(of: replica)
    let fits = needed.allSatisfy { node, bytes in
      let memory = scenario.cluster.nodes[node].hostMemoryBytes
      let cached = min(memory, scheduler.coldStart.hostCacheBytes)
      return sleepingBytes[node] + bytes <= memory - cached
    }
    guard fits else { return false }
    for (node, bytes) in needed { sleepingBytes[node] += bytes }
    replicas[replica].sleep.holdsHostMemory = true
    return true
  }

  mutating func giveHostMemoryBack(_ replica: Int) {
    guard replicas[replica].sleep.holdsHostMemory else { return }
    replicas[replica].sleep.holdsHostMemory = false
    for (node, bytes) in hostBytes(of: replica) { sleepingBytes[node] -= bytes }
  }

  /// Bytes of a replica's weights by the node of their GPUs, in the order of its stages.
  private func hostBytes(of replica: Int) -> [(node: Int, bytes: Int64)] {
    let (model, plan) = (Int(replicas[replica].model), Int(replicas[replica].plan))
    var sums: [(node: Int, bytes: Int64)] = []
    for (index, stage) in replicas[replica].homes.enumerated() {
      let bytes = catalogue.shardBytes(model: model, plan: plan, stage: index)
      for gpu in stages[stage].gpus {
        let node = Int(cluster.gpus[Int(gpu)].node)
        if let known = sums.firstIndex(where: { $0.node == node }) {
          sums[known].bytes += bytes
        } else {
          sums.append((node, bytes))
        }
      }
    }
    return sums
  }
}
