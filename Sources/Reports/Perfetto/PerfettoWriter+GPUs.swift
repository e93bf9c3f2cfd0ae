import EventKernel
import Serving

/// Who holds a GPU, and since when.
struct GPUTimeline {
  enum Occupation { case free, tenant, starting, ready, asleep, waking }

  let track: Track
  var occupation = Occupation.free
  /// Replicas on it that start, and that are ready.
  var starting = 0
  var ready = 0
  /// The replica whose cold-start phases it shows.
  var startingReplica: Int64?
}

/// A GPU's track: a slice for whoever holds it, within it the phases of a cold start or the steps.
extension PerfettoWriter {
  func readTenant(_ event: LoggedEvent) {
    switch event.kind {
    case .tenantDevice:
      let gpu = Int(event.b)
      run?.tenants[event.a, default: []].append(gpu)
      run?.gpus[gpu].occupation = .tenant
      begin("tenant \(event.a)", "background", on: gpu)
    case .tenantLeave:
      for gpu in run?.tenants.removeValue(forKey: event.a) ?? [] { become(.free, gpu) }
    default: return
    }
  }

  /// One more replica starts on a GPU.
  func addResident(_ replica: Int64, to gpu: Int) {
    guard let run else { return }
    run.gpus[gpu].starting += 1
    guard run.gpus[gpu].occupation == .free else { return }
    run.gpus[gpu].startingReplica = replica
    become(.starting, gpu, replica: replica)
  }

  /// A replica that started on a GPU takes work.
  func becomeReady(_ replica: Int64, on gpu: Int) {
    run?.gpus[gpu].starting -= 1
    run?.gpus[gpu].ready += 1
    if run?.gpus[gpu].occupation == .starting {
      endOthersPhase(on: gpu)
      become(.ready, gpu, replica: replica)
    }
  }

  /// A replica leaves a GPU.
  func removeResident(_ replica: Int64, from gpu: Int, wasReady: Bool) {
    if wasReady {
      run?.gpus[gpu].ready -= 1
    } else {
      run?.gpus[gpu].starting -= 1
    }
    guard let left = run?.gpus[gpu] else { return }
    if left.startingReplica == replica { run?.gpus[gpu].startingReplica = nil }
    if left.ready > 0 { return }
    if left.starting == 0 {
      become(.free, gpu)
    } else if left.occupation == .ready {
      become(.starting, gpu)
    }
  }

  /// The replica that is ready on a GPU falls asleep, is to wake, or is awake again.
  func showRest(_ replica: Int64, _ rest: String?, on gpu: Int) {
    become(rest == nil ? .ready : rest == "asleep" ? .asleep : .waking, gpu, replica: replica)
  }

  /// A phase of a cold start that is over, on a GPU that shows this replica's.
  func showPhase(_ name: String, of replica: Int64, on gpu: Int, since: Nanoseconds) {
    guard let told = run?.gpus[gpu], told.startingReplica == replica else { return }
    out.slice(on: told.track, name, "cold-start", from: since, to: now)
  }

  /// The GPU is ready for somebody else than the replica whose phases it shows.
  private func endOthersPhase(on gpu: Int) {
    guard let shown = run?.gpus[gpu].startingReplica, let other = run?.replicas[shown] else {
      return
    }
    if other.ready == nil, now > other.coldStart.since {
      showPhase(other.coldStart.name, of: shown, on: gpu, since: other.coldStart.since)
    }
    run?.gpus[gpu].startingReplica = nil
  }

  /// A GPU changes hands.
  private func become(_ occupation: GPUTimeline.Occupation, _ gpu: Int, replica: Int64? = nil) {
    guard let told = run?.gpus[gpu] else { return }
    if told.occupation != .free { endHolding(gpu) }
    run?.gpus[gpu].occupation = occupation
    let name = run?.sharesGPUs ?? false ? nil : replica
    switch occupation {
    case .starting: begin(name.map { "replica \($0) starting" } ?? "starting", "starting", on: gpu)
    case .ready: begin(name.map { "replica \($0) ready" } ?? "ready", "ready", on: gpu)
    case .asleep: begin(name.map { "replica \($0) asleep" } ?? "asleep", "sleeping", on: gpu)
    case .waking: begin(name.map { "replica \($0) waking" } ?? "waking", "starting", on: gpu)
    default: return
    }
  }

  private func begin(_ name: String, _ category: StaticString, on gpu: Int) {
    guard let track = run?.gpus[gpu].track else { return }
    out.beginSlice(on: track, name, category, at: now)
    run?.counters.take(gpu, byTenant: run?.gpus[gpu].occupation == .tenant)
  }

  private func endHolding(_ gpu: Int) {
    guard let told = run?.gpus[gpu] else { return }
    out.endSlice(on: told.track, at: now)
    run?.counters.giveBack(gpu, byTenant: told.occupation == .tenant)
  }

  /// The run ends: tenants that stay are cut.
  func closeGPUs() {
    for gpu in run?.gpus.indices ?? 0..<0 { become(.free, gpu) }
  }
}
