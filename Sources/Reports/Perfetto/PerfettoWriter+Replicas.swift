import EventKernel
import Inference
import Serving

/// A replica from its demand to its release.
struct ReplicaTimeline {
  let model: Int64
  let process: Int64
  /// What the replica as a whole does.
  let life: Track
  let demanded: Nanoseconds
  var granted: Nanoseconds?
  var ready: Nanoseconds?
  /// Since when it has done what it does now: take requests, or finish those that it has.
  var readySince: Nanoseconds = 0
  var isDraining = false
  /// How it rests, "asleep" or "waking"; nil while it does not.
  var rest: String?
  var coldStart = ColdStartPhases([])
  var stages: [StageTimeline] = []
  /// Its GPUs in the order of its stages: a shard's place.
  var devices: [Int] = []
  var requests: Int64 = 0
  var blocksUsed: Int64 = 0
  /// What its counters said last.
  var shownRequests: Int64 = 0
  var shownBlocks: Int64 = 0
  var hasNewCounts = false
}

/// A stage of a replica, or one of the virtual stages on the same GPUs, which share a track.
struct StageTimeline {
  let track: Track
  /// The stage whose GPUs they are.
  let place: Int
  /// Micro-batches on their way to the next stage, or back.
  var hops: Lanes
  var gpus: [Int] = []
  /// Links that its hops cross, and how many of its GPUs send over each.
  var routes: [(link: Int, ranks: Int64)] = []
  /// The micro-batch on it.
  var executing: Int64?
}

/// The phases of a cold start one after the other; one that goes on beside others before it shows only
/// as far as it outlasts them.
struct ColdStartPhases {
  private let phases: [ColdStartPhase]
  private var ended: Set<ColdStartPhase> = []
  private var current = 0
  private(set) var since: Nanoseconds = 0

  init(_ phases: [ColdStartPhase]) { self.phases = phases }

  var name: String { phases.indices.contains(current) ? phases[current].name : "cold start" }

  mutating func begin(at now: Nanoseconds) { since = now }

  /// Notes the end of a phase; whether the present one is over.
  mutating func end(_ phase: ColdStartPhase) -> Bool {
    ended.insert(phase)
    return phases.indices.contains(current) && ended.contains(phases[current])
  }

  /// Goes on to the next phase that has not ended.
  mutating func advance(at now: Nanoseconds) {
    since = now
    while current < phases.count - 1, ended.contains(phases[current]) { current += 1 }
  }
}

extension PerfettoWriter {
  func readReplica(_ event: LoggedEvent) {
    let replica = event.a
    switch event.kind {
    case .demand: demand(replica, model: event.b)
    case .withdraw: withdraw(replica)
    case .grant: grant(event)
    case .device: takeDevice(replica, stage: Int(event.b), gpu: Int(event.c))
    case .phase:
      guard let phase = ColdStartPhase(rawValue: event.b) else { return }
      if run?.replicas[replica]?.coldStart.end(phase) ?? false { endPhase(of: replica) }
    case .ready where event.b == 2: showRest(replica, nil)
    case .ready: becomeReady(replica)
    case .sleep: showRest(replica, "asleep")
    case .wake: showRest(replica, "waking")
    case .drain: showReady(replica, isDraining: true)
    case .resume: showReady(replica, isDraining: false)
    case .retire: showReady(replica, isDraining: true)
    case .consolidate: if event.c == 1 { run?.successorsInPlace.insert(replica) }
    default: release(replica)
    }
  }

  private func demand(_ replica: Int64, model: Int64) {
    guard let run else { return }
    let process = out.process("\(run.title) · replica \(replica), \(run.models[Int(model)])")
    run.replicas[replica] = ReplicaTimeline(
      model: model, process: process, life: out.track("replica \(replica)", in: process),
      demanded: now)
  }

  private func withdraw(_ replica: Int64) {
    guard let told = run?.replicas.removeValue(forKey: replica) else { return }
    out.slice(on: told.life, "withdrawn demand", "replica", from: told.demanded, to: now)
  }

  private func grant(_ event: LoggedEvent) {
    guard var told = run?.replicas[event.a] else { return }
    if now > told.demanded {
      out.slice(on: told.life, "allocation wait", "replica", from: told.demanded, to: now)
    }
    told.granted = now
    let isInPlace = run?.successorsInPlace.contains(event.a) ?? false
    told.coldStart = ColdStartPhases(
      isInPlace
        ? [.fetch, .load]
        : run?.coldStart.phases(tensor: Int(event.b), stages: Int(event.c)) ?? [])
    told.coldStart.begin(at: now)
    let plan = ParallelPlan(
      tensor: Int(event.b), stages: Int(event.c), virtualStages: max(1, Int(event.f)),
      topology: event.g == 1 ? .foldBack : .loop, layersPerStage: [])
    for stage in 0..<plan.virtualStageCount {
      let place = plan.stage(ofVirtual: stage)
      let track =
        stage < plan.stages
        ? out.track("stage \(stage), tensor \(event.b)", in: told.process)
        : told.stages[place].track
      let isLast = stage == plan.lastStage
      let name = isLast ? "hop \(stage) → engine" : "hop \(stage) → \(stage + 1)"
      told.stages.append(
        StageTimeline(track: track, place: place, hops: Lanes(name, in: told.process)))
    }
    run?.replicas[event.a] = told
  }

  private func takeDevice(_ replica: Int64, stage: Int, gpu: Int) {
    for index in run?.replicas[replica]?.stages.indices ?? 0..<0
    where run?.replicas[replica]?.stages[index].place == stage {
      run?.replicas[replica]?.stages[index].gpus.append(gpu)
    }
    run?.replicas[replica]?.devices.append(gpu)
    addResident(replica, to: gpu)
  }

  /// The present phase of a cold start is over, on the replica's track and on its GPUs'.
  private func endPhase(of replica: Int64) {
    guard let told = run?.replicas[replica] else { return }
    if now > told.coldStart.since {
      out.slice(
        on: told.life, told.coldStart.name, "cold-start", from: told.coldStart.since, to: now)
      for gpu in told.devices {
        showPhase(told.coldStart.name, of: replica, on: gpu, since: told.coldStart.since)
      }
    }
    run?.replicas[replica]?.coldStart.advance(at: now)
  }

  private func becomeReady(_ replica: Int64) {
    endPhase(of: replica)
    run?.replicas[replica]?.ready = now
    run?.replicas[replica]?.readySince = now
    for gpu in run?.replicas[replica]?.devices ?? [] { becomeReady(replica, on: gpu) }
  }

  /// The replica begins or ends to drain, or goes: what it has done until now is shown.
  private func showReady(_ replica: Int64, isDraining: Bool) {
    guard let told = run?.replicas[replica] else { return }
    if now > told.readySince {
      out.slice(
        on: told.life, told.rest ?? (told.isDraining ? "draining" : "ready"), "replica",
        from: told.readySince, to: now)
    }
    run?.replicas[replica]?.readySince = now
    run?.replicas[replica]?.isDraining = isDraining
  }

  /// The replica falls asleep, is to wake, or is awake again.
  private func showRest(_ replica: Int64, _ rest: String?) {
    guard let told = run?.replicas[replica], told.rest != rest else { return }
    showReady(replica, isDraining: false)
    run?.replicas[replica]?.rest = rest
    for gpu in told.devices { showRest(replica, rest, on: gpu) }
  }

  /// The replica gives its GPUs back, or the run ends.
  func release(_ replica: Int64) {
    guard let told = run?.replicas[replica] else { return }
    for stage in told.stages.indices {
      if let batch = told.stages[stage].executing { endStep(of: batch, on: stage, isCut: true) }
      run?.replicas[replica]?.stages[stage].hops.close(at: now, &out)
    }
    if told.ready != nil {
      showReady(replica, isDraining: told.isDraining)
    } else if told.granted != nil {
      endPhase(of: replica)
    } else {
      out.slice(on: told.life, "unmet demand", "replica", from: told.demanded, to: now)
    }
    for gpu in told.devices { removeResident(replica, from: gpu, wasReady: told.ready != nil) }
    endTransfers(of: replica)
    writeCounts(of: replica)
    run?.replicas[replica] = nil
  }
}
