import EventKernel
import Network

/// A cold start as a chain of phases; `ColdStartSpecification` says which there are, and what goes on
/// beside what.
///
/// nodes → image → container → runtime → process group → (`Simulator+Weights`) fetch → load → engine init
/// → compile → capture → warm-up → ready.
extension Simulator {
  mutating func beginColdStart(_ replica: Int) {
    metrics.coldStarts += 1
    replicas[replica].start = ColdStart()
    if scheduler.coldStart.findsWeights { replicas[replica].record.weights = WeightSources() }
    guard scheduler.coldStart.nodeProvision > 0 else { return haveNodes(replica) }
    begin(.nodeProvision, of: replica, taking: provision(nodes(of: replica)) - now)
  }

  /// The nodes of a replica are up.
  private mutating func haveNodes(_ replica: Int) {
    if scheduler.coldStart.imageBytes > 0 {
      pullImage(replica)
    } else {
      begin(.container, of: replica)
    }
    if scheduler.coldStart.overlapsFetch { beginFetch(replica) }
  }

  /// Every node of a replica has the image.
  mutating func haveImage(_ replica: Int) {
    note(.image, replica)
    begin(.container, of: replica)
  }

  /// A phase of a set length begins.
  private mutating func begin(
    _ phase: ColdStartPhase, of replica: Int, taking time: Nanoseconds? = nil
  ) {
    push(
      Event(.phaseEnd, Int32(replica), UInt32(phase.rawValue)),
      at: now + (time ?? length(of: phase, replica)))
  }

  private func length(of phase: ColdStartPhase, _ replica: Int) -> Nanoseconds {
    let record = replicas[replica].record
    return scheduler.coldStart.time(
      of: phase, tensor: Int(record.tensor), stages: Int(record.stages))
  }

  /// A phase of a set length ends.
  mutating func endPhase(_ replica: Int, phase: UInt32) {
    if replica == Self.multicastEntity { return beginMulticasts() }
    guard replicas[replica].phase == .starting,
      let phase = ColdStartPhase(rawValue: Int64(phase))
    else { return }
    switch phase {
    case .nodeProvision:
      note(phase, replica)
      haveNodes(replica)
    case .container:
      note(phase, replica)
      begin(.runtime, of: replica)
    case .runtime:
      note(phase, replica)
      if length(of: .processGroup, replica) > 0 {
        begin(.processGroup, of: replica)
      } else {
        haveRuntime(replica)
      }
    case .processGroup:
      note(phase, replica)
      haveRuntime(replica)
    case .engineInit, .compile, .capture, .warmUp: endPreparation(phase, of: replica)
    case .image, .fetch, .load: break
    }
  }

  /// Runtime and process group are up: weights go into the GPUs, and beside them whatever needs none.
  private mutating func haveRuntime(_ replica: Int) {
    replicas[replica].start.isRuntimeUp = true
    // Weights from peers come straight into the GPUs, so they have waited for the runtime.
    if replicas[replica].start.shards.isEmpty {
      beginFetch(replica)
    } else {
      beginLoad(replica)
    }
    beginPreparations(replica)
  }

  /// A phase of a cold start is over.
  mutating func note(_ phase: ColdStartPhase, _ replica: Int) {
    switch phase {
    case .container: replicas[replica].record.containerEnd = now
    case .runtime: replicas[replica].record.runtimeEnd = now
    case .fetch: replicas[replica].record.fetchEnd = now
    case .load: replicas[replica].record.loadEnd = now
    default: replicas[replica].record.coldStart[phase] = now
    }
    log?.log(LoggedEvent(now, .phase, Int64(replica), phase.rawValue))
  }

  // MARK: After the weights

  /// Begins those phases after loading whose turn has come; the replica is ready when all are over.
  ///
  /// Beside the weights phases wait for each other only, else for the weights and for every phase before.
  mutating func beginPreparations(_ replica: Int) {
    let start = replicas[replica].start
    var besideMayBegin = true
    var mayBegin = start.isLoaded
    for (place, phase) in ColdStartPhase.preparations.enumerated() {
      let bit: UInt8 = 1 << UInt8(place)
      if start.ended & bit != 0 || isAbsent(phase) { continue }
      let isBeside = scheduler.coldStart.isBesideWeights(phase)
      if start.begun & bit == 0, isBeside ? besideMayBegin : mayBegin {
        replicas[replica].start.begun |= bit
        begin(phase, of: replica)
      }
      if isBeside { besideMayBegin = false }
      mayBegin = false
    }
    // Nothing is left, and the weights are there.
    guard mayBegin else { return }
    if replicas[replica].replaces >= 0 {
      successorIsLoaded(replica)
    } else {
      becomeReady(replica)
    }
  }

  private mutating func endPreparation(_ phase: ColdStartPhase, of replica: Int) {
    let place = ColdStartPhase.preparations.firstIndex(of: phase) ?? 0
    replicas[replica].start.ended |= 1 << UInt8(place)
    // Where nothing else follows, the end of the engine's initialisation is being ready.
    if phase != .engineInit || hasPreparations { note(phase, replica) }
    beginPreparations(replica)
  }

  /// Whether there is no such phase after loading.
  private func isAbsent(_ phase: ColdStartPhase) -> Bool {
    phase != .engineInit && scheduler.coldStart.time(of: phase, tensor: 1, stages: 1) == 0
  }

  /// Whether there is more after loading than the engine's initialisation.
  private var hasPreparations: Bool {
    ColdStartPhase.preparations.contains { $0 != .engineInit && !isAbsent($0) }
  }

  /// The replica takes work from now on.
  mutating func becomeReady(_ replica: Int) {
    let model = Int(replicas[replica].model)
    replicas[replica].phase = .ready
    replicas[replica].start = ColdStart()
    replicas[replica].record.ready = now
    if replicas[replica].replaces < 0 { models[model].starting -= 1 }
    addView(of: replica)
    log?.log(
      LoggedEvent(now, .ready, Int64(replica), replicas[replica].record.initial ? 1 : 0))
    for stage in replicas[replica].homes {
      clocks[stage].idleSince = now
      for gpu in stages[stage].gpus { cluster.becomeReady(gpu, at: now) }
    }
    countPipeline(replica, by: 1)
    beginConsolidation(replica)
    route(model)
    if replicas[replica].outstanding == 0 { becomeIdle(replica) }
  }
}
