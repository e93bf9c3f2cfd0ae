import EventKernel
import Hardware
import Serving
import Support

/// Whether a timeline says what the records of its run say.
struct TimelineLedgers {
  let scenario: Scenario
  let records: MemorySink
  let document: TimelineDocument
  private(set) var differences: [String] = []

  init(_ scenario: Scenario, _ outcome: Outcome, _ document: TimelineDocument) {
    self.scenario = scenario
    records = outcome.records
    self.document = document
    compareStages()
    compareReplicas()
    compareGPUs()
    compareLinks()
    compareHops()
    compareRequests()
    compareSamples()
  }

  private mutating func same(_ shown: Int64, _ recorded: Int64, _ what: String) {
    if shown != recorded, differences.count < 20 {
      differences.append("\(what): shown \(shown), recorded \(recorded)")
    }
  }

  private func slices(_ process: String, _ track: String) -> [TimelineSlice] {
    document.slices[TimelineTrack(process: "s · \(process)", name: track)] ?? []
  }

  /// The slices of all tracks that one name's slices take turns on.
  private func lanes(_ process: String, _ track: String) -> [TimelineSlice] {
    var found = slices(process, track)
    var number = 2
    while true {
      let more = slices(process, "\(track) (\(number))")
      if more.isEmpty { return found }
      found += more
      number += 1
    }
  }

  private func process(_ replica: Int32) -> String {
    let model = records.replicas.first { $0.replicaID == replica }?.model ?? 0
    return "replica \(replica), \(scenario.models[Int(model)].name)"
  }

  private func sum(_ slices: [TimelineSlice], _ category: String) -> Nanoseconds {
    slices.reduce(0) { $0 + ($1.category == category ? $1.duration : 0) }
  }

  private mutating func compareStages() {
    for record in records.stages {
      let name = "stage \(record.stage) of replica \(record.replicaID)"
      let shown = slices(
        process(record.replicaID), "stage \(record.stage), tensor \(record.gpus.count)")
      same(sum(shown, "step"), record.busy + record.exposedCommunication, "\(name) steps")
      let whole = shown.filter { $0.numbers["cut"] == 0 }
      same(Int64(whole.count), record.steps, "\(name) number of steps")
      same(sum(shown, "bubble"), record.bubble, "\(name) bubbles")
      for cause in BubbleCause.allCases {
        let time = shown.reduce(0) { $0 + ($1.name == "idle: \(cause.name)" ? $1.duration : 0) }
        same(time, record.bubbleParts[cause], "\(name) bubble \(cause.name)")
      }
      func total(_ key: String) -> Int64 { whole.reduce(0) { $0 + ($1.numbers[key] ?? 0) } }
      same(total("tokens"), record.tokens, "\(name) tokens")
      same(
        total("compute_ns") + total("communication_ns") + total("host_ns"), sum(whole, "step"),
        "\(name) parts of steps")
    }
  }

  private mutating func compareReplicas() {
    for record in records.replicas {
      let name = "replica \(record.replicaID)"
      let shown = slices(process(record.replicaID), name)
      let granted = record.granted ?? record.released
      same(shown.reduce(0) { $0 + $1.duration }, record.released - record.demanded, "\(name) life")
      same(
        sum(shown, "cold-start"), (record.ready ?? record.released) - granted,
        "\(name) cold start")
      for (phase, from, to) in [
        (
          "container",
          record.coldStart.imageEnd ?? record.coldStart.nodeProvisionEnd ?? record.granted,
          record.containerEnd
        ),
        (
          "load",
          record.fetchEnd.flatMap { fetch in
            (record.coldStart.processGroupEnd ?? record.runtimeEnd).map { max(fetch, $0) }
          },
          record.loadEnd
        ),
        ("engine init", record.loadEnd, record.coldStart.engineInitEnd ?? record.ready),
      ] {
        guard let from, let to else { continue }
        let time = shown.reduce(0) { $0 + ($1.name == phase ? $1.duration : 0) }
        same(time, record.initial ? 0 : to - from, "\(name) \(phase)")
      }
    }
  }

  private mutating func compareGPUs() {
    var first = 0
    for (node, specification) in scenario.cluster.nodes.enumerated() {
      for offset in 0..<specification.gpuCount {
        let record = records.gpus[first + offset]
        let name = "GPU \(first + offset)"
        let shown = slices("node \(node)", "\(name) (\(offset))")
        same(sum(shown, "background"), record.background, "\(name) background")
        same(sum(shown, "starting"), record.starting, "\(name) starting")
        same(sum(shown, "step"), record.busy, "\(name) busy")
        same(sum(shown, "ready"), record.busy + record.reservedIdle, "\(name) ready")
        let held = shown.reduce(0) { $0 + ($1.depth == 0 ? $1.duration : 0) }
        let all = held + record.unallocated
        let length =
          record.unallocated + record.background + record.starting + record.busy
          + record.reservedIdle
        same(all, length, "\(name) held")
        let inner = shown.filter { $0.depth > 0 }
        same(
          Int64(inner.count { $0.category == "step" || $0.category == "cold-start" }),
          Int64(inner.count), "\(name) slices within others")
        if scenario.schedulers[0].engine.residentsPerGPU == 1 {
          same(sum(shown, "cold-start"), record.starting, "\(name) phases")
        }
      }
      first += specification.gpuCount
    }
  }

  private mutating func compareLinks() {
    // With peers parts may be cut in the middle of the run too.
    let complete =
      records.replicas.allSatisfy { $0.granted == nil || $0.ready != nil }
      && scenario.schedulers[0].coldStart.peers == .none
    let hopsAreFlows = scenario.schedulers[0].engine.simulatedHops
    for record in records.links {
      let (group, name) = place(of: record)
      let shown = lanes(group, name)
      func bytes(_ categories: String...) -> Int64 {
        shown.reduce(0) { sum, slice in
          sum + (categories.contains(slice.category) ? slice.numbers["bytes"] ?? 0 : 0)
        }
      }
      let weights = union(shown.filter { ["weights", "image", "kv"].contains($0.category) })
      if hopsAreFlows {
        // Hops count as busy too, less their latency; one that is cut has not sent all of its bytes.
        same(
          (weights...union(shown)).contains(record.busy) ? 1 : 0, 1,
          "\(group) \(name) busy \(record.busy)")
        if records.requests.allSatisfy({ $0.status != .unfinished }) {
          same(bytes("hop"), record.hopBytes, "\(group) \(name) hop bytes")
        }
      } else {
        same(weights, record.busy, "\(group) \(name) busy")
        same(bytes("hop"), record.hopBytes, "\(group) \(name) hop bytes")
      }
      // A shard that the end of the run cuts has not sent all of its bytes.
      guard complete else { continue }
      same(bytes("weights", "image", "kv"), record.bulkBytes, "\(group) \(name) bulk bytes")
    }
  }

  private func place(of link: LinkRecord) -> (group: String, name: String) {
    switch link.kind {
    case .store: ("model store", "store 0")
    case .registry: ("image registry", "registry 0")
    case .leafDown, .leafUp: ("leaf \(link.owner)", "\(link.kind.name) \(link.ordinal)")
    case .wan:
      (
        "region \(scenario.cluster.regions[Int(link.owner)])",
        "wan to \(scenario.cluster.regions[Int(link.ordinal)])"
      )
    default: ("links of node \(link.owner)", "\(link.kind.name) \(link.ordinal)")
    }
  }

  /// Time in which at least one of the slices goes on.
  private func union(_ slices: [TimelineSlice]) -> Nanoseconds {
    var end: Nanoseconds = 0
    var total: Nanoseconds = 0
    for slice in slices.sorted(by: { $0.from < $1.from }) {
      total += max(0, slice.to - max(slice.from, end))
      end = max(end, slice.to)
    }
    return total
  }

  /// Time that members spend between stages is their requests' `comm_pipeline`; those that regain
  /// lost tokens have it under another label, and of chunks that follow each other not all of it counts.
  private mutating func compareHops() {
    let parts = records.requests.reduce(into: LatencyParts()) { $0 += $1.parts }
    guard parts.preemption == 0 else { return }
    var total: Nanoseconds = 0
    for (track, slices) in document.slices where track.process.hasPrefix("s · replica ") {
      for slice in slices where slice.category == "hop" {
        total += slice.duration * (slice.numbers["members"] ?? 0)
      }
    }
    let overlaps = scenario.schedulers[0].batching.overlapsChunks
    if overlaps, total > parts.commPipeline { return }
    same(total, parts.commPipeline, "hops of all members")
  }

  private mutating func compareRequests() {
    var open: [Int: [TimelineEvent]] = [:]
    var lives: [Int64: (end: Nanoseconds, begin: TimelineEvent, phases: [String: Int64])] = [:]
    var phases: [Int: [String: Int64]] = [:]
    for event in document.events where "be".contains(event.phase) {
      let key = event.identifier ?? -1
      if event.phase == "b" {
        open[key, default: []].append(event)
      } else if let begin = open[key]?.popLast() {
        if begin.name == "request" {
          lives[begin.numbers["request"] ?? -1] = (event.time, begin, phases[key] ?? [:])
        } else {
          phases[key, default: [:]][begin.name, default: 0] += event.time - begin.time
        }
      }
    }
    same(Int64(lives.count), Int64(records.requests.count), "number of requests")
    for record in records.requests {
      guard let life = lives[record.requestID] else { continue }
      let name = "request \(record.requestID)"
      same(life.begin.time, record.arrival, "\(name) arrival")
      same(life.end, record.end, "\(name) end")
      same(life.begin.texts["status"] == record.status.name ? 1 : 0, 1, "\(name) status")
      same(life.begin.numbers["replica"] ?? -2, Int64(record.replicaID), "\(name) replica")
      for label in [LatencyLabel.queue, .allocationWait, .coldStart, .preemption] {
        var expected = record.parts[label]
        // What a request fetches before its first step lies inside.
        let mayFetch = !scenario.schedulers[0].engine.keyValue.tiers.isEmpty
        let shown = life.phases[label.name] ?? 0
        // KV on its way to another replica is told apart.
        let moved = record.parts.commKV - (life.phases["comm_kv"] ?? 0)
        if label == .queue, mayFetch { expected = min(max(shown, expected), expected + moved) }
        // What a preempted request's KV spends on the way to and from swap space lies inside; what comes
        // from tiers need not.
        if label == .preemption {
          expected = mayFetch ? min(max(shown, expected), expected + moved) : expected + moved
        }
        same(shown, expected, "\(name) \(label.name)")
      }
      same(life.phases.values.reduce(0, +), record.end - record.arrival, "\(name) phases")
    }
  }

  /// At every sample the counters stand at what was sampled.
  private mutating func compareSamples() {
    var counters = CounterReader(document)
    let end = records.requests.map(\.end).max() ?? 0
    for sample in records.samples where sample.time < end {
      counters.advance(to: sample.time)
      let name = "sample at \(sample.time)"
      func system(_ counter: String, _ key: String) -> Int64 {
        counters.value("s · system", counter, key)
      }
      same(system("requests", "waiting"), sample.waiting, "\(name) waiting")
      same(system("requests", "in replicas"), sample.inReplicas, "\(name) in replicas")
      same(system("GPUs", "free"), Int64(sample.freeGPUs), "\(name) free")
      same(system("GPUs", "background"), Int64(sample.backgroundGPUs), "\(name) background")
      same(system("stranded GPUs", "TP2"), Int64(sample.strandedTP2), "\(name) stranded TP2")
      same(system("stranded GPUs", "TP4"), Int64(sample.strandedTP4), "\(name) stranded TP4")
      same(system("stranded GPUs", "TP8"), Int64(sample.strandedTP8), "\(name) stranded TP8")
      var blocks: Int64 = 0
      var requests: Int64 = 0
      for replica in records.replicas {
        let process = "s · \(process(replica.replicaID))"
        blocks += counters.value(process, "KV blocks", "used")
        requests += counters.value(process, "requests", "in replica")
      }
      // The log does not tell which blocks several requests share: each counts what it holds.
      let isShared = scenario.schedulers[0].engine.keyValue.sharesPrefixes
      let used = sample.keyValueBlocksUsed
      same(isShared ? max(blocks, used) : blocks, isShared ? blocks : used, "\(name) KV blocks")
      same(requests, sample.inReplicas, "\(name) requests of replicas")
    }
  }
}

/// The values of the counters as time goes on.
private struct CounterReader {
  private var left: ArraySlice<TimelineEvent>
  private let names: [Int: String]
  private var values: [String: [String: Int64]] = [:]

  init(_ document: TimelineDocument) {
    // Counters are written in order of time.
    left = document.events.filter { $0.phase == "C" }[...]
    names = document.processNames
  }

  mutating func advance(to time: Nanoseconds) {
    while let event = left.first, event.time <= time {
      values["\(names[event.process ?? -1] ?? ""): \(event.name)"] = event.numbers
      left = left.dropFirst()
    }
  }

  func value(_ process: String, _ counter: String, _ key: String) -> Int64 {
    values["\(process): \(counter)"]?[key] ?? 0
  }
}
