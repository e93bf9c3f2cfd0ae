import EventKernel
import Hardware
import JSON
import Serving
import Workload

/// One decoding: from the tree to checked values, part by part; the parts stand in extensions.
struct ScenarioDecoding {
  let catalogue: PolicyCatalogue
  let files: InputFiles
  let faults: FaultCollector
  var opensTraces = true
  var progress: (@Sendable (TraceProgress) -> Void)?

  /// The scenario, nil when a part is missing or unfit.
  func scenario(_ root: ObjectReader) -> Scenario? {
    schemaVersion(root)
    // Editors take the schema's address from this key; it means nothing to a run.
    _ = root.value("$schema")
    let name = root.name("name")
    let seed = seed(root)
    // The duration may be that of the traces.
    let traces = traces(root)
    let clock = clock(root, traces)
    let cluster = root.object("cluster").flatMap { self.cluster($0, into: root, clock: clock) }
    let models = models(root)
    let modulators = modulators(root, duration: clock?.duration)
    let workloads = workloads(
      root,
      Surroundings(
        models: models, modulators: modulators, traces: traces, duration: clock?.duration))
    let schedulers = schedulers(root)
    root.finish()
    if let cluster, let models {
      let sound = checkPlans(schedulers ?? [], models: models, on: cluster.nodes)
      noteCoverage(schedulers ?? [], models: models, on: cluster)
      checkFloor(of: sound, models: models.reduce(0) { $0 + $1.count }, on: cluster.nodes)
      noteSleep(of: sound, models: models, on: cluster.nodes)
      checkSwapSpace(of: schedulers ?? [], on: cluster.nodes)
      checkColdStart(of: schedulers ?? [], on: cluster.specification)
      checkMixes(of: schedulers ?? [], on: cluster.nodes)
      checkQuotas(cluster.quotas, models: models, of: schedulers ?? [])
    }
    if let workloads { checkTraffic(of: schedulers ?? [], workloads) }
    guard let name, let seed, let clock, let cluster, let models, let workloads, let schedulers
    else { return nil }
    var scenario = Scenario(
      name: name, seed: seed, duration: clock.duration, warmup: clock.warmup,
      drainLimit: clock.drainLimit, sampleInterval: clock.sampleInterval,
      cluster: cluster.specification, background: cluster.background,
      models: models.flatMap(\.served), workloads: workloads.map(\.specification),
      source: MergedRequests(workloads.map(\.source)),
      schedulers: schedulers.compactMap(\.specification))
    scenario.quotas = cluster.quotas.map(\.quota)
    return scenario
  }

  private func schemaVersion(_ root: ObjectReader) {
    let needed = "1, the version of this format"
    _ = root.read(
      "schemaVersion", .required, needed: needed, canonical: CanonicalValue.integer
    ) { node in
      node.wholeNumber == 1 ? 1 : nil
    }
  }

  private func seed(_ root: ObjectReader) -> UInt64? {
    let needed = ObjectReader.wholeNumber(in: 0...Int64.max)
      .replacing(grouped(Int64.max), with: grouped(UInt64.max))
    return root.read(
      "seed", .standard(1), needed: needed, canonical: CanonicalValue.integer
    ) { node in
      guard case .number(let text) = node.value else { return nil }
      return UInt64(text) ?? node.wholeNumber.flatMap(UInt64.init(exactly:))
    }
  }

  /// The times of a run, in nanoseconds.
  struct Clock {
    var duration: Nanoseconds
    var warmup: Nanoseconds
    var drainLimit: Nanoseconds
    var sampleInterval: Nanoseconds
  }

  private func clock(_ root: ObjectReader, _ traces: [WorkloadTrace?]) -> Clock? {
    let duration = duration(root, traces)
    let warmup = root.time("warmup", .standard(0))
    let drainLimit = root.time("drainLimit", .standard(3_600_000_000_000))
    let longest = (duration ?? 0) + (drainLimit ?? 0)
    let closest = (longest + Limit.samples - 1) / Limit.samples
    let sampleInterval = root.time(
      "sampleInterval", .standard(max((duration ?? 0) / 100, closest)))
    guard let duration, let warmup, let drainLimit, let sampleInterval else { return nil }
    if warmup >= duration {
      root.fault(
        "warmup",
        .unfit(
          found: shortTime(warmup), needed: "a time below the duration, \(shortTime(duration))"))
    }
    if sampleInterval > 0, longest / sampleInterval > Limit.samples {
      let least = shortTime(closest)
      root.fault(
        "sampleInterval",
        .unfit(
          found: "\(grouped(longest / sampleInterval)) samples in duration and drainLimit",
          needed: "at most \(grouped(Limit.samples)), so an interval of at least \(least)"))
    }
    return Clock(
      duration: duration, warmup: warmup, drainLimit: drainLimit, sampleInterval: sampleInterval)
  }

  /// Tells the names that stand twice in a list.
  func checkNames(_ readers: [ObjectReader]) {
    var firsts: [String: String] = [:]
    for reader in readers {
      guard case .string(let name)? = reader.ownName?.value else { continue }
      if let first = firsts[name] {
        reader.fault("name", .duplicateName(name: name, first: first))
      } else {
        firsts[name] = reader.path.description
      }
    }
  }
}

extension ObjectReader {
  /// The name that the object itself gives.
  var ownName: JSONNode? { ownMembers.first { $0.key == "name" }?.value }
}
